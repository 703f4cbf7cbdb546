# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Included pages, and those carried over from earlier periods."""

from fractions import Fraction

from .lots import Lot, Lots, draw, usable


def use_included(
    usage: Fraction,
    granted: Fraction,
    carried: Lots,
    carry_over_periods: int,
    first: int,
    index: int,
) -> tuple[Fraction, Lots]:
    """Cover the usage of periods ``first`` to ``index`` from included pages.

    Carried pages are used before those ``granted`` now, which count as granted in
    period ``index``. Returns the pages used and those carried to later periods.
    Usage below zero uses none and gives none back.
    """
    lots = usable(carried, carry_over_periods, first) + (Lot(index, granted),)
    used, left = draw(lots, usage)
    return used, usable(left, carry_over_periods, index + 1)
