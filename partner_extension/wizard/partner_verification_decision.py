# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class PartnerVerificationDecision(models.TransientModel):
    """Say why partners are not verified."""

    _name = "partner.verification.decision"
    _description = "Partners Not Verified"

    partner_ids = fields.Many2many("res.partner", required=True)
    state = fields.Selection(
        [
            ("refused", "Refused: we do no business with it"),
            ("conflict", "In conflict: something does not fit"),
            ("to_verify", "To verify: nothing decided yet"),
        ],
        string="Decision",
        required=True,
        default="refused",
    )
    reason = fields.Char(required=True)

    def action_decide(self):
        """Store the decision.

        :raises AccessError: for who is no verifier
        """
        self.ensure_one()
        self.partner_ids._check_may_verify()
        self.partner_ids._set_verification(self.state, self.reason)
