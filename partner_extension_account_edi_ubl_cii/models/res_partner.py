# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

from odoo.addons.partner_extension.models.res_partner_sensitive import GROUPS


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Odoo makes it of the tax ID or the registry number.
    peppol_endpoint = fields.Char(groups=GROUPS)
