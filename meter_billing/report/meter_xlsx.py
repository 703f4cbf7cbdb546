# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Records as a sheet: a column a field, typed cells, totals that follow the filter."""

import re

from xlsxwriter.utility import xl_range

from odoo import fields, models

from ..fields import ClickPrice

# What a spreadsheet refuses in the name of a sheet, and how long one may be.
NOT_IN_NAME = re.compile(r"[\[\]:*?/\\']")
LONGEST_NAME = 31
LONGEST_CELL = 32_767
WIDTHS = {"text": 22, "date": 12, "moment": 17, "number": 12, "money": 14}
FORMATS = {
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
    "number": "#,##0.00####",
    "whole": "#,##0",
    "price": "#,##0.00####",
}


class MeterXlsx(models.AbstractModel):
    """What the spreadsheets of this module are made with."""

    _name = "report.meter_billing.xlsx"
    _inherit = "report.report_xlsx.abstract"
    _description = "Spreadsheet of Meter Billing"

    def get_workbook_options(self):
        # Names of customers and the like are text, whatever they begin with.
        return {
            **super().get_workbook_options(),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }

    def _write_records(self, workbook, title, records, paths, totals=(), titles=None):
        """Write records below a frozen header that can be filtered, with totals.

        :param workbook: xlsxwriter.Workbook
        :param str title: name of the sheet
        :param records: what to write, a row each
        :param paths: names of fields, also across records (``device_id.place``)
        :param totals: those of them that are added up below; amounts only where all
            are of one currency. None: the rows are counted
        :param dict titles: other titles than the fields' labels, by path
        """
        name = NOT_IN_NAME.sub(" ", title)[:LONGEST_NAME].strip()
        sheet = workbook.add_worksheet(name)
        columns = [self._get_column(records, path) for path in paths]
        formats = self._get_formats(workbook, records)
        bold = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        for index, (path, (field, kind)) in enumerate(zip(paths, columns, strict=True)):
            label = (titles or {}).get(path) or field._description_string(self.env)
            sheet.write_string(0, index, label, bold)
            width = WIDTHS.get(kind, WIDTHS["number"])
            sheet.set_column(index, index, max(width, min(len(label) + 3, 30)))
        row = 0
        for row, record in enumerate(records, start=1):
            for index, (path, column) in enumerate(zip(paths, columns, strict=True)):
                self._write_cell(sheet, row, index, record, path, column, formats)
        sheet.freeze_panes(1, 1)
        if not row:
            return
        sheet.autofilter(0, 0, row, len(paths) - 1)
        sheet.write_string(row + 1, 0, self.env._("Total"), formats["text", True])
        if not totals:
            # 103: how many rows the filter shows. The first column is never empty.
            formula = f"=SUBTOTAL(103,{xl_range(1, 0, row, 0)})"
            sheet.write_formula(row + 1, 1, formula, formats["whole", True], row)
        currencies = self._get_currencies(records)
        for path in totals:
            index = paths.index(path)
            kind = columns[index][1]
            if kind == "money" and len(currencies) > 1:
                continue
            total = sum(record[path] for record in records)
            # 109: the sum of the rows that the filter shows.
            formula = f"=SUBTOTAL(109,{xl_range(1, index, row, index)})"
            sheet.write_formula(row + 1, index, formula, formats[kind, True], total)

    def _get_column(self, records, path):
        """Return (field, kind of cell) of a path."""
        *ways, name = path.split(".")
        model = records.browse()
        for way in ways:
            model = model[way]
        field = model._fields[name]
        if isinstance(field, ClickPrice):
            return field, "price"
        kinds = {
            "date": "date",
            "datetime": "moment",
            "integer": "whole",
            "float": "number",
            "monetary": "money",
        }
        return field, kinds.get(field.type, "text")

    def _get_currencies(self, records):
        """Return the currencies of the amounts of these records."""
        if "currency_id" in records._fields:
            return records.currency_id
        return self.env.company.currency_id

    def _get_formats(self, workbook, records):
        """Return ``{(kind, is total): format}``."""
        currencies = self._get_currencies(records)
        decimals = max(currencies.mapped("decimal_places"), default=2)
        money = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
        formats = {}
        for is_total in (False, True):
            style = {"bold": True, "top": 1} if is_total else {}
            for kind, number_format in {**FORMATS, "money": money}.items():
                formats[kind, is_total] = workbook.add_format(
                    {**style, "num_format": number_format}
                )
            formats["text", is_total] = workbook.add_format(style)
        return formats

    def _write_cell(self, sheet, row, index, record, path, column, formats):
        """Write one cell by its type; what is empty stays empty."""
        field, kind = column
        *ways, name = path.split(".")
        for way in ways:
            record = record[way][:1]
        value = record[name]
        style = formats[kind, False]
        if kind in ("date", "moment"):
            if value and kind == "moment":
                value = fields.Datetime.context_timestamp(self, value)
                value = value.replace(tzinfo=None)
            if value:
                sheet.write_datetime(row, index, value, style)
        elif kind != "text":
            is_empty = value is False or value is None
            if kind == "number" and not value % 1:
                style = formats["whole", False]
            if not is_empty and record:
                sheet.write_number(row, index, value, style)
        else:
            # A string, never a formula: what others entered is not run.
            sheet.write_string(row, index, self._to_text(field, record, value), style)

    def _to_text(self, field, record, value):
        """Return a value as the user reads it."""
        if field.type == "selection":
            labels = dict(field._description_selection(record.env))
            value = labels.get(value)
        elif field.relational:
            value = ", ".join(one.display_name or "" for one in value)
        elif field.type == "boolean":
            value = self.env._("Yes") if value else ""
        return str(value or "")[:LONGEST_CELL]
