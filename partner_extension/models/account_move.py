# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class AccountMove(models.Model):
    """Invoices and bills are posted for verified partners, where a company asks so.

    Credit notes always are: they put right what was posted.
    """

    _name = "account.move"
    _inherit = ["account.move", "partner.verification.policy"]

    def _get_unverified_policy(self):
        if self.move_type in ("out_invoice", "out_receipt"):
            return self.company_id.partner_unverified_invoice
        if self.move_type in ("in_invoice", "in_receipt"):
            return self.company_id.partner_unverified_bill
        return super()._get_unverified_policy()

    def _needs_verified_partner(self):
        return self.state == "draft"

    @api.depends("partner_id", "move_type", "state", "company_id")
    def _compute_partner_verification_warning(self):
        return super()._compute_partner_verification_warning()

    def _is_of_employee(self):
        return self.move_type == "in_receipt" and self.partner_id.employee

    def _post(self, soft=True):
        self._check_partner_verified()
        return super()._post(soft)
