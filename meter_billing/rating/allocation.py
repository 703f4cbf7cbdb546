# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What part of a usage charge each meter of each device bears.

Sums are conserved exactly: the shares of a charge add up to what the charge comes
to. The order in which devices are given changes nothing.
"""

from collections.abc import Sequence
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
    """
    by_pool: dict = {}
    for row in rows:
        by_pool.setdefault(pool_key(charge, row), []).append(row)
    if not by_pool:
        return []
    amounts = _pool_amounts(bill)
    billed = {pool.key: pool for pool in bill.pools}
    pools = [billed.get(key, PoolBill(key)) for key in by_pool]
    page = _page_unit(result, rows)
    shares = []
    for pool, of_pool, included, billable, amount in zip(
        pools,
        by_pool.values(),
        apportion(result.included, [pool.included for pool in pools], page),
        apportion(result.billable, [pool.billable for pool in pools], page),
        apportion(
            result.amount,
            [amounts.get(pool.key, Fraction(0)) for pool in pools],
            rounding,
        ),
        strict=True,
    ):
        weights = [row.quantity for row in of_pool]
        for row, row_included, row_billable, row_amount in zip(
            of_pool,
            apportion(included, spread(Fraction(included), weights), page),
            apportion(billable, spread(Fraction(billable), weights), page),
            apportion(amount, _row_amounts(pool, Fraction(amount), weights), rounding),
            strict=True,
        ):
            shares.append(
                DeviceShare(
                    charge=charge.code,
                    place=row.place,
                    device=row.device,
                    meter=row.meter,
                    pages=row.pages,
                    quantity=as_decimal(row.quantity),
                    included=row_included,
                    billable=row_billable,
                    amount=row_amount,
                )
            )
    return shares


def _pool_amounts(bill: UsageBill) -> dict:
    """Return the exact amount of each pool; blocks go by billable pages."""
    if not bill.pools:
        return {}
    blocks = sum((step.amount for step in bill.blocks), Fraction(0))
    of_blocks = spread(blocks, [pool.billable for pool in bill.pools])
    return {
        pool.key: pool.priced + pool.settled + blocks_part
        for pool, blocks_part in zip(bill.pools, of_blocks, strict=True)
    }


def _row_amounts(
    pool: PoolBill, amount: Fraction, weights: Sequence[Fraction]
) -> list[Fraction]:
    """Return the exact amount of each row of a pool.

    Pages are paid for where they were printed, or credited where they were too
    many. The rest (minimum, blocks, cents) knows no sign of usage.
    """
    pages = spread(pool.priced, weights)
    rest = spread(amount - pool.priced, [abs(weight) for weight in weights])
    return [of_pages + of_rest for of_pages, of_rest in zip(pages, rest, strict=True)]


def _page_unit(result: ChargeResult, rows: Sequence[Row]) -> Decimal:
    """Return the resolution that all quantities of the charge can be written in."""
    quantities = [result.included, result.billable]
    quantities += [as_decimal(row.quantity) for row in rows]
    places = max(-quantity.as_tuple().exponent for quantity in quantities)
    return Decimal(1).scaleb(-places)
