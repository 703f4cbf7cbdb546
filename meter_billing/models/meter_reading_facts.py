# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is known of meters while their new readings are judged: read in sets."""

from datetime import datetime, time

from odoo import api, fields, models
from odoo.tools import SQL

from .. import checking
from ..fields import LARGEST_COUNTER
from ..rating.calendar import period_end

# Readings before the new ones, to know what is usual.
HISTORY = 8
MINUTES_A_DAY = 24 * 60


class MeterReading(models.Model):
    _inherit = "meter.reading"

    @api.model
    def _get_facts(self, since, until):
        """Return ``{meter_id: facts}``: a checking.Meter and whose readings they are.

        One statement for all meters, with a few index look-ups a meter, however many
        readings it has.

        :param dict since: the moment of the first new reading of each meter, by id
        :param dict until: of the last one
        :return: ``{meter_id: (checking.Meter, device_id, company, customers, part)}``,
            customers are (last day there, partner id), the one that has the device now
            last, with no day; part is what it counts of the total: mono, colour, total,
            "mono total" (of a model without colour) or None
        """
        if not since:
            return {}
        self.env.flush_all()
        facts = {}
        companies = {}
        windows = _Windows(self.env)
        for (
            meter_id,
            opening,
            digits,
            expected_monthly,
            device_id,
            company_id,
            partner_id,
            past_days,
            past_partners,
            are_back,
            installed,
            removed,
            category,
            colour_mode,
            pages_per_minute,
            buffer,
            floor,
            contract_id,
            before_times,
            before_values,
            times,
            values,
            reading_ids,
            are_measures,
        ) in self.env.execute_query(self._facts_query(since)):
            if company_id not in companies:
                company = self.env["res.company"].browse(company_id)
                automatic = {"wrap"} if company.meter_accept_wraps else set()
                if company.meter_accept_regresses:
                    automatic.add("regress")
                companies[company_id] = (
                    company,
                    company._meter_today(),
                    frozenset(automatic),
                    company.meter_reading_buffer,
                    company.meter_reading_floor,
                )
            company, today, automatic, company_buffer, company_floor = companies[
                company_id
            ]
            meter = checking.Meter(
                id=meter_id,
                opening=opening,
                digits=digits or 0,
                largest=10**digits - 1 if digits else LARGEST_COUNTER,
                installed=installed,
                removed=removed,
                today=today,
                idle=_get_idle(past_days or (), are_back or ()),
                buffer=(buffer or company_buffer) / 100,
                floor=floor or company_floor,
                most_a_day=(pages_per_minute or 0) * MINUTES_A_DAY,
                expected_a_day=(expected_monthly or 0) * 12 / 365,
                is_colour_on_mono=category == "colour" and colour_mode == "mono",
                windows=windows.of(contract_id, since[meter_id], until[meter_id]),
                automatic=automatic,
            )
            timeline = meter.timeline
            if installed and len(before_times or ()) < HISTORY:
                timeline.start = (datetime.combine(installed, time()), opening)
            for moment, value in zip(before_times or (), before_values or (), strict=1):
                timeline.insert(moment, value, 0, True)
            for moment, value, reading_id, is_measure in zip(
                times or (),
                values or (),
                reading_ids or (),
                are_measures or (),
                strict=True,
            ):
                timeline.insert(moment, value, reading_id, is_measure)
            # Colour may be what the total has more than mono, and not be read.
            part = category if category in ("mono", "colour", "total") else None
            if part == "total" and colour_mode == "mono":
                part = "mono total"
            past = zip(past_days or (), past_partners or (), strict=True)
            customers = (*past, (None, partner_id))
            facts[meter_id] = (meter, device_id, company, customers, part)
        for event in self.env["meter.event"].search_fetch(
            [("meter_id", "in", list(since))],
            ["meter_id", "happened_at", "closing_value", "opening_value"],
        ):
            facts[event.meter_id.id][0].timeline.insert_event(
                event.happened_at, event.closing_value, event.opening_value
            )
        return facts

    @api.model
    def _facts_query(self, since):
        return SQL(
            """
            SELECT meter.id, meter.opening_value, meter.digits,
                   meter.expected_monthly_pages, device.id, device.company_id,
                   device.commercial_partner_id, past.days, past.partners,
                   past.are_back, device.install_date,
                   device.removal_date, type.category, model.colour_mode,
                   model.pages_per_minute,
                   coalesce(nullif(contract.reading_buffer, 0), model.reading_buffer),
                   coalesce(nullif(contract.reading_floor, 0), model.reading_floor),
                   CASE WHEN contract.window_before > 0 OR contract.window_after > 0
                        THEN contract.id END,
                   before.times, before.values,
                   since.times, since.values, since.ids, since.are_measures
              FROM unnest(%(meters)s::int[], %(since)s::timestamp[])
                   AS wanted(meter_id, since)
              JOIN meter_meter meter ON meter.id = wanted.meter_id
              JOIN meter_type type ON type.id = meter.type_id
              JOIN meter_device device ON device.id = meter.device_id
              JOIN meter_device_model model ON model.id = device.model_id
         LEFT JOIN LATERAL (
                    -- A move or removal is read where the device stood until then; one
                    -- that was installed again stood nowhere on the days before.
                    SELECT array_agg(last_day ORDER BY last_day, read_at) AS days,
                           array_agg(partner_id ORDER BY last_day, read_at)
                               AS partners,
                           array_agg(is_back ORDER BY last_day, read_at) AS are_back
                      FROM (
                            SELECT DISTINCT reading.read_at,
                                   reading.source = 'install' AS is_back,
                                   reading.date - (reading.source = 'install')::int
                                       AS last_day,
                                   CASE WHEN reading.source <> 'install'
                                        THEN reading.partner_id END AS partner_id
                              FROM meter_reading reading
                             WHERE reading.device_id = device.id
                               AND reading.source IN ('move', 'removal', 'install')
                           ) left_then
                   ) past ON true
         LEFT JOIN LATERAL (
                    SELECT contract.*
                      FROM meter_contract_device assignment
                      JOIN meter_contract contract
                        ON contract.id = assignment.contract_id
                     WHERE assignment.device_id = device.id
                  ORDER BY assignment.date_start DESC
                     LIMIT 1
                   ) contract ON true
         LEFT JOIN LATERAL (
                    SELECT array_agg(read_at ORDER BY read_at) AS times,
                           array_agg(value ORDER BY read_at) AS values
                      FROM (
                            SELECT reading.read_at, reading.value
                              FROM meter_reading reading
                             WHERE reading.meter_id = wanted.meter_id
                               AND reading.read_at < wanted.since
                               AND reading.state = 'valid'
                               AND reading.kind = 'actual'
                          ORDER BY reading.read_at DESC
                             LIMIT %(history)s
                           ) last
                   ) before ON true
         LEFT JOIN LATERAL (
                    SELECT array_agg(read_at ORDER BY read_at) AS times,
                           array_agg(value ORDER BY read_at) AS values,
                           array_agg(id ORDER BY read_at) AS ids,
                           array_agg(state = 'valid' AND kind = 'actual'
                                     ORDER BY read_at) AS are_measures
                      FROM meter_reading reading
                     WHERE reading.meter_id = wanted.meter_id
                       AND reading.read_at >= wanted.since
                       AND reading.state IN ('valid', 'hold')
                   ) since ON true
            """,
            meters=list(since),
            since=list(since.values()),
            history=HISTORY,
        )

    # === What is expected === #

    @api.model
    def _get_expected(self, meters, date):
        """Return between which values a reading of a day is expected to lie.

        :param meters: meter.meter records
        :param date date: the day, where the company is
        :return: ``{meter_id: (lowest, highest) or None where it is not known}``
        """
        return self._ask_of_a_day(checking.get_expected, meters, date)

    @api.model
    def _get_limits(self, meters, date):
        """Return between which values a reading of a day is not remarkable.

        :param meters: meter.meter records
        :param date date: the day, where the company is
        :return: ``{meter_id: (lowest, highest)}``, each None where it is not known
        """
        return self._ask_of_a_day(checking.get_limits, meters, date)

    @api.model
    def _ask_of_a_day(self, question, meters, date):
        meters.check_access("read")
        rows = self._normalise(
            [{"meter_id": meter.id, "date": date} for meter in meters],
            {meter.id: meter.company_id.id for meter in meters},
        )
        moments = {row["meter_id"]: row["read_at"] for row in rows}
        return {
            meter_id: question(meter, moments[meter_id], date)
            for meter_id, (meter, *_) in self._get_facts(moments, moments).items()
        }


def _get_idle(past_days, are_back):
    """Return (removed, installed again) of each time that a device was away.

    :param past_days: the last days of its times somewhere, or away
    :param are_back: of each, whether it was away
    """
    return tuple(
        (before, fields.Date.add(last_day, days=1))
        for before, last_day, is_back in zip(
            past_days, past_days[1:], are_back[1:], strict=False
        )
        if is_back
    )


class _Windows:
    """The days that contracts bill from, around their billing cut-offs."""

    def __init__(self, env):
        self.env = env

    def of(self, contract_id, since, until):
        """Return ((first day, last day), …) around the cut-offs from since to until.

        :param contract_id: a contract that has a reading window, or None
        """
        if not contract_id:
            return ()
        # sudo: which days a contract bills from is asked of who gives a reading, too
        contract = self.env["meter.contract"].sudo().browse(contract_id)
        months, first = contract.period_months, contract.first_period_end
        if not first or not months:
            return ()
        before, after = contract.window_before, contract.window_after
        # From the period before the first reading to the one after the last.
        distance = (since.year - first.year) * 12 + since.month - first.month
        number = distance // months - 1
        windows = []
        while True:
            end = period_end(contract.date_start, first, months, number)
            windows.append(
                (
                    fields.Date.subtract(end, days=before),
                    fields.Date.add(end, days=after),
                )
            )
            if windows[-1][0] > until.date():
                return tuple(windows)
            number += 1
