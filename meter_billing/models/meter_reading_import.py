# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import get_lang

from ..reading_file import ReadingFileError, read_rows

OPEN_STATUSES = ("unknown", "refused")


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
        types = self.env["meter.type"].search([])
        type_by_code = {meter_type.code.lower(): meter_type for meter_type in types}
        devices = self.env["meter.device"]._find_by_serial(
            self.mapped("serial"), company
        )
        results, rows, row_lines = {}, [], []
        for line in self:
            found = line._find_meter(devices, type_by_code)
            if isinstance(found, dict):
                results[line] = found
                continue
            read_at, date = line._parse_moment()
            if not (read_at or date):
                results[line] = line._result(
                    "refused",
                    self.env._(
                        "“%(date)s” is no date. Write it as 2026-01-31.",
                        date=line.moment or "",
                    ),
                )
                continue
            row_lines.append(line)
            rows.append(
                {
                    "meter_id": found.id,
                    "value": line.value,
                    "read_at": read_at,
                    "date": date,
                    "import_id": line.import_id.id,
                }
            )
        verdicts = self.env["meter.reading"]._ingest(rows, source="import")
        for line, verdict in zip(row_lines, verdicts, strict=True):
            results[line] = verdict
        for line, result in results.items():
            line.update(result)

    def _find_meter(self, devices, type_by_code):
        """Return the row's meter, or the result of a row that has none."""
        self.ensure_one()
        _ = self.env._
        if not self.serial:
            return self._result("refused", _("The row has no serial number."))
        found = devices.get(self.serial.strip().upper(), self.env["meter.device"])
        if len(found) > 1 and self.make:
            found = found.filtered(
                lambda d: d.manufacturer_id.name.lower() == self.make.strip().lower()
            )
        if len(found) > 1:
            return self._result(
                "refused",
                _(
                    "Devices of %(makes)s have the serial number %(serial)s. Add a "
                    "column Make.",
                    makes=", ".join(found.manufacturer_id.mapped("name")),
                    serial=self.serial,
                ),
            )
        if not found:
            return self._result(
                "unknown",
                _(
                    "No device has the serial number %(serial)s. Add the device, then "
                    "try again.",
                    serial=self.serial,
                ),
            )
        meter_type = type_by_code.get(self.meter_code or "")
        meter = found.meter_ids.filtered(lambda m: m.type_id == meter_type)
        if meter and not (self.optional and not self.value):
            return meter
        if self.optional and (not self.value or self.value == "0" or not meter):
            return self._optional_result(found, meter_type)
        known = ", ".join(found.meter_ids.mapped("type_id.code"))
        return self._result(
            "refused",
            _(
                "%(device)s has no meter “%(meter)s”. Its meters are: %(known)s.",
                device=found.display_name,
                meter=self.meter_code or "",
                known=known or _("none"),
            ),
        )

    def _optional_result(self, device, meter_type):
        """Return the result of a report column that the device has no meter for."""
        _ = self.env._
        if meter_type in device.meter_ids.type_id:
            return self._result("refused", _("The report has no value for this meter."))
        if self.meter_code == "total" or self.value in ("", "0", False):
            return self._result(
                "ignored", _("The device has no such meter; its own meters are kept.")
            )
        return self._result(
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
        """Return (UTC datetime, None) or (None, day), or (None, None) if unreadable."""
        text = (self.moment or "").strip()
        day_format = get_lang(self.env).date_format
        for pattern, is_moment in (
            ("%Y-%m-%d %H:%M:%S", True),
            ("%Y-%m-%dT%H:%M:%SZ", True),
            ("%Y-%m-%d", False),
            (day_format, False),
        ):
            try:
                parsed = datetime.strptime(text, pattern)
            except ValueError:
                continue
            return (parsed, None) if is_moment else (None, parsed.date())
        return None, None

    @staticmethod
    def _result(status, message):
        return {"status": status, "message": message}
