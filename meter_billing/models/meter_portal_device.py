# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the customer's pages say of its devices: what is due, read and printed.

A device that stood elsewhere before has readings of somebody else. Only those that were
taken while it was this customer's are looked at.
"""

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..bar_chart import stacked_bars
from ..pages_by_month import last_months, pages_by_month
from ..tools import format_exact
from .meter_reading_facts import HISTORY

#: Months that the charts show.
MONTHS = 12
#: What pages are shown as, in this order, and the colours of its chart.
KINDS = ("mono", "colour", "total")
COLOURS = {"mono": "#495057", "colour": "#0b7285", "total": "#9c6a00"}
#: Of the chart on a phone.
CHART_WIDTH = 380


class MeterMeter(models.Model):
    _inherit = "meter.meter"

    def _get_last_own_values(self):
        """Return ``{meter_id: (value, day)}``: the customer's last reading.

        The opening value where there is none, and nobody else had the device.
        """
        latest = self.env["meter.reading"]._get_latest(self, own=True)
        values = {
            meter_id: (reading.value, reading.date)
            for meter_id, reading in latest.items()
        }
        unread = self.filtered(lambda meter: meter.id not in values)
        elsewhere = self.env["meter.reading"]._read_group(
            [("meter_id", "in", unread.ids), ("state", "=", "valid")], ["meter_id"]
        )
        for meter in unread - self.browse().union(*(meter for (meter,) in elsewhere)):
            values[meter.id] = (meter.opening_value, meter.device_id.install_date)
        return values

    def _get_own_limits(self):
        """Return ``{meter_id: (lowest, highest)}`` that is usual to be read today.

        Only of meters whose last readings are all the customer's own: what is usual
        would else tell of somebody else's pages. See ``meter.reading._get_limits``.
        """
        limits = {}
        for company, meters in self._filter_own_habits().grouped("company_id").items():
            limits.update(
                self.env["meter.reading"]._get_limits(meters, company._meter_today())
            )
        return limits

    def _filter_own_habits(self):
        if not self.ids:
            return self
        self.env["meter.reading"].flush_model()
        self.env["meter.device"].flush_model(["commercial_partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT meter.id
                  FROM meter_meter meter
                  JOIN meter_device device ON device.id = meter.device_id
                 WHERE meter.id IN %s
                   AND NOT EXISTS (
                        SELECT FROM (
                            SELECT reading.partner_id
                              FROM meter_reading reading
                             WHERE reading.meter_id = meter.id
                               AND reading.state = 'valid'
                               AND reading.kind = 'actual'
                          ORDER BY reading.read_at DESC
                             LIMIT %s
                        ) last
                         WHERE last.partner_id
                               IS DISTINCT FROM device.commercial_partner_id
                       )
                """,
                tuple(self.ids),
                # What is usual comes from as many before today; some may be of today.
                2 * HISTORY,
            )
        )
        return self.browse(meter_id for (meter_id,) in rows)

    def _get_own_histories(self, since):
        """Return ``{meter_id: [(day, value)]}`` of the customer's readings.

        Oldest first, from the last one before a day on; from the opening value where
        there is none and the device never was somebody else's. Reads in sets.
        """
        if not self.ids:
            return {}
        self.env["meter.reading"].flush_model()
        self.env["meter.meter"].flush_model(["opening_value"])
        self.env["meter.device"].flush_model(["commercial_partner_id", "install_date"])
        histories = {}
        for (
            meter_id,
            installed,
            opening,
            is_own,
            days,
            values,
        ) in self.env.execute_query(
            SQL(
                """
                SELECT meter.id, device.install_date, meter.opening_value,
                       NOT EXISTS (
                            SELECT FROM meter_reading reading
                             WHERE reading.meter_id = meter.id
                               AND reading.partner_id
                                   IS DISTINCT FROM device.commercial_partner_id
                       ) AND before.date IS NULL,
                       before.date || own.days, before.value || own.values
                  FROM meter_meter meter
                  JOIN meter_device device ON device.id = meter.device_id
             LEFT JOIN LATERAL (
                        SELECT reading.date, reading.value
                          FROM meter_reading reading
                         WHERE reading.meter_id = meter.id
                           AND reading.state = 'valid'
                           AND reading.partner_id = device.commercial_partner_id
                           AND reading.date < %(since)s
                      ORDER BY reading.date DESC, reading.read_at DESC, reading.id DESC
                         LIMIT 1
                       ) before ON true
            CROSS JOIN LATERAL (
                        SELECT array_agg(date ORDER BY date, read_at, id) AS days,
                               array_agg(value ORDER BY date, read_at, id) AS values
                          FROM meter_reading reading
                         WHERE reading.meter_id = meter.id
                           AND reading.state = 'valid'
                           AND reading.partner_id = device.commercial_partner_id
                           AND reading.date >= %(since)s
                       ) own
                 WHERE meter.id IN %(meters)s
                """,
                since=since,
                meters=tuple(self.ids),
            )
        ):
            history = [
                (day, value)
                for day, value in zip(days or (), values or (), strict=True)
                if day  # there is none before
            ]
            if is_own and installed:
                history.insert(0, (installed, opening))
            histories[meter_id] = history
        return histories

    def _get_event_steps(self):
        """Return ``{meter_id: [(day, closing, opening value)]}``, oldest first."""
        steps = {}
        for event in self.env["meter.event"].search_fetch(
            [("meter_id", "in", self.ids)],
            ["meter_id", "date", "closing_value", "opening_value"],
            order="happened_at",
        ):
            steps.setdefault(event.meter_id.id, []).append(
                (
                    fields.Date.to_date(event.date),
                    event.closing_value,
                    event.opening_value,
                )
            )
        return steps


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

    def _get_customer_months(self, pages=None):
        """Return the pages of these devices by month, as the chart shows them.

        :param dict pages: what :meth:`_get_customer_pages` has returned
        :return: list of ``{month, sum}`` with ``mono``, ``colour`` and ``total`` as far
            as the devices count them, oldest first; ``total`` is of devices that do not
            count mono and colour apart
        """
        months = self._get_shown_months()
        if pages is None:
            pages = self._get_customer_pages()
        found = {}
        for of_device in pages.values():
            for kind, by_month in of_device.items():
                sums = found.setdefault(kind, {})
                for month, count in by_month.items():
                    sums[month] = sums.get(month, 0) + count
        kinds = [kind for kind in KINDS if kind in found] or ["total"]
        return [
            {
                "month": month,
                **{kind: found.get(kind, {}).get(month, 0) for kind in kinds},
                "sum": sum(found.get(kind, {}).get(month, 0) for kind in kinds),
            }
            for month in months
        ]

    @api.model
    def _draw_months(self, months):
        """Return the chart of what :meth:`_get_customer_months` returns, as SVG."""
        _ = self.env._
        names = {"mono": _("Mono"), "colour": _("Colour"), "total": _("All pages")}
        kinds = [kind for kind in KINDS if kind in months[0]]
        return stacked_bars(
            [format_date(self.env, m["month"], date_format="MMM") for m in months],
            [(names[kind], [month[kind] for month in months]) for kind in kinds],
            lambda value: format_exact(self.env, value),
            width=CHART_WIDTH,
            colours=[COLOURS[kind] for kind in kinds],
            title=_("Pages by month, as in the table below"),
        )

    def _get_shown_months(self):
        return last_months(self.env.company._meter_today(), MONTHS)

    def _get_customer_pages(self):
        """Return ``{device_id: {mono, colour or total: {month: pages}}}``.

        Of the months that are shown, and of what makes up a device's volume as in all
        reports: see ``counts_pages`` of meters.
        """
        since = self._get_shown_months()[0]
        meters = self.meter_ids.filtered("counts_pages")
        histories = meters._get_own_histories(since)
        steps = meters._get_event_steps()
        found = {}
        for meter in meters:
            by_month = found.setdefault(meter.device_id.id, {}).setdefault(
                meter.type_id.category, {}
            )
            pages = pages_by_month(histories[meter.id], steps.get(meter.id, ()))
            for month, count in pages.items():
                if month >= since:
                    by_month[month] = by_month.get(month, 0) + count
        return found
