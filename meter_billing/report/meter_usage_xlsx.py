# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

USAGE = (
    "month",
    "partner_id",
    "location_id",
    "device_id.serial_number",
    "model_id",
    "type_id",
    "source",
    "kind",
    "reading_count",
    "days",
    "pages",
)
PROFIT = (
    "month",
    "kind",
    "partner_id",
    "contract_id",
    "statement_id",
    "device_id.serial_number",
    "model_id",
    "type_id",
    "pages",
    "revenue",
    "cost",
    "margin",
    "currency_id",
)


class MeterUsageXlsx(models.AbstractModel):
    _name = "report.meter_billing.usage_xlsx"
    _inherit = "report.meter_billing.xlsx"
    _description = "Usage as Spreadsheet"

    def generate_xlsx_report(self, workbook, data, objs):
        """Write the selected rows of the usage analysis.

        :param workbook: xlsxwriter.Workbook
        :param objs: meter.usage.report records
        """
        totals = ("reading_count", "pages")
        self._write_records(workbook, self.env._("Usage"), objs, USAGE, totals)


class MeterProfitXlsx(models.AbstractModel):
    _name = "report.meter_billing.profit_xlsx"
    _inherit = "report.meter_billing.xlsx"
    _description = "Profitability as Spreadsheet"

    def generate_xlsx_report(self, workbook, data, objs):
        """Write the selected rows of the profitability analysis.

        :param workbook: xlsxwriter.Workbook
        :param objs: meter.profit.report records
        """
        totals = ("pages", "revenue", "cost", "margin")
        name = self.env._("Profitability")
        self._write_records(workbook, name, objs, PROFIT, totals)
