# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Bank accounts are seen by who has the group for them; the rule refuses the rest.

Here stands what else would tell them: names of what a record points to, and the history
of their owner, where Odoo notes each change of them.
"""

from odoo import api, models
from odoo.fields import Command


def masked(number):
    """Return what everybody may see of an account's number."""
    return f"•••• {number[-4:]}"


class ResPartnerBank(models.Model):
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
                bank.display_name = masked(seen.acc_number)

    def _filter_seen(self):
        """Return the accounts that the user may see, even if rights are not checked."""
        if self.env["res.partner"]._sees_sensitive():
            return self
        return self.sudo(False)._filtered_access("read").with_env(self.env)

    def unlink(self):
        """Have the note of it tell the number to those alone who may see it."""
        field = self.fields_get(["acc_number"])["acc_number"]
        removed = {
            account.acc_number: self.env["mail.tracking.value"]._create_tracking_values(
                account.acc_number, False, "acc_number", field, account
            )
            for account in self
            if len(account.acc_number or "") > 4  # else nothing is left to mask
        }
        noting = self.with_context(removed_accounts=removed)
        return super(ResPartnerBank, noting).unlink()


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _message_log(self, *, body="", tracking_value_ids=False, **kwargs):
        """Note the number of a removed account as a tracked value, not as text."""
        for number, values in (self.env.context.get("removed_accounts") or {}).items():
            if body and number in body:
                body = body.replace(number, masked(number))
                tracking_value_ids = [
                    *(tracking_value_ids or []),
                    Command.create(values),
                ]
        return super()._message_log(
            body=body, tracking_value_ids=tracking_value_ids, **kwargs
        )


class MailTrackingValue(models.Model):
    _inherit = "mail.tracking.value"

    def _filter_has_field_access(self, env):
        """Leave out bank accounts for who may not see them.

        Their fields are open, the rule for their records is not: but a change of one
        stands in the history of its owner.
        """
        seen = super()._filter_has_field_access(env)
        if env["res.partner"]._sees_sensitive():
            return seen
        return seen._without_bank_accounts()

    def _filter_free_field_access(self):
        return super()._filter_free_field_access()._without_bank_accounts()

    def _without_bank_accounts(self):
        return self.filtered(lambda value: value.field_id.model != "res.partner.bank")
