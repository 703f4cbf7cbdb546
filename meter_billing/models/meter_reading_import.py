# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import get_lang

from ..reading_file import ReadingFileError, read_rows

OPEN_STATUSES = ("unknown", "refused")


class RowProblem(Exception):
    """Why a row cannot be stored: its status, and the message for the user."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class MeterReadingImport(models.Model):
    """A file of readings, with what became of each of its rows."""

    _name = "meter.reading.import"
    _description = "Reading Import"
    _order = "id desc"

    name = fields.Char(string="File Name", required=True, default="readings.csv")
    file = fields.Binary(attachment=True, required=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    state = fields.Selection(
        [("draft", "To Import"), ("done", "Imported")],
        default="draft",
        required=True,
        readonly=True,
    )
    line_ids = fields.One2many("meter.reading.import.line", "import_id")
    created_count = fields.Integer(compute="_compute_counts", string="Imported")
    hold_count = fields.Integer(compute="_compute_counts", string="On Hold")
    duplicate_count = fields.Integer(compute="_compute_counts", string="There Already")
    open_count = fields.Integer(compute="_compute_counts", string="Not Imported")

    @api.depends("line_ids.status")
    def _compute_counts(self):
        counts = {
            (imported.id, status): count
            for imported, status, count in self.env[
                "meter.reading.import.line"
            ]._read_group(
                [("import_id", "in", self.ids)], ["import_id", "status"], ["__count"]
            )
        }
        for record in self:
            record.created_count = counts.get((record.id, "created"), 0)
            record.hold_count = counts.get((record.id, "hold"), 0)
            record.duplicate_count = counts.get((record.id, "duplicate"), 0)
            record.open_count = sum(
                counts.get((record.id, status), 0) for status in OPEN_STATUSES
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_imported(self):
        # sudo: a reading of any company and state came from its file
        if (
            self.env["meter.reading"]
            .sudo()
            .search_count([("import_id", "in", self.ids)], limit=1)
        ):
            raise UserError(
                self.env._(
                    "A file that brought readings cannot be deleted: it is where they "
                    "come from."
                )
            )

    def action_import(self):
        """Import the file: every row ends with a result, none is dropped.

        :raises UserError: the file as a whole cannot be read; nothing is stored then
        """
        self.ensure_one()
        if self.state == "done":
            raise UserError(
                self.env._("This file was imported. Use Try Again for its open rows.")
            )
        try:
            rows = read_rows(base64.b64decode(self.file))
        except ReadingFileError as error:
            raise UserError(str(error)) from error
        lines = self.env["meter.reading.import.line"].create(
            [
                {
                    "import_id": self.id,
                    "row": row.number,
                    "serial": row.serial,
                    "make": row.make,
                    "meter_code": row.meter,
                    "moment": row.moment,
                    "value": row.value,
                    "optional": row.optional,
                }
                for row in rows
            ]
        )
        lines._process()
        self.state = "done"

    def action_retry(self):
        """Try the rows again that could not be imported, e.g. after adding a device."""
        self.check_access("write")
        self.line_ids.filtered(lambda line: line.status in OPEN_STATUSES)._process()

    def action_view_readings(self):
        """Open the readings that this file brought."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_reading"
        )
        action["domain"] = [("import_id", "=", self.id)]
        return action


class MeterReadingImportLine(models.Model):
    _name = "meter.reading.import.line"
    _description = "Row of a Reading Import"
    _order = "import_id desc, row, id"

    import_id = fields.Many2one(
        "meter.reading.import", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="import_id.company_id", store=True)
    row = fields.Integer(required=True)
    serial = fields.Char()
    make = fields.Char()
    meter_code = fields.Char(string="Meter")
    moment = fields.Char(string="Date")
    value = fields.Char()
    optional = fields.Boolean(help="No loss where the device does not have this meter.")
    status = fields.Selection(
        [
            ("created", "Imported"),
            ("hold", "On Hold"),
            ("duplicate", "There Already"),
            ("ignored", "Not Kept"),
            ("unknown", "Unknown Device"),
            ("refused", "Refused"),
        ],
        readonly=True,
    )
    message = fields.Char(readonly=True)
    reading_id = fields.Many2one("meter.reading", readonly=True)

    def _process(self):
        """Store what can be stored of these rows and write each row's result."""
        for company, lines in self.grouped("company_id").items():
            lines._process_company(company)

    def _process_company(self, company):
        devices = self.env["meter.device"]._find_by_serial(
            self.mapped("serial"), company
        )
        meter_types = self._get_meter_types()
        rows, lines = [], []
        for line in self:
            try:
                rows.append(line._prepare_row(devices, meter_types))
                lines.append(line)
            except RowProblem as problem:
                line.update({"status": problem.status, "message": str(problem)})
        verdicts = self.env["meter.reading"]._ingest(rows, source="import")
        for line, verdict in zip(lines, verdicts, strict=True):
            line.update(verdict)

    @api.model
    def _get_meter_types(self):
        """Return the meter types by what a file may call them: code or name."""
        meter_types = self.env["meter.type"].search([])
        by_name = {kind.name.lower(): kind for kind in meter_types}
        return by_name | {kind.code.lower(): kind for kind in meter_types}

    def _prepare_row(self, devices, meter_types):
        """Return this line as a row for :meth:`meter.reading._ingest`.

        :param dict devices: see :meth:`meter.device._find_by_serial`
        :param dict meter_types: meter.type by what a file calls it
        :raises RowProblem: there is no such device, meter or date
        """
        self.ensure_one()
        device = self._find_device(devices)
        meter = self._find_meter(device, meter_types)
        read_at, date = self._parse_moment()
        return {
            "meter_id": meter.id,
            "value": self.value,
            "read_at": read_at,
            "date": date,
            "import_id": self.import_id.id,
        }

    def _find_device(self, devices):
        _ = self.env._
        if not self.serial:
            raise RowProblem("refused", _("The row has no serial number."))
        found = devices.get(self.serial.strip().upper())
        if not found:
            raise RowProblem(
                "unknown",
                _(
                    "No device has the serial number %(serial)s. Add the device, then "
                    "try again.",
                    serial=self.serial,
                ),
            )
        if len(found) == 1:
            return found
        make = (self.make or "").strip().lower()
        of_make = found.filtered(lambda d: d.manufacturer_id.name.lower() == make)
        if len(of_make) == 1:
            return of_make
        raise RowProblem(
            "refused",
            _(
                "Devices of %(makes)s have the serial number %(serial)s. Write one of "
                "them into a column Make.",
                makes=", ".join(found.manufacturer_id.mapped("name")),
                serial=self.serial,
            ),
        )

    def _find_meter(self, device, meter_types):
        _ = self.env._
        meter_type = meter_types.get((self.meter_code or "").strip().lower())
        meter = device.meter_ids.filtered(
            lambda m: meter_type and m.type_id == meter_type
        )
        if meter and (self.value or not self.optional):
            return meter
        if meter:
            raise RowProblem(
                "refused",
                _(
                    "%(meter)s: the report has no value for it.",
                    meter=meter.display_name,
                ),
            )
        if not self.optional:
            known = ", ".join(device.meter_ids.mapped("type_id.code"))
            raise RowProblem(
                "refused",
                _(
                    "%(device)s has no meter “%(meter)s”. Its meters are: %(known)s.",
                    device=device.display_name,
                    meter=self.meter_code or "",
                    known=known or _("none"),
                ),
            )
        # A report has a column for every meter that a device might have.
        pages = self.env["meter.reading"]._parse_value(self.value)
        if not pages or self.meter_code == "total":
            raise RowProblem(
                "ignored", _("The device has no such meter; its own meters are kept.")
            )
        raise RowProblem(
            "refused",
            _(
                "The report has %(value)s %(meter)s pages, but %(device)s has no such "
                "meter. Add the meter to the device, then try again.",
                value=self.value,
                meter=self.meter_code,
                device=device.display_name,
            ),
        )

    def _parse_moment(self):
        """Return (UTC datetime, None) or (None, day).

        :raises RowProblem: the text is neither
        """
        text = (self.moment or "").strip()
        for pattern, is_moment in (
            ("%Y-%m-%d %H:%M:%S", True),
            ("%Y-%m-%dT%H:%M:%SZ", True),
            ("%Y-%m-%d", False),
            (get_lang(self.env).date_format, False),
        ):
            try:
                parsed = datetime.strptime(text, pattern)
            except ValueError:
                continue
            if not 1970 <= parsed.year <= 2100:
                # What programs write for "no date", and what no time zone can hold.
                break
            return (parsed, None) if is_moment else (None, parsed.date())
        raise RowProblem(
            "refused",
            self.env._("“%(date)s” is no date. Write it as 2026-01-31.", date=text),
        )
