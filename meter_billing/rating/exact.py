# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Exact numbers: fractions inside the engine, decimals at its edge."""

from decimal import Decimal
from fractions import Fraction
from math import floor

# A third of a page has no exact decimal: quantities are shown to ten places.
QUANTITY_UNIT = Decimal("1e-10")


def times(count: int, unit: Decimal) -> Decimal:
    """Return ``count`` units, exact whatever the caller's decimal context is."""
    sign, digits, exponent = unit.as_tuple()
    coefficient = count * int("".join(map(str, digits))) * (-1 if sign else 1)
    return Decimal(f"{coefficient}e{exponent}")


def round_half_up(value: Fraction, unit: Decimal) -> Decimal:
    """Return ``value`` rounded to a multiple of ``unit``, halves away from zero."""
    units = floor(abs(value) / Fraction(unit) + Fraction(1, 2))
    return times(units if value > 0 else -units, unit)


def as_decimal(value: Fraction) -> Decimal:
    """Return ``value`` as a decimal of at most ten places, no trailing zeros."""
    text = f"{round_half_up(Fraction(value), QUANTITY_UNIT):f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)
