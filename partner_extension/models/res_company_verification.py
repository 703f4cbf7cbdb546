# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

#: What a company does about documents of partners that nobody verified.
POLICY = [("off", "Allow"), ("warn", "Warn"), ("block", "Block")]


class ResCompany(models.Model):
    _inherit = "res.company"

    partner_unverified_invoice = fields.Selection(
        POLICY,
        string="Invoices to Unverified Customers",
        required=True,
        default="off",
    )
    partner_unverified_bill = fields.Selection(
        POLICY, string="Bills of Unverified Suppliers", required=True, default="off"
    )
    partner_review_months = fields.Integer(
        string="Review After (Months)",
        help="Verified partners are due for review after so many months; 0: never.",
    )

    _partner_review_months_positive = models.Constraint(
        "CHECK (partner_review_months >= 0)",
        "Months until a review cannot be negative.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    partner_unverified_invoice = fields.Selection(
        related="company_id.partner_unverified_invoice", readonly=False
    )
    partner_unverified_bill = fields.Selection(
        related="company_id.partner_unverified_bill", readonly=False
    )
    partner_review_months = fields.Integer(
        related="company_id.partner_review_months", readonly=False
    )
