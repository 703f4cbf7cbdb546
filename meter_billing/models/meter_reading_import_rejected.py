# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The rows that were not taken as a file: put right and imported again."""

import io
from collections import defaultdict
from datetime import date, datetime

import xlsxwriter

from odoo import api, models

from .meter_reading_serials import OPEN_STATUSES

WIDTHS = 18, 80
# Characters that a cell of a spreadsheet holds.
LONGEST_CELL = 32_767


class MeterReadingImport(models.Model):
    _inherit = "meter.reading.import"

    def _get_rejected_file(self):
        """Return an XLSX file of the open rows, as they came, each with its reason.

        :return: bytes
        """
        self.ensure_one()
        reasons = defaultdict(list)
        waiting = self.env["meter.reading.quarantine"].search_fetch(
            [("import_id", "=", self.id), ("status", "in", OPEN_STATUSES)],
            ["row", "message"],
        )
        for row in waiting:
            if row.message not in reasons[row.row]:
                reasons[row.row].append(row.message)
        reason_title = self._get_reason_title()
        if self.file and self.column_ids:
            table = self._open_table()
            width = len(table.header)
            if table.header[-1] == reason_title:
                width -= 1  # it was such a file itself: its reasons are over
            header = [*table.header[:width], reason_title]
            lines = (
                [*line[:width], *[""] * (width - len(line)), " ".join(reasons[row])]
                for row, line in table.lines
                if row in reasons
            )
        else:
            names = ("serial", "make", "meter_code", "moment", "value", "message")
            header = [waiting._fields[name].string for name in names[:-1]]
            header.append(reason_title)
            lines = ([row[name] or "" for name in names] for row in waiting)
        return self._write_sheet(header, lines)

    @api.model
    def _get_reason_title(self):
        """Return the title of the column that is added to the columns of the file."""
        return self.env._("Reason")

    def _write_sheet(self, header, lines):
        buffer = io.BytesIO()
        with xlsxwriter.Workbook(
            buffer, {"constant_memory": True, "remove_timezone": True}
        ) as book:
            sheet = book.add_worksheet()
            bold = book.add_format({"bold": True})
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, max(len(header) - 2, 0), WIDTHS[0])
            sheet.set_column(len(header) - 1, len(header) - 1, WIDTHS[1])
            for column, title in enumerate(header):
                sheet.write_string(0, column, title, bold)
            for row, line in enumerate(lines, start=1):
                for column, cell in enumerate(line):
                    if isinstance(cell, datetime):
                        sheet.write_datetime(row, column, cell, moment)
                    elif isinstance(cell, date):
                        sheet.write_datetime(row, column, cell, day)
                    elif isinstance(cell, (int, float)) and not isinstance(cell, bool):
                        sheet.write_number(row, column, cell)
                    else:
                        # A string, never a formula: what others sent is not run.
                        text = "" if cell is None else str(cell)
                        sheet.write_string(row, column, text[:LONGEST_CELL])
        return buffer.getvalue()
