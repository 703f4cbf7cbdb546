# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class PurchaseOrder(models.Model):
    """Orders are confirmed for verified suppliers, where a company asks so."""

    _name = "purchase.order"
    _inherit = ["purchase.order", "partner.verification.policy"]

    def _get_unverified_policy(self):
        return self.company_id.partner_unverified_purchase

    def _needs_verified_partner(self):
        return self.state in ("draft", "sent", "to approve")

    @api.depends("partner_id", "state", "company_id")
    def _compute_partner_verification_warning(self):
        return super()._compute_partner_verification_warning()

    def button_confirm(self):
        self._check_partner_verified()
        return super().button_confirm()

    def button_approve(self, force=False):
        self._check_partner_verified()
        return super().button_approve(force=force)

    def _prepare_invoice(self):
        """Choose the supplier's account and taxes, whoever makes the bill."""
        if self.env["res.partner"]._sees_sensitive():
            return super()._prepare_invoice()
        # sudo: which ones is told (an account by a masked name), not their numbers
        return super(PurchaseOrder, self.sudo())._prepare_invoice()
