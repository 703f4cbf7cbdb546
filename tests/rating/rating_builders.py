# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Short words for the tests: terms, months, lines as text."""

from decimal import Decimal as D

from rating import (
    MeterType,
    MeterUsage,
    Period,
    PerUnit,
    Place,
    Terms,
    UsageCharge,
    rate_periods,
)

CENT = PerUnit(D("0.01"))


def black(pricing=CENT, **fields) -> UsageCharge:
    """A charge for black pages."""
    return UsageCharge("black", ("black",), pricing, **fields)


def terms(*charges, types=(), **fields) -> Terms:
    """Terms that know black and colour, and ``types``."""
    return Terms((MeterType("black"), MeterType("colour"), *types), charges, **fields)


def month(index, *pages, shares=None, **fields) -> Period:
    """A month in which devices A, B, … print so many black pages."""
    names = "ABCDEFGH"[: len(pages)]
    shares = shares or [1] * len(pages)
    return Period(
        index,
        places=tuple(Place(*place) for place in zip(names, shares, strict=True)),
        usage=tuple(
            MeterUsage(name, name, "black", count)
            for name, count in zip(names, pages, strict=True)
        ),
        **fields,
    )


def text(line) -> str:
    """A line as one reads it on paper."""
    tier = f" {line.tier}" if line.tier else ""
    return f"{line.kind}{tier}: {line.quantity} x {line.price} = {line.amount}"


def bill(charge_or_terms, *periods) -> list[list[str]]:
    """The lines of each period as text."""
    whole = (
        charge_or_terms
        if isinstance(charge_or_terms, Terms)
        else terms(charge_or_terms)
    )
    results = rate_periods(whole, periods)
    return [[text(line) for line in result.lines] for result in results]
