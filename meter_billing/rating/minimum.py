# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Minimum quantities: shortfalls charged, and taken back by later usage."""

from fractions import Fraction

from .charges import Minimum
from .lots import Lot, Lots, draw, keep


def settle_minimum(
    minimum: Minimum | None,
    usage: Fraction,
    share: Fraction,
    shortfalls: Lots,
    index: int,
) -> tuple[Fraction, Fraction, Lots]:
    """Compare the usage charged in period ``index`` with the minimum of ``share``.

    Returns the shortfall in pages, the pages taken back, and the shortfalls that
    later usage may still take back. Usage below zero corrects an earlier estimate
    and is credited as usage: the shortfall is never more than the minimum.
    """
    if minimum is None:
        return Fraction(0), Fraction(0), ()
    paid_for = Fraction(minimum.quantity) * share
    shortfall = max(paid_for - max(usage, Fraction(0)), Fraction(0))
    taken, left = draw(shortfalls, usage - paid_for)
    left += (Lot(index, shortfall),)
    return shortfall, taken, keep(left, minimum.clawback_periods, index)
