# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL

ROLES = [
    ("any", "Customers and suppliers"),
    ("customer", "Customers"),
    ("supplier", "Suppliers"),
]
KINDS = [("everyone", "Companies and persons"), ("companies", "Companies only")]
SEVERITIES = [
    ("note", "Count as missing"),
    ("warn", "Warn"),
    ("block", "Refuse to save"),
]
#: What the name of an extra field has before its own: `properties.3adf37f3258cfe40`.
EXTRA = "properties."
#: Kinds of extra fields that are never empty, or hold nothing.
NEVER_LACKING = {"boolean", "separator"}
#: What the JSON of an empty extra field may be.
EMPTY = ("false", "null", '""', "0", "[]")


class PartnerFieldPolicy(models.Model):
    """A field that a company wants of its customers or suppliers.

    Without any, what is usual (`_get_usual_rules`) counts for completeness alone.
    """

    _name = "partner.field.policy"
    _description = "Mandatory Field of Partners"
    _order = "sequence, id"
    _rec_name = "field_name"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    sequence = fields.Integer(default=10)
    field_name = fields.Selection(
        selection=lambda self: self._get_field_selection(),
        string="Field",
        required=True,
    )
    role = fields.Selection(ROLES, required=True, default="any")
    kind = fields.Selection(KINDS, string="Of", required=True, default="everyone")
    country_ids = fields.Many2many(
        "res.country", string="Countries", help="Empty: of all countries."
    )
    severity = fields.Selection(SEVERITIES, required=True, default="warn")
    active = fields.Boolean(default=True)

    @api.model
    def _get_field_names(self):
        """Return the fields that may be asked for; extend it for more."""
        return [
            "vat",
            "company_registry",
            "email",
            "phone",
            "street",
            "zip",
            "city",
            "state_id",
            "country_id",
            "website",
            "lang",
            "bank_ids",
            "property_payment_term_id",
            "property_supplier_payment_term_id",
            "industry_id",
            "supplier_category_ids",
            "category_id",
            "area_id",
            "responsible_id",
            "ref",
        ]

    @api.model
    def _get_field_selection(self):
        labels = (
            self.env["res.partner"]
            .sudo()
            .fields_get(self._get_field_names(), ["string"])
        )
        usual = [(name, labels[name]["string"]) for name in self._get_field_names()]
        return usual + list(self._get_extra_fields().items())

    @api.model
    def _get_extra_fields(self):
        """Return {name: label} of the fields that a manager added on the form."""
        definition = self.env[
            "properties.base.definition"
        ]._get_definition_for_property_field("res.partner", "properties")
        return {
            f"{EXTRA}{extra['name']}": extra.get("string") or extra["name"]
            # sudo: their labels are no secret
            for extra in definition.sudo().properties_definition or ()
            if extra["type"] not in NEVER_LACKING
        }

    @api.model
    def _forget_removed(self):
        """Delete the policies about extra fields that are there no more."""
        # sudo: whoever may remove a field ends what was asked of it, in all companies
        policies = self.sudo().with_context(active_test=False)
        policies.search(
            [
                ("field_name", "=like", f"{EXTRA}%"),
                ("field_name", "not in", list(self._get_extra_fields())),
            ]
        ).unlink()

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(vals_list)
        self.env.registry.clear_cache()
        return policies

    def write(self, vals):
        done = super().write(vals)
        self.env.registry.clear_cache()
        return done

    def unlink(self):
        done = super().unlink()
        self.env.registry.clear_cache()
        return done

    # === Rules: (field, role, companies only, country ids, severity) === #

    @api.model
    def _get_usual_rules(self):
        """Return what counts for completeness where nothing else was said."""
        address = ("email", "phone", "street", "zip", "city", "country_id")
        return (
            *((name, "any", False, frozenset(), "note") for name in address),
            ("vat", "any", True, frozenset(), "note"),
            ("bank_ids", "supplier", False, frozenset(), "note"),
        )

    @api.model
    @tools.ormcache("company_id")
    def _get_rules(self, company_id):
        """Return what a company asks for: the tax ID's own setting, then the list."""
        company = self.env["res.company"].sudo().browse(company_id)
        rules = []
        if company.partner_vat_required != "none":
            rules.append(
                (
                    "vat",
                    "any",
                    company.partner_vat_required == "companies",
                    frozenset(),
                    company.partner_vat_severity,
                )
            )
        policies = self.sudo().search([("company_id", "=", company_id)])
        rules += (
            (
                policy.field_name,
                policy.role,
                policy.kind == "companies",
                frozenset(policy.country_ids.ids),
                policy.severity,
            )
            for policy in policies
        )
        return tuple(rules)

    @api.model
    def _get_all_rules(self, company_id):
        """Return what counts for completeness: the policies and what is usual."""
        rules = self._get_rules(company_id)
        asked = {rule[0] for rule in rules}
        usual = (rule for rule in self._get_usual_rules() if rule[0] not in asked)
        return (*rules, *usual)

    @api.model
    def _applies(self, rule, partner, roles):
        """Return whether a rule asks something of a partner.

        :param roles: the roles to judge it by, of "customer" and "supplier"
        """
        _name, role, is_companies_only, country_ids, _severity = rule
        if not (roles if role == "any" else role in roles):
            return False
        if is_companies_only and not partner.is_company:
            return False
        return not country_ids or partner.country_id.id in country_ids

    @api.model
    def _get_value(self, name, partner):
        """Return what a partner has in a field that may be asked for."""
        if name.startswith(EXTRA):
            return partner.properties.get(name.removeprefix(EXTRA))
        return partner[name]

    @api.model
    def _lacks(self, name, partner):
        """Return whether a partner has not what is asked for in a field.

        Many countries have neither states nor postal codes.
        """
        if self._get_value(name, partner):
            return False
        country = partner.country_id
        if name == "state_id":
            return bool(country.state_ids)
        return name != "zip" or not country or country.zip_required

    @api.model
    def _get_applies_domain(self, rule):
        """Return the domain of the partners that `_applies` answers True for."""
        _name, role, is_companies_only, country_ids, _severity = rule
        is_customer = Domain("customer_rank", ">", 0)
        is_supplier = Domain("supplier_rank", ">", 0)
        domain = {
            "any": is_customer | is_supplier,
            "customer": is_customer,
            "supplier": is_supplier,
        }[role]
        if is_companies_only:
            domain &= Domain("is_company", "=", True)
        if country_ids:
            domain &= Domain("country_id", "in", list(country_ids))
        return domain

    @api.model
    def _get_lacks_domain(self, name):
        """Return the domain of the partners that `_lacks` answers True for."""
        if name.startswith(EXTRA):
            return Domain.custom(
                to_sql=lambda model, alias, query: SQL(
                    "coalesce(%s -> %s, 'false') IN %s",
                    model._field_to_sql(alias, "properties", query),
                    name.removeprefix(EXTRA),
                    EMPTY,
                )
            )
        domain = Domain(name, "=", False)
        if name == "state_id":
            domain &= Domain("country_id.state_ids", "!=", False)
        elif name == "zip":
            domain &= Domain("country_id.zip_required", "=", True) | Domain(
                "country_id", "=", False
            )
        return domain
