# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What part of a usage charge each meter of each device bears.

Sums are conserved exactly: the shares of a charge add up to what the charge comes
to. The order in which devices are given changes nothing.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

from .charges import UsageCharge
from .exact import as_decimal, times
from .result import ChargeResult, DeviceShare
from .usage import Row
from .usage_charge import PoolBill, UsageBill, pool_key


def apportion(
    total: Decimal, targets: Sequence[Fraction], unit: Decimal
) -> list[Decimal]:
    """Return multiples of ``unit`` near ``targets`` that add up to ``total``.

    What the targets miss of the total is spread evenly over them; then the largest
    remainders are rounded up, the earlier one where two are alike. ``total`` must
    be a multiple of ``unit`` and ``targets`` not empty.
    """
    missing = (Fraction(total) - sum(targets)) / len(targets)
    exact = [(target + missing) / Fraction(unit) for target in targets]
    units = [floor(number) for number in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: units[i] - exact[i])
    for i in by_remainder[: int(sum(exact)) - sum(units)]:
        units[i] += 1
    return [times(count, unit) for count in units]


def spread(total: Fraction, weights: Sequence[Fraction]) -> list[Fraction]:
    """Return ``total`` in proportion to ``weights``, evenly where they cancel out."""
    whole = sum(weights)
    if not whole:
        return [total / len(weights)] * len(weights)
    return [total * weight / whole for weight in weights]


@dataclass(frozen=True)
class Part:
    """What is to be shared out: pages billed, pages included in them, an amount."""

    billed: Decimal
    included: Decimal
    amount: Decimal


def allocate(
    charge: UsageCharge,
    result: ChargeResult,
    bill: UsageBill,
    rows: Sequence[Row],
    rounding: Decimal,
) -> list[DeviceShare]:
    """Return the share of each of this period's usage rows of the charge.

    Each pool bears its own part of the charge as exactly as ``rounding`` allows;
    what belongs to a place without rows is spread evenly over those with rows.
    Pages that waited from earlier periods are billed with the rows of this one.
    """
    if not result.due:
        nothing = Part(Decimal(0), Decimal(0), Decimal(0))
        return [_share(charge, row, nothing) for row in rows]
    by_pool: dict[Hashable, list[Row]] = {}
    for row in rows:
        by_pool.setdefault(pool_key(charge, row), []).append(row)
    if not by_pool:
        return []
    bills = {pool.key: pool for pool in bill.pools}
    pools = [bills[key] for key in by_pool]
    amounts = _pool_amounts(bill)
    page = _page_unit(result, rows)
    parts = map(
        Part,
        apportion(result.billed_quantity, [pool.usage for pool in pools], page),
        apportion(result.included, [pool.included for pool in pools], page),
        apportion(result.amount, [amounts[pool.key] for pool in pools], rounding),
    )
    shares = []
    for pool, part in zip(pools, parts, strict=True):
        of_rows = _split(pool, part, by_pool[pool.key], page, rounding)
        for row, of_row in zip(by_pool[pool.key], of_rows, strict=True):
            shares.append(_share(charge, row, of_row))
    return shares


def _split(
    pool: PoolBill, part: Part, rows: Sequence[Row], page: Decimal, rounding: Decimal
) -> list[Part]:
    """Split the part of a pool over its rows.

    Pages are paid for where they were printed, or credited where they were too
    many. The rest (pages that waited, minimum, blocks, cents) goes by usage
    whatever its sign.
    """
    weights = [row.quantity for row in rows]
    sizes = [abs(weight) for weight in weights]
    waited = spread(Fraction(part.billed) - sum(weights), sizes)
    billed = apportion(part.billed, _add(weights, waited), page)
    included = apportion(part.included, spread(Fraction(part.included), weights), page)
    billable = _add(map(Fraction, billed), (-Fraction(pages) for pages in included))
    rest = spread(Fraction(part.amount) - pool.priced, sizes)
    amounts = apportion(
        part.amount, _add(spread(pool.priced, billable), rest), rounding
    )
    return list(map(Part, billed, included, amounts))


def _add(first: Iterable[Fraction], second: Iterable[Fraction]) -> list[Fraction]:
    return [one + other for one, other in zip(first, second, strict=True)]


def _share(charge: UsageCharge, row: Row, part: Part) -> DeviceShare:
    return DeviceShare(
        charge=charge.code,
        place=row.place,
        device=row.device,
        meter=row.meter,
        pages=row.pages,
        quantity=as_decimal(row.quantity),
        included=part.included,
        billable=part.billed - part.included,
        amount=part.amount,
    )


def _pool_amounts(bill: UsageBill) -> dict[Hashable, Fraction]:
    """Return the exact amount of each pool; blocks go by the pages they cover."""
    blocks = sum((step.amount for step in bill.blocks), Fraction(0))
    of_blocks = spread(blocks, [pool.billable for pool in bill.pools])
    return {
        pool.key: pool.priced + pool.settled + of_pool
        for pool, of_pool in zip(bill.pools, of_blocks, strict=True)
    }


def _page_unit(result: ChargeResult, rows: Sequence[Row]) -> Decimal:
    """Return the resolution that all quantities of the charge can be written in."""
    quantities = [result.included, result.billed_quantity]
    quantities += [as_decimal(row.quantity) for row in rows]
    places = max(-quantity.as_tuple().exponent for quantity in quantities)
    return Decimal(f"1e-{places}")
