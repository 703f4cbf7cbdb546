# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Imports of files: what their columns mean, recognised or chosen."""

from itertools import islice

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..reading_files import ReadingFileError, find_order, open_table, recognise
from .meter_reading_import_mapping import DATE_ORDERS, ROLES, TIME_ZONES

#: Rows that are looked at to recognise a file; all of them before it is imported.
SAMPLE_ROWS = 20_000
SAMPLES_SHOWN = 3
# What decides which row of the file is which.
FILE_FIELDS = {"file", "column_ids", "sheet", "header_row", "time_zone"}


class MeterReadingImport(models.Model):
    _inherit = "meter.reading.import"

    mapping_id = fields.Many2one(
        "meter.reading.import.mapping", readonly=True, ondelete="set null"
    )
    column_ids = fields.One2many(
        "meter.reading.import.column", "import_id", string="Columns"
    )
    sheet = fields.Char(help="The sheet of the spreadsheet that is imported.")
    sheet_names = fields.Char(string="Sheets", readonly=True)
    header_row = fields.Integer(readonly=True)
    date_order = fields.Selection(
        DATE_ORDERS, string="Dates", help="How dates like 01/02/2026 are meant."
    )
    is_date_order_open = fields.Boolean(
        readonly=True, help="The dates of the file may be read either way."
    )
    time_zone = fields.Selection(
        TIME_ZONES,
        required=True,
        default="company",
        string="Times Are",
        help="Where the times of the file are. Days without a time are the same "
        "everywhere.",
    )
    alike = fields.Char(
        readonly=True, help="Columns that hold what another one is taken for."
    )

    def write(self, vals):
        if FILE_FIELDS & vals.keys():
            self.filtered("done_count")._raise_begun()
        if vals.get("file") and "column_ids" not in vals:
            # Another file has other columns.
            vals = {**vals, "column_ids": [Command.clear()], "sheet": False}
        return super().write(vals)

    def _raise_begun(self):
        """Refuse to change how a file is read, some rows of which are imported.

        :raises UserError: where there are any
        """
        if self:
            raise UserError(
                self.env._(
                    "Rows of %(file)s are imported already: what it is read by stays. "
                    "Import the other file anew; what is there already is not imported "
                    "twice.",
                    file=self[0].name,
                )
            )

    # === Recognising === #

    @api.onchange("file")
    def _onchange_file(self):
        """Show what the columns mean as soon as a file is chosen."""
        self.sheet = False
        return self._recognise()

    @api.onchange("sheet")
    def _onchange_sheet(self):
        """Show what the columns of another sheet mean."""
        if self.sheet and self.sheet_names:
            return self._recognise()
        return None

    def _recognise(self):
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
        mappings = Mapping.search([("company_id", "in", (False, self.company_id.id))])
        layouts = mappings._get_layouts()
        known = list(layouts.values())
        table = open_table(
            self._get_content(),
            lambda header: max((len(one.find(header)) for one in known), default=0),
            self.sheet or None,
        )
        sample = [line for _number, line in islice(table.lines, SAMPLE_ROWS)]
        fingerprint = self._get_fingerprint(table.header)
        mapping = mappings.filtered(
            lambda m: m.company_id and m.fingerprint == fingerprint
        )
        roles, alike = {}, {}
        if mapping:
            roles = mapping._get_remembered_roles()
        elif layout := recognise(table.header, known):
            mapping = Mapping.browse(
                next(key for key, value in layouts.items() if value is layout)
            )
            roles = layout.find(table.header)
            alike = layout.find_alike(table.header)
        elif known:
            # Not enough to read the file by, but less to be chosen.
            roles = max((one.find(table.header) for one in known), key=len)
        order = next(
            (
                find_order(_column(sample, index))
                for index, role in roles.items()
                if role == "moment"
            ),
            None,
        )
        is_shown = order in ("dmy", "mdy")
        return {
            "mapping_id": mapping.id,
            "sheet": table.sheet,
            "sheet_names": ", ".join(table.sheets) if len(table.sheets) > 1 else False,
            "header_row": table.header_row,
            "date_order": order if is_shown else mapping.date_order,
            "is_date_order_open": bool(order) and not is_shown,
            "time_zone": mapping.time_zone or "company",
            "alike": ", ".join(table.header[index] for index in alike),
            "column_ids": [Command.clear()]
            + self._prepare_column_commands(table.header, roles, sample),
        }

    @api.model
    def _prepare_column_commands(self, header, roles, sample):
        """Return the commands that create the columns of a file.

        :param dict roles: {index: role}, see ``reading_files``
        :param sample: the first lines of the file
        """
        types = {kind.code: kind.id for kind in self.env["meter.type"].search([])}
        own_roles = dict(ROLES)
        commands = []
        for index, title in enumerate(header):
            role = roles.get(index)
            cells = islice(filter(None, _column(sample, index)), SAMPLES_SHOWN)
            commands.append(
                Command.create(
                    {
                        "position": index,
                        "header": title,
                        "sample": " · ".join(map(str, cells)),
                        "role": "type" if role in types else role in own_roles and role,
                        "type_id": types.get(role),
                    }
                )
            )
        return commands

    # === Checking what was chosen === #

    def _ensure_columns(self):
        """Have columns that say enough to read the file, and count its rows.

        :raises UserError: the file cannot be read, or what is missing
        """
        self.ensure_one()
        if not self.file:
            raise UserError(self.env._("The file is empty. Choose the file to import."))
        try:
            if not self.column_ids:
                self.write(self._prepare_columns())
            self._check_roles()
            self._survey()
        except ReadingFileError as problem:
            raise UserError(self._explain_file_problem(problem)) from problem

    def _survey(self):
        """Read all of the file once: count its rows, and see how its dates are written.

        :raises ReadingFileError: a line cannot be read
        :raises UserError: its dates may be read either way, and nobody said which
        """
        columns = self._get_roles()
        moment = next(index for index, role in columns.items() if role == "moment")
        lines = 0

        def cells():
            nonlocal lines
            for _number, line in self._open_table().lines:
                lines += 1
                yield line[moment] if moment < len(line) else ""

        order = find_order(cells())
        self.row_count = self._count_rows(lines)
        if order in ("dmy", "mdy"):
            # The file shows it, whatever was chosen.
            self.write({"date_order": order, "is_date_order_open": False})
        elif order and not self.date_order:
            title = self.column_ids.filtered(lambda c: c.role == "moment").header
            raise UserError(
                self.env._(
                    "Some dates in column “%(column)s” have the day first, others the "
                    "month. Choose how the others, like 01/02/2026, are meant.",
                    column=title,
                )
                if order == "both"
                else self.env._(
                    "The dates in column “%(column)s” may be read day first or month "
                    "first. Choose how they are meant.",
                    column=title,
                )
            )
        elif not order:
            self.date_order = False  # nothing to choose, nothing to remember

    def _check_roles(self):
        roles = [c._get_role_code() for c in self.column_ids if c.role]
        twice = {role for role in roles if roles.count(role) > 1}
        if twice:
            columns = self.column_ids.filtered(lambda c: c._get_role_code() in twice)
            raise UserError(
                self.env._(
                    "Two columns are said to be the same: %(columns)s. Choose one.",
                    columns=", ".join(
                        f"{column.header} ({column._get_role_name()})"
                        for column in columns
                    ),
                )
            )
        has_meters = "type" in self.column_ids.mapped("role")
        missing = [role for role in ("serial", "moment") if role not in roles]
        if not has_meters:
            missing += [role for role in ("meter", "value") if role not in roles]
        if not missing:
            return
        names = dict(self.column_ids._fields["role"]._description_selection(self.env))
        raise UserError(
            self.env._(
                "No column holds: %(missing)s. Choose the columns that do. A file has "
                "a serial number, a date, and either the meter and its value or the "
                "value of each meter. Its columns are: %(columns)s. If these are no "
                "titles, add a row with titles above them.",
                missing=", ".join(names[role] for role in missing),
                columns=", ".join(filter(None, self.column_ids.mapped("header"))),
            )
        )

    # === Remembering === #

    @api.model
    def _get_fingerprint(self, header):
        """Return the fingerprint of a header, the same with and without reasons."""
        if header[-1] == self._get_reason_title():
            header = header[:-1]
        return self.env["meter.reading.import.mapping"]._get_fingerprint(header)

    def _remember_mapping(self):
        """Remember what the columns of this file mean for the next one like it."""
        self.ensure_one()
        columns = self.column_ids.sorted("position")
        # sudo: whoever imports teaches how a file is read; nothing else is written
        Mapping = self.env["meter.reading.import.mapping"].sudo()
        fingerprint = self._get_fingerprint([c.header or "" for c in columns])
        values = {
            "time_zone": self.time_zone,
            "line_ids": [Command.clear()]
            + [
                Command.create(
                    {
                        "header": column.header or "?",
                        "position": column.position,
                        "role": column.role,
                        "type_id": column.type_id.id,
                    }
                )
                for column in columns
                if column.role
            ],
        }
        if self.date_order:
            values["date_order"] = self.date_order
        known = Mapping.with_context(active_test=False).search(
            [("fingerprint", "=", fingerprint), ("company_id", "=", self.company_id.id)]
        )
        if known:
            known.write(values)
        else:
            known = Mapping.create(
                {
                    **values,
                    "name": self.env._("As in %(file)s", file=self.name),
                    "fingerprint": fingerprint,
                    "company_id": self.company_id.id,
                }
            )
        self.mapping_id = known


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
        self.import_id.filtered("done_count")._raise_begun()
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

    def _get_role_name(self):
        """Return the role as the user knows it."""
        self.ensure_one()
        if self.role == "type":
            return self.type_id.name
        return dict(self._fields["role"]._description_selection(self.env))[self.role]
