# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

from ..fields import Counter


class MeterReadingCorrection(models.TransientModel):
    _name = "meter.reading.correction"
    _description = "Correct Reading"

    reading_id = fields.Many2one("meter.reading", required=True, readonly=True)
    read_at = fields.Datetime(related="reading_id.read_at")
    old_value = Counter(related="reading_id.value", string="Value so far")
    value = Counter(string="Right Value", required=True)
    reason = fields.Char(required=True)

    def action_correct(self):
        """Supersede the reading by the right value."""
        self.ensure_one()
        self.reading_id._correct(self.value, self.reason)
        return {"type": "ir.actions.act_window_close"}
