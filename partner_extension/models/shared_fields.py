# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What these modules add to Odoo's records is read by employees alone.

Portal users read their own partner, documents and company, the public the company. A
field that is added later is closed to them as well, until it is named here. There are
no groups on the fields: Odoo's group of who keeps partners does not imply that of
employees, so that views of partners would have to leave them out.
"""

from odoo import api, models

#: What the names of these modules begin with.
MODULES = "partner_extension"
#: The own tax ID, as Odoo's field.
OPEN = {"vat_normalized", "vat_unique"}


class PartnerExtensionFields(models.AbstractModel):
    """Records of Odoo whose fields from here are the employees'."""

    _name = "partner.extension.fields"
    _description = "Fields for Employees"

    @api.model
    def _has_field_access(self, field, operation):
        return super()._has_field_access(field, operation) and (
            self.env.su
            or field.name in OPEN
            or not _is_added(field)
            # cached, unlike the user's `share`: asked for each field that is read
            or self.env.user._is_internal()
        )


def _is_added(field):
    """Tell whether a field comes from these modules and no others."""
    defined_in = field.base_field._modules
    return bool(defined_in) and all(name.startswith(MODULES) for name in defined_in)


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["partner.extension.fields", "res.partner"]


class ResUsers(models.Model):
    _name = "res.users"
    _inherit = ["partner.extension.fields", "res.users"]


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["partner.extension.fields", "res.company"]
