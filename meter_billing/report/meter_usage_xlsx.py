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
    "page_cost",
    "booked_cost",
    "cost",
    "margin",
    "currency_id",
)
PERFORMANCE = (
    "device_id.serial_number",
    "device_id.asset_tag",
    "model_id",
    "partner_id",
    "location_id",
    "rated_volume",
    "monthly_volume",
    "load",
    "status",
    "lifetime_pages",
    "age_months",
    "last_reading_date",
    "days_unread",
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
        totals = ("pages", "revenue", "page_cost", "booked_cost", "cost", "margin")
        name = self.env._("Profitability")
        self._write_records(workbook, name, objs, PROFIT, totals)


class MeterPerformanceXlsx(models.AbstractModel):
    _name = "report.meter_billing.performance_xlsx"
    _inherit = "report.meter_billing.xlsx"
    _description = "Device Performance as Spreadsheet"

    def generate_xlsx_report(self, workbook, data, objs):
        """Write the selected devices with their volume, load and age.

        :param workbook: xlsxwriter.Workbook
        :param objs: meter.device.performance records
        """
        totals = ("monthly_volume", "lifetime_pages")
        name = self.env._("Device Performance")
        self._write_records(workbook, name, objs, PERFORMANCE, totals)
