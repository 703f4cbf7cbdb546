# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the customer's pages say of its devices: what is due, read and printed.

A device that stood elsewhere before has readings of somebody else. Only those that were
taken while it was this customer's are looked at.
"""

from odoo import fields, models
from odoo.tools import SQL

from ..pages_by_month import last_months, pages_by_month

#: Months that the chart of a device shows.
MONTHS = 12


class MeterMeter(models.Model):
    _inherit = "meter.meter"

    def _get_last_own_readings(self):
        """Return ``{meter_id: reading}``: the last valid one of the customer."""
        if not self.ids:
            return {}
        self.env["meter.reading"].flush_model()
        self.env["meter.device"].flush_model(["commercial_partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT meter.id, latest.id
                  FROM meter_meter meter
                  JOIN meter_device device ON device.id = meter.device_id
                  JOIN LATERAL (
                        SELECT reading.id
                          FROM meter_reading reading
                         WHERE reading.meter_id = meter.id
                           AND reading.state = 'valid'
                           AND reading.partner_id = device.commercial_partner_id
                      ORDER BY reading.date DESC, reading.read_at DESC, reading.id DESC
                         LIMIT 1
                       ) latest ON true
                 WHERE meter.id IN %s
                """,
                tuple(self.ids),
            )
        )
        Reading = self.env["meter.reading"]
        readings = Reading.browse(reading_id for _meter_id, reading_id in rows)
        return {
            meter_id: reading
            for (meter_id, _id), reading in zip(rows, readings, strict=True)
        }

    def _get_last_own_values(self):
        """Return ``{meter_id: (value, day)}``: the customer's last reading.

        The opening value where there is none, and nobody else had the device.
        """
        values = {
            meter_id: (reading.value, reading.date)
            for meter_id, reading in self._get_last_own_readings().items()
        }
        unread = self.filtered(lambda meter: meter.id not in values)
        elsewhere = self.env["meter.reading"]._read_group(
            [("meter_id", "in", unread.ids), ("state", "=", "valid")], ["meter_id"]
        )
        for meter in unread - self.browse().union(*(meter for (meter,) in elsewhere)):
            values[meter.id] = (meter.opening_value, meter.device_id.install_date)
        return values

    def _get_own_history(self, since):
        """Return ``[(day, value)]`` of the customer's readings, oldest first.

        From the last one before a day on; from the opening value where there is none
        and the device never was somebody else's.
        """
        self.ensure_one()
        customer = self.device_id.commercial_partner_id
        Reading = self.env["meter.reading"]
        own = [
            ("meter_id", "=", self.id),
            ("state", "=", "valid"),
            ("partner_id", "=", customer.id),
        ]
        before = Reading.search(
            [*own, ("date", "<", since)],
            order="date desc, read_at desc, id desc",
            limit=1,
        )
        later = Reading.search([*own, ("date", ">=", since)], order="date, read_at, id")
        history = [(reading.date, reading.value) for reading in before + later]
        installed = self.device_id.install_date
        if not before and installed and not self._was_elsewhere(customer):
            history.insert(0, (installed, self.opening_value))
        return history

    def _was_elsewhere(self, customer):
        return bool(
            self.env["meter.reading"].search_count(
                [("meter_id", "=", self.id), ("partner_id", "!=", customer.id)], limit=1
            )
        )

    def _get_event_steps(self):
        events = self.env["meter.event"].search(
            [("meter_id", "=", self.id)], order="happened_at"
        )
        return [
            (fields.Date.to_date(event.date), event.closing_value, event.opening_value)
            for event in events
        ]


class MeterDevice(models.Model):
    _inherit = "meter.device"

    def _get_customer_due(self):
        """Return what a customer has to read: ``{device_id: due day}``.

        By the plan of the device or contract, and by requests that were made by hand.
        """
        # sudo: plans and requests are the dealer's; the devices are the caller's
        devices = self.sudo()
        wanted = {}
        for company, members in devices.grouped("company_id").items():
            today = company._meter_today()
            lead = max(-min(company._get_meter_rounds()), 0)
            for device_id, (day, since) in members._get_due(today, lead).items():
                wanted[device_id] = (day, since)
        asked = self.env["meter.reading.request.line"].sudo()
        for line in asked.search(
            [
                ("device_id", "in", self.ids),
                ("is_answered", "=", False),
                ("request_id.state", "in", ("open", "escalated")),
            ]
        ):
            wanted[line.device_id.id] = (line.request_id.due_date, line.since)
        installed = {device.id: device.install_date for device in devices}
        wanted = {
            key: days
            for key, days in wanted.items()
            if installed[key] and installed[key] <= days[0]
        }
        unread = devices._find_unread(
            {key: since for key, (_d, since) in wanted.items()}
        )
        return {key: wanted[key][0] for key in unread}

    # === Pages by month === #

    def _get_customer_months(self):
        """Return the pages of this device by month, as the chart shows them.

        :return: list of ``{month, sum}`` with ``mono`` and ``colour``, or ``total``
            where the device counts neither, oldest first
        """
        self.ensure_one()
        today = self.company_id._meter_today()
        months = last_months(today, MONTHS)
        meters = self.meter_ids.grouped(lambda meter: meter.type_id.category)
        series = [kind for kind in ("mono", "colour") if kind in meters] or ["total"]
        found = {}
        for kind in series:
            found[kind] = {}
            for meter in meters.get(kind, ()):
                pages = pages_by_month(
                    meter._get_own_history(months[0]), meter._get_event_steps()
                )
                for month, count in pages.items():
                    found[kind][month] = found[kind].get(month, 0) + count
        return [
            {
                "month": month,
                **{kind: found[kind].get(month, 0) for kind in series},
                "sum": sum(found[kind].get(month, 0) for kind in series),
            }
            for month in months
        ]
