# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A device that goes on elsewhere: another customer, address or contract."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


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
        if self.state == "removed":
            raise UserError(
                self.env._(
                    "%(device)s was removed on %(date)s: use Install Again.",
                    device=self.display_name,
                    date=format_date(self.env, self.removal_date),
                )
            )
        if self.state != "installed":
            raise UserError(
                self.env._(
                    "%(device)s is not in service: only installed devices are moved.",
                    device=self.display_name,
                )
            )
        self._check_all_read(values)
        readings = self.env["meter.reading"]._ingest_or_raise(
            [
                # The last one of its day, beside one that somebody gave before.
                {"meter_id": meter.id, "date": date, "closes_day": True, "value": value}
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

    def _check_all_read(self, values):
        """Raise unless each meter has a reading of the day that the device moves.

        :param dict values: ``{meter: value}``
        """
        missing = self.meter_ids.filtered(lambda m: values.get(m) in (None, False))
        if missing:
            raise UserError(
                self.env._(
                    "Enter the reading of %(meters)s on the day of the move.",
                    meters=", ".join(missing.mapped("display_name")),
                )
            )

    # === Installed again === #

    def action_install_again(self):
        """Open the form that puts this removed device into service again."""
        return {**self.action_move(), "name": self.env._("Install Again")}

    def _install_again(self, date, values, contract, where):
        """Put a removed device into service again, for whomever.

        Its past stays as it is. What it printed since it was removed is billed to
        nobody: an event of that day says so, and the values of that day are where the
        contract starts.

        :param date: the first day in service
        :param dict values: ``{meter: value}``, what each meter of the device shows now
        :param contract: the meter.contract that it is in from then on, or none
        :param dict where: values of the device: partner_id, location_id, place
        :raises UserError: it is in service, or a value is missing or cannot be
        """
        self.ensure_one()
        if self.state != "removed":
            raise UserError(
                self.env._(
                    "%(device)s was not removed: only devices that were can be "
                    "installed again.",
                    device=self.display_name,
                )
            )
        if date <= self.removal_date:
            raise UserError(
                self.env._(
                    "%(device)s was in service until %(date)s: it can be installed "
                    "again from the day after on.",
                    device=self.display_name,
                    date=format_date(self.env, self.removal_date),
                )
            )
        self._check_all_read(values)
        self.write(
            {
                "removal_date": False,
                "reinstall_date": date,
                "reading_contact_id": False,
                **where,
            }
        )
        midnight = datetime.combine(
            date, time(), ZoneInfo(self.company_id._get_meter_timezone())
        )
        moment = midnight.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
        self.env["meter.event"].create(
            [
                {
                    "meter_id": meter.id,
                    "kind": "install",
                    "happened_at": moment,
                    "closing_value": meter._get_values_around(moment)[0],
                    "opening_value": value,
                    "reason": self.env._("Installed again"),
                }
                for meter, value in values.items()
            ]
        )
        self.env["meter.reading"]._ingest_or_raise(
            [
                {
                    "meter_id": meter.id,
                    "read_at": fields.Datetime.add(moment, seconds=1),
                    "value": value,
                }
                for meter, value in values.items()
            ],
            source="install",
        )
        if contract:
            self.env["meter.contract.device"].create(
                {
                    "contract_id": contract.id,
                    "device_id": self.id,
                    "date_start": max(date, contract.date_start),
                }
            )

    # === Leaving a contract === #

    def write(self, vals):
        """Let a device leave its contract's customer by a move only."""
        if "partner_id" in vals:
            self._check_leaves_by_move(vals["partner_id"])
        return super().write(vals)

    def _check_leaves_by_move(self, partner_id):
        """Raise where devices would go to another customer than their contract's.

        Without the readings of a move nobody knows whose pages are whose.

        :param partner_id: id of the customer that they are to be given to, or none
        """
        customer = self.env["res.partner"].browse(partner_id).commercial_partner_id
        leaving = self.filtered(
            lambda device: (
                device.commercial_partner_id
                and device.commercial_partner_id != customer
            )
        )
        # sudo: contracts that the user cannot see count as well
        for assignment in leaving.sudo().assignment_ids:
            device, contract = assignment.device_id, assignment.contract_id
            last_day = assignment._get_last_day()
            is_over = last_day and last_day <= device.company_id._meter_today()
            if (
                not is_over
                and contract.state != "closed"
                and contract.commercial_partner_id == device.commercial_partner_id
            ):
                raise UserError(
                    self.env._(
                        "%(device)s is in contract %(contract)s of %(customer)s. Use "
                        "Move on the device: it asks for the readings that close it "
                        "there and open it at the next customer.",
                        device=device.display_name,
                        contract=contract.name,
                        customer=contract.partner_id.display_name,
                    )
                )


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
