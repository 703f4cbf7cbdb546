# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

from ..models.meter_reading_serials import OPEN_STATUSES

READING = (
    "device_id.serial_number",
    "device_id.model_id",
    "partner_id",
    "device_id.location_id",
    "device_id.place",
    "type_id",
    "read_at",
    "value",
    "kind",
    "source",
    "reason",
    "note",
)
NOT_TAKEN = (
    "status",
    "serial",
    "make",
    "meter_code",
    "moment",
    "value",
    "source",
    "message",
    "age",
    "import_id",
)
MISSING = (
    "device_id.serial_number",
    "model_id",
    "partner_id",
    "device_id.location_id",
    "device_id.place",
    "type_id",
    "device_id.reading_contact_id",
    "device_id.reading_contact_id.email",
    "device_id.reading_contact_id.phone",
    "last_date",
    "last_value",
    "due_date",
    "days_missing",
    "estimate_count",
)


class MeterExceptionXlsx(models.AbstractModel):
    """What somebody has to look at, over all devices: held, refused, missing."""

    _name = "report.meter_billing.exception_xlsx"
    _inherit = "report.meter_billing.xlsx"
    _description = "Exceptions as Spreadsheet"

    def generate_xlsx_report(self, workbook, data, objs):
        """Write a sheet of each kind of exception in the user's companies.

        :param workbook: xlsxwriter.Workbook
        """
        _ = self.env._
        readings = self.env["meter.reading"]
        companies = ("company_id", "in", self.env.companies.ids)
        for title, state in ((_("On Hold"), "hold"), (_("Rejected"), "rejected")):
            found = readings.search([companies, ("state", "=", state)])
            self._write_records(workbook, title, found, READING)
        rows = self.env["meter.reading.quarantine"].search(
            [companies, ("status", "in", OPEN_STATUSES)]
        )
        self._write_records(workbook, _("Not Taken"), rows, NOT_TAKEN)
        meters = self.env["meter.reading.status"].search(
            [companies, ("state", "=", "missing")]
        )
        self._write_records(workbook, _("Missing"), meters, MISSING)
