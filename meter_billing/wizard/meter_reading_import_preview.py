# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import Counter
from itertools import islice

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..reading_files import ReadingFileError

#: Rows that are judged for a preview, and lines that are shown of them: of those that
#: somebody should look at, and of the others.
MOST_ROWS, MOST_PROBLEMS, MOST_OTHERS = 20_000, 2_000, 100
STATUSES = [
    ("created", "Will be imported"),
    ("hold", "On hold"),
    ("duplicate", "There already"),
    ("ignored", "Not kept"),
    ("unknown", "Unknown device"),
    ("refused", "Refused"),
]
# What somebody should look at, first things first.
PROBLEMS = ("refused", "unknown", "hold")


class MeterReadingImportPreview(models.TransientModel):
    """What would become of the rows of a file."""

    _name = "meter.reading.import.preview"
    _description = "Preview of a Reading Import"

    import_id = fields.Many2one(
        "meter.reading.import", required=True, readonly=True, ondelete="cascade"
    )
    row_count = fields.Integer(string="Rows", readonly=True)
    shown_count = fields.Integer(string="Rows Shown", readonly=True)
    is_part = fields.Boolean(readonly=True)
    created_count = fields.Integer(string="Will Be Imported", readonly=True)
    hold_count = fields.Integer(string="On Hold", readonly=True)
    duplicate_count = fields.Integer(string="There Already", readonly=True)
    ignored_count = fields.Integer(string="Not Kept", readonly=True)
    unknown_count = fields.Integer(string="Unknown Device", readonly=True)
    refused_count = fields.Integer(string="Refused", readonly=True)
    line_ids = fields.One2many(
        "meter.reading.import.preview.line", "preview_id", readonly=True
    )

    @api.model
    def _open(self, delivery):
        """Return the action that shows a preview of a delivery's file.

        :raises UserError: a line of the file cannot be read
        """
        try:
            rows = list(islice(delivery._open_rows(), MOST_ROWS + 1))
        except ReadingFileError as problem:
            raise UserError(delivery._explain_file_problem(problem)) from problem
        is_part = len(rows) > MOST_ROWS
        rows = rows[:MOST_ROWS]
        verdicts = self.env["meter.reading"]._check_serials(rows, delivery.company_id)
        counts = Counter(verdict["status"] for verdict in verdicts)
        shown = self._choose_lines([verdict["status"] for verdict in verdicts])
        preview = self.create(
            {
                "import_id": delivery.id,
                "row_count": len(rows),
                "is_part": is_part,
                "shown_count": len(shown),
                **{f"{status}_count": counts[status] for status, _name in STATUSES},
                "line_ids": [
                    Command.create(
                        {
                            "row": rows[i]["row"],
                            "serial": rows[i]["serial"],
                            "meter_code": rows[i]["meter"],
                            "moment": str(rows[i]["moment"]),
                            "value": str(rows[i]["value"]),
                            "status": verdicts[i]["status"],
                            "message": verdicts[i]["message"],
                        }
                    )
                    for i in shown
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview of %(file)s", file=delivery.name),
            "res_model": self._name,
            "res_id": preview.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _choose_lines(self, statuses):
        """Return the indexes of the rows that are shown, in this order."""
        problems = sorted(
            (i for i, status in enumerate(statuses) if status in PROBLEMS),
            key=lambda i: PROBLEMS.index(statuses[i]),
        )
        others = [i for i, status in enumerate(statuses) if status not in PROBLEMS]
        return problems[:MOST_PROBLEMS] + others[:MOST_OTHERS]

    def action_import(self):
        """Import the file."""
        self.ensure_one()
        self.import_id.action_import()
        return {"type": "ir.actions.act_window_close"}


class MeterReadingImportPreviewLine(models.TransientModel):
    _name = "meter.reading.import.preview.line"
    _description = "Row of a Preview"

    preview_id = fields.Many2one(
        "meter.reading.import.preview", required=True, ondelete="cascade"
    )
    row = fields.Integer()
    serial = fields.Char(string="Serial Number")
    meter_code = fields.Char(string="Meter")
    moment = fields.Char(string="Date")
    value = fields.Char()
    status = fields.Selection(STATUSES, string="Result")
    message = fields.Char()
