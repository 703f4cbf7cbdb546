# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class AccountPaymentRegister(models.TransientModel):
    _inherit = "account.payment.register"

    @api.model
    def _get_batch_available_partner_banks(self, batch_result, journal):
        # The lines as well: they may be those that were read with all rights.
        batch_result["lines"].partner_id._forget_hidden_accounts()
        banks = super()._get_batch_available_partner_banks(batch_result, journal)
        return banks._filter_seen().with_env(self.env)
