# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Late and corrected readings of periods that are billed: re-rated, never edited.

A reading of a billed day marks the contract. Its periods from that day on are rated
again, with the same code as the first time, and what they come to now less what was
booked for them goes onto the next statement, or onto one of its own at once.
"""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .meter_contract_interval import BillingPeriod


class MeterContract(models.Model):
    _inherit = "meter.contract"

    correct_from = fields.Date(
        string="Corrections Since",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Readings of billed periods came late or were corrected, the oldest of "
        "this day. The next billing charges or credits the difference.",
    )

    # === What changed === #

    def write(self, vals):
        """Rate the last period again where a contract that was billed ends with it.

        What waits for later periods falls due then, what was charged ahead goes back.
        """
        ended = {}
        if "date_end" in vals:
            ended = {contract: contract.date_end for contract in self}
        result = super().write(vals)
        for contract, date_end in ended.items():
            billed = contract.billed_through
            if billed and contract.date_end != date_end:
                if billed in (contract.date_end, date_end):
                    contract._mark_since(billed)
        return result

    def _mark_since(self, day):
        """Note that billed periods from this day on came to something else.

        :param date day: the first day that is concerned
        """
        for contract in self:
            if contract.billed_through and contract.billed_through >= day:
                contract.correct_from = min(day, contract.correct_from or day)

    @api.model
    def _mark_for_correction(self, changes, by_billing=False):
        """Note that readings of billed periods changed.

        Two statements, whatever the number of changes; no contract is touched where
        nothing billed is concerned. What is being billed right now, out of sight, is
        found when the contract is billed next (see meter.contract.change).

        :param changes: list of (device id, day of the reading)
        :param bool by_billing: billing stored them itself, and knows of them
        """
        if not changes:
            return
        devices, days = zip(*changes, strict=True)
        if not by_billing:
            self.env["meter.contract.change"]._note(devices, days)
        self.env["meter.contract.device"].flush_model()
        self.flush_model(["billed_through", "correct_from"])
        marked = self.env.execute_query(
            SQL(
                """
                UPDATE meter_contract contract
                   SET correct_from = change.day
                  FROM (
                        SELECT assignment.contract_id,
                               min(greatest(change.day, assignment.date_start)) AS day
                          FROM unnest(%(devices)s::int[], %(days)s::date[])
                               AS change(device_id, day)
                          JOIN meter_contract_device assignment
                            ON assignment.device_id = change.device_id
                           AND (assignment.date_end IS NULL
                                OR assignment.date_end >= change.day)
                      GROUP BY assignment.contract_id
                       ) change
                 WHERE contract.id = change.contract_id
                   AND contract.billed_through >= change.day
                   AND (contract.correct_from IS NULL
                        OR contract.correct_from > change.day)
             RETURNING contract.id
                """,
                devices=list(devices),
                days=list(days),
            )
        )
        self.browse(row[0] for row in marked).invalidate_recordset(["correct_from"])

    def _get_periods_to_correct(self):
        """Return ``{contract: [BillingPeriod]}`` of billed periods to rate again."""
        marked = self.filtered("correct_from")
        if not marked:
            return {}
        statements = self.env["meter.statement"].search(
            [
                ("contract_id", "in", marked.ids),
                ("state", "=", "confirmed"),
                ("kind", "=", "period"),
                ("date_to", ">=", min(marked.mapped("correct_from"))),
            ],
            order="date_to",
        )
        periods = defaultdict(list)
        for statement in statements:
            contract = statement.contract_id
            if statement.date_to >= contract.correct_from:
                periods[contract].append(
                    BillingPeriod(
                        contract,
                        statement.date_from,
                        statement.date_to,
                        statement.number,
                        statement=statement,
                    )
                )
        return periods

    @api.model
    def _get_booked(self, chains):
        """Return ``{(contract id, period end): statement}`` booked until now.

        The values are (meter lines, charge lines) of all confirmed statements that are
        about that period: what it was charged first and all differences since.
        """
        again = [period for chain in chains for period in chain if period.statement]
        booked = defaultdict(
            lambda: (
                self.env["meter.statement.line"],
                self.env["meter.statement.charge"],
            )
        )
        if not again:
            return booked
        domain = [
            ("contract_id", "in", [period.contract.id for period in again]),
            ("statement_id.state", "=", "confirmed"),
            ("period_end", ">=", min(period.end for period in again)),
        ]
        lines = self.env["meter.statement.line"].search(domain, order="id")
        charges = self.env["meter.statement.charge"].search(domain, order="id")
        lines_of = lines.grouped(lambda line: (line.contract_id.id, line.period_end))
        charges_of = charges.grouped(lambda c: (c.contract_id.id, c.period_end))
        for key in lines_of.keys() | charges_of.keys():
            booked[key] = (
                lines_of.get(key, lines.browse()),
                charges_of.get(key, charges.browse()),
            )
        return booked

    def action_correct_now(self):
        """Charge or credit at once what late or corrected readings changed.

        :raises UserError: nothing is to be corrected, or nothing comes of it
        """
        self.env["meter.statement"].check_access("create")
        contracts = self.try_lock_for_update(allow_referencing=True)
        if contracts < self:
            raise UserError(
                self.env._("This contract is being billed right now. Try again later.")
            )
        contracts._take_changes()
        chains = list(self._get_periods_to_correct().values())
        if not chains:
            raise UserError(
                self.env._("No reading of a billed period changed since its billing.")
            )
        self._set_terms(chains)
        self._set_intervals(chains)
        statements = self._book(chains)
        if not statements:
            raise UserError(
                self.env._(
                    "The readings that changed make no difference to what was billed."
                )
            )
        return statements.action_view()


class MeterContractDevice(models.Model):
    _inherit = "meter.contract.device"

    @api.model_create_multi
    def create(self, vals_list):
        """Charge devices for billed periods as well that they were in the contract."""
        assignments = super().create(vals_list)
        assignments.contract_id._touch()
        assignments._mark_since_they_joined()
        return assignments

    def write(self, vals):
        if {"contract_id", "device_id"} & set(vals):
            self.contract_id._touch()
        if not {"date_start", "date_end", "replaces_id"} & set(vals):
            return super().write(vals)
        self.contract_id._touch()
        self._mark_since_they_changed(vals)
        result = super().write(vals)
        self._mark_since_they_changed(vals)
        return result

    def unlink(self):
        self.contract_id._touch()
        self._mark_since_they_joined()
        return super().unlink()

    def _mark_since_they_joined(self):
        for assignment in self:
            assignment.contract_id._mark_since(assignment.date_start)

    def _mark_since_they_changed(self, vals):
        """Mark the contracts from the first day that the present values concern."""
        if "date_start" in vals or "replaces_id" in vals:
            self._mark_since_they_joined()
            return
        for assignment in self.filtered("date_end"):
            # It is in force on its last day, not on the day after.
            day = fields.Date.add(assignment.date_end, days=1)
            assignment.contract_id._mark_since(day)
