# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A bank account that is new, changed or gone has its owner looked at again."""

from odoo import api, models

WATCHED = {"acc_number", "partner_id", "active", "acc_holder_name", "bank_id"}


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        accounts.partner_id._set_to_review(self.env._("New bank account"))
        return accounts

    def write(self, vals):
        if not WATCHED & set(vals):
            return super().write(vals)
        before = {account: account._get_verified_facts() for account in self}
        result = super().write(vals)
        for account, (owner, facts) in before.items():
            now = account._get_verified_facts()
            if (owner, facts) != now:
                (owner | now[0])._set_to_review(self.env._("Changed bank account"))
        return result

    def unlink(self):
        owners = self.partner_id
        result = super().unlink()
        owners.exists()._set_to_review(self.env._("Bank account removed"))
        return result

    def _get_verified_facts(self):
        self.ensure_one()
        return self.partner_id, (
            self.sanitized_acc_number,
            self.active,
            self.acc_holder_name or False,
            self.bank_id,
        )
