# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.fields import Command

from ..fields import Counter


class MeterDeviceRemoval(models.TransientModel):
    """Take a device out of service with its closing values, or replace it."""

    _name = "meter.device.removal"
    _description = "Remove or Replace Device"

    device_id = fields.Many2one("meter.device", required=True, readonly=True)
    company_id = fields.Many2one(related="device_id.company_id")
    partner_id = fields.Many2one(related="device_id.partner_id")
    commercial_partner_id = fields.Many2one(related="device_id.commercial_partner_id")
    date = fields.Date(
        string="Last Day in Service",
        required=True,
        default=lambda self: self.env.company._meter_today(),
    )
    replacement_id = fields.Many2one(
        "meter.device",
        string="Replaced by",
        domain="[('company_id', '=', company_id), ('id', '!=', device_id), "
        "'|', ('state', '=', 'stock'), '&', ('state', '=', 'installed'), "
        "('commercial_partner_id', '=', commercial_partner_id)]",
        help="The device that takes over the place in the contract: one that the "
        "customer has already, one from stock, or a new one.",
    )
    line_ids = fields.One2many(
        "meter.device.removal.line",
        "removal_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )

    @api.depends("device_id")
    def _compute_line_ids(self):
        for removal in self:
            removal.line_ids = [Command.clear()] + [
                Command.create({"meter_id": meter.id})
                for meter in removal.device_id.meter_ids
            ]

    def action_remove(self):
        """Record the closing values and end the device's place in the contract."""
        self.ensure_one()
        self.device_id._remove(
            self.date,
            {line.meter_id: line.value for line in self.line_ids},
            self.replacement_id,
        )
        return {"type": "ir.actions.act_window_close"}


class MeterDeviceRemovalLine(models.TransientModel):
    _name = "meter.device.removal.line"
    _description = "Closing Value of a Meter"

    removal_id = fields.Many2one(
        "meter.device.removal", required=True, ondelete="cascade"
    )
    meter_id = fields.Many2one("meter.meter", required=True, ondelete="cascade")
    last_value = Counter(related="meter_id.last_value")
    last_reading_date = fields.Date(related="meter_id.last_reading_date")
    value = Counter(string="Closing Value", required=True)
