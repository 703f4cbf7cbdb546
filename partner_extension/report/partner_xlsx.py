# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Customers and suppliers as spreadsheet: a row each, their open items, their years."""

from xlsxwriter.utility import xl_range

from odoo import models

from .partner_report import FIGURES

#: Columns of the first sheet, left out where the user may not read them.
COLUMNS = (
    "display_name",
    "is_customer",
    "is_supplier",
    "verification_state",
    "ref",
    "vat",
    "street",
    "zip",
    "city",
    "country_id",
    "email",
    "phone",
    "responsible_id",
    "area_id",
    "supplier_category_ids",
    *FIGURES,
    "sales_this_year",
    "sales_last_year",
    "purchases_this_year",
    "purchases_last_year",
    "last_payment_date",
)
KINDS = {"date": "date", "monetary": "money", "float": "number", "integer": "whole"}
LONGEST_CELL = 32_767


class PartnerXlsx(models.AbstractModel):
    _name = "report.partner_extension.partner_xlsx"
    _inherit = "report.report_xlsx.abstract"
    _description = "Customers and Suppliers as Spreadsheet"

    def get_workbook_options(self):
        # Names of partners and the like are text, whatever they begin with.
        return {
            **super().get_workbook_options(),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }

    def generate_xlsx_report(self, workbook, data, objs):
        """Write the sheets of these partners.

        :param workbook: xlsxwriter.Workbook
        :param objs: res.partner records
        """
        objs.check_access("read")
        _ = self.env._
        formats = self._get_formats(workbook)
        fields_shown = [
            objs._fields[name]
            for name in COLUMNS
            if name in objs._fields
            and objs._has_field_access(objs._fields[name], "read")
        ]
        self._write_sheet(
            workbook,
            formats,
            _("Partners"),
            [
                (field._description_string(self.env), KINDS.get(field.type, "text"))
                for field in fields_shown
            ],
            [[self._get_value(field, one) for field in fields_shown] for one in objs],
            totals=[field.type == "monetary" for field in fields_shown],
        )
        items = objs._get_open_items()
        if items:
            self._write_items(workbook, formats, items)
        if self.env["account.move"].has_access("read"):
            self._write_turnover(workbook, formats, objs)

    def _write_items(self, workbook, formats, items):
        _ = self.env._
        self._write_sheet(
            workbook,
            formats,
            _("Open Items"),
            [
                (_("Partner"), "text"),
                (_("Number"), "text"),
                (_("Date"), "date"),
                (_("Due"), "date"),
                (_("Open"), "money"),
                (_("Currency"), "text"),
                (
                    _("Open in %(currency)s", currency=self._get_currency().name),
                    "money",
                ),
            ],
            [
                [
                    item.partner_id.display_name,
                    item.move_id.name,
                    item.date,
                    item.date_maturity,
                    item.amount_residual_currency,
                    item.currency_id.name,
                    item.amount_residual,
                ]
                for item in items
            ],
            totals=[False] * 6 + [True],
        )

    def _write_turnover(self, workbook, formats, partners):
        _ = self.env._
        turnover = partners.commercial_partner_id._get_turnover()
        self._write_sheet(
            workbook,
            formats,
            _("Turnover"),
            [
                (_("Partner"), "text"),
                (_("Year"), "year"),
                (_("Sales"), "money"),
                (_("Purchases"), "money"),
            ],
            [
                [partner.display_name, year, *amounts]
                for partner, years in turnover.items()
                for year, amounts in years.items()
            ],
            totals=[False, False, True, True],
        )

    def _get_currency(self):
        return self.env.company.currency_id

    def _get_formats(self, workbook):
        """Return ``{(kind, is total): format}``."""
        decimals = self._get_currency().decimal_places
        money = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
        patterns = {
            "text": {},
            "date": {"num_format": "yyyy-mm-dd"},
            "money": {"num_format": money},
            "number": {"num_format": "#,##0.0"},
            "whole": {"num_format": "#,##0"},
            "year": {"num_format": "0"},
        }
        return {
            (kind, is_total): workbook.add_format(
                {**pattern, **({"bold": True, "top": 1} if is_total else {})}
            )
            for kind, pattern in patterns.items()
            for is_total in (False, True)
        }

    def _get_value(self, field, record):
        """Return a value as its cell takes it."""
        value = record[field.name]
        if field.relational:
            return ", ".join(value.mapped("display_name"))
        if field.type == "boolean":
            return self.env._("Yes") if value else ""
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value)
        return value

    def _write_sheet(self, workbook, formats, title, columns, rows, totals):
        """Write rows below a frozen header that can be filtered, and their totals.

        :param columns: (title, kind of cell) of each column
        :param totals: for each column whether it is added up
        """
        sheet = workbook.add_worksheet(title[:31])
        bold = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        for index, (label, kind) in enumerate(columns):
            sheet.write_string(0, index, label, bold)
            sheet.set_column(index, index, 24 if kind == "text" else 14)
        for number, row in enumerate(rows, start=1):
            for index, ((_label, kind), value) in enumerate(
                zip(columns, row, strict=True)
            ):
                style = formats[kind, False]
                if kind == "text":
                    # A string, never a formula: what others entered is not run.
                    text = str(value or "")[:LONGEST_CELL]
                    sheet.write_string(number, index, text, style)
                elif kind == "date":
                    if value:
                        sheet.write_datetime(number, index, value, style)
                elif value is not False and value is not None:
                    sheet.write_number(number, index, value, style)
        sheet.freeze_panes(1, 1)
        if not rows:
            return
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
        sheet.write_string(len(rows) + 1, 0, self.env._("Total"), formats["text", True])
        for index, is_added in enumerate(totals):
            if is_added:
                # 109: the sum of the rows that the filter shows.
                cells = xl_range(1, index, len(rows), index)
                total = sum(row[index] or 0 for row in rows)
                sheet.write_formula(
                    len(rows) + 1,
                    index,
                    f"=SUBTOTAL(109,{cells})",
                    formats[columns[index][1], True],
                    total,
                )
