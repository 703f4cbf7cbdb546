# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Estimates in place of readings that are missing when a period is to be billed.

The engine estimates from what is known of the meter; the estimates become readings when
the period is booked, not before: a preview stores none.
"""

from datetime import datetime, time
from fractions import Fraction
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from .. import rating
from ..fields import LARGEST_COUNTER
from ..tools import format_exact


class MeterContract(models.Model):
    _inherit = "meter.contract"

    estimate_max = fields.Integer(
        string="Estimates in a Row",
        default=3,
        required=True,
        help="How many times in a row a meter may be billed by an estimate before the "
        "contract waits for a reading. 0: never.",
    )
    estimate_after_days = fields.Integer(
        string="Estimate After (Days)",
        default=5,
        required=True,
        help="Days after the end of a period until which readings are waited for. From "
        "then on those that are missing are estimated.",
    )
    is_estimated = fields.Boolean(
        string="Billed by Estimates",
        compute="_compute_is_estimated",
        search="_search_is_estimated",
        help="A meter was billed by an estimate last.",
    )

    _estimates_positive = models.Constraint(
        "CHECK (estimate_max >= 0 AND estimate_after_days >= 0)",
        "Estimates in a row, and the days before an estimate, cannot be negative.",
    )

    # === Which contracts === #

    @api.depends("statement_ids.state", "billed_through")
    def _compute_is_estimated(self):
        estimated = self.with_context(active_test=False).search(
            [("id", "in", self.ids), ("is_estimated", "=", True)]
        )
        for contract in self:
            contract.is_estimated = contract._origin in estimated

    def _search_is_estimated(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        # What corrected a line has the same meter and period, and came later.
        query = SQL(
            """(
                SELECT line.contract_id
                  FROM meter_statement_line line
                  JOIN meter_contract billed
                    ON billed.id = line.contract_id
                   AND billed.billed_through = line.period_end
                 WHERE line.is_estimated AND line.state = 'confirmed'
                   AND NOT EXISTS (
                        SELECT 1
                          FROM meter_statement_line later
                         WHERE later.assignment_id = line.assignment_id
                           AND later.meter_id = line.meter_id
                           AND later.period_end = line.period_end
                           AND later.id > line.id
                           AND later.state = 'confirmed'
                           AND NOT later.is_estimated
                       )
                   AND line.meter_id IS NOT NULL
            )"""
        )
        self.env["meter.statement.line"].flush_model()
        self.flush_model(["billed_through"])
        return [("id", "in", query)]

    # === Estimating === #

    @api.model
    def _set_estimates(self, chains):
        """End the missing intervals of the next periods with estimates. Writes nothing.

        A contract gets its estimates all at once, or waits: what keeps a meter from
        being estimated is noted on its interval.

        :param chains: lists of BillingPeriod, with their readings
        """
        gaps = [
            interval
            for chain in chains
            if not chain[-1].statement
            for interval in chain[-1].missing
        ]
        if not gaps:
            return
        held = self._get_meters_on_hold(gaps)
        known = self._get_known_values(gaps)
        in_a_row = self._count_estimates(gaps, known)
        for chain in chains:
            period = chain[-1]
            missing = [] if period.statement else period.missing
            estimates = [
                period.contract._estimate(
                    interval,
                    *known[interval.key],
                    is_held=interval.meter.id in held,
                    in_a_row=in_a_row[interval.key],
                )
                for interval in missing
            ]
            if missing and all(estimates):
                period.contract._settle_estimates(period, missing, estimates)
        self._set_estimated_values([interval for interval in gaps if interval.estimate])

    def _estimate(self, interval, recent, year_ago, is_held, in_a_row):
        """Return the engine's estimate of an interval, or note why there is none.

        :param recent: see :func:`rating.estimate_pages`, as year_ago
        :param bool is_held: whether a reading of it waits for a decision
        :param int in_a_row: estimates of the meter since its last actual reading
        """
        _ = self.env._
        last_day = interval.assignment._get_last_day()
        estimate = None
        if is_held:
            interval.why_missing = _("one is on hold")
        elif not self.estimate_max:
            pass
        elif last_day and last_day <= interval.last_day:
            # No later reading of this contract would put it right.
            interval.why_missing = _("its last one here, which is not estimated")
        elif in_a_row >= self.estimate_max:
            interval.why_missing = _("%(count)s estimates in a row", count=in_a_row)
        else:
            estimate = rating.estimate_pages(
                interval.date_from,
                interval.last_day,
                recent=recent,
                year_ago=year_ago,
                monthly=interval.meter.expected_monthly_pages,
            )
            if not estimate:
                interval.why_missing = _("no history to estimate from")
        return estimate

    def _settle_estimates(self, period, intervals, estimates):
        """Take estimates of a period, or say from which day on they are taken."""
        since = fields.Date.add(period.end, days=self.estimate_after_days)
        is_time = self.company_id._meter_today() >= since
        for interval, estimate in zip(intervals, estimates, strict=True):
            if is_time:
                interval.estimate = estimate
            else:
                interval.why_missing = self.env._(
                    "estimated from %(date)s on", date=format_date(self.env, since)
                )

    @api.model
    def _set_estimated_values(self, intervals):
        """End intervals at the value that their estimates lead to.

        It is never below the actual reading before it nor above the one after it.
        """
        if not intervals:
            return
        for interval in intervals:
            timezone = interval.meter.company_id._get_meter_timezone()
            last = datetime.combine(interval.last_day, time(23, 59, 59))
            moment = last.replace(tzinfo=ZoneInfo(timezone)).astimezone(ZoneInfo("UTC"))
            interval.date_to = interval.last_day
            interval.moment_to = moment.replace(tzinfo=None)
            interval.is_estimated = True
        self._set_events(intervals)
        timelines = self.env["meter.reading"]._get_timelines(
            [{"meter_id": i.meter.id, "read_at": i.moment_to} for i in intervals]
        )
        for interval in intervals:
            meter = timelines[interval.meter.id]
            before, after = meter.timeline.around(interval.moment_to, meter.opening)
            digits = interval.meter.digits
            highest = 10**digits - 1 if digits else LARGEST_COUNTER
            value = rating.value_after(
                interval.start_value, interval.estimate.pages, interval.events
            )
            if after is not None:
                value = min(value, after)
            interval.end_value = max(min(value, highest), before)

    def _create_estimates(self, chains):
        """Store the estimates that these periods are billed by as readings."""
        intervals = [
            interval
            for chain in chains
            for interval in chain[-1].intervals
            if interval.estimate
        ]
        if not intervals:
            return
        readings = self.env["meter.reading"]._ingest_or_raise(
            [
                {
                    "meter_id": interval.meter.id,
                    "read_at": interval.moment_to,
                    "value": interval.end_value,
                    "kind": "estimated",
                    "estimate_method": interval.estimate.method,
                    "reason": self._explain_estimate(interval),
                }
                for interval in intervals
            ],
            source="estimate",
        )
        for interval, reading in zip(intervals, readings, strict=True):
            if reading.state != "valid":
                raise UserError(reading.reason)
            interval.reading_id = reading.id

    @api.model
    def _explain_estimate(self, interval):
        """Return in words how an interval was estimated."""
        _ = self.env._
        estimate = interval.estimate
        if estimate.method == "expected":
            text = _(
                "%(days)s days at an expected %(pages)s pages a month",
                days=estimate.days,
                pages=format_exact(self.env, estimate.basis_pages),
            )
        else:
            span = (estimate.basis_end - estimate.basis_start).days
            average = Fraction(estimate.basis_pages, span)
            text = _(
                "%(days)s days at %(average)s pages a day, the average from %(first)s "
                "to %(last)s",
                days=estimate.days,
                average=format_exact(self.env, float(average), max_digits=2),
                first=format_date(self.env, estimate.basis_start),
                last=format_date(self.env, estimate.basis_end),
            )
        if interval.pages != estimate.pages:
            text = _("%(estimate)s, kept within the readings around it", estimate=text)
        return text
