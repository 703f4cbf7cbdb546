# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A usage charge in one period: pools, allowance, price, minimum, prepaid."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from .allowance import use_included
from .charges import UsageCharge
from .lots import Lots
from .minimum import settle_minimum
from .period import Period
from .prepaid import cover, opening_blocks
from .pricing import Step, price_steps
from .state import PoolState, UsageState
from .usage import Row


@dataclass(frozen=True)
class PoolBill:
    """What one pool (``key``: a place, ``None`` the contract) comes to, exact.

    ``steps`` price its pages; ``settlement`` is the minimum's shortfall and
    clawback. ``granted`` are the pages included now; ``before`` and ``after`` are the
    pool's states, with this period's usage and share still in the first.
    """

    key: Hashable
    usage: Fraction
    included: Fraction
    steps: tuple[Step, ...]
    settlement: tuple[Step, ...]
    granted: Fraction
    before: PoolState
    after: PoolState

    @property
    def billable(self) -> Fraction:
        """Usage that no allowance covers."""
        return self.usage - self.included

    @property
    def priced(self) -> Fraction:
        """The amount of the pages."""
        return sum((step.amount for step in self.steps), Fraction(0))

    @property
    def settled(self) -> Fraction:
        """The amount of shortfall and clawback."""
        return sum((step.amount for step in self.settlement), Fraction(0))


@dataclass(frozen=True)
class UsageBill:
    """What a usage charge comes to now: its pools, and blocks bought for all.

    ``prepaid_before`` and ``prepaid_after`` are the blocks that had pages left.
    """

    pools: tuple[PoolBill, ...] = ()
    blocks: tuple[Step, ...] = ()
    prepaid_before: Lots = ()
    prepaid_after: Lots = ()

    @property
    def usage(self) -> Fraction:
        """All usage charged now."""
        return sum((pool.usage for pool in self.pools), Fraction(0))

    @property
    def included(self) -> Fraction:
        """What allowances cover of it."""
        return sum((pool.included for pool in self.pools), Fraction(0))


def collect_usage(
    charge: UsageCharge, state: UsageState, period: Period, rows: tuple[Row, ...]
) -> UsageState:
    """Return the state with this period's usage and share added to its pools."""
    pools = dict(state.pools)

    def add(key, share=Fraction(0), usage=Fraction(0)):
        pool = pools.get(key, PoolState())
        pools[key] = replace(pool, share=pool.share + share, usage=pool.usage + usage)

    if charge.pool == "contract":
        add(None, share=Fraction(period.share))
    else:
        for place in filter(lambda place: charge.covers(place.key), period.places):
            add(place.key, share=Fraction(place.share))
    for row in rows:
        add(pool_key(charge, row), usage=row.quantity)
    return replace(state, pools=pools)


def pool_key(charge: UsageCharge, row: Row) -> Hashable:
    """Return the key of the pool that a usage row counts in."""
    return row.place if charge.pool == "device" else None


def bill_usage(
    charge: UsageCharge, state: UsageState, index: int
) -> tuple[UsageBill, UsageState]:
    """Charge all that waits in the pools; returns the bill and the new state."""
    bills = []
    pools = {}
    for key, pool in state.pools.items():
        bill, left = _bill_pool(charge, key, pool, index)
        bills.append(bill)
        if left != PoolState():
            pools[key] = left
    blocks: tuple[Step, ...] = ()
    prepaid = state.prepaid
    had = prepaid or ()
    if charge.prepaid:
        had = opening_blocks(charge.prepaid, prepaid, index)
        billable = sum((pool.billable for pool in bills), Fraction(0))
        bought, prepaid = cover(charge.prepaid, billable, prepaid, index)
        blocks = _steps("prepaid", charge.prepaid.price, bought)
    bill = UsageBill(tuple(bills), blocks, had, prepaid or ())
    return bill, UsageState(pools, prepaid)


def _bill_pool(
    charge: UsageCharge, key: Hashable, pool: PoolState, index: int
) -> tuple[PoolBill, PoolState]:
    granted = Fraction(charge.included) * pool.share
    included, carried = use_included(
        pool.usage, granted, pool.carried, charge.carry_over_periods, index
    )
    shortfall, taken_back, shortfalls = settle_minimum(
        charge.minimum, pool.usage, pool.share, pool.shortfalls, index
    )
    settlement: tuple[Step, ...] = ()
    if charge.minimum:
        price = charge.minimum.price
        settlement += _steps("shortfall", price, shortfall)
        settlement += _steps("clawback", price, -taken_back)
    steps = charge_steps(charge, pool.usage - included)
    left = PoolState(carried=carried, shortfalls=shortfalls)
    bill = PoolBill(key, pool.usage, included, steps, settlement, granted, pool, left)
    return bill, left


def charge_steps(charge: UsageCharge, billable: Fraction) -> tuple[Step, ...]:
    """Return the price steps of billable pages; prepaid ones are paid for already."""
    if charge.prepaid:
        return (Step("usage", None, Decimal(0), billable),)
    return price_steps(charge.pricing, billable)


def _steps(kind, price, quantity: Fraction) -> tuple[Step, ...]:
    return (Step(kind, None, price, quantity),) if quantity else ()
