# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Imports of files: what their columns mean, and the rows they come to."""

import base64
from itertools import islice

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools.misc import get_lang

from ..reading_files import (
    ReadingFileError,
    find_order,
    open_table,
    read_rows,
    recognise,
)
from ..reading_files.layout import is_complete
from .meter_reading_import_mapping import ROLES

SAMPLE_ROWS = 500
SAMPLES_SHOWN = 3


class MeterReadingImport(models.Model):
    _inherit = "meter.reading.import"

    mapping_id = fields.Many2one(
        "meter.reading.import.mapping", readonly=True, ondelete="set null"
    )
    column_ids = fields.One2many(
        "meter.reading.import.column", "import_id", string="Columns"
    )
    date_order = fields.Selection(
        [("dmy", "Day first: 31/01/2026"), ("mdy", "Month first: 01/31/2026")],
        help="How dates like 01/02/2026 are meant.",
    )
    is_date_order_open = fields.Boolean(
        readonly=True, help="The dates of the file may be read either way."
    )

    # === Recognising === #

    @api.onchange("file")
    def _onchange_file(self):
        """Show what the columns mean as soon as a file is chosen."""
        self.column_ids = [Command.clear()]
        if not self.file:
            return None
        try:
            self.update(self._prepare_columns())
        except ReadingFileError as problem:
            return {
                "warning": {
                    "title": self.env._("This file cannot be imported"),
                    "message": self._explain_file_problem(problem),
                }
            }
        return None

    def _prepare_columns(self):
        """Return the values that say how the file is read.

        A file with a header that was imported before is read as it was then; else the
        mapping that knows most of its columns is taken.

        :raises ReadingFileError: the file cannot be read
        """
        self.ensure_one()
        Mapping = self.env["meter.reading.import.mapping"]
        mappings = Mapping.search([])
        layouts = mappings._get_layouts()
        known = list(layouts.values())
        table = open_table(
            self._get_content(),
            lambda header: max((len(one.find(header)) for one in known), default=0),
        )
        sample = [line for _number, line in islice(table.lines, SAMPLE_ROWS)]
        fingerprint = Mapping._get_fingerprint(table.header)
        mapping = mappings.filtered(lambda m: m.fingerprint == fingerprint)
        if not mapping and (layout := recognise(table.header, known)):
            mapping = Mapping.browse(
                next(key for key, value in layouts.items() if value is layout)
            )
        roles = layouts[mapping.id].find(table.header) if mapping else {}
        types = {kind.code: kind.id for kind in self.env["meter.type"].search([])}
        own_roles = dict(ROLES)
        order, is_open = mapping.date_order, False
        for index, role in roles.items():
            if role == "moment" and not order:
                dates = _column(sample, index)
                order = find_order(dates)
                is_open = not order and any("/" in str(cell) for cell in dates)
        return {
            "mapping_id": mapping.id,
            "date_order": order if order in ("dmy", "mdy") else self._get_own_order(),
            "is_date_order_open": is_open,
            "column_ids": [Command.clear()]
            + [
                Command.create(
                    {
                        "position": index,
                        "header": title,
                        "sample": " · ".join(
                            str(cell)
                            for cell in islice(
                                filter(None, _column(sample, index)), SAMPLES_SHOWN
                            )
                        ),
                        "role": roles.get(index)
                        if roles.get(index) in own_roles
                        else "type"
                        if roles.get(index) in types
                        else False,
                        "type_id": types.get(roles.get(index)),
                    }
                )
                for index, title in enumerate(table.header)
            ],
        }

    @api.model
    def _get_own_order(self):
        """Return how the user's language writes dates: dmy or mdy."""
        date_format = get_lang(self.env).date_format
        return "mdy" if date_format.find("%m") < date_format.find("%d") else "dmy"

    def _remember_mapping(self):
        """Remember what the columns of this file mean for the next one like it."""
        self.ensure_one()
        columns = self.column_ids.sorted("position")
        Mapping = self.env["meter.reading.import.mapping"].sudo()
        # sudo: whoever imports teaches how a file is read; nothing else is written
        fingerprint = Mapping._get_fingerprint(columns.mapped("header"))
        values = {
            "date_order": self.date_order,
            "line_ids": [Command.clear()]
            + [
                Command.create(
                    {
                        "header": column.header,
                        "role": column.role,
                        "type_id": column.type_id.id,
                    }
                )
                for column in columns
                if column.role and column.header
            ],
        }
        known = Mapping.search([("fingerprint", "=", fingerprint)])
        if known:
            known.write(values)
        else:
            known = Mapping.create(
                {
                    **values,
                    "name": self.env._("As in %(file)s", file=self.name),
                    "fingerprint": fingerprint,
                }
            )
        self.mapping_id = known

    def _ensure_columns(self):
        """Have columns that say enough to read the file.

        :raises UserError: the file cannot be read, or what is missing
        """
        self.ensure_one()
        if not self.file:
            raise UserError(self.env._("The file is empty. Choose the file to import."))
        if not self.column_ids:
            try:
                self.write(self._prepare_columns())
            except ReadingFileError as problem:
                raise UserError(self._explain_file_problem(problem)) from problem
        roles = [c._get_role_code() for c in self.column_ids if c.role]
        twice = sorted({role for role in roles if roles.count(role) > 1})
        if twice:
            raise UserError(
                self.env._(
                    "Two columns are said to be: %(roles)s. Choose one.",
                    roles=", ".join(dict(ROLES).get(role, role) for role in twice),
                )
            )
        if not is_complete(roles):
            raise UserError(
                self.env._(
                    "The columns do not say enough. Choose which column holds the "
                    "serial number, which the date, and either the meter and its value "
                    "or the value of each meter. Found: %(columns)s",
                    columns=", ".join(filter(None, self.column_ids.mapped("header"))),
                )
            )
        moment = self.column_ids.filtered(lambda c: c.role == "moment")
        sample = islice(self._open_table().lines, SAMPLE_ROWS)
        order = find_order(_column([line for _row, line in sample], moment.position))
        if order in ("dmy", "mdy"):
            self.date_order = order  # the file shows it, whatever was chosen

    # === Rows === #

    def _get_content(self):
        return base64.b64decode(self.with_context(bin_size=False).file or b"")

    def _open_table(self):
        """Return the table of the file, its lines from the first below the header."""
        headers = [c.header or "" for c in self.column_ids.sorted("position")]
        return open_table(self._get_content(), lambda header: header == headers)

    def _open_rows(self):
        """Yield the rows of the file as the intake takes them.

        :raises ReadingFileError: a line cannot be read
        """
        self.ensure_one()
        columns = {
            column.position: column._get_role_code()
            for column in self.column_ids
            if column.role
        }
        return read_rows(self._open_table(), columns, self.date_order)

    @api.model
    def _explain_file_problem(self, problem):
        """Return what is wrong with a file, and what to do, in the user's language.

        :param ReadingFileError problem:
        """
        _ = self.env._
        return {
            "empty": _("The file is empty."),
            "no_rows": _("The file has a header, but no readings below it."),
            "password": _(
                "The file is protected by a password. Save it without one and import "
                "it again."
            ),
            "not_a_table": _(
                "The file is neither text with columns (CSV) nor a spreadsheet (XLSX, "
                "XLS, ODS). Save it as one of them and import it again."
            ),
            "quotes": _(
                "Line %(line)s cannot be read (%(problem)s). Check its quotation "
                "marks.",
                line=problem.facts.get("line"),
                problem=problem.facts.get("problem"),
            ),
        }[problem.code]


def _column(lines, index):
    return [line[index] if index < len(line) else "" for line in lines]


class MeterReadingImportColumn(models.Model):
    """A column of a file that is to be imported, and what it means."""

    _name = "meter.reading.import.column"
    _description = "Column of a Reading Import"
    _order = "import_id, position"

    import_id = fields.Many2one(
        "meter.reading.import", required=True, index=True, ondelete="cascade"
    )
    position = fields.Integer(readonly=True)
    header = fields.Char(string="Column", readonly=True)
    sample = fields.Char(string="For Example", readonly=True)
    role = fields.Selection(ROLES, string="Holds")
    type_id = fields.Many2one(
        "meter.type", string="Meter", domain=[("is_derived", "=", False)]
    )

    @api.onchange("role")
    def _onchange_role(self):
        if self.role != "type":
            self.type_id = False

    @api.constrains("role", "type_id")
    def _check_type(self):
        for column in self:
            if column.role == "type" and not column.type_id:
                raise UserError(
                    self.env._(
                        "Choose the meter whose value is in column “%(column)s”.",
                        column=column.header,
                    )
                )

    def _get_role_code(self):
        """Return the role as ``reading_files`` knows it."""
        self.ensure_one()
        return self.type_id.code if self.role == "type" else self.role
