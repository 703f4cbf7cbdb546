# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

EVERYBODY = "base.group_user,base.group_portal,base.group_public"


class ResCompany(models.Model):
    _inherit = "res.company"

    # A company's own numbers stand on each of its documents.
    vat = fields.Char(groups=EVERYBODY)
    company_registry = fields.Char(groups=EVERYBODY)
