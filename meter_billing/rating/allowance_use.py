# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How much a period has used so far, of its allowances where there are any."""

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction

from .charges import UsageCharge
from .lots import Lots
from .period import Period
from .prepaid import opening_blocks
from .state import PoolState, State, UsageState
from .terms import Terms
from .usage import Row, usage_rows
from .usage_charge import collect_usage


@dataclass(frozen=True)
class AllowanceUse:
    """Weighted pages used of those available to one pool of a charge.

    ``place`` is ``None`` for the pool of the whole charge. ``rows`` is the usage of the
    running period that counts in it.
    """

    charge: str
    place: Hashable
    used: Fraction
    available: Fraction
    rows: tuple[Row, ...] = ()

    @property
    def percent(self) -> int | None:
        """How much is used, rounded down: 100 is reached, not nearly reached.

        ``None`` where no pages are available: each is charged.
        """
        if not self.available:
            return None
        return int(max(self.used, Fraction(0)) * 100 / self.available)


def allowance_uses(
    terms: Terms, state: State, period: Period
) -> tuple[AllowanceUse, ...]:
    """Return the use of each allowance, see ``charge_uses``.

    Pools with nothing available are left out.
    """
    uses = charge_uses(terms, state, period)
    return tuple(use for use in uses if use.available > 0)


def charge_uses(terms: Terms, state: State, period: Period) -> tuple[AllowanceUse, ...]:
    """Return what each pool of a usage charge has used in a period that may still run.

    Available are the pages included, and those carried from earlier periods; a charge
    that falls due each nth period has those of all n in full. Of a prepaid charge it is
    the balance that the period began with, and used is what included pages do not
    cover. A charge with nothing available is one use, of all its pages.
    """
    rows = usage_rows(terms, period)
    uses = []
    for charge in terms.charges:
        if isinstance(charge, UsageCharge):
            before = state.usage.get(charge.code, UsageState())
            own = tuple(
                row
                for row in rows
                if row.meter in charge.meters and charge.covers(row.place)
            )
            usage = collect_usage(charge, before, period, own)
            uses += _uses(charge, usage, period, own)
    return tuple(uses)


def _uses(charge: UsageCharge, usage: UsageState, period: Period, rows: tuple):
    ahead = 0 if period.final else charge.every - 1 - period.index % charge.every
    ended = {place.key for place in period.places if not place.continues}
    pools = {
        key: (pool.usage, _included(charge, pool, 0 if key in ended else ahead))
        for key, pool in usage.pools.items()
    }
    if charge.prepaid:
        blocks = opening_blocks(charge.prepaid, usage.prepaid, period.index)
        beyond = sum(
            (max(used - included, Fraction(0)) for used, included in pools.values()),
            Fraction(0),
        )
        return [AllowanceUse(charge.code, None, beyond, _left(blocks), rows)]
    if not any(included for _used, included in pools.values()):
        used = sum((used for used, _none in pools.values()), Fraction(0))
        return [AllowanceUse(charge.code, None, used, Fraction(0), rows)]
    return [
        AllowanceUse(
            charge.code,
            key,
            used,
            included,
            tuple(row for row in rows if key in (None, row.place)),
        )
        for key, (used, included) in pools.items()
    ]


def _included(charge: UsageCharge, pool: PoolState, ahead: int) -> Fraction:
    return Fraction(charge.included) * (pool.share + ahead) + _left(pool.carried)


def _left(lots: Lots) -> Fraction:
    return sum((lot.left for lot in lots), Fraction(0))
