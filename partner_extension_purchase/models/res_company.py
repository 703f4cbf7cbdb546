# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

from odoo.addons.partner_extension.models.res_company_verification import POLICY


class ResCompany(models.Model):
    _inherit = "res.company"

    partner_unverified_purchase = fields.Selection(
        POLICY,
        string="Purchases From Unverified Suppliers",
        required=True,
        default="off",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    partner_unverified_purchase = fields.Selection(
        related="company_id.partner_unverified_purchase", readonly=False
    )
