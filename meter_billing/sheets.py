# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A table as an XLSX file. Knows no Odoo."""

import io

import xlsxwriter

#: The media type of such a file.
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {
    "text": {},
    "day": {"num_format": "yyyy-mm-dd"},
    "count": {"num_format": "#,##0"},
}


def write_table(name, columns, lines):
    """Return an XLSX file of one table: typed cells below a frozen header.

    Text is written as text, never as a formula, whatever it begins with.

    :param str name: of the sheet
    :param columns: list of (title, kind, width), kind being a key of ``FORMATS``
    :param lines: iterable of lists of cells; None and False are empty
    :return: bytes
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet(name)
        bold = book.add_format({"bold": True, "bottom": 1})
        formats = {kind: book.add_format(values) for kind, values in FORMATS.items()}
        sheet.freeze_panes(1, 0)
        for column, (title, _kind, width) in enumerate(columns):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, bold)
        for row, line in enumerate(lines, start=1):
            for column, (cell, (_title, kind, _width)) in enumerate(
                zip(line, columns, strict=True)
            ):
                if cell is None or cell is False:
                    continue
                if kind == "text":
                    sheet.write_string(row, column, str(cell))
                elif kind == "day":
                    sheet.write_datetime(row, column, cell, formats[kind])
                else:
                    sheet.write_number(row, column, cell, formats[kind])
    return buffer.getvalue()
