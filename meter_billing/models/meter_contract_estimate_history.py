# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is known of meters that miss a reading: read in sets, for many at once."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from odoo import api, models
from odoo.tools import SQL

from .. import rating


@dataclass(frozen=True)
class Point:
    """A value that a meter is known to have shown: a reading or its opening value."""

    day: date
    moment: datetime  # None: an opening value
    value: int


class MeterContract(models.Model):
    _inherit = "meter.contract"

    @api.model
    def _get_meters_on_hold(self, gaps):
        """Return the ids of the meters that have a reading on hold in their gap."""
        self.env["meter.reading"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT gap.meter_id
                  FROM unnest(%(meters)s::int[], %(first)s::date[], %(last)s::date[])
                       AS gap(meter_id, first_day, last_day)
                  JOIN meter_reading reading
                    ON reading.meter_id = gap.meter_id
                   AND reading.state = 'hold'
                   AND reading.read_at >= gap.first_day - 1
                   AND reading.read_at < gap.last_day + 2
                   AND reading.date BETWEEN gap.first_day AND gap.last_day
                """,
                meters=[interval.meter.id for interval in gaps],
                first=[interval.first_day for interval in gaps],
                last=[interval.last_day for interval in gaps],
            )
        )
        return {meter_id for (meter_id,) in rows}

    @api.model
    def _count_estimates(self, gaps, known):
        """Return ``{interval key: estimates since the last actual reading}``."""
        last_read = [known[interval.key][0][-1].day for interval in gaps]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT count(reading.id)
                  FROM unnest(%(meters)s::int[], %(since)s::date[], %(before)s::date[])
                       WITH ORDINALITY AS gap(meter_id, since, before, position)
             LEFT JOIN meter_reading reading
                    ON reading.meter_id = gap.meter_id
                   AND reading.state = 'valid' AND reading.kind = 'estimated'
                   AND reading.date > gap.since AND reading.date < gap.before
              GROUP BY gap.position
              ORDER BY gap.position
                """,
                meters=[interval.meter.id for interval in gaps],
                since=last_read,
                before=[interval.first_day for interval in gaps],
            )
        )
        return {
            interval.key: count for interval, (count,) in zip(gaps, rows, strict=True)
        }

    @api.model
    def _get_known_values(self, gaps):
        """Return ``{interval key: (recent, year ago)}``, each a list of rating.Known.

        Only what the device printed for the customer that has it now counts. The
        opening value counts as a reading of the day of installation.
        """
        slack = rating.YEAR_AGO_SLACK
        windows = []
        for interval in gaps:
            start = rating.year_before(interval.date_from)
            end = rating.year_before(interval.last_day)
            # Not later than the interval begins: its start at least is known.
            until = max(interval.first_day - timedelta(days=1), interval.date_from)
            windows += [
                (interval, date.min, until, True),
                (interval, start - slack, start, True),
                (interval, end, end + slack, False),
            ]
        found = self._find_actual_values(windows)
        lasts, befores, afters = found[::3], found[1::3], found[2::3]
        firsts = self._find_actual_values(
            [
                (interval, last.day - rating.RECENT, last.day, False)
                for interval, last in zip(gaps, lasts, strict=True)
            ]
        )
        events = self.env["meter.event"].search(
            [("meter_id", "in", [interval.meter.id for interval in gaps])],
            order="happened_at, id",
        )
        by_meter = events.grouped("meter_id")
        known = {}
        for interval, first, last, before, after in zip(
            gaps, firsts, lasts, befores, afters, strict=True
        ):
            own_events = by_meter.get(interval.meter, events.browse())
            known[interval.key] = (
                self._prepare_known(first, last, own_events),
                self._prepare_known(before, after, own_events),
            )
        return known

    @api.model
    def _prepare_known(self, first, last, events):
        """Return two points of a meter as the engine takes them, or nothing."""
        if not (first and last):
            return []
        between = tuple(
            (event.closing_value, event.opening_value)
            for event in events
            if (not first.moment or event.happened_at > first.moment)
            and last.moment
            and event.happened_at <= last.moment
        )
        return [
            rating.Known(first.day, first.value),
            rating.Known(last.day, last.value, between),
        ]

    @api.model
    def _find_actual_values(self, windows):
        """Return the first or the last actual reading in each window, or None.

        An index look-up a window. Where it holds none, the opening value of a meter
        that was installed in it.

        :param windows: list of (interval, first day, last day, whether the last one)
        :return: list of :class:`Point` or None, in the same order
        """
        if not windows:
            return []
        self.env["meter.reading"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT wanted.position, found.*
                  FROM unnest(%(meters)s::int[], %(partners)s::int[],
                              %(first)s::date[], %(last)s::date[], %(newest)s::bool[])
                       WITH ORDINALITY
                       AS wanted(meter_id, partner_id, first_day, last_day, newest,
                                 position)
                  JOIN LATERAL (
                        (SELECT reading.date, reading.read_at, reading.value
                           FROM meter_reading reading
                          WHERE wanted.newest AND %(match)s
                       ORDER BY reading.date DESC, reading.read_at DESC,
                                reading.id DESC
                          LIMIT 1)
                        UNION ALL
                        (SELECT reading.date, reading.read_at, reading.value
                           FROM meter_reading reading
                          WHERE NOT wanted.newest AND %(match)s
                       ORDER BY reading.date, reading.read_at, reading.id
                          LIMIT 1)
                       ) found ON true
                """,
                meters=[window[0].meter.id for window in windows],
                partners=[
                    window[0].meter.device_id.commercial_partner_id.id or None
                    for window in windows
                ],
                first=[
                    max(first, interval.meter.device_id.install_date)
                    for interval, first, _last, _newest in windows
                ],
                last=[window[2] for window in windows],
                newest=[window[3] for window in windows],
                match=SQL(
                    """reading.meter_id = wanted.meter_id
                    AND reading.state = 'valid' AND reading.kind = 'actual'
                    AND reading.date BETWEEN wanted.first_day AND wanted.last_day
                    AND reading.partner_id IS NOT DISTINCT FROM wanted.partner_id"""
                ),
            )
        )
        found = [None] * len(windows)
        for position, *reading in rows:
            found[position - 1] = Point(*reading)
        for index, (interval, first, last, newest) in enumerate(windows):
            installed = interval.meter.device_id.install_date
            # It is older than all readings: the last one only where there are none.
            if first <= installed <= last and not (newest and found[index]):
                found[index] = Point(installed, None, interval.meter.opening_value)
        return found
