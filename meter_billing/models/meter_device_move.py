# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A device that goes on elsewhere: another customer, address or contract."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class MeterDevice(models.Model):
    _inherit = "meter.device"

    def action_move(self):
        """Open the form that moves this device."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Move Device"),
            "res_model": "meter.device.move",
            "view_mode": "form",
            "target": "new",
            "context": {"default_device_id": self.id},
        }

    def _move(self, date, values, contract, where):
        """Let the device go on elsewhere.

        The readings of that day close it in the contract so far and open it in the next
        one: pages before them are billed there, pages after them here. They keep the
        customer that had the device until then.

        :param date: the last day where it stood
        :param dict values: ``{meter: value}``, each meter of the device
        :param contract: the meter.contract that it is in from the next day on, perhaps
            the one that it is in already, or none
        :param dict where: values of the device: partner_id, location_id, place
        :raises UserError: it is not installed, or a reading is missing or does not fit
        """
        self.ensure_one()
        if self.state != "installed":
            raise UserError(
                self.env._(
                    "%(device)s is not in service: only installed devices are moved.",
                    device=self.display_name,
                )
            )
        missing = self.meter_ids.filtered(lambda m: values.get(m) in (None, False))
        if missing:
            raise UserError(
                self.env._(
                    "Enter the reading of %(meters)s on the day of the move.",
                    meters=", ".join(missing.mapped("display_name")),
                )
            )
        readings = self.env["meter.reading"]._ingest_or_raise(
            [
                {"meter_id": meter.id, "date": date, "value": value}
                for meter, value in values.items()
            ],
            source="move",
        )
        if held := readings.filtered(lambda reading: reading.state == "hold"):
            raise UserError("\n".join(held.mapped("reason")))
        current = self.assignment_ids.filtered(
            lambda a: a.date_start <= date and (not a.date_end or a.date_end >= date)
        )
        if current.contract_id != contract:
            for assignment in current:
                assignment._end(date)
        self.write({"reading_contact_id": False, **where})
        if contract and current.contract_id != contract:
            next_day = fields.Date.add(date, days=1)
            self.env["meter.contract.device"].create(
                {
                    "contract_id": contract.id,
                    "device_id": self.id,
                    "date_start": max(next_day, contract.date_start),
                }
            )
            # It may have been billed without the device already.
            self.env["meter.contract"]._mark_for_correction([(self.id, date)])


class MeterContractDevice(models.Model):
    _inherit = "meter.contract.device"

    def _get_handovers(self):
        """Return what closes these devices in the contract that had them before.

        What closed a device there opens it here.

        :return: ``{assignment: (day before it joined, day from which on an actual
            reading closes it before a younger estimate)}``, without those that no other
            contract had until the day before
        """
        # sudo: contracts that the user cannot see had it as well
        previous = {
            (other.device_id.id, other.date_end): other
            for other in self.sudo().device_id.assignment_ids
            if other.date_end
        }
        handovers = {}
        for assignment in self:
            day = fields.Date.subtract(assignment.date_start, days=1)
            before = previous.get((assignment.device_id.id, day))
            if before:
                handovers[assignment] = (day, before)
        numbers = self._get_period_numbers(list(handovers.values()))
        for assignment, (day, before) in handovers.items():
            start = before.contract_id._get_period_start(numbers[before])
            handovers[assignment] = (day, max(start, before.date_start))
        return handovers

    @api.model
    def _get_period_numbers(self, closed):
        """Return the number of the period that bills the last day of assignments.

        :param closed: list of (last day, meter.contract.device)
        :return: ``{assignment: number}``
        """
        if not closed:
            return {}
        assignments = self.sudo().union(*(before for _day, before in closed))
        statements = (
            self.env["meter.statement"]
            .sudo()
            .search_fetch(
                [
                    ("contract_id", "in", assignments.contract_id.ids),
                    ("state", "=", "confirmed"),
                    ("kind", "=", "period"),
                    ("date_to", ">=", min(day for day, _before in closed)),
                    ("date_from", "<=", max(day for day, _before in closed)),
                ],
                ["contract_id", "date_from", "date_to", "number"],
            )
            .grouped("contract_id")
        )
        numbers = {}
        for day, before in closed:
            billed = [
                statement.number
                for statement in statements.get(before.contract_id, ())
                if statement.date_from <= day <= statement.date_to
            ]
            numbers[before] = (
                billed[0] if billed else before.contract_id._get_period_number(day)
            )
        return numbers
