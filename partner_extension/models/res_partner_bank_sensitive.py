# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class ResPartnerBank(models.Model):
    """Bank accounts: seen by who has the group for them; the rule refuses the rest."""

    _inherit = "res.partner.bank"

    @api.depends_context("uid")
    def _compute_display_name(self):
        """The name of what a record points to is read with all rights: an invoice
        would tell the account to who may not see it."""
        super()._compute_display_name()
        Partner = self.env["res.partner"]
        if Partner._sees_sensitive():
            return
        own = self.env.user.sudo().company_ids.partner_id
        for bank, seen in zip(self, self.sudo(), strict=True):
            if seen.partner_id not in own and seen.acc_number:
                bank.display_name = f"•••• {seen.acc_number[-4:]}"

    def _filter_seen(self):
        """Return the accounts that the user may see, even if rights are not checked."""
        if self.env["res.partner"]._sees_sensitive():
            return self
        return self.sudo(False)._filtered_access("read").with_env(self.env)
