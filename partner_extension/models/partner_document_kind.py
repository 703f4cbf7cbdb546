# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL


def parse_days(text):
    """Return days that were entered as “60, 30, 7”, largest first.

    :raises ValueError: what is not a whole number of days from 0 on
    """
    days = {int(part) for part in (text or "").split(",") if part.strip()}
    if any(day < 0 for day in days):
        raise ValueError(text)
    return sorted(days, reverse=True)


class PartnerDocumentKind(models.Model):
    """A kind of document, what it must state, and who must have one."""

    _name = "partner.document.kind"
    _description = "Kind of Document"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", help="Only for this company; empty: for all of them."
    )
    category = fields.Selection(
        [
            ("licence", "Licence"),
            ("contract", "Contract"),
            ("certificate", "Certificate"),
            ("other", "Other"),
        ],
        required=True,
        default="certificate",
    )
    need_number = fields.Boolean(string="Number Needed")
    need_issuer = fields.Boolean(string="Issuer Needed")
    need_validity = fields.Boolean(string="Expiry Needed")
    need_file = fields.Boolean(string="File Needed")
    remind_days = fields.Char(
        string="Remind Before (Days)",
        default="30, 7",
        help="Days before the expiry, such as “60, 30, 7”. Once for each of them.",
    )
    remind_partner = fields.Boolean(
        string="Remind the Partner",
        default=True,
        help="By e-mail, in the partner's language. The responsible person gets an "
        "activity in any case.",
    )
    required_of = fields.Selection(
        [
            ("none", "Nobody"),
            ("customer", "Customers"),
            ("supplier", "Suppliers"),
            ("both", "Customers and Suppliers"),
        ],
        required=True,
        default="none",
        help="Who must hold a valid document of this kind. Single partners that must "
        "as well are chosen on their form.",
    )
    required_tag_ids = fields.Many2many(
        "res.partner.category",
        string="Only With Tags",
        help="Required of partners with one of these tags; empty: of all.",
    )
    required_country_ids = fields.Many2many(
        "res.country",
        string="Only In",
        help="Required of partners in these countries; empty: in all.",
    )

    @api.constrains("remind_days")
    def _check_remind_days(self):
        for kind in self:
            try:
                parse_days(kind.remind_days)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "%(kind)s: give the days before the expiry as whole numbers "
                        "with commas, such as “60, 30, 7”.",
                        kind=kind.name,
                    )
                ) from error

    def _get_remind_days(self):
        """Return the days before the expiry to remind on, largest first."""
        self.ensure_one()
        return parse_days(self.remind_days)

    def _get_required_domain(self):
        """Return who must hold a document of this kind, whatever else they hold."""
        self.ensure_one()
        role = {
            "none": Domain.FALSE,
            "customer": Domain("customer_rank", ">", 0),
            "supplier": Domain("supplier_rank", ">", 0),
            "both": Domain("customer_rank", ">", 0) | Domain("supplier_rank", ">", 0),
        }[self.required_of]
        if self.required_tag_ids:
            role &= Domain("category_id", "child_of", self.required_tag_ids.ids)
        if self.required_country_ids:
            role &= Domain("country_id", "in", self.required_country_ids.ids)
        if self.company_id:
            role &= Domain("company_id", "in", [False, self.company_id.id])
        return role | Domain("document_kind_ids", "in", self.ids)

    @api.model
    def _find_of_company(self, company):
        """Return the kinds of documents that a company may ask for."""
        return self.search([("company_id", "in", [False, company.id])])

    def _get_holders(self, company=None, states=("to_verify", "verified")):
        """Return SQL of the ids of companies that hold a valid document of this kind.

        As `res.partner._get_missing_document_kinds` tells it for one of them.

        :param company: whose documents count, besides those of all companies; without,
            all do
        :param states: of documents that count
        """
        self.ensure_one()
        self.env["partner.document"].flush_model()
        return SQL(
            """(SELECT partner.commercial_partner_id
                  FROM partner_document document
                  JOIN res_partner partner ON partner.id = document.partner_id
                 WHERE document.kind_id = %s AND document.active
                   AND document.decision IN %s
                   AND (document.valid_until IS NULL OR document.valid_until >= %s)
                   AND %s
                   AND partner.commercial_partner_id IS NOT NULL)""",
            self.id,
            tuple(states),
            fields.Date.context_today(self),
            SQL("(document.company_id IS NULL OR document.company_id = %s)", company.id)
            if company
            else SQL("true"),
        )
