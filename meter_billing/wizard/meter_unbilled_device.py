# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..models.meter_contract_interval import BillingPeriod


class MeterUnbilledDevice(models.TransientModel):
    """An installed device that is not billed until a day, with the one reason why.

    The counterpart of a billing run: what is not on its list of bills is here.
    """

    _name = "meter.unbilled.device"
    _description = "Device Not Billed"
    _order = "reason, partner_id, device_id"
    _rec_name = "device_id"

    device_id = fields.Many2one("meter.device", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="cascade")
    contract_id = fields.Many2one("meter.contract", ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True)
    through = fields.Date(required=True)
    reason = fields.Selection(
        [
            ("failed", "Billing of its contract failed"),
            ("hold", "Reading on hold"),
            ("reading", "Waiting for a reading"),
            ("other", "Another device of the contract waits"),
            ("due", "Due, not billed yet"),
            ("draft", "Contract not started"),
            ("closed", "Contract closed"),
            ("ended", "Contract ended"),
            ("unassigned", "In no contract"),
        ],
        required=True,
    )
    message = fields.Char()

    @api.model
    def _open(self, company, through):
        """Return an action that lists the devices not billed until a day.

        :param company: the res.company whose devices are looked at
        :param date through: the day
        """
        found = self.create(self._find(company, through))
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_unbilled_device"
        )
        action["domain"] = [("id", "in", found.ids)]
        return action

    @api.model
    def _find(self, company, through):
        """Return the values of a record for each device that is not billed until then.

        :param company: the res.company whose devices are looked at
        :param date through: the day
        """
        devices = self.env["meter.device"].search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "installed"),
                ("install_date", "<=", through),
            ]
        )
        assignments = self.env["meter.contract.device"].search(
            [("device_id", "in", devices.ids), ("date_start", "<=", through)],
            order="date_start",
        )
        latest = {assignment.device_id: assignment for assignment in assignments}
        missing = self._get_missing(assignments.contract_id, through)
        held = {
            meter
            for [meter] in self.env["meter.reading"]._read_group(
                [("device_id", "in", devices.ids), ("state", "=", "hold")], ["meter_id"]
            )
        }
        values = []
        for device in devices:
            assignment = latest.get(device)
            reason, message = self._get_reason(
                assignment, device, through, missing, held
            )
            if reason:
                values.append(
                    {
                        "device_id": device.id,
                        "partner_id": device.partner_id.id,
                        "contract_id": assignment.contract_id.id if assignment else 0,
                        "company_id": company.id,
                        "through": through,
                        "reason": reason,
                        "message": message,
                    }
                )
        return values

    @api.model
    def _get_missing(self, contracts, through):
        """Return ``{contract: {device: [Interval]}}`` that due contracts wait for."""
        due = contracts.filtered_domain(contracts._get_due_domain(through)).filtered(
            # Others have corrections to bill, but no period.
            lambda contract: contract.state == "running" and contract.next_period_end
        )
        chains = []
        for contract in due:
            period = BillingPeriod(contract, *contract._get_next_period())
            period.charges = contract._get_charges(period.start)
            chains.append([period])
        due._set_intervals(chains)
        missing = {}
        for [period] in chains:
            by_device = missing.setdefault(period.contract, {})
            for interval in period.missing:
                by_device.setdefault(interval.meter.device_id, []).append(interval)
        return missing

    @api.model
    def _get_reason(self, assignment, device, through, missing, held):
        """Return (reason, message) why a device is not billed, or (None, None)."""
        contract = assignment and assignment.contract_id
        if not assignment or (assignment.date_end and assignment.date_end < through):
            return "unassigned", False
        if contract.state == "draft":
            return "draft", False
        if contract.state == "closed":
            return "closed", False
        if not contract.next_period_end:
            is_over = contract.date_end and contract.date_end < through
            return ("ended", False) if is_over else (None, None)
        if contract.next_period_end > through:
            return None, None
        if intervals := missing[contract].get(device):
            is_held = any(interval.meter in held for interval in intervals)
            meters = ", ".join(interval.meter.type_id.name for interval in intervals)
            return ("hold" if is_held else "reading"), meters
        if any(missing[contract].values()):
            return "other", contract.billing_issue_short
        if contract.billing_issue:
            return "failed", contract.billing_issue_short
        return "due", False
