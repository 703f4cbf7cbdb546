# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Pages set aside in one period and used up in later ones, the oldest first.

Carried allowances, shortfalls that may be taken back and prepaid blocks are all
lots: a quantity and the period it comes from.
"""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Lot:
    """``left`` pages that were set aside in period ``index``."""

    index: int
    left: Fraction


Lots = tuple[Lot, ...]


def keep(lots: Lots, periods: int | None, index: int) -> Lots:
    """Return the lots that what is charged after period ``index`` may draw on.

    A lot lives for ``periods`` periods after its own (``None``: for ever). Where
    the next charge covers several periods, skipped ones or those of a charge that
    falls due each nth, it may draw on all lots that lived in the first of them:
    pages do not lose their allowance by being charged late.
    """
    return tuple(
        lot
        for lot in lots
        if lot.left > 0 and (periods is None or lot.index + periods > index)
    )


def draw(lots: Lots, wanted: Fraction) -> tuple[Fraction, Lots]:
    """Take up to ``wanted`` pages from ``lots`` in their order.

    Returns what was taken and the lots as they are left.
    """
    missing = max(wanted, Fraction(0))
    left = []
    for lot in lots:
        part = min(lot.left, missing)
        missing -= part
        left.append(Lot(lot.index, lot.left - part))
    return max(wanted, Fraction(0)) - missing, tuple(left)
