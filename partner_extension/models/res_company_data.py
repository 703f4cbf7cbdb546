# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    partner_vat_required = fields.Selection(
        [("none", "Nobody"), ("companies", "Companies"), ("everyone", "Everyone")],
        string="Tax ID Required Of",
        required=True,
        default="none",
        help="Of customers and suppliers. “/” says that one is not subject to tax.",
    )
    partner_vat_severity = fields.Selection(
        [("warn", "Warn"), ("block", "Refuse to save")],
        string="Missing Tax ID",
        required=True,
        default="warn",
    )

    partner_change_approval = fields.Selection(
        [
            ("portal", "Of partners on the portal"),
            ("users", "Of partners, and of users who are not verifiers"),
        ],
        string="Changes That Wait for Approval",
        required=True,
        default="portal",
        help="Changes of a company's name, tax ID or bank account.",
    )

    partner_registration = fields.Boolean(
        string="Registration Page",
        help="New customers and suppliers register on a public page.",
    )
    partner_registration_url = fields.Char(
        string="Address of the Page", compute="_compute_partner_registration_url"
    )

    def _compute_partner_registration_url(self):
        for company in self:
            base = company.get_base_url()
            company.partner_registration_url = f"{base}/partner/register/{company.id}"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        self.env.registry.clear_cache()
        return companies

    def write(self, vals):
        done = super().write(vals)
        if {"partner_vat_required", "partner_vat_severity"} & vals.keys():
            self.env.registry.clear_cache()
        return done


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    partner_vat_required = fields.Selection(
        related="company_id.partner_vat_required", readonly=False
    )
    partner_vat_severity = fields.Selection(
        related="company_id.partner_vat_severity", readonly=False
    )
    partner_change_approval = fields.Selection(
        related="company_id.partner_change_approval", readonly=False
    )
    partner_registration = fields.Boolean(
        related="company_id.partner_registration", readonly=False
    )
    partner_registration_url = fields.Char(
        related="company_id.partner_registration_url"
    )
