# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How much of its included or prepaid pages a contract has used so far.

The running period is the next one to bill. It is gathered as billing gathers it, only
that a meter without a reading in it has no usage yet; the engine adds up by pool,
weight and derived meter, with the pages carried from what was billed last.
"""

from dataclasses import dataclass
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import rating
from ..tools import format_exact
from .meter_contract_interval import BillingPeriod


@dataclass(frozen=True)
class AllowanceUse:
    """The use of one allowance: of a charge, or of one place where it has one each.

    ``start`` and ``end`` are the days that the allowance is for: the running period,
    or as many periods as the charge falls due after. ``found`` is what
    it was found from.
    """

    contract: models.Model
    charge: models.Model
    place: models.Model
    device: models.Model  # that is at the place now
    start: date
    end: date
    used: float
    available: float
    percent: int | None  # None: nothing is available, each page is charged
    found: "RunningUse"


@dataclass(frozen=True)
class RunningUse:
    """What a use was found from, to ask the engine again what would be."""

    period: BillingPeriod
    state: rating.State
    facts: rating.Period
    use: rating.AllowanceUse


class MeterContract(models.Model):
    _inherit = "meter.contract"

    alert_first = fields.Integer(
        string="First Alert (%)",
        default=80,
        required=True,
        help="Percent of the included or prepaid pages of a charge. 0: no alert.",
    )
    alert_second = fields.Integer(
        string="Second Alert (%)",
        default=100,
        required=True,
        help="Percent of the included or prepaid pages of a charge. 0: no alert.",
    )
    alert_customer = fields.Boolean(
        string="Tell the Customer",
        help="The customer gets these alerts as well, by e-mail.",
    )
    allowance_charge_ids = fields.Many2many(
        "meter.contract.charge",
        compute="_compute_allowance_charge_ids",
        string="Allowances",
        help="What is used of included and prepaid pages in the running period.",
    )

    _alerts_positive = models.Constraint(
        "CHECK (alert_first >= 0 AND alert_second >= 0)",
        "The percentages of alerts cannot be negative.",
    )

    @api.depends("state", "next_period_start", "charge_ids")
    def _compute_allowance_charge_ids(self):
        uses = self._origin._get_allowance_uses()
        for contract in self:
            contract.allowance_charge_ids = contract.charge_ids.browse(
                {use.charge.id for use in uses if use.contract == contract._origin}
            ).sorted()

    def _get_allowance_uses(self, every_charge=False):
        """Return the use of each allowance of these contracts, fullest first.

        Contracts that do not run, that are billed to their end, or whose charges cannot
        be rated have none.

        :param bool every_charge: also of charges for pages that include none
        :return: list of :class:`AllowanceUse`
        """
        chains = [
            [BillingPeriod(contract, *period)]
            for contract in self.filtered(lambda c: c.state == "running")
            if (period := contract._get_next_period())
        ]
        try:
            self._set_terms(chains)
        except UserError:
            if len(self) == 1:
                return []
            return [
                use
                for contract in self
                for use in contract._get_allowance_uses(every_charge)
            ]
        wanted = [
            chain
            for chain in chains
            if every_charge
            or any(c.included or c.prepaid_block for c in chain[0].charges)
        ]
        if not wanted:
            return []
        self._set_intervals(wanted)
        states = self._get_states_before(wanted)
        find_uses = rating.charge_uses if every_charge else rating.allowance_uses
        uses = []
        for (period,) in wanted:
            contract = period.contract
            state = states.get(contract.id, rating.State())
            facts = contract._prepare_rating_period(period, state)
            charges = period.charges.grouped(lambda charge: charge._get_rating_code())
            for use in find_uses(period.terms, state, facts):
                found = RunningUse(period, state, facts, use)
                uses.append(contract._prepare_use(charges[use.charge], found))
        return sorted(uses, key=lambda use: -(use.percent or 0))

    def _prepare_use(self, charge, found):
        """Return the engine's use of an allowance with the records that it is about."""
        period, use = found.period, found.use
        assignments = [
            assignment
            for assignment in period.assignments
            if use.place and str(assignment.place_id.id) == use.place
        ]
        place = self.env["meter.contract.device"].browse(use.place and int(use.place))
        first = period.number - period.number % charge.every
        start, end = period.start, period.end
        if charge.every > 1:
            start = min(start, self._get_period_start(first))
            end = self._get_period_end(first + charge.every - 1)
        return AllowanceUse(
            contract=self,
            charge=charge,
            place=place,
            device=assignments[-1].device_id if assignments else place.device_id,
            start=start,
            end=min(end, self.date_end or end),
            used=float(use.used),
            available=float(use.available),
            percent=use.percent,
            found=found,
        )


class MeterContractCharge(models.Model):
    _inherit = "meter.contract.charge"

    allowance_percent = fields.Integer(
        compute="_compute_allowance",
        string="Used (%)",
        help="Of the fullest device, where each has an allowance of its own.",
    )
    allowance_used = fields.Char(
        compute="_compute_allowance",
        string="Used so Far",
        help="Pages of the running period by the latest valid readings, of the pages "
        "included, carried over or prepaid.",
    )

    @api.depends("contract_id.next_period_start", "included", "prepaid_block")
    def _compute_allowance(self):
        uses = self._origin.contract_id._get_allowance_uses()
        for charge in self:
            own = [use for use in uses if use.charge == charge._origin]
            fullest = next(iter(own), None)
            charge.allowance_percent = fullest.percent if fullest else 0
            charge.allowance_used = fullest and charge._say_use(fullest, len(own))

    def _say_use(self, use, count):
        """Return how much of an allowance is used, in words.

        :param use: the fullest :class:`AllowanceUse` of the charge
        :param int count: how many it has
        """
        used = format_exact(self.env, use.used, max_digits=2)
        available = format_exact(self.env, use.available, max_digits=2)
        if not use.place:
            return self.env._(
                "%(used)s of %(available)s pages", used=used, available=available
            )
        text = self.env._(
            "%(device)s: %(used)s of %(available)s pages",
            device=use.device.serial_number,
            used=used,
            available=available,
        )
        if count == 1:
            return text
        return self.env._(
            "%(fullest)s (the fullest of %(count)s)", fullest=text, count=count
        )
