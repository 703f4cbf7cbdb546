# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    meter_reading_buffer = fields.Integer(
        related="company_id.meter_reading_buffer", readonly=False
    )
    meter_reading_floor = fields.Integer(
        related="company_id.meter_reading_floor", readonly=False
    )
    meter_accept_wraps = fields.Boolean(
        related="company_id.meter_accept_wraps", readonly=False
    )
    meter_accept_regresses = fields.Boolean(
        related="company_id.meter_accept_regresses", readonly=False
    )
