# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

STATEMENT = (
    "name",
    "partner_id",
    "contract_id",
    "kind",
    "date_from",
    "date_to",
    "page_count",
    "amount_total",
    "currency_id",
    "invoice_names",
    "state",
)
METER = (
    "statement_id.name",
    "partner_id",
    "location_id",
    "serial_number",
    "model_id",
    "device_id.place",
    "type_id",
    "charge_id",
    "date_from",
    "start_value",
    "date_to",
    "end_value",
    "is_estimated",
    "pages",
    "included",
    "billable",
    "price_unit",
    "amount",
    "currency_id",
    "corrected_statement_id",
)
CHARGE = (
    "statement_id.name",
    "partner_id",
    "charge_id",
    "kind",
    "period_start",
    "period_end",
    "quantity",
    "price_unit",
    "amount",
    "currency_id",
    "corrected_statement_id",
)


class MeterStatementXlsx(models.AbstractModel):
    """Statements with their meters and charges, a sheet each."""

    _name = "report.meter_billing.statement_xlsx"
    _inherit = "report.meter_billing.xlsx"
    _description = "Statements as Spreadsheet"

    def generate_xlsx_report(self, workbook, data, objs):
        """Write the sheets of these statements.

        :param workbook: xlsxwriter.Workbook
        :param objs: meter.statement records
        """
        _ = self.env._
        lines = objs.line_ids
        number = {"statement_id.name": _("Statement")}
        self._write_records(
            workbook,
            _("Statements"),
            objs,
            STATEMENT,
            totals=("page_count", "amount_total"),
        )
        self._write_records(
            workbook, _("Meters"), lines, METER, totals=("amount",), titles=number
        )
        self._write_records(
            workbook,
            _("Charges"),
            objs.charge_ids,
            CHARGE,
            totals=("amount",),
            titles=number,
        )
