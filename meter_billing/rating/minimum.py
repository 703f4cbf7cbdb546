# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Minimum quantities: shortfalls charged, and taken back by later usage."""

from fractions import Fraction

from .charges import Minimum
from .lots import Lot, Lots, draw, usable


def settle_minimum(
    minimum: Minimum | None,
    usage: Fraction,
    share: Fraction,
    shortfalls: Lots,
    first: int,
    index: int,
) -> tuple[Fraction, Fraction, Lots]:
    """Compare the usage of periods ``first`` to ``index`` with the minimum.

    Returns the shortfall in pages, the pages taken back, and the shortfalls that
    later usage may still take back. Usage below zero corrects an earlier estimate
    and is credited as usage: the shortfall is never more than the minimum.
    """
    if minimum is None:
        return Fraction(0), Fraction(0), ()
    paid_for = Fraction(minimum.quantity) * share
    shortfall = max(paid_for - max(usage, Fraction(0)), Fraction(0))
    taken, left = draw(
        usable(shortfalls, minimum.clawback_periods, first), usage - paid_for
    )
    left += (Lot(index, shortfall),)
    return shortfall, taken, usable(left, minimum.clawback_periods, index + 1)
