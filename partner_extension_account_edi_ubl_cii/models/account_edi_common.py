# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.exceptions import ValidationError

from odoo.addons.base.models.res_bank import sanitize_account_number


class AccountEdiCommon(models.AbstractModel):
    """Electronic invoices are imported by who may not see tax IDs and accounts, too.

    The document names them, so looking for them tells nothing new. Accounts that are
    new wait for a verifier where changes do.
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
        """Take an account that is known; others are added by who sees accounts, or
        asked for where they wait."""
        if not invoice.is_inbound() and invoice.partner_id._get_change_origin():
            return self._take_known_account(invoice, bank_details)
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

    def _take_known_account(self, invoice, bank_details):
        """Take an account that is known, else ask for it in place of creating it.

        The bill has none until then: neither one that nobody looked at, nor one that
        the supplier did not name.
        """
        partner = invoice.partner_id
        numbers = list(dict.fromkeys(filter(None, bank_details)))
        # sudo: to know an account is not to show it
        accounts = (partner | partner.commercial_partner_id).sudo().bank_ids
        known = accounts.filtered(
            lambda bank: any(
                partner._is_same_guarded("bank", bank.acc_number, number)
                for number in numbers
            )
        )
        invoice.partner_bank_id = known[:1].with_env(self.env)
        if numbers and not known:
            invoice._message_log(body=self._ask_for_account(partner, numbers[0]))
        return None

    def _ask_for_account(self, partner, number):
        """Ask verifiers for an account, and return what to tell."""
        # sudo: who may import bills may hand on what stands in them
        Request = self.env["partner.change.request"].sudo()
        entity = partner.commercial_partner_id
        try:
            Request._check_new_value(entity, "bank", number)
        except ValidationError as error:
            return self.env._(
                "The account in this electronic bill was not taken: %(reason)s",
                reason=error.args[0],
            )
        Request._ask(
            [
                {
                    "partner_id": entity.id,
                    "field_name": "bank",
                    "new_value": number,
                    "origin": "user",
                }
            ]
        )
        return self.env._(
            "The account in this electronic bill, %(number)s, is new: it waits for a "
            "verifier. Choose it once it is approved.",
            number=number,
        )
