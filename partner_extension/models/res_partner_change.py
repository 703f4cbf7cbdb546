# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Name, tax ID and bank account of a partner change when a verifier agrees."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .partner_decision import VERIFIER

GUARDED = ("name", "vat")
READER = "partner_extension.group_partner_extension_reader"


class ResPartner(models.Model):
    _inherit = "res.partner"

    change_request_ids = fields.One2many(
        "partner.change.request", "partner_id", groups=READER
    )
    pending_change_count = fields.Integer(
        compute="_compute_pending_change_count", groups=READER
    )

    @api.depends("change_request_ids.state")
    def _compute_pending_change_count(self):
        counts = dict(
            self.env["partner.change.request"]._read_group(
                [("partner_id", "in", self.ids), ("state", "=", "pending")],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.pending_change_count = counts.get(partner._origin, 0)

    def _get_guarded_value(self, field_name):
        """Return what a request would change, as text."""
        if field_name == "bank":
            return ", ".join(self.bank_ids.mapped("acc_number"))
        return self[field_name]

    def _set_guarded_value(self, field_name, value):
        """Make a change that was approved.

        A new account comes first; those before it stay, for payments on their way.
        """
        self.ensure_one()
        if field_name != "bank":
            self.write({field_name: value})
            return
        first = min(self.bank_ids.mapped("sequence"), default=10)
        self.env["res.partner.bank"].create(
            {"partner_id": self.id, "acc_number": value, "sequence": first - 1}
        )

    @api.model
    def _get_change_origin(self, company):
        """Return whose changes by this user wait: "portal", "user", or None."""
        user = self.env.user
        if user._is_portal():
            # Odoo's own portal pages write with all rights, too.
            return "portal"
        if (
            company.partner_change_approval == "users"
            and not self.env.su
            and user._is_internal()
            and not user.has_group(VERIFIER)
        ):
            return "user"
        return None

    def write(self, vals):
        if not any(name in vals for name in GUARDED):
            return super().write(vals)
        waiting = {}
        for partner in self:
            if changes := partner._find_guarded_changes(vals):
                waiting[partner] = changes
        if not waiting:
            return super().write(vals)
        guarded = self.browse(partner.id for partner in waiting)
        guarded.check_access("write")
        self.env["partner.change.request"].sudo().create(
            [
                {
                    "partner_id": partner.id,
                    "field_name": name,
                    "new_value": value,
                    "origin": partner._get_change_origin(partner._get_policy_company()),
                }
                for partner, changes in waiting.items()
                for name, value in changes.items()
            ]
        )
        super(ResPartner, self - guarded).write(vals)
        rest = {name: vals[name] for name in vals if name not in GUARDED}
        return super(ResPartner, guarded).write(rest)

    def _get_policy_company(self):
        """Return the company whose policies a partner goes by."""
        return self.sudo().company_id or self.env.company

    def _find_guarded_changes(self, vals):
        """Return what of vals has to wait: other values than those that are there.

        A first value does not replace anything and is taken (verification sees it), a
        person's own name neither; contacts have the tax ID of their company.
        """
        if not self._get_change_origin(self._get_policy_company()):
            return {}
        # sudo: compares, and tells nobody
        partner = self.sudo()
        if partner != partner.commercial_partner_id or not partner.is_company:
            return {}
        return {
            name: vals[name]
            for name in GUARDED
            if vals.get(name) and partner[name] and vals[name] != partner[name]
        }

    def action_open_changes(self):
        """Show the changes that were asked for."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_extension.action_partner_change_request"
        )
        return dict(
            action,
            domain=[("partner_id", "in", self.commercial_partner_id.ids)],
            context={"default_partner_id": self.commercial_partner_id[:1].id},
        )


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    @api.model_create_multi
    def create(self, vals_list):
        partners = self.env["res.partner"].browse(
            {vals["partner_id"] for vals in vals_list if vals.get("partner_id")}
        )
        self._check_change_approval(partners)
        return super().create(vals_list)

    def write(self, vals):
        if {"acc_number", "sanitized_acc_number", "partner_id"} & vals.keys():
            self._check_change_approval(self.partner_id)
        return super().write(vals)

    @api.model
    def _check_change_approval(self, partners):
        """Refuse accounts that have to be asked for.

        :raise UserError: where the company lets only verifiers set accounts
        """
        waiting = partners.filtered(
            lambda p: p._get_change_origin(p._get_policy_company())
        )
        if waiting:
            # sudo: which partners are companies of our own is no secret
            companies = self.env["res.company"].sudo()
            waiting -= companies.search([("partner_id", "in", waiting.ids)]).partner_id
        for partner in waiting[:1]:
            raise UserError(
                self.env._(
                    "Bank accounts of %(partner)s are changed by verifiers. Ask for "
                    "it: Customers and Suppliers › Verification › Changes › New.",
                    partner=partner.display_name,
                )
            )
