# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What this module adds to partners, users and companies is read by employees alone.

Portal users read their own partner and their company, the public the company. A field
that is added later is closed to them as well.
"""

from odoo import api, models

MODULE = "meter_billing"


class MeterSharedFields(models.AbstractModel):
    """Records of Odoo whose fields from here are the employees'."""

    _name = "meter.shared.fields"
    _description = "Fields for Employees"

    @api.model
    def _has_field_access(self, field, operation):
        return super()._has_field_access(field, operation) and (
            self.env.su
            or field.base_field._modules != (MODULE,)
            # cached, unlike the user's `share`: asked for each field that is read
            or self.env.user._is_internal()
        )


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["meter.shared.fields", "res.partner"]


class ResUsers(models.Model):
    _name = "res.users"
    _inherit = ["meter.shared.fields", "res.users"]


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["meter.shared.fields", "res.company"]
