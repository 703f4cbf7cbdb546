# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How complete a partner is: shown, sorted, grouped and searched; asked for by mail.

It depends on the company that looks, its mandatory fields, the documents it requires
and the day. So nothing is stored that could be out of date: the database judges lists.
"""

import operator as operators

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

COMPARISONS = {
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}


class ResPartner(models.Model):
    _inherit = "res.partner"

    completeness = fields.Integer(
        string="Completeness (%)",
        compute="_compute_completeness",
        search="_search_completeness",
        aggregator="avg",
        help="How much is there of the fields and documents that the company asks of "
        "customers and suppliers.",
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

    # === One by one === #

    @api.depends_context("company", "lang")
    @api.depends(lambda self: self._get_completeness_depends())
    def _compute_completeness(self):
        self.completeness = 100
        self.missing_text = False
        self.is_incomplete = False
        # Contacts of a company have nothing to complete; the company has.
        # sudo: says whether a tax ID or a document is there, not which one
        entities = self.sudo().filtered(lambda p: p._origin == p._get_entity()._origin)
        by_id = {partner.id: partner for partner in self}
        for company, partners in entities.grouped(
            lambda p: p.company_id or self.env.company
        ).items():
            for entity, asked, missing in partners._judge_completeness(company):
                if asked:
                    partner = by_id[entity.id]
                    partner.completeness = self._get_percentage(
                        asked, asked - len(missing)
                    )
                    partner.missing_text = ", ".join(missing)
                    partner.is_incomplete = bool(missing)

    @api.model
    def _get_percentage(self, asked, held):
        """Return the share in percent, rounded; as `_get_company_completeness_sql`."""
        return (200 * held + asked) // (2 * asked)

    def _judge_completeness(self, company):
        """Yield (partner, how much is asked of it, labels of what is missing).

        :param company: whose mandatory fields and documents count
        """
        Policy = self.env["partner.field.policy"]
        rules = Policy._get_all_rules(company.id)
        labels = self._get_field_labels({rule[0] for rule in rules})
        kinds = self._origin._find_document_kinds(company)
        for partner in self.with_company(company):
            roles = partner._get_roles()
            names = dict.fromkeys(
                rule[0] for rule in rules if Policy._applies(rule, partner, roles)
            )
            missing = [labels[name] for name in names if Policy._lacks(name, partner)]
            required, lacking = kinds.get(partner._origin.id, ((), ()))
            missing += (kind.name for kind in lacking)
            yield partner, len(names) + len(required), missing

    @api.model
    def _get_completeness_depends(self):
        return [
            *self.env["partner.field.policy"]._get_field_names(),
            "properties",
            "customer_rank",
            "supplier_rank",
            "is_company",
            "company_id",
            "commercial_partner_id",
            "document_kind_ids",
            "document_ids.decision",
            "document_ids.valid_until",
            "document_ids.kind_id",
        ]

    # === All at once === #

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "completeness":
            return self._get_completeness_sql(alias, query)
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _get_completeness_sql(self, alias, query):
        """Return SQL of what `_compute_completeness` tells."""
        own = self._field_to_sql(alias, "company_id", query)
        cases = [
            SQL(
                "WHEN %s = %s THEN %s",
                own,
                company.id,
                self._get_company_completeness_sql(company, alias, query),
            )
            for company in self.env.companies - self.env.company
        ]
        usual = self._get_company_completeness_sql(self.env.company, alias, query)
        if not cases:
            return usual
        return SQL("CASE %s ELSE %s END", SQL(" ").join(cases), usual)

    @api.model
    def _get_company_completeness_sql(self, company, alias, query):
        # sudo: says whether a tax ID or a document is there, not which one
        partners = self.sudo().with_company(company).with_context(active_test=True)
        asked, missing = [], []
        for applies, lacks in partners._get_completeness_domains(company):
            asked.append(applies)
            missing.append(applies & lacks)

        def count(domains):
            return SQL(" + ").join(
                SQL(
                    "coalesce(%s, false)::int",
                    domain.optimize_full(partners)._to_sql(partners, alias, query),
                )
                for domain in domains
            )

        return SQL(
            """
            coalesce((
                SELECT (200 * (asked - missing) + asked) / (2 * asked)
                  FROM (SELECT %(asked)s AS asked, %(missing)s AS missing) counted
                 WHERE asked > 0 AND %(entity)s = %(id)s
            ), 100)
            """,
            asked=count(asked),
            missing=count(missing),
            entity=self._field_to_sql(alias, "commercial_partner_id", query),
            id=SQL.identifier(alias, "id"),
        )

    @api.model
    def _get_completeness_domains(self, company):
        """Return (whom something is asked of, who of them lacks it), for all of it."""
        Policy = self.env["partner.field.policy"]
        applies = {}
        for rule in Policy._get_all_rules(company.id):
            name = rule[0]
            applies[name] = applies.get(name, Domain.FALSE) | (
                Policy._get_applies_domain(rule)
            )
        domains = [
            (domain, Policy._get_lacks_domain(name)) for name, domain in applies.items()
        ]
        kinds = self.env["partner.document.kind"]._find_of_company(company)
        domains += [
            (
                kind._get_required_domain(),
                Domain("id", "not in", kind._get_holders(company)),
            )
            for kind in kinds
        ]
        return domains

    @api.model
    def _search_completeness(self, operator, value):
        if operator in COMPARISONS:
            compare = COMPARISONS[operator]
            sign = SQL(operator)
            return Domain.custom(
                to_sql=lambda model, alias, query: SQL(
                    "%s %s %s",
                    model._field_to_sql(alias, "completeness", query),
                    sign,
                    value,
                ),
                predicate=lambda partner: compare(partner.completeness, value),
            )
        if operator != "in":
            return NotImplemented
        values = tuple(number for number in value if number is not False)
        if not values:
            return Domain.FALSE
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s IN %s", model._field_to_sql(alias, "completeness", query), values
            ),
            predicate=lambda partner: partner.completeness in values,
        )

    @api.model
    def _search_is_incomplete(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("completeness", "<" if True in value else ">=", 100)

    # === Asked of the partner === #

    def action_ask_missing(self):
        """Send each partner a mail that asks for what is missing, in its language.

        :raise UserError: where a partner has no e-mail, or nothing is missing
        """
        self.check_access("write")
        template = self.env.ref("partner_extension.mail_template_ask_missing")
        partners = self.commercial_partner_id
        kinds = partners._find_missing_document_kinds()
        incomplete = partners.filtered(lambda p: kinds[p] or p._find_askable())
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
        """Return the fields that are missing and the partner itself can give.

        :return: list of (field name, label)
        """
        own = self._get_self_fields() | {"bank_ids", "vat"}
        return [(name, label) for name, label in self._find_missing() if name in own]

    def _get_askable_labels(self):
        """Return what a mail to the partner asks for: data, and documents by name."""
        fields_labels = [label for _name, label in self._find_askable()]
        return fields_labels + self._get_missing_document_kinds().mapped("name")
