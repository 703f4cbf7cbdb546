# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The rows that the file of an import comes to, and what may be wrong with a file."""

import base64
from zoneinfo import ZoneInfo

from odoo import api, models

from ..reading_files import count_rows_a_line, read_rows, reopen_table


class MeterReadingImport(models.Model):
    _inherit = "meter.reading.import"

    def _get_content(self):
        """Return the bytes of the file."""
        self.ensure_one()
        if isinstance(self.id, int):
            # As it is stored: two copies in base64 would take more than the file.
            attachment = self.env["ir.attachment"].search(
                [
                    ("res_model", "=", self._name),
                    ("res_field", "=", "file"),
                    ("res_id", "=", self.id),
                ],
                limit=1,
            )
            return attachment.raw or b""
        return base64.b64decode(self.with_context(bin_size=False).file or b"")

    def _open_table(self):
        """Return the table of the file, its lines from the first below the header.

        :raises ReadingFileError: a line cannot be read
        """
        return reopen_table(self._get_content(), self.header_row, self.sheet or "")

    def _get_roles(self):
        """Return ``{index: role}`` of the columns that are imported."""
        return {
            column.position: column._get_role_code()
            for column in self.column_ids
            if column.role
        }

    def _count_rows(self, lines):
        """Return how many rows so many lines of the file come to."""
        return lines * count_rows_a_line(self._get_roles())

    def _open_rows(self):
        """Yield the rows of the file as the intake takes them.

        :raises ReadingFileError: a line cannot be read
        """
        self.ensure_one()
        zone = None
        if self.time_zone == "company":
            zone = ZoneInfo(self.company_id._get_meter_timezone())
        return read_rows(self._open_table(), self._get_roles(), self.date_order, zone)

    @api.model
    def _explain_file_problem(self, problem):
        """Return what is wrong with a file, and what to do, in the user's language.

        :param ReadingFileError problem:
        """
        return getattr(self, f"_explain_{problem.code}")(problem.facts)

    @api.model
    def _explain_empty(self, _facts):
        return self.env._("The file is empty.")

    @api.model
    def _explain_no_rows(self, _facts):
        return self.env._("The file has a header, but no readings below it.")

    @api.model
    def _explain_password(self, _facts):
        return self.env._(
            "The file is protected by a password. Save it without one and import it "
            "again."
        )

    @api.model
    def _explain_not_a_table(self, _facts):
        return self.env._(
            "The file is neither text with columns (CSV) nor a spreadsheet (XLSX, XLS, "
            "ODS). Save it as one of them and import it again."
        )

    @api.model
    def _explain_markup(self, _facts):
        return self.env._(
            "The file is a web page or XML, whatever its name says. Open it in a "
            "spreadsheet program, save it as XLSX or CSV and import that."
        )

    @api.model
    def _explain_quotes(self, facts):
        return self.env._(
            "Line %(line)s cannot be read (%(problem)s). Check its quotation marks: "
            "one is not closed, or stands inside a text.",
            **facts,
        )

    @api.model
    def _explain_too_large(self, facts):
        return self.env._(
            "The file is too large: more than %(most)s MB. Divide it into several and "
            "import them one by one.",
            **facts,
        )

    @api.model
    def _explain_no_sheet(self, facts):
        return self.env._(
            "The file has no sheet “%(sheet)s” with readings. Its sheets are: "
            "%(sheets)s.",
            sheet=facts["sheet"],
            sheets=", ".join(facts["sheets"]),
        )
