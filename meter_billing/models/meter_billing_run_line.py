# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..tools import first_line


class MeterBillingRunLine(models.Model):
    """What a run came to for one period of a contract, or why it came to nothing."""

    _name = "meter.billing.run.line"
    _description = "Contract in a Billing Run"
    _order = "run_id desc, is_mover desc, sequence, id"

    run_id = fields.Many2one(
        "meter.billing.run", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True)
    contract_id = fields.Many2one(
        "meter.contract", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="contract_id.partner_id")
    status = fields.Selection(
        [
            ("failed", "Failed"),
            ("waiting", "Waiting"),
            ("preview", "Preview"),
            ("billed", "Billed"),
        ],
        required=True,
    )
    sequence = fields.Integer(compute="_compute_sequence", store=True)
    message = fields.Text()
    message_short = fields.Char(compute="_compute_message_short", string="Why")
    statement_id = fields.Many2one("meter.statement")
    currency_id = fields.Many2one(related="contract_id.currency_id")
    amount_total = fields.Monetary(string="Amount", help="Without tax.")
    previous_total = fields.Monetary(
        string="Last Period", help="What the contract's last period came to."
    )
    change_percent = fields.Float(
        compute="_compute_change",
        store=True,
        digits=(16, 1),
        aggregator=None,
        string="Change (%)",
    )
    is_mover = fields.Boolean(compute="_compute_change", store=True)

    @api.depends("status")
    def _compute_sequence(self):
        order = [key for key, _label in self._fields["status"].selection]
        for line in self:
            line.sequence = order.index(line.status)

    @api.depends("amount_total", "previous_total", "status", "run_id.warn_percent")
    def _compute_change(self):
        for line in self:
            before = line.previous_total
            line.change_percent = (
                100 * (line.amount_total - before) / abs(before) if before else 0
            )
            line.is_mover = (
                line.status in ("billed", "preview")
                and abs(line.change_percent) > line.run_id.warn_percent
            )

    @api.depends("message")
    def _compute_message_short(self):
        for line in self:
            line.message_short = first_line(self.env, line.message)

    def action_open(self):
        """Open the statement, or the contract that has none."""
        self.ensure_one()
        return (self.statement_id or self.contract_id).get_formview_action()
