# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Accounting with tax IDs and bank accounts that the user may not see.

Odoo chooses by them while it makes and posts documents. What it chose is told (the
taxes, an account as “•••• 6769”), the numbers are not.
"""

from odoo import api, models


class AccountFiscalPosition(models.Model):
    _inherit = "account.fiscal.position"

    @api.model
    def _get_fiscal_position(self, partner, delivery=None):
        if self.env["res.partner"]._sees_sensitive():
            return super()._get_fiscal_position(partner, delivery=delivery)
        # sudo: of partners of a document that the user works on, nothing is written
        found = super()._get_fiscal_position(
            partner.sudo(), delivery=delivery and delivery.sudo()
        )
        return found.with_env(self.env)


class AccountMove(models.Model):
    _inherit = "account.move"

    def _compute_partner_bank_id(self):
        """Choose the supplier's account, whoever makes the bill."""
        # sudo: its name is masked for who may not see it
        return super(AccountMove, self.sudo())._compute_partner_bank_id()

    def _post(self, soft=True):
        # sudo: Odoo asks whether the account is archived, also who may not see it. Once
        # read, the answer is at hand; the number is not read.
        self.sudo().partner_bank_id.fetch(["active"])
        return super()._post(soft)


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _compute_available_partner_bank_ids(self):
        self.partner_id._forget_hidden_accounts()
        result = super()._compute_available_partner_bank_ids()
        # Computed with all rights for fields that are stored, and kept for the user.
        for payment in self:
            banks = payment.available_partner_bank_ids
            if (seen := banks._filter_seen()) != banks:
                payment.available_partner_bank_ids = seen
        return result
