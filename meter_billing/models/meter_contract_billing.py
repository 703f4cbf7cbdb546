# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Billing contracts: find what is due, rate it, write statements in sets."""

from collections import defaultdict
from fractions import Fraction

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from .. import rating
from ..tools import INTERNAL
from .meter_contract_interval import BillingPeriod


class MeterContract(models.Model):
    _inherit = "meter.contract"

    # === Which contracts === #

    @api.model
    def _get_due_domain(self, through):
        """Return the domain of the contracts that have a period to bill.

        :param date through: periods that end on this day or before
        """
        return (
            Domain("state", "=", "running") & Domain("next_period_end", "<=", through)
        ) | (self._get_over_domain() & Domain("correct_from", "!=", False))

    @api.model
    def _get_over_domain(self):
        """Return the domain of the contracts whose last period is billed.

        Those that are closed or billed to their end: they have no next statement that
        corrections could wait for.
        """
        return Domain("billed_through", "!=", False) & (
            Domain("state", "=", "closed")
            | (Domain("state", "=", "running") & Domain("next_period_end", "=", False))
        )

    # === Billing === #

    def _bill_next_period(self, invoice_date=None):
        """Bill the next period of each of these contracts.

        Pure batch: the caller has locked the contracts and catches what is raised.
        A contract that waits for readings is left as it is.

        :param date invoice_date: date of the invoices (default: the day of posting)
        :return: (meter.statement records, ``{contract: why it waits}``)
        """
        chains, waiting = self._prepare_chains()
        statements = self._book(chains, invoice_date)
        for contract in self:
            issue = waiting.get(contract, False)
            if contract.billing_issue != issue:
                contract.billing_issue = issue
        return statements, waiting

    def _prepare_chains(self):
        """Return the periods to rate of each contract that is ready, and who waits.

        A chain is the earlier periods that late or corrected readings concern, and the
        next period.

        :return: (list of lists of BillingPeriod, ``{contract: why it waits}``)
        """
        chains = []
        corrected = self._get_periods_to_correct()
        for contract in self:
            chain = corrected.get(contract, [])
            period = contract._get_next_period()
            if period and contract.state == "running":
                chain = [*chain, BillingPeriod(contract, *period)]
            if chain:
                chains.append(chain)
        self._set_terms(chains)
        self._set_intervals(chains)
        self._set_estimates(chains)
        waiting = {
            chain[-1].contract: self._explain_waiting(chain[-1])
            for chain in chains
            if chain[-1].is_waiting
        }
        return [chain for chain in chains if not chain[-1].is_waiting], waiting

    def _book(self, chains, invoice_date=None):
        """Rate chains of periods, and create their statements and invoices."""
        self._create_estimates(chains)
        # Readings may have changed without a consequence: nothing to state then.
        values = [
            vals
            for vals in self._prepare_statements(chains)
            if vals["kind"] == "period" or vals["charge_ids"] or vals["line_ids"]
        ]
        statements = (
            self.env["meter.statement"]
            .with_context(meter_statement_booking=INTERNAL)
            .create(values)
            .with_env(self.env)
        )
        statements._create_invoices(invoice_date)
        booked = self.browse(chain[0].contract.id for chain in chains)
        corrected = booked.filtered("correct_from")
        if corrected:
            corrected.correct_from = False
        return statements

    def _prepare_statements(self, chains):
        """Return the values of a statement for each chain. Writes nothing."""
        states = self._get_states_before(chains)
        booked = self._get_booked(chains)
        return [
            chain[0].contract._prepare_statement(
                chain, states.get(chain[0].contract.id, rating.State()), booked
            )
            for chain in chains
        ]

    @api.model
    def _get_states_before(self, chains):
        """Return ``{contract_id: rating.State}`` before the first period of each chain.

        It is what the period before it came to when it was rated last.
        """
        self.env["meter.statement"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT chain.contract_id,
                       rated.rating_states -> before.number::text
                  FROM unnest(%(contracts)s::int[], %(starts)s::date[])
                       AS chain(contract_id, start)
                  JOIN LATERAL (
                        SELECT statement.number
                          FROM meter_statement statement
                         WHERE statement.contract_id = chain.contract_id
                           AND statement.state = 'confirmed'
                           AND statement.kind = 'period'
                           AND statement.date_to < chain.start
                      ORDER BY statement.date_to DESC
                         LIMIT 1
                       ) before ON true
                  JOIN LATERAL (
                        SELECT statement.rating_states
                          FROM meter_statement statement
                         WHERE statement.contract_id = chain.contract_id
                           AND statement.state = 'confirmed'
                           AND statement.rating_states ? before.number::text
                      ORDER BY statement.id DESC
                         LIMIT 1
                       ) rated ON true
                """,
                contracts=[chain[0].contract.id for chain in chains],
                starts=[chain[0].start for chain in chains],
            )
        )
        return {
            contract_id: rating.State.from_json(state) for contract_id, state in rows
        }

    def _get_last_totals(self):
        """Return ``{contract_id: amount}`` of the period that was billed last."""
        statements = self.env["meter.statement"].search(
            [
                ("contract_id", "in", self.ids),
                ("state", "=", "confirmed"),
                ("kind", "=", "period"),
                ("date_to", "in", list(set(self.mapped("billed_through")))),
            ]
        )
        return {
            statement.contract_id.id: statement.amount_total
            for statement in statements
            if statement.date_to == statement.contract_id.billed_through
        }

    # === One statement === #

    def _prepare_statement(self, chain, state, booked):
        """Rate the periods of a chain and return the values of their statement.

        :param chain: list of BillingPeriod, with all their readings
        :param rating.State state: before the first of them
        :param booked: see :meth:`_get_booked`
        """
        self.ensure_one()
        Statement = self.env["meter.statement"]
        states, lines, charges = {}, [], []
        for period in chain:
            facts = self._prepare_rating_period(period, state)
            result = rating.rate_period(period.terms, state, facts)
            period.result = result
            state = result.state
            states[str(period.number)] = state.to_json()
            period_lines = Statement._prepare_lines(period, result)
            period_charges = Statement._prepare_charges(period, result)
            if period.statement:
                before = booked[self.id, period.end]
                period_lines = Statement._get_line_differences(
                    before, period_lines, period
                )
                period_charges = Statement._get_charge_differences(
                    before, period_charges, period
                )
            lines += period_lines
            charges += period_charges
        return Statement._prepare_statement(chain, states, lines, charges)

    def _prepare_rating_period(self, period, state):
        """Return the facts of a period as the engine takes them."""
        bounds = self._get_covered_periods(period, state)
        prorate = self.prorate == "days"

        def share(first=None, last=None):
            return sum(
                (
                    rating.period_share(start, end, full, prorate, first, last)
                    for start, end, full in bounds
                ),
                Fraction(0),
            )

        final = bool(self.date_end and period.end >= self.date_end)
        return rating.Period(
            index=period.number,
            share=share(),
            next_share=Fraction(0) if final else self._get_next_share(period, prorate),
            final=final,
            places=tuple(self._prepare_places(period, share)),
            usage=tuple(
                rating.MeterUsage(
                    place=str(interval.assignment.place_id.id),
                    # One that left and came back in the period is there twice.
                    device=interval.assignment.id,
                    meter=interval.meter.type_id.code,
                    pages=interval.pages,
                )
                for interval in period.intervals
            ),
        )

    def _get_covered_periods(self, period, state):
        """Return (first day, last day, full period) of each period billed now."""
        bounds, start = [], period.start
        for number in range(state.index + 1, period.number + 1):
            end = min(self._get_period_end(number), period.end)
            bounds.append((start, end, self._get_full_period(number)))
            start = fields.Date.add(end, days=1)
        return bounds

    def _get_next_share(self, period, prorate):
        start = fields.Date.add(period.end, days=1)
        full = self._get_full_period(period.number + 1)
        end = min(full[1], self.date_end or full[1])
        return rating.period_share(start, end, full, prorate)

    def _prepare_places(self, period, share):
        """Yield the places of a period: devices and those that replace them."""
        by_place = defaultdict(list)
        for assignment in period.assignments:
            by_place[assignment.place_id.id].append(assignment)
        for place_id, assignments in by_place.items():
            last = [assignment._get_last_day() for assignment in assignments]
            through = None if None in last else max(last)
            yield rating.Place(
                key=str(place_id),
                share=share(min(a.date_start for a in assignments), through),
                continues=through is None or through > period.end,
            )

    # === Why not === #

    @api.model
    def _explain_waiting(self, period):
        """Return in the user's words what a period waits for."""
        if period.is_uncharged:
            return self.env._(
                "No charge applies from %(first)s on, but the contract has devices: "
                "their pages would be billed at nothing. Change the last day of a "
                "charge, add one, or enter the day on which the devices left.",
                first=format_date(self.env, period.start),
            )
        return "\n".join(map(self._explain_gap, period.missing))

    @api.model
    def _explain_gap(self, interval):
        """Return in the user's words which reading is missing, and why it stays so."""
        text = self.env._(
            "%(device)s: no %(meter)s reading from %(first)s to %(last)s",
            device=interval.meter.device_id.serial_number,
            meter=interval.meter.type_id.name,
            first=format_date(self.env, interval.first_day),
            last=format_date(self.env, interval.last_day),
        )
        return f"{text} ({interval.why_missing})" if interval.why_missing else text
