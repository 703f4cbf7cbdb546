# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a report tells of each partner, as far as its reader may see it."""

from odoo import api, fields, models

#: Fields of the head of the report, shown where the user may read them.
FACTS = (
    "ref",
    "vat",
    "company_registry",
    "email",
    "phone",
    "website",
    "responsible_id",
    "industry_id",
    "area_id",
    "supplier_category_ids",
    "category_id",
    "property_payment_term_id",
    "property_supplier_payment_term_id",
)
FIGURES = (
    "credit",
    "overdue_receivable",
    "days_to_pay",
    "debit",
    "overdue_payable",
)


class PartnerReport(models.AbstractModel):
    """Customers and suppliers as PDF, a page or more each."""

    _name = "report.partner_extension.report_partner"
    _description = "Report of Customers and Suppliers"

    @api.model
    def _get_report_values(self, docids, data=None):
        partners = self.env["res.partner"].browse(docids)
        partners.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": "res.partner",
            "docs": partners,
            "company": self.env.company,
            "today": fields.Date.context_today(self),
            "details": partners._get_report_details(),
        }


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _get_report_details(self):
        """Return what the reports tell of each partner; what is not seen is empty.

        :returns: ``{partner: {"facts": [(label, text)], "figures": [...], "items":
            account.move.line, "turnover": {year: (sales, purchases)}, "documents":
            partner.document, "links": partner.link}}``
        """
        items = self._get_open_items().grouped("partner_id")
        turnover = {}
        if self.env["account.move"].has_access("read"):
            turnover = self.commercial_partner_id._get_turnover()
        documents = {}
        if self.env["partner.document"].has_access("read"):
            documents = (
                self.env["partner.document"]
                .search([("partner_id", "in", self.ids)])
                .grouped("partner_id")
            )
        links = self.env["partner.link"]
        if links.has_access("read"):
            links = links.search(
                [
                    "|",
                    ("partner_id", "in", self.ids),
                    ("other_partner_id", "in", self.ids),
                ]
            )
        details = {}
        for partner in self:
            commercial = partner.commercial_partner_id
            details[partner] = {
                "facts": partner._get_report_texts(FACTS),
                "figures": [
                    name
                    for name in FIGURES
                    if self._has_field_access(self._fields[name], "read")
                    and partner[name]
                ],
                "items": items.get(commercial, self.env["account.move.line"]),
                "turnover": turnover.get(commercial, {}),
                "documents": documents.get(partner, self.env["partner.document"]),
                "links": partner._get_report_links(links),
            }
        return details

    def _get_report_links(self, links):
        """Return those of these links that this partner has, seen from its side."""
        self.ensure_one()
        return links.filtered(
            lambda link: self in (link.partner_id | link.other_partner_id)
        ).with_context(link_side_id=self.id)

    def _get_open_items(self):
        """Return the open items of these partners that the user may see."""
        lines = self.env["account.move.line"]
        if not lines.has_access("read"):
            return lines
        return lines.search(
            [
                *self._get_statistics_domain(),
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                (
                    "account_id.account_type",
                    "in",
                    ("asset_receivable", "liability_payable"),
                ),
            ],
            order="date_maturity, id",
        )

    def _get_report_texts(self, names):
        """Return (label, text) of those of these fields that say something."""
        self.ensure_one()
        texts = []
        for name in names:
            field = self._fields[name]
            if not self._has_field_access(field, "read") or not self[name]:
                continue
            value = self[name]
            if field.relational:
                value = ", ".join(value.mapped("display_name"))
            texts.append((field._description_string(self.env), str(value)))
        return texts

    def _get_role_names(self):
        """Return the roles of this partner in words."""
        self.ensure_one()
        roles = []
        if self.is_customer:
            roles.append(self.env._("Customer"))
        if self.is_supplier:
            roles.append(self.env._("Supplier"))
        return ", ".join(roles)
