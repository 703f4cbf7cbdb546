# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from markupsafe import Markup

from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """A merge loses nothing: what went is written down on what stays."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # Pairs are decided on here: Odoo would delete those that it cannot move.
        self.env["partner.duplicate"]._move_decisions(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _update_values(self, src_partners, dst_partner):
        # Before its values change: what is written down is what was.
        dst_partner.sudo()._message_log(body=self._tell_merged(src_partners))
        # Those that go give their tax ID up before the one that stays takes it.
        src_partners.sudo().write({"vat_unique": False})
        return super()._update_values(
            src_partners, dst_partner.with_context(partner_merge=True)
        )

    def _tell_merged(self, partners):
        """Return HTML that says what these partners were."""
        states = dict(
            partners._fields["verification_state"]._description_selection(self.env)
        )
        lines = Markup()
        for partner in partners.sudo():
            facts = (
                partner.display_name,
                f"ID {partner.id}",
                partner.email,
                partner.phone,
                partner._display_address(without_company=True).replace("\n", " "),
                states[partner.verification_state],
                partner.verification_reason,
            )
            lines += Markup("<li>%s</li>") % ", ".join(
                fact.strip() for fact in facts if fact and fact.strip()
            )
        return Markup("%s<ul>%s</ul>") % (self.env._("Merged into this one:"), lines)
