# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which readings a contract's periods lie between: read in sets, for many at once."""

from dataclasses import dataclass, field
from datetime import date, datetime

from odoo import api, fields, models
from odoo.tools import SQL

from .. import rating


@dataclass
class BillingPeriod:
    """One period of a contract while it is rated.

    ``statement`` is the one that billed it first, where it is rated again; ``result``
    is what it comes to.
    """

    contract: models.Model
    start: date
    end: date
    number: int
    statement: models.Model = None
    charges: models.Model = None
    terms: rating.Terms = None
    result: rating.Result = None
    assignments: list = field(default_factory=list)
    intervals: list = field(default_factory=list)

    @property
    def missing(self):
        """The intervals that wait for a reading."""
        return [interval for interval in self.intervals if not interval.is_read]

    @property
    def is_waiting(self):
        """Whether it cannot be billed yet. What was billed once is as it is read."""
        return not self.statement and (bool(self.missing) or self.is_uncharged)

    @property
    def is_uncharged(self):
        """Whether it has devices but no charge at all.

        Pages of such a period would be billed at nothing, and never again.
        """
        return bool(self.assignments) and not self.charges


@dataclass
class Interval:
    """The two values of a meter between which its pages of a period lie."""

    assignment: models.Model
    meter: models.Model
    first_day: date  # a reading must not be older
    last_day: date  # nor younger
    actual_since: date = None  # an actual reading from this day on beats an estimate
    date_from: date = None
    moment_from: datetime = None  # None: an opening value
    start_value: int = None
    date_to: date = None
    moment_to: datetime = None
    end_value: int = None
    reading_id: int = None
    estimate: rating.Estimate = None  # stands in for a reading until it is booked
    why_missing: str = ""
    is_estimated: bool = False
    events: tuple = ()  # (closing, opening) of each, in the order of time

    @property
    def key(self):
        return self.assignment.id, self.meter.id

    @property
    def is_read(self):
        return self.reading_id is not None or self.estimate is not None

    @property
    def pages(self):
        return rating.pages_between(self.start_value, self.end_value, self.events)

    def begin(self, day, moment, value):
        self.date_from, self.moment_from, self.start_value = day, moment, value
        if not self.is_read:
            # Nothing new is known: the interval is empty until something is.
            self.date_to, self.moment_to, self.end_value = day, moment, value


class MeterContract(models.Model):
    _inherit = "meter.contract"

    @api.model
    def _set_intervals(self, chains):
        """Fill in the intervals of periods with their readings.

        One query a kind of fact, whatever the number of contracts, periods, readings.

        :param chains: lists of :class:`BillingPeriod`, each of one contract and in the
            order of time without a gap
        """
        assignments = self.env["meter.contract.device"].search(
            [("contract_id", "in", [chain[0].contract.id for chain in chains])]
        )
        by_contract = assignments.grouped("contract_id")
        assignments.device_id.meter_ids.type_id.mapped("code")
        for period in (period for chain in chains for period in chain):
            period.assignments = [
                assignment
                for assignment in by_contract.get(period.contract, ())
                if assignment._in_force(period.start, period.end)
            ]
            period.intervals = period.contract._prepare_intervals(period)
        intervals = [
            i for chain in chains for period in chain for i in period.intervals
        ]
        self._set_end_values(intervals)
        self._set_start_values(chains)
        self._set_events(intervals)

    def _prepare_intervals(self, period):
        """Return the meters of a period to read, still without their readings."""
        read_types = {}
        intervals = []
        # An actual reading of a skipped period does not stand for the next one's end.
        last_start = max(period.start, self._get_period_start(period.number))
        for assignment in period.assignments:
            device = assignment.device_id
            charges = period.charges._filter_charging(assignment)
            if charges not in read_types:
                read_types[charges] = charges.meter_type_ids._get_read_types()
            last_days = (period.end, assignment.date_end, device.removal_date)
            intervals += [
                Interval(
                    assignment=assignment,
                    meter=meter,
                    first_day=max(period.start, assignment.date_start),
                    last_day=min(day for day in last_days if day),
                    actual_since=max(last_start, assignment.date_start),
                )
                for meter in device.meter_ids
                if meter.type_id in read_types[charges]
            ]
        return intervals

    @api.model
    def _set_end_values(self, intervals):
        """End each interval with the last valid reading in it, if there is one."""
        found = self._find_readings(
            [(i.meter.id, i.first_day, i.last_day, i.actual_since) for i in intervals]
        )
        for interval, reading in zip(intervals, found, strict=True):
            if reading:
                (
                    interval.reading_id,
                    interval.date_to,
                    interval.moment_to,
                    interval.end_value,
                    kind,
                ) = reading
                interval.is_estimated = kind == "estimated"

    @api.model
    def _set_start_values(self, chains):
        """Start each interval where the one before it ended.

        The first of a meter starts where the meter was billed last, in the period
        before it. A meter that the contract has not billed then starts with its last
        reading up to the day it joined (where another contract had it until the day
        before, with what closes it there), or with its opening value: earlier pages are
        not billed. Where the device was billed without it, the charge for it is new, or
        taken up again, and it joins then.
        """
        # The intervals that no other one of the chain leads up to.
        firsts, before = [], {}
        for chain in chains:
            last = {}
            for period in chain:
                current = {interval.key: interval for interval in period.intervals}
                for key, interval in current.items():
                    if key in last:
                        before[id(interval)] = last[key]
                    else:
                        firsts.append((interval, period.start))
                last = current
        starts = self._get_last_billed(firsts)
        starts.update(
            self._get_first_values(
                [(one, start) for one, start in firsts if id(one) not in starts],
                chains,
            )
        )
        for chain in chains:
            for period in chain:
                for interval in period.intervals:
                    previous = before.get(id(interval))
                    if previous:
                        start = (
                            previous.date_to,
                            previous.moment_to,
                            previous.end_value,
                        )
                    else:
                        start = starts[id(interval)]
                    interval.begin(*start)

    @api.model
    def _get_first_values(self, firsts, chains):
        """Return ``{id(interval): (day, moment, value)}`` where meters are new.

        :param firsts: list of (interval, first day of its period)
        :param chains: see :meth:`_set_start_values`
        """
        since = {}  # the first day that each device is rated now
        for chain in chains:
            for period in chain:
                for interval in period.intervals:
                    since.setdefault(interval.assignment.id, interval.first_day)
        billed_before = self._get_assignments_billed(firsts)
        billed_before.update(
            one.assignment.id
            for one, _start in firsts
            if since[one.assignment.id] < one.first_day
        )
        joining = self.env["meter.contract.device"].union(
            *(
                one.assignment
                for one, _start in firsts
                if one.assignment.id not in billed_before
            )
        )
        handovers = joining._get_handovers()
        installed_again = self._get_values_installed_again(firsts)
        starts, windows = {}, []
        for interval, _start in firsts:
            assignment, device = interval.assignment, interval.meter.device_id
            installed = device.install_date
            starts[id(interval)] = (installed, None, interval.meter.opening_value)
            # A device that was billed without this meter: a charge for it is new.
            is_new_charge = assignment.id in billed_before
            joined = interval.first_day if is_new_charge else assignment.date_start
            # On the day of installation itself the opening value is the start.
            if again := installed_again.get((interval.meter, joined)):
                starts[id(interval)] = again
            elif installed < joined:
                until, actual_since = joined, None
                if joined == assignment.date_start:
                    until, actual_since = handovers.get(assignment, (joined, None))
                windows.append((interval, installed, until, actual_since))
        # An estimate as well: the contract before was billed up to it.
        found = self._find_readings(
            [
                (interval.meter.id, first, last, actual_since)
                for interval, first, last, actual_since in windows
            ]
        )
        for (interval, *_window), reading in zip(windows, found, strict=True):
            if reading:
                _id, day, moment, value, _kind = reading
                starts[id(interval)] = (day, moment, value)
        return starts

    @api.model
    def _get_values_installed_again(self, firsts):
        """Return ``{(meter, day): (day, moment, value)}`` that devices came back with.

        :param firsts: list of (interval, first day of its period)
        """
        meters = [interval.meter.id for interval, _start in firsts]
        events = self.env["meter.event"].search(
            [("meter_id", "in", meters), ("kind", "=", "install")]
        )
        if not events:
            return {}
        # The reading a second later says it too, and may have been corrected since.
        moments = {
            (event.meter_id, fields.Datetime.add(event.happened_at, seconds=1))
            for event in events
        }
        readings = self.env["meter.reading"].search(
            [
                ("meter_id", "in", events.meter_id.ids),
                ("read_at", "in", [moment for _meter, moment in moments]),
                ("state", "=", "valid"),
            ]
        )
        return {
            (reading.meter_id, reading.date): (
                reading.date,
                reading.read_at,
                reading.value,
            )
            for reading in readings
            if (reading.meter_id, reading.read_at) in moments
        }

    @api.model
    def _get_last_billed(self, firsts):
        """Return ``{id(interval): (day, moment, value)}`` billed in the period before.

        One index look-up a meter, however many periods were billed. What was billed
        earlier, before a time without a charge for the meter, is not where it starts.

        :param firsts: list of (interval, first day of its period)
        """
        if not firsts:
            return {}
        self.env["meter.statement.line"].flush_model()
        self.env["meter.statement"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT wanted.position, last.date_to, last.moment_to, last.end_value
                  FROM unnest(%(assignments)s::int[], %(meters)s::int[],
                              %(starts)s::date[])
                       WITH ORDINALITY
                       AS wanted(assignment_id, meter_id, start, position)
                  JOIN meter_contract_device assignment
                    ON assignment.id = wanted.assignment_id
                  JOIN LATERAL (
                        SELECT line.date_to, line.moment_to, line.end_value
                          FROM meter_statement_line line
                         WHERE line.assignment_id = wanted.assignment_id
                           AND line.meter_id = wanted.meter_id
                           AND line.period_end = wanted.start - 1
                           AND line.period_end >= assignment.date_start
                           AND line.state = 'confirmed'
                      ORDER BY line.id DESC
                         LIMIT 1
                       ) last ON true
                """,
                assignments=[interval.assignment.id for interval, _start in firsts],
                meters=[interval.meter.id for interval, _start in firsts],
                starts=[start for _interval, start in firsts],
            )
        )
        return {id(firsts[position - 1][0]): tuple(last) for position, *last in rows}

    @api.model
    def _get_assignments_billed(self, firsts):
        """Return the ids of the devices' assignments that were billed before a day.

        :param firsts: list of (interval, first day of its period)
        """
        if not firsts:
            return set()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT wanted.assignment_id
                  FROM unnest(%(assignments)s::int[], %(starts)s::date[])
                       AS wanted(assignment_id, start)
                 WHERE EXISTS (
                        SELECT FROM meter_statement_line line
                         WHERE line.assignment_id = wanted.assignment_id
                           AND line.period_end < wanted.start
                           AND line.state = 'confirmed')
                """,
                assignments=[interval.assignment.id for interval, _start in firsts],
                starts=[start for _interval, start in firsts],
            )
        )
        return {assignment_id for (assignment_id,) in rows}

    @api.model
    def _find_readings(self, windows):
        """Return the last valid reading in each window, or None.

        An actual reading goes before an estimate of the same day, and before a younger
        one from the window's last element on. One index look-up a window, however many
        readings a meter has.

        :param windows: list of (meter id, first day, last day, day from which on an
            actual reading goes before a younger estimate, or None)
        :return: list of (id, day, moment, value, kind) or None, in the same order
        """
        if not windows:
            return []
        self.env["meter.reading"].flush_model()
        meters, first_days, last_days, actual_since = zip(*windows, strict=True)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT wanted.position, found.*
                  FROM unnest(%(meters)s::int[], %(first)s::date[], %(last)s::date[],
                              %(actual_since)s::date[])
                       WITH ORDINALITY
                       AS wanted(meter_id, first_day, last_day, actual_since, position)
                  JOIN LATERAL (
                        SELECT reading.id, reading.date, reading.read_at,
                               reading.value, reading.kind
                          FROM meter_reading reading
                         WHERE reading.meter_id = wanted.meter_id
                           AND reading.state = 'valid'
                           AND reading.date BETWEEN wanted.first_day
                                                AND wanted.last_day
                      ORDER BY coalesce(reading.kind = 'actual'
                                        AND reading.date >= wanted.actual_since,
                                        false) DESC,
                               reading.date DESC, reading.kind = 'actual' DESC,
                               reading.read_at DESC, reading.id DESC
                         LIMIT 1
                       ) found ON true
                """,
                meters=list(meters),
                first=list(first_days),
                last=list(last_days),
                actual_since=list(actual_since),
            )
        )
        found = [None] * len(windows)
        for position, *reading in rows:
            found[position - 1] = tuple(reading)
        return found

    @api.model
    def _set_events(self, intervals):
        """Give each interval the wraps, resets and regresses that lie in it."""
        if not intervals:
            return
        events = self.env["meter.event"].search(
            [
                ("meter_id", "in", [interval.meter.id for interval in intervals]),
                ("date", ">=", min(interval.date_from for interval in intervals)),
                ("date", "<=", max(interval.date_to for interval in intervals)),
            ],
            order="happened_at, id",
        )
        by_meter = events.grouped("meter_id")
        for interval in intervals:
            interval.events = tuple(
                (event.closing_value, event.opening_value)
                for event in by_meter.get(interval.meter, ())
                if (
                    not interval.moment_from or event.happened_at > interval.moment_from
                )
                and (interval.moment_to and event.happened_at <= interval.moment_to)
            )
