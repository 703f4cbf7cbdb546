# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Billing contracts: find what is due, read in sets, rate, write in sets."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from .. import rating


@dataclass
class DuePeriod:
    """What is known about one contract's next period while it is billed."""

    contract: models.Model
    start: date
    end: date
    number: int
    terms: rating.Terms = None
    assignments: list = field(default_factory=list)
    intervals: list = field(default_factory=list)
    missing: list = field(default_factory=list)


@dataclass
class Interval:
    """The readings between which a meter's pages of a period lie."""

    assignment: models.Model
    meter: models.Model
    date_from: date  # of the start value
    start_value: int
    first_day: date  # a reading must not be older
    last_day: date  # nor younger
    date_to: date = None
    end_value: int = None
    reading_id: int = None
    estimated: bool = False
    wraps: bool = False  # the counter went through zero

    @property
    def pages(self):
        return rating.pages_between(
            self.start_value, self.end_value, self.meter.digits, self.wraps
        )


class MeterContract(models.Model):
    _inherit = "meter.contract"

    # === Which contracts === #

    @api.model
    def _get_due_domain(self, through):
        """Return the domain of the contracts that have a period to bill.

        :param date through: periods that end on this day or before
        """
        return Domain("state", "=", "running") & Domain(
            "next_period_end", "<=", through
        )

    # === Billing === #

    def _bill_next_period(self, invoice_date=None):
        """Bill the next period of each of these contracts.

        Pure batch: the caller has locked the contracts and catches what is raised.
        A contract that waits for readings is left as it is.

        :param date invoice_date: date of the invoices (default: the day of posting)
        :return: (meter.statement records, ``{contract: why it waits}``)
        """
        periods = self._prepare_due_periods()
        waiting = {
            due.contract: due.contract._explain_missing(due)
            for due in periods
            if due.missing
        }
        ready = [due for due in periods if not due.missing]
        states = self._get_rating_states([due.contract for due in ready])
        statements = self.env["meter.statement"].create(
            [
                due.contract._prepare_statement(due, states.get(due.contract.id))
                for due in ready
            ]
        )
        statements._create_invoices(invoice_date)
        for contract in self:
            issue = waiting.get(contract, False)
            if contract.billing_issue != issue:
                contract.billing_issue = issue
        return statements, waiting

    def _prepare_due_periods(self):
        """Return a :class:`DuePeriod` for each contract, with its readings."""
        terms = self._get_rating_terms()
        periods = []
        for contract in self:
            if period := contract._get_next_period():
                periods.append(DuePeriod(contract, *period, terms=terms[contract]))
        assignments = self.env["meter.contract.device"].search(
            [("contract_id", "in", self.ids)]
        )
        by_contract = assignments.grouped("contract_id")
        # Each device's meters, model and type in one go.
        assignments.device_id.meter_ids.type_id.mapped("code")
        for due in periods:
            due.assignments = [
                assignment
                for assignment in by_contract.get(due.contract, ())
                if assignment._in_force(due.start, due.end)
            ]
            due.intervals = due.contract._prepare_intervals(due)
        intervals = [interval for due in periods for interval in due.intervals]
        self._set_start_values(intervals)
        self._set_end_values(intervals)
        self._set_wraps(intervals)
        for due in periods:
            due.missing = [i for i in due.intervals if i.end_value is None]
        return periods

    def _prepare_intervals(self, due):
        """Return the meters of a period to read, still without their readings."""
        read_types = self.charge_ids.meter_type_ids._get_read_types()
        intervals = []
        for assignment in due.assignments:
            device = assignment.device_id
            last_days = (due.end, assignment.date_end, device.removal_date)
            for meter in device.meter_ids.filtered(lambda m: m.type_id in read_types):
                intervals.append(
                    Interval(
                        assignment=assignment,
                        meter=meter,
                        date_from=device.install_date,
                        start_value=meter.opening_value,
                        first_day=max(due.start, assignment.date_start),
                        last_day=min(day for day in last_days if day),
                    )
                )
        return intervals

    @api.model
    def _set_start_values(self, intervals):
        """Start each interval where the meter's last billed one ended.

        A meter that this contract has not billed yet starts with the last reading up
        to the day it joined, or with its opening value: earlier pages are not billed.
        Where the device was billed without it, a charge for it is new: it joins now.
        """
        billed = self._get_last_billed(intervals)
        billed_before = {assignment_id for assignment_id, _meter_id in billed}
        joining = []
        for interval in intervals:
            assignment = interval.assignment
            is_new_charge = assignment.id in billed_before
            joined = interval.first_day if is_new_charge else assignment.date_start
            if (assignment.id, interval.meter.id) not in billed:
                joining.append((interval, joined))
        readings = self._find_readings(
            [(i.meter.id, i.date_from, joined) for i, joined in joining]
        )
        for (interval, joined), reading in zip(joining, readings, strict=True):
            # On the day of installation itself the opening value is the start.
            if reading and interval.date_from < joined:
                _id, interval.date_from, interval.start_value, _kind = reading
        for interval in intervals:
            last = billed.get((interval.assignment.id, interval.meter.id))
            if last:
                interval.date_from, interval.start_value = last

    @api.model
    def _set_end_values(self, intervals):
        """End each interval with the last valid reading in it, if there is one."""
        readings = self._find_readings(
            [(i.meter.id, i.first_day, i.last_day) for i in intervals]
        )
        for interval, reading in zip(intervals, readings, strict=True):
            if reading:
                interval.reading_id, interval.date_to, interval.end_value, kind = (
                    reading
                )
                interval.estimated = kind == "estimated"

    @api.model
    def _set_wraps(self, intervals):
        """Note which counters of known digits went through zero.

        They ended below the last actual value. Below what was billed alone, an
        estimate or a value corrected since was too high: those pages are credited.
        """
        for interval in intervals:
            if not interval.meter.digits or interval.end_value is None:
                continue
            if interval.end_value < interval.start_value:
                # One query each: a counter wraps once in years.
                actual = self.env["meter.reading"].search(
                    [
                        ("meter_id", "=", interval.meter.id),
                        ("date", "<=", interval.date_from),
                        ("state", "=", "valid"),
                        ("kind", "=", "actual"),
                    ],
                    order="date desc, read_at desc, id desc",
                    limit=1,
                )
                last = actual.value if actual else interval.meter.opening_value
                interval.wraps = interval.end_value < last

    @api.model
    def _get_last_billed(self, intervals):
        """Return ``{(assignment_id, meter_id): (date, value)}`` billed last.

        One index look-up a meter, however many periods were billed.
        """
        if not intervals:
            return {}
        self.env["meter.statement.line"].flush_model()
        self.env["meter.statement"].flush_model(["state"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT wanted.assignment_id, wanted.meter_id, last.date_to,
                       last.end_value
                  FROM unnest(%(assignments)s::int[], %(meters)s::int[])
                       AS wanted(assignment_id, meter_id)
                  JOIN LATERAL (
                        SELECT line.date_to, line.end_value
                          FROM meter_statement_line line
                          JOIN meter_statement statement
                            ON statement.id = line.statement_id
                         WHERE line.assignment_id = wanted.assignment_id
                           AND line.meter_id = wanted.meter_id
                           AND statement.state = 'confirmed'
                      ORDER BY line.period_end DESC
                         LIMIT 1
                       ) last ON true
                """,
                assignments=[interval.assignment.id for interval in intervals],
                meters=[interval.meter.id for interval in intervals],
            )
        )
        return {(row[0], row[1]): (row[2], row[3]) for row in rows}

    @api.model
    def _find_readings(self, windows):
        """Return the last valid reading in each window, or None.

        One index look-up a window, however many readings a meter has.

        :param windows: list of (meter id, first day, last day)
        :return: list of (id, date, value, kind) or None, in the same order
        """
        if not windows:
            return []
        self.env["meter.reading"].flush_model()
        meters, first_days, last_days = zip(*windows, strict=True)
        found = self.env.execute_query(
            SQL(
                """
                SELECT wanted.position, found.*
                  FROM unnest(%(meters)s::int[], %(first)s::date[], %(last)s::date[])
                       WITH ORDINALITY
                       AS wanted(meter_id, first_day, last_day, position)
                  JOIN LATERAL (
                        SELECT reading.id, reading.date, reading.value, reading.kind
                          FROM meter_reading reading
                         WHERE reading.meter_id = wanted.meter_id
                           AND reading.state = 'valid'
                           AND reading.date BETWEEN wanted.first_day
                                                AND wanted.last_day
                      ORDER BY reading.date DESC, reading.read_at DESC, reading.id DESC
                         LIMIT 1
                       ) found ON true
                """,
                meters=list(meters),
                first=list(first_days),
                last=list(last_days),
            )
        )
        readings = [None] * len(windows)
        for position, *reading in found:
            readings[position - 1] = tuple(reading)
        return readings

    @api.model
    def _get_rating_states(self, contracts):
        """Return ``{contract_id: rating.State}`` after what was billed last."""
        self.env["meter.statement"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT contract.id, last.rating_state
                  FROM unnest(%(contracts)s::int[]) AS contract(id)
                  JOIN LATERAL (
                        SELECT statement.rating_state
                          FROM meter_statement statement
                         WHERE statement.contract_id = contract.id
                           AND statement.state = 'confirmed'
                      ORDER BY statement.date_to DESC
                         LIMIT 1
                       ) last ON true
                """,
                contracts=[contract.id for contract in contracts],
            )
        )
        return {
            contract_id: rating.State.from_json(state) for contract_id, state in rows
        }

    # === One statement === #

    def _prepare_statement(self, due, state):
        """Rate the period and return the values of its statement.

        :param DuePeriod due: with all its readings
        :param state: rating.State after the period before, or None
        """
        self.ensure_one()
        period = self._prepare_rating_period(due, state)
        result = rating.rate_period(due.terms, state or rating.State(), period)
        statement = self.env["meter.statement"]
        return {
            "contract_id": self.id,
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "date_from": due.start,
            "date_to": due.end,
            "rating_state": result.state.to_json(),
            "amount_total": float(result.total),
            "line_ids": statement._prepare_lines(due, result),
            "charge_ids": statement._prepare_charges(due, result),
        }

    def _prepare_rating_period(self, due, state):
        """Return the facts of a period as the engine takes them."""
        bounds = self._get_covered_periods(due, state)
        prorate = self.prorate == "days"
        months = self.period_months

        def share(first=None, last=None):
            return sum(
                (
                    rating.period_share(start, end, months, prorate, first, last)
                    for start, end in bounds
                ),
                Fraction(0),
            )

        final = bool(self.date_end and due.end >= self.date_end)
        return rating.Period(
            index=due.number,
            share=share(),
            next_share=Fraction(0) if final else self._get_next_share(due, prorate),
            final=final,
            places=tuple(self._prepare_places(due, share)),
            usage=tuple(
                rating.MeterUsage(
                    place=str(interval.assignment.place_id.id),
                    device=interval.meter.device_id.id,
                    meter=interval.meter.type_id.code,
                    pages=interval.pages,
                )
                for interval in due.intervals
            ),
        )

    def _get_covered_periods(self, due, state):
        """Return (first day, last day) of each calendar period that is billed now."""
        bounds, start = [], due.start
        for number in range((state.index if state else -1) + 1, due.number + 1):
            end = min(self._get_period_end(number), due.end)
            bounds.append((start, end))
            start = fields.Date.add(end, days=1)
        return bounds

    def _get_next_share(self, due, prorate):
        start = fields.Date.add(due.end, days=1)
        end = self._get_period_end(due.number + 1)
        return rating.period_share(
            start, min(end, self.date_end or end), self.period_months, prorate
        )

    def _prepare_places(self, due, share):
        """Yield the places of a period: devices and those that replace them."""
        by_place = defaultdict(list)
        for assignment in due.assignments:
            by_place[assignment.place_id.id].append(assignment)
        for place_id, assignments in by_place.items():
            last = [assignment._get_last_day() for assignment in assignments]
            through = None if None in last else max(last)
            yield rating.Place(
                key=str(place_id),
                share=share(min(a.date_start for a in assignments), through),
                continues=through is None or through > due.end,
            )

    # === Why not === #

    def _explain_missing(self, due):
        """Return in the user's words which readings a period waits for."""
        return "\n".join(
            self.env._(
                "%(device)s: no %(meter)s reading from %(first)s to %(last)s",
                device=interval.meter.device_id.serial_number,
                meter=interval.meter.type_id.name,
                first=format_date(self.env, interval.first_day),
                last=format_date(self.env, interval.last_day),
            )
            for interval in due.missing
        )
