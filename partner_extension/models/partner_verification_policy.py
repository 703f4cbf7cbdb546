# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.exceptions import UserError


class PartnerVerificationPolicy(models.AbstractModel):
    """A document (invoice, bill, order) that its partner's verification may stop."""

    _name = "partner.verification.policy"
    _inherit = "partner.extension.fields"
    _description = "Document That Needs a Verified Partner"

    partner_verification_warning = fields.Char(
        compute="_compute_partner_verification_warning", compute_sudo=True
    )

    def _get_unverified_policy(self):
        """Return what the company does about it: off, warn or block."""
        self.ensure_one()
        return "off"

    def _needs_verified_partner(self):
        """Return whether this document's partner has still to be verified."""
        self.ensure_one()
        return False

    def _compute_partner_verification_warning(self):
        self.partner_verification_warning = False
        waiting = self.filtered(lambda document: document._needs_verified_partner())
        for document in waiting._filter_unverified():
            if document._get_unverified_policy() != "off":
                document.partner_verification_warning = document._tell_unverified()

    def _filter_unverified(self):
        """Return the documents whose partner nobody verified, with all rights.

        The partners of users and of companies are our own: they need none. Nor do
        employees that hand in receipts.
        """
        # sudo: the state alone is told, also to who does not see the partner
        documents = self.sudo().filtered(
            lambda document: (
                (partner := document.partner_id.commercial_partner_id)
                and partner.verification_state != "verified"
                and partner.partner_share
                and not document._is_of_employee()
            )
        )
        partners = documents.partner_id.commercial_partner_id
        companies = self.env["res.company"].sudo()
        own = companies.search([("partner_id", "in", partners.ids)]).partner_id
        return documents.filtered(
            lambda document: document.partner_id.commercial_partner_id not in own
        )

    def _is_of_employee(self):
        """Return whether an employee hands this in, who is no supplier."""
        self.ensure_one()
        return False

    def _tell_unverified(self):
        self.ensure_one()
        partner = self.partner_id.commercial_partner_id
        states = dict(
            partner._fields["verification_state"]._description_selection(self.env)
        )
        state = states[partner.verification_state]
        return self.env._(
            "%(partner)s is not verified (%(state)s)",
            partner=partner.display_name,
            state=": ".join(filter(None, [state, partner.verification_reason])),
        )

    def _check_partner_verified(self):
        """Refuse documents whose company does without unverified partners.

        :raises UserError: the documents and their partners
        """
        refused = [
            document._tell_unverified()
            for document in self._filter_unverified()
            if document._get_unverified_policy() == "block"
        ]
        if refused:
            raise UserError(
                self.env._(
                    "%(partners)s. Your company asks for verified partners: have "
                    "it verified first.",
                    partners="\n".join(dict.fromkeys(refused)),
                )
            )
