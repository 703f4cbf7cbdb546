# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class PropertiesBaseDefinition(models.Model):
    """The extra fields of partners may be mandatory: a policy names them."""

    _inherit = "properties.base.definition"

    def write(self, vals):
        done = super().write(vals)
        if "properties_definition" in vals:
            self.env["partner.field.policy"]._forget_removed()
            self.env.registry.clear_cache()  # what policies ask for, see _get_rules
        return done
