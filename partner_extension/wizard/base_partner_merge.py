# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from markupsafe import Markup

from odoo import models
from odoo.fields import Command

#: What only some may see, so it is told as a tracked value: each is shown by the rights
#: to its field.
HIDDEN = ("vat", "company_registry")


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """A merge loses nothing: what went is written down on what stays."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge_bank_accounts(self, src_partners, dst_partner):
        """Merge archived accounts too, and those that the user does not see."""
        # sudo: moves them to who is kept and tells nobody; without, Odoo would delete
        # what it cannot move
        src_partners, dst_partner = (
            partners.sudo().with_context(active_test=False)
            for partners in (src_partners, dst_partner)
        )
        used = src_partners.bank_ids.filtered("active").mapped("sanitized_acc_number")
        dst_partner.bank_ids.filtered(
            lambda bank: not bank.active and bank.sanitized_acc_number in used
        ).active = True
        return super()._merge_bank_accounts(src_partners, dst_partner)

    def _update_foreign_keys(self, src_partners, dst_partner):
        # Odoo would delete what it cannot move, or fail.
        self.env["partner.duplicate"]._move_decisions(src_partners, dst_partner)
        self.env["partner.alarm"]._close_twins(dst_partner, src_partners)
        self.env["partner.change.request"]._replace_twins(dst_partner, src_partners)
        self.env["partner.reminder"]._drop_twins(dst_partner, src_partners)
        links = self.env["partner.link"]._move_to(dst_partner, src_partners)
        if links:
            # sudo: a note of the merge, for whoever sees the partner
            dst_partner.sudo()._message_log(
                body=self._tell(self.env._("Links that the merge left out:"), links)
            )
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _update_values(self, src_partners, dst_partner):
        # Before its values change: what is written down is what was.
        # sudo: as above
        dst_partner.sudo()._message_log(
            body=self._tell_merged(src_partners),
            tracking_value_ids=self._track_hidden(
                src_partners.sudo(), dst_partner.sudo()
            ),
        )
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
        texts = []
        for partner in partners.sudo():
            facts = (
                partner.display_name,
                f"ID {partner.id}",
                partner.ref,
                partner.email,
                partner.phone,
                partner.website,
                partner._display_address(without_company=True).replace("\n", " "),
                states[partner.verification_state],
                partner.verification_reason,
            )
            texts.append(
                ", ".join(fact.strip() for fact in facts if fact and fact.strip())
            )
        return self._tell(self.env._("Merged into this one:"), texts)

    def _tell(self, title, texts):
        items = Markup().join(Markup("<li>%s</li>") % text for text in texts)
        return Markup("%s<ul>%s</ul>") % (title, items)

    def _track_hidden(self, gone, kept):
        """Return commands of tracked values for the numbers that would be lost."""
        Value = self.env["mail.tracking.value"]
        described = kept.fields_get(HIDDEN)
        commands = []
        for name in HIDDEN:
            # As Odoo chooses it: the last one of those that have any, if it has none.
            # What can be computed it leaves as it is.
            may_take = () if kept._fields[name].compute else reversed(gone)
            stays = next((p[name] for p in (kept, *may_take) if p[name]), False)
            commands += [
                Command.create(
                    Value._create_tracking_values(
                        partner[name], stays, name, described[name], kept
                    )
                )
                for partner in gone
                if partner[name] and partner[name] != stays
            ]
        return commands
