# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a partner lacks: said, counted, searched; refused where a company asks so."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

ROLE_FIELDS = {"customer_rank", "supplier_rank", "is_customer", "is_supplier"}
#: What decides whether a rule applies, besides the roles.
SCOPE_FIELDS = {"country_id", "is_company", "company_type", "parent_id", "active"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    completeness = fields.Integer(
        string="Completeness (%)",
        compute="_compute_completeness",
        help="How much is there of what the company asks of customers and suppliers.",
    )
    missing_text = fields.Char(string="Missing", compute="_compute_completeness")
    is_incomplete = fields.Boolean(
        string="Incomplete",
        compute="_compute_completeness",
        search="_search_is_incomplete",
    )
    asked_date = fields.Datetime(
        string="Last Asked for Data", readonly=True, copy=False
    )

    # === What is missing === #

    def _get_roles(self):
        """Return the roles of the partner: of "customer" and "supplier"."""
        self.ensure_one()
        return {
            role
            for role, rank in (
                ("customer", self.customer_rank),
                ("supplier", self.supplier_rank),
            )
            if rank > 0
        }

    def _get_entity(self):
        """Return the commercial entity; on a form that is not saved yet, the partner.

        Forms carry the entity, and send none until the partner is saved.
        """
        return self.commercial_partner_id or self

    def _find_missing(self, company=None, severities=None, roles=None):
        """Return what a company asks of this partner and does not have.

        Asked is of the commercial entity, in its roles; without a role, nothing is.

        :param company: `res.company`, else the partner's own, else the current one
        :param severities: only rules of these; without, also what is usual
        :param roles: judge it by these roles too
        :return: list of (field name, label), each field once
        """
        self.ensure_one()
        # sudo: says whether a tax ID is there, not which one
        partner = self._get_entity().sudo()
        Policy = self.env["partner.field.policy"]
        company = company or partner.company_id or self.env.company
        partner = partner.with_company(company)
        if severities:
            rules = [r for r in Policy._get_rules(company.id) if r[4] in severities]
        else:
            rules = Policy._get_all_rules(company.id)
        if not rules:
            return []
        roles = partner._get_roles() | set(roles or ())
        missing = dict.fromkeys(
            rule[0] for rule in rules if Policy._is_missing(rule, partner, roles)
        )
        if not missing:
            return []
        labels = partner.fields_get(list(missing), ["string"])
        return [(name, labels[name]["string"]) for name in missing]

    @api.depends_context("company", "lang")
    @api.depends(lambda self: self._get_completeness_depends())
    def _compute_completeness(self):
        Policy = self.env["partner.field.policy"]
        for partner in self:
            entity = partner._get_entity().sudo()
            company = entity.company_id or self.env.company
            roles = entity._get_roles()
            asked = {
                rule[0]
                for rule in Policy._get_all_rules(company.id)
                if rule[1] in roles or rule[1] == "any"
            }
            # Contacts of a company have nothing to complete; the company has.
            is_entity = partner._origin == entity._origin
            missing = entity._find_missing() if roles and is_entity else []
            share = len(missing) / len(asked) if asked else 0
            partner.completeness = round(100 * (1 - share))
            partner.missing_text = ", ".join(label for _name, label in missing)
            partner.is_incomplete = bool(missing)

    @api.model
    def _get_completeness_depends(self):
        return [
            *self.env["partner.field.policy"]._get_field_names(),
            "customer_rank",
            "supplier_rank",
            "is_company",
            "commercial_partner_id",
        ]

    @api.model
    def _search_is_incomplete(self, operator, value):
        if operator != "in":
            return NotImplemented
        Policy = self.env["partner.field.policy"]
        Partner = self.env["res.partner"]
        company = self.env.company
        rules = Policy._get_all_rules(company.id)
        lacking = Domain.OR(Policy._get_missing_domain(rule) for rule in rules)
        # sudo: tells whether a tax ID is there, not which one; the records that are
        # found are still filtered by the user's own rights.
        incomplete = Partner.sudo().with_context(active_test=False)
        incomplete = incomplete._search(
            lacking
            & (Domain("parent_id", "=", False) | Domain("is_company", "=", True))
        )
        domain = Domain("id", "in", incomplete)
        return domain if True in value else ~domain

    # === Refused at save === #

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners._check_mandatory()
        return partners

    def write(self, vals):
        policy = self.env["partner.field.policy"]
        rules = policy._get_rules(self.env.company.id)
        asked = {rule[0] for rule in rules if rule[4] == "block"}
        scope = vals.keys() & (asked | SCOPE_FIELDS | ROLE_FIELDS) if asked else set()
        if scope and scope <= ROLE_FIELDS:
            # A partner that is invoiced once more has no new role.
            before = {partner: partner._get_roles() for partner in self}
        else:
            before = {}
        done = super().write(vals)
        if scope:
            self.filtered(
                lambda p: p not in before or p._get_roles() - before[p]
            )._check_mandatory()
        return done

    def _check_mandatory(self, roles=None):
        """Refuse partners without what the company asks for.

        Contacts of a company, users' and companies' own partners are not asked.

        :raise ValidationError: naming each partner and what it lacks
        """
        company = self.env.company
        rules = self.env["partner.field.policy"]._get_rules(company.id)
        if not any(rule[4] == "block" for rule in rules):
            return
        # sudo: what is asked for is judged whether or not the user may see it
        entities = self.sudo().filtered(
            lambda p: (
                p == p.commercial_partner_id
                and p.active
                and p.partner_share
                and (roles or p._get_roles())
                and p.company_id in (company, company.browse())
            )
        )
        if entities:
            own = company.sudo().search([("partner_id", "in", entities.ids)])
            entities -= own.partner_id
        lines = [
            f"{partner.display_name}: {', '.join(label for _name, label in missing)}"
            for partner in entities
            if (missing := partner._find_missing(company, {"block"}, roles))
        ]
        if lines:
            raise ValidationError(
                self.env._(
                    "%(company)s asks for more of its customers and suppliers. Please "
                    "fill in what is missing:\n%(lines)s",
                    company=company.name,
                    lines="\n".join(lines),
                )
            )

    # === Asked of the partner === #

    def action_ask_missing(self):
        """Send each partner a mail that asks for what is missing, in its language.

        :raise UserError: where a partner has no e-mail, or nothing is missing
        """
        self.check_access("write")
        template = self.env.ref("partner_extension.mail_template_ask_missing")
        partners = self.commercial_partner_id
        incomplete = partners.filtered(lambda p: p._find_askable())
        if not incomplete:
            raise UserError(self.env._("There is nothing to ask for."))
        if nameless := incomplete.filtered(lambda p: not p.email):
            raise UserError(
                self.env._(
                    "These partners have no e-mail address to ask at: %(names)s",
                    names=", ".join(nameless.mapped("display_name")),
                )
            )
        # sudo: the template is the module's own; the partners were checked above
        template.sudo().send_mail_batch(
            incomplete.ids, email_layout_xmlid="mail.mail_notification_light"
        )
        incomplete.asked_date = fields.Datetime.now()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Asked: %(names)s",
                    names=", ".join(incomplete.mapped("display_name")),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _find_askable(self):
        """Return what is missing and the partner itself can give."""
        own = self._get_self_fields() | {"bank_ids", "vat"}
        return [(name, label) for name, label in self._find_missing() if name in own]
