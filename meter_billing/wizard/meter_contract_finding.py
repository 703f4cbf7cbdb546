# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..models.meter_contract_lint import SEVERITIES


class MeterContractFinding(models.TransientModel):
    """A set-up finding as a row of a list: looked for anew when the list is opened."""

    _name = "meter.contract.finding"
    _description = "Set-up Finding"
    _order = "severity, contract_id, id"

    severity = fields.Selection(SEVERITIES, required=True, readonly=True)
    contract_id = fields.Many2one(
        "meter.contract", required=True, readonly=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="contract_id.partner_id", store=True)
    charge_id = fields.Many2one(
        "meter.contract.charge", readonly=True, ondelete="cascade"
    )
    device_id = fields.Many2one("meter.device", readonly=True, ondelete="cascade")
    message = fields.Char(string="Finding", required=True, readonly=True)

    @api.model
    def action_view_all(self):
        """Look through all running contracts and open what is found."""
        contracts = self.env["meter.contract"].search([("state", "=", "running")])
        found = self.create(
            [
                {
                    "severity": finding.severity,
                    "contract_id": finding.contract.id,
                    "charge_id": finding.charge and finding.charge.id,
                    "device_id": finding.device and finding.device.id,
                    "message": finding.message,
                }
                for finding in contracts._get_findings()
            ]
        )
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_contract_finding"
        )
        action["domain"] = [("id", "in", found.ids)]
        return action

    def action_open(self):
        """Open the contract that the finding is about."""
        self.ensure_one()
        return self.contract_id.get_formview_action()
