# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a partner lacks, refused where a company asks so; else warned of."""

from odoo import api, models
from odoo.exceptions import ValidationError

ROLE_FIELDS = {"customer_rank", "supplier_rank", "is_customer", "is_supplier"}
#: What decides whether a rule applies, besides the roles.
SCOPE_FIELDS = {
    "active",
    "company_id",
    "company_type",
    "country_id",
    "is_company",
    "parent_id",
}


class ResPartner(models.Model):
    _inherit = "res.partner"

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
        :param roles: judge it by these roles; without, by those that it has
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
        roles = partner._get_roles() if roles is None else roles
        asked = dict.fromkeys(
            rule[0] for rule in rules if Policy._applies(rule, partner, roles)
        )
        missing = [name for name in asked if Policy._lacks(name, partner)]
        labels = partner._get_field_labels(missing)
        return [(name, labels[name]) for name in missing]

    @api.model
    def _get_field_labels(self, names):
        """Return {field name: label} of fields, hidden ones included."""
        if not names:
            return {}
        # sudo: labels are no secret
        described = self.sudo().fields_get(list(names), ["string"])
        extra = self.env["partner.field.policy"]._get_extra_fields()
        return {
            name: extra[name] if name in extra else described[name]["string"]
            for name in names
        }

    # === Refused at save === #

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners._check_mandatory()
        return partners

    def write(self, vals):
        # Two that lack something are still better merged than both kept.
        scope = () if self.env.context.get("partner_merge") else self._get_scope(vals)
        if not scope:
            return super().write(vals)
        # sudo: compared, and told to nobody
        partners = self.sudo()
        facts = {p: p._get_facts(scope - ROLE_FIELDS) for p in partners}
        roles = {p: p._get_roles() for p in partners}
        done = super().write(vals)
        # Who lacked something before is asked when that is worked on, not when it is
        # written as it was (by an import, for one).
        changed = partners.filtered(
            lambda p: p._get_facts(scope - ROLE_FIELDS) != facts[p]
        )
        changed.with_env(self.env)._check_mandatory()
        # Asked is what a new role needs: a supplier that lacks something as such can
        # still be invoiced, and one that is invoiced again is not asked.
        for role in ("customer", "supplier"):
            (partners - changed).filtered(
                lambda p, role=role: role in p._get_roles() - roles[p]
            ).with_env(self.env)._check_mandatory({role})
        return done

    def _get_scope(self, vals):
        """Return which of these values decide on what is missing, where it counts."""
        Policy = self.env["partner.field.policy"]
        asked = {
            rule[0]
            # sudo: whose rules they go by
            for company in self.sudo().company_id | self.env.company
            for rule in Policy._get_rules(company.id)
            if rule[4] == "block"
        }
        if not asked and "company_id" not in vals:
            return set()
        scope = vals.keys() & (SCOPE_FIELDS | ROLE_FIELDS)
        # Extra fields are written all at once, as `properties`.
        return scope | {name for name in asked if name.partition(".")[0] in vals}

    def _get_facts(self, names):
        """Return the values of these fields, to be compared."""
        self.ensure_one()
        get_value = self.env["partner.field.policy"]._get_value
        facts = {name: get_value(name, self) for name in names}
        return {
            name: value.ids if isinstance(value, models.BaseModel) else value
            for name, value in facts.items()
        }

    def _filter_asked(self, company, roles=None):
        """Return, with all rights, those that a company asks something of.

        Contacts of a company, users' and companies' own partners are not asked.

        :param company: `res.company`
        :param roles: the roles to judge them by; without, those that they have
        """
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
        return entities

    def _check_mandatory(self, roles=None):
        """Refuse partners without what their company asks for, else the current one.

        :param roles: the roles to judge them by; without, those that they have
        :raise ValidationError: naming each partner and what it lacks
        """
        texts = []
        # sudo: what is asked for is judged whether or not the user may see it
        for company, partners in (
            self.sudo().grouped(lambda p: p.company_id or self.env.company).items()
        ):
            rules = self.env["partner.field.policy"]._get_rules(company.id)
            if not any(rule[4] == "block" for rule in rules):
                continue
            lines = [
                f"{partner.display_name}: {', '.join(name for _field, name in missing)}"
                for partner in partners._filter_asked(company, roles)
                if (missing := partner._find_missing(company, {"block"}, roles))
            ]
            if lines:
                texts.append(
                    self.env._(
                        "%(company)s asks for more of its customers and suppliers. "
                        "Please fill in what is missing:\n%(lines)s",
                        company=company.name,
                        lines="\n".join(lines),
                    )
                )
        if texts:
            raise ValidationError("\n\n".join(texts))

    def _tell_missing(self, company, roles):
        """Say what a company warns of or refuses, for a document that is made out.

        :param company: `res.company`
        :param roles: the partner's roles in that document
        :return: text, or False where nothing is missing
        """
        self.ensure_one()
        missing = self._find_missing(company, {"warn", "block"}, roles)
        if not missing:
            return False
        refused = self._find_missing(company, {"block"}, roles)
        parts = []
        if len(refused) < len(missing):
            parts.append(
                self.env._(
                    "%(partner)s is incomplete. Missing: %(fields)s.",
                    partner=self.display_name,
                    fields=", ".join(label for _name, label in missing),
                )
            )
        if refused:
            parts.append(
                self.env._(
                    "%(partner)s: posting is refused without %(fields)s.",
                    partner=self.display_name,
                    fields=", ".join(label for _name, label in refused),
                )
            )
        return " ".join(parts)
