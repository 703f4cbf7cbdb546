# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Invoice lines: one a price step, whatever number of pools took it."""

from collections.abc import Hashable, Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from .charges import UsageCharge
from .exact import as_decimal, round_half_up
from .pricing import Step
from .result import Line
from .usage_charge import UsageBill, charge_steps


def usage_lines(
    charge: UsageCharge, bill: UsageBill, rounding: Decimal
) -> tuple[Line, ...]:
    """Return the lines of a usage charge that is due.

    Pages have a line even where there are none, so that every period leaves a
    trace on paper; shortfall, clawback and blocks only where there are any.
    """
    pages = _merge(step for pool in bill.pools for step in pool.steps)
    settlement = _merge(step for pool in bill.pools for step in pool.settlement)
    steps = (pages or charge_steps(charge, Fraction(0))) + settlement + bill.blocks
    return tuple(
        priced_line(charge.code, charge.payer, step, rounding) for step in steps
    )


def priced_line(code: str, payer: Hashable, step: Step, rounding: Decimal) -> Line:
    """Return the line of one price step, its amount rounded half-up."""
    return Line(
        charge=code,
        kind=step.kind,
        payer=payer,
        quantity=as_decimal(step.quantity),
        price=step.price,
        amount=round_half_up(step.amount, rounding),
        tier=step.tier,
    )


def _merge(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Add up the steps of the same price, tiers in order; drop what is nothing."""
    merged: dict[tuple, Step] = {}
    for step in steps:
        key = (step.tier or 0, step.kind != "tier", step.kind)
        known = merged.get(key, replace(step, quantity=Fraction(0)))
        merged[key] = replace(step, quantity=known.quantity + step.quantity)
    return tuple(merged[key] for key in sorted(merged) if merged[key].quantity)
