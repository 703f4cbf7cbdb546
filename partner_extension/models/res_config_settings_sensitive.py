# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_partner_sensitive = fields.Boolean(
        string="All Employees See Tax IDs and Bank Accounts",
        implied_group="partner_extension.group_partner_extension_sensitive",
        help="Where it is off, users see them whom an administrator gives it to.",
    )
