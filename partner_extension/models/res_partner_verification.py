# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whether somebody made sure of a partner: who, when, and what came after."""

import re

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import split_every

from ..groups import EDITOR, VERIFIER

#: What only the methods of this file write.
VERIFICATION = {
    "verification_state",
    "verification_user_id",
    "verification_date",
    "verification_reason",
    "verified_date",
}
#: What was made sure of: a verified partner that changes it is due for review.
WATCHED = (
    "name",
    "street",
    "street2",
    "zip",
    "city",
    "state_id",
    "country_id",
    "phone",
    "email",
    "vat",
    "company_registry",
)
#: Partners that are put to review and committed together.
BATCH = 500


class ResPartner(models.Model):
    """Verified is a company or a person on its own; contacts go by their company."""

    _inherit = "res.partner"

    verification_state = fields.Selection(
        [
            ("new", "New"),
            ("to_verify", "To Verify"),
            ("verified", "Verified"),
            ("conflict", "In Conflict"),
            ("refused", "Refused"),
            ("review", "Due for Review"),
        ],
        string="Verification",
        required=True,
        readonly=True,
        default="new",
        copy=False,
        index=True,
        tracking=True,
    )
    verification_user_id = fields.Many2one(
        "res.users", string="Decided By", readonly=True, copy=False
    )
    verification_date = fields.Datetime(
        string="Decided On", readonly=True, copy=False, index="btree_not_null"
    )
    verification_reason = fields.Char(
        string="Why", readonly=True, copy=False, tracking=True
    )
    verified_date = fields.Datetime(
        string="Last Verified", readonly=True, copy=False, index="btree_not_null"
    )
    review_date = fields.Date(
        string="Next Review", compute="_compute_review_date", compute_sudo=True
    )

    _verified_when = models.Constraint(
        "CHECK (verification_state != 'verified' OR verified_date IS NOT NULL)",
        "A verified partner was verified at some time.",
    )

    @api.depends("verification_state", "verified_date", "company_id")
    def _compute_review_date(self):
        companies = self.env["res.company"].search([("partner_review_months", ">", 0)])
        for partner in self:
            months = [
                company.partner_review_months
                for company in companies
                if partner.company_id in (self.env["res.company"], company)
            ]
            partner.review_date = (
                partner.verification_state == "verified"
                and months
                and (partner.verified_date + relativedelta(months=min(months))).date()
            )

    # === Guards === #

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            # No default of whoever had it created decides.
            undecided = dict.fromkeys(VERIFICATION, False)
            undecided["verification_state"] = "new"
            vals_list = [{**undecided, **vals} for vals in vals_list]
        partners = super().create(vals_list)
        # Looked at afterwards: defaults of the context count as well.
        if not self.env.su and any(
            partner.verification_state != "new"
            or any(partner[name] for name in VERIFICATION - {"verification_state"})
            for partner in partners
        ):
            self._refuse_to_write_verification()
        return partners

    def write(self, vals):
        if self.env.context.get("partner_merge"):
            vals = {k: v for k, v in vals.items() if k not in VERIFICATION}
        if VERIFICATION & set(vals) and not self.env.su:
            self._refuse_to_write_verification()
        watched = [field for field in WATCHED if field in vals]
        if not watched:
            return super().write(vals)
        verified = self.filtered(lambda p: p.verification_state == "verified")
        # sudo: whether it changed is told, not what it is
        verified = verified.sudo()
        before = {partner: partner._get_verified_facts(watched) for partner in verified}
        result = super().write(vals)
        for partner, facts in before.items():
            now = partner._get_verified_facts(watched)
            changed = [field for field in watched if facts[field] != now[field]]
            if changed:
                partner._set_to_review(partner._tell_changed(changed))
        return result

    @api.model
    def _refuse_to_write_verification(self):
        raise AccessError(
            self.env._(
                "The verification of a partner is decided with the buttons on its "
                "form or in the verification queue, not written."
            )
        )

    def _get_verified_facts(self, names):
        """Return the values of these fields as far as a change of them matters."""
        facts = {}
        for name in names:
            value = self[name]
            if isinstance(value, str):
                value = re.sub(
                    r"[\W_]+" if name in ("phone", "vat") else r"\s+", "", value
                )
                value = value.casefold()
            facts[name] = value or False
        return facts

    def _tell_changed(self, names):
        return self.env._(
            "Changed: %(fields)s",
            fields=", ".join(
                self._fields[name]._description_string(self.env) for name in names
            ),
        )

    # === Transitions === #

    def _set_verification(self, state, reason=False):
        """Write a state to these partners' companies, with who and when.

        :param str state: a value of `verification_state`
        :param reason: text that says why, or False
        """
        now = fields.Datetime.now()
        values = {
            "verification_state": state,
            "verification_user_id": self.env.uid,
            "verification_date": now,
            "verification_reason": reason,
        }
        if state == "verified":
            values["verified_date"] = now
        # sudo: whoever changes a phone number may well put its owner to review, and
        # the public methods have checked the group
        partners = self.commercial_partner_id.sudo()
        partners.with_context(partner_merge=False).write(values)

    def _set_to_review(self, reason):
        """Have verified partners looked at again. Others stay as they are.

        :param str reason: what a verifier has to look at
        """
        self.commercial_partner_id.filtered(
            lambda p: p.verification_state == "verified"
        )._set_verification("review", reason)

    def _set_conflict(self, reason):
        """Say that what is known about these partners does not fit together.

        Refused ones stay refused.

        :param str reason: what does not fit what
        """
        self.commercial_partner_id.filtered(
            lambda p: p.verification_state != "refused"
        )._set_verification("conflict", reason)

    def action_ask_verification(self):
        """Put new partners into the queue of the verifiers.

        :raises AccessError: for who keeps no partners
        """
        if not self.env.user.has_group(EDITOR):
            raise AccessError(
                self.env._("Only who keeps partners asks for their verification.")
            )
        self.check_access("write")
        self.commercial_partner_id.filtered(
            lambda p: p.verification_state == "new"
        )._set_verification("to_verify")

    def action_verify(self):
        """Say that these partners are who they claim to be.

        :raises AccessError: for who is no verifier
        :raises UserError: for a partner without a verified document that it must hold
        """
        self._check_may_verify()
        entities = self.commercial_partner_id
        lacking = [
            self.env._(
                "%(partner)s: %(documents)s",
                partner=partner.display_name,
                documents=", ".join(kinds.mapped("name")),
            )
            for partner, kinds in entities._find_missing_document_kinds(
                ("verified",)
            ).items()
            if kinds
        ]
        if lacking:
            raise UserError(
                self.env._(
                    "These partners lack documents that they must hold, or these are "
                    "not verified yet:\n%(list)s",
                    list="\n".join(lacking),
                )
            )
        entities._set_verification("verified")

    def action_refuse_verification(self):
        """Ask for the reason to refuse these partners, or to have them looked at."""
        self._check_may_verify()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Not Verified"),
            "res_model": "partner.verification.decision",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_ids": self.commercial_partner_id.ids},
        }

    def _check_may_verify(self):
        if not self.env.user.has_group(VERIFIER):
            raise AccessError(self.env._("Verifiers decide on partners."))
        self.check_access("write")

    # === Periodic review === #

    @api.model
    def _cron_review(self):
        """Put partners to review that are due, or lack a document meanwhile."""
        commit_progress = self.env["ir.cron"]._commit_progress
        for domain, reason in self._get_review_reasons():
            for ids in split_every(BATCH, self.search(domain, order="id").ids):
                partners = self.browse(ids).try_lock_for_update()
                partners._set_to_review(reason)
                if not commit_progress(len(partners)):
                    return

    @api.model
    def _get_review_reasons(self):
        """Return (domain of verified partners, why they are due), for all companies."""
        verified = Domain("verification_state", "=", "verified")
        now = fields.Datetime.now()
        due = [
            (
                verified
                & Domain("company_id", "in", [False, company.id])
                & Domain(
                    "verified_date",
                    "<=",
                    now - relativedelta(months=company.partner_review_months),
                ),
                self.env._(
                    "Last verified %(months)s months ago",
                    months=company.partner_review_months,
                ),
            )
            for company in self.env["res.company"].search(
                [("partner_review_months", ">", 0)]
            )
        ]
        return due + [
            (
                verified
                & kind._get_required_domain()
                & Domain("id", "not in", kind._get_holders(states=("verified",))),
                self.env._(
                    "%(kind)s is missing, expired or not verified", kind=kind.name
                ),
            )
            for kind in self.env["partner.document.kind"].search([])
        ]
