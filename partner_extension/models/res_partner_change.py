# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Name, tax ID and bank account of a partner change when a verifier agrees."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.base.models.res_bank import sanitize_account_number

from ..groups import READER, VERIFIER

GUARDED = {"name", "vat"}
#: Whoever changes these changes whose name and tax ID are guarded.
KIND = {"is_company", "parent_id", "company_id", "commercial_partner_id"}
#: What of a bank account waits. Trusting it for payments is a right of Odoo's own.
ACCOUNT = {
    "acc_number",
    "sanitized_acc_number",
    "clearing_number",
    "partner_id",
    "acc_holder_name",
    "bank_id",
    "bank_name",
    "bank_bic",
    "currency_id",
    "sequence",
    "active",
}
#: Changes that a message names.
MOST_SHOWN = 10


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

    def _is_same_guarded(self, field_name, one, other):
        """Return whether two values say the same, however they are written.

        :param field_name: "name", "vat" or "bank"
        """
        self.ensure_one()
        if one == other:
            return True
        if field_name == "bank":
            return sanitize_account_number(one) == sanitize_account_number(other)
        if field_name == "vat":
            country = self.sudo().commercial_partner_id.country_id.code
            eu_codes = set(self.env["res.country"].sudo()._get_eu_prefix_codes())
            numbers = [
                self._normalize_vat(vat, country, eu_codes) for vat in (one, other)
            ]
            # “/” says that there is none, which is not to say nothing.
            return all(numbers) and numbers[0] == numbers[1]
        one, other = (
            " ".join((name or "").split()).casefold() for name in (one, other)
        )
        return one == other

    def _set_guarded_value(self, field_name, value):
        """Make a change that was approved.

        A new account comes first; those before it stay, for payments on their way.
        """
        self.ensure_one()
        if field_name != "bank":
            self.write({field_name: value})
            return
        first = min(self.bank_ids.mapped("sequence"), default=10)
        accounts = self.with_context(active_test=False).bank_ids
        known = accounts.filtered(
            lambda bank: self._is_same_guarded("bank", bank.acc_number, value)
        )
        if known:
            known.write({"active": True, "sequence": first - 1})
            return
        self.env["res.partner.bank"].create(
            {"partner_id": self.id, "acc_number": value, "sequence": first - 1}
        )

    def _get_change_origin(self):
        """Return whose changes of this partner by the user wait: "portal", "user", or
        None."""
        user = self.env.user
        if user._is_portal():
            # Odoo's own portal pages write with all rights, too.
            return "portal"
        if self.env.su or not user._is_internal() or user.has_group(VERIFIER):
            return None
        # sudo: the policies of companies are no secret. What belongs to all companies
        # goes by the strictest of the user's, not by the one that is switched to.
        companies = self.sudo().company_id or user.sudo().company_ids
        waits = "users" in companies.mapped("partner_change_approval")
        return "user" if waits else None

    def write(self, vals):
        if not vals.keys() & (GUARDED | KIND):
            return super().write(vals)
        guarded = self.filtered(lambda partner: partner._get_change_origin())
        guarded._check_kind_change(vals)
        asked = {}
        waiting = defaultdict(self.browse)
        for partner in guarded:
            changes = partner._find_guarded_changes(vals)
            asked.update({(entity, n): value for n, (entity, value) in changes.items()})
            waiting[frozenset(changes)] |= partner
        if not asked:
            return super().write(vals)
        (guarded | self.browse(entity.id for entity, _n in asked)).check_access("write")
        self._ask_for_changes(asked)
        # Copies: Odoo takes out of vals what it has written.
        super(ResPartner, self - guarded).write(dict(vals))
        for names, partners in waiting.items():
            rest = {name: vals[name] for name in vals if name not in names}
            super(ResPartner, partners).write(rest)
        return True

    def _check_kind_change(self, vals):
        """Refuse to make a company a person, or a contact of another, and with it what
        is guarded free to change.

        :raise UserError: naming the partner
        """
        # sudo: compares, and tells nobody
        company = self.env["res.company"].sudo()
        if self.env.user._is_internal():
            company = company.browse(vals.get("company_id") or ())
        for partner in self.sudo():
            entity = partner.commercial_partner_id
            if vals.get("commercial_partner_id", entity.id) != entity.id:
                partner._refuse_kind_change()
            if partner != entity:
                continue
            changed = "is_company" in vals and (
                bool(vals["is_company"]) != partner.is_company
                and (partner.is_company or partner.vat)
            )
            changed = changed or (
                "parent_id" in vals
                and (vals["parent_id"] or False) != partner.parent_id.id
                and partner.vat
            )
            changed = changed or (
                company
                and company != partner.company_id
                and company.partner_change_approval != "users"
                and (partner.is_company or partner.vat)
            )
            if changed:
                partner._refuse_kind_change()

    def _refuse_kind_change(self):
        raise UserError(
            self.env._(
                "Verifiers decide whether %(partner)s is a company or a person, and "
                "whom it belongs to: its name and tax ID depend on it. Ask one of "
                "them.",
                partner=self.display_name,
            )
        )

    def _find_guarded_changes(self, vals):
        """Return what of vals has to wait, {field name: (whose it is, value)}.

        A first value does not replace anything and is taken (verification sees it), a
        person's own name neither. Contacts have the tax ID of their company.
        """
        self.ensure_one()
        # sudo: compares, and tells nobody
        partner = self.sudo()
        entity = partner.commercial_partner_id
        changes = {}
        if (
            "name" in vals
            and partner == entity
            and partner.is_company
            and partner.name
            and not partner._is_same_guarded("name", partner.name, vals["name"])
        ):
            changes["name"] = (entity, vals["name"])
        if "vat" in vals:
            # Not what is stored of it: that can be written as well.
            if partner != entity and vals.get("parent_id"):
                entity = partner.browse(vals["parent_id"]).commercial_partner_id
            if (
                (vals["vat"] or partner == entity)
                and (entity.vat or "/") != "/"
                and not entity._is_same_guarded("vat", entity.vat, vals["vat"])
            ):
                changes["vat"] = (entity, vals["vat"])
        return changes

    def _ask_for_changes(self, asked):
        """Have changes wait for a verifier.

        :param dict asked: value by (partner, field name)
        """
        # sudo: the partners were checked to be the user's to write
        Request = self.env["partner.change.request"].sudo()
        Request._ask(
            [
                {
                    "partner_id": partner.id,
                    "field_name": name,
                    "new_value": value,
                    "origin": partner.with_env(self.env)._get_change_origin(),
                }
                for (partner, name), value in asked.items()
            ]
        )
        if self.env.user._is_internal() and not self.env.context.get("load_tells"):
            self.env.user._bus_send(
                "simple_notification",
                {
                    "type": "warning",
                    "message": self._say_waiting(
                        sorted((p.display_name, name) for p, name in asked)
                    ),
                },
            )

    @api.model
    def _say_waiting(self, changes):
        """Return the message that changes wait.

        :param changes: list of (name of the partner, field name)
        """
        labels = dict(
            self.env["partner.change.request"]
            ._fields["field_name"]
            ._description_selection(self.env)
        )
        shown = [
            f"{partner} ({labels[name]})" for partner, name in changes[:MOST_SHOWN]
        ]
        if len(changes) > len(shown):
            shown.append("…")
        return self.env._(
            "Not changed yet, a verifier decides first: %(changes)s",
            changes=", ".join(shown),
        )

    @api.model
    def load(self, fields, data):
        """Say in the result what of an import waits for a verifier."""
        # sudo: the user is told of the own wishes alone
        Request = self.env["partner.change.request"].sudo()
        last = Request.search([], order="id desc", limit=1).id or 0
        telling = self.with_context(load_tells=True)
        result = super(ResPartner, telling).load(fields, data)
        if not result["ids"]:
            return result
        asked = Request.search(
            [
                ("id", ">", last),
                ("requested_user_id", "=", self.env.uid),
                ("origin", "=", "user"),
                ("state", "=", "pending"),
            ],
            order="id",
        )
        if asked:
            message = self._say_waiting(
                [(r.partner_id.display_name, r.field_name) for r in asked]
            )
            result["messages"].append({"type": "warning", "message": message})
        return result

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
        accounts = super().create(vals_list)
        # Looked at afterwards: the owner may come from a default.
        accounts._check_change_approval()
        return accounts

    def write(self, vals):
        names = ACCOUNT & vals.keys()
        if self.env.su:
            # The holder follows the name of a person who changes it.
            names -= {"acc_holder_name"}
        changed = self.filtered(lambda account: account._is_changed_by(vals, names))
        changed._check_change_approval()
        done = super().write(vals)
        changed._check_change_approval()  # whose they are now
        return done

    def _is_changed_by(self, vals, names):
        self.ensure_one()
        now = self._convert_to_write({name: self[name] for name in names})
        return any(
            sanitize_account_number(now[name]) != sanitize_account_number(vals[name])
            if name.endswith("acc_number")
            else now[name] != vals[name]
            for name in names
        )

    def unlink(self):
        self._check_change_approval()
        return super().unlink()

    def _check_change_approval(self):
        """Refuse to touch accounts that have to be asked for.

        :raise UserError: where the company lets only verifiers set accounts
        """
        waiting = self.partner_id.filtered(lambda p: p._get_change_origin())
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
