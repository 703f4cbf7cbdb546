# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class MeterManufacturer(models.Model):
    _name = "meter.manufacturer"
    _description = "Device Manufacturer"
    _order = "name"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)

    _name_uniq = models.UniqueIndex(
        "(lower(name))", "This manufacturer is already there."
    )
