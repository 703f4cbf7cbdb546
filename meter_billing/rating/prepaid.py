# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Prepaid blocks of pages."""

from fractions import Fraction
from math import ceil

from .charges import Prepaid
from .lots import Lot, Lots, draw, keep


def opening_blocks(prepaid: Prepaid, blocks: Lots | None, index: int) -> Lots:
    """Return the blocks there are: at the start, the opening balance."""
    if blocks is None:
        return (Lot(index, Fraction(prepaid.opening_balance)),)
    return blocks


def cover(
    prepaid: Prepaid, billable: Fraction, blocks: Lots | None, index: int
) -> tuple[Fraction, Lots]:
    """Cover the billable pages charged in period ``index`` from blocks.

    Returns the pages bought now and the blocks left. Pages below zero (an actual
    reading below an estimate) go back to the balance, as of this period.
    """
    taken, left = draw(opening_blocks(prepaid, blocks, index), billable)
    block = Fraction(prepaid.block)
    uncovered = max(billable, Fraction(0)) - taken
    bought = ceil(uncovered / block) * block
    returned = max(-billable, Fraction(0))
    left += (Lot(index, bought - uncovered + returned),)
    return bought, keep(left, prepaid.expires_periods, index)
