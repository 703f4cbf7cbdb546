# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

from odoo.addons.base.models.res_bank import sanitize_account_number


class AccountEdiCommon(models.AbstractModel):
    """Electronic invoices are imported by who may not see tax IDs and accounts, too.

    The document names them, so looking for them tells nothing new.
    """

    _inherit = "account.edi.common"

    def _import_partner(self, company_id, name, phone, email, vat, **kwargs):
        Partner = self.env["res.partner"]
        if Partner._sees_sensitive() or not Partner.has_access("create"):
            return super()._import_partner(
                company_id, name, phone, email, vat, **kwargs
            )
        # sudo: to find it by its numbers, or write them to the one that is created
        partner, logs = super(AccountEdiCommon, self.sudo())._import_partner(
            company_id, name, phone, email, vat, **kwargs
        )
        return partner.with_env(self.env), logs

    def _import_partner_bank(self, invoice, bank_details):
        """Take an account that is known; others are added by who sees accounts."""
        if self.env["res.partner"]._sees_sensitive():
            return super()._import_partner_bank(invoice, bank_details)
        numbers = [sanitize_account_number(number) for number in bank_details]
        if invoice.is_inbound() or not any(numbers):
            return None
        # sudo: as above
        known = self.env["res.partner.bank"].sudo()
        known = known.search(
            [
                ("partner_id", "=", invoice.partner_id.id),
                ("sanitized_acc_number", "in", numbers),
            ],
            limit=1,
        )
        if known:
            invoice.partner_bank_id = known
        else:
            invoice._message_log(
                body=self.env._(
                    "The bank account of this document is not known. Ask somebody who "
                    "sees bank accounts to add it to %(partner)s.",
                    partner=invoice.partner_id.display_name,
                )
            )
        return None
