# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.exceptions import UserError


class ResPartner(models.Model):
    _inherit = "res.partner"

    meter_device_ids = fields.One2many(
        "meter.device", "commercial_partner_id", string="Devices"
    )
    meter_device_count = fields.Integer(compute="_compute_meter_counts")
    meter_contract_count = fields.Integer(compute="_compute_meter_counts")

    def _compute_meter_counts(self):
        commercial = self.commercial_partner_id
        if not self.env["meter.device"].has_access("read"):
            self.meter_device_count = self.meter_contract_count = 0
            return
        devices = dict(
            self.env["meter.device"]._read_group(
                [("commercial_partner_id", "in", commercial.ids)],
                ["commercial_partner_id"],
                ["__count"],
            )
        )
        contracts = {}
        if self.env["meter.contract"].has_access("read"):  # not a technician
            contracts = dict(
                self.env["meter.contract"]._read_group(
                    [("partner_id.commercial_partner_id", "in", commercial.ids)],
                    ["partner_id"],
                    ["__count"],
                )
            )
        for partner in self:
            entity = partner.commercial_partner_id
            partner.meter_device_count = devices.get(entity, 0)
            partner.meter_contract_count = sum(
                count
                for customer, count in contracts.items()
                if customer.commercial_partner_id == entity
            )

    def action_update_meters(self):
        """Open the grid of all meters of this customer's devices."""
        self.ensure_one()
        if not self.meter_device_count:
            raise UserError(
                self.env._(
                    "%(customer)s has no devices yet: add them first.",
                    customer=self.display_name,
                )
            )
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_grid"
        )
        action["context"] = {"active_id": self.id, "active_model": "res.partner"}
        return action

    def action_view_meter_devices(self):
        """Open this customer's devices."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_device"
        )
        action["domain"] = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id)
        ]
        action["context"] = {"default_partner_id": self.id}
        return action

    def action_view_meter_readings(self):
        """Open this customer's readings."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_reading"
        )
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        return action

    def action_view_meter_contracts(self):
        """Open this customer's contracts."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_contract"
        )
        action["domain"] = [
            ("partner_id.commercial_partner_id", "=", self.commercial_partner_id.id)
        ]
        action["context"] = {"default_partner_id": self.id}
        return action
