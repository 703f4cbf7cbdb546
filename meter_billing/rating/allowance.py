# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Included pages, and those carried over from earlier periods."""

from fractions import Fraction

from .lots import Lot, Lots, draw, keep


def use_included(
    usage: Fraction,
    granted: Fraction,
    carried: Lots,
    carry_over_periods: int,
    index: int,
) -> tuple[Fraction, Lots]:
    """Cover the usage charged in period ``index`` from included pages.

    Carried pages are used before those ``granted`` now, for however many periods
    are charged. Returns the pages used and those carried to later periods.
    Usage below zero uses none and gives none back.
    """
    used, left = draw((*carried, Lot(index, granted)), usage)
    return used, keep(left, carry_over_periods, index)
