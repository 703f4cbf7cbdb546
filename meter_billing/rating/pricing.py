# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a quantity of pages costs: the four pricing models."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil

from .charges import Graduated, Package, PerUnit, Tier, Volume


@dataclass(frozen=True)
class Step:
    """A quantity at one price, exact; ``kind`` and ``tier`` as in ``Line``."""

    kind: str
    tier: int | None
    price: Decimal
    quantity: Fraction

    @property
    def amount(self) -> Fraction:
        """Quantity x price, not rounded."""
        return self.quantity * Fraction(self.price)


Pricing = PerUnit | Graduated | Volume | Package


def price_steps(pricing: Pricing, quantity: Fraction) -> tuple[Step, ...]:
    """Return the price steps of ``quantity`` billable pages, at least one.

    A negative quantity is credited as the mirror image of what it would cost.
    """
    if quantity < 0:
        steps = price_steps(pricing, -quantity)
        return tuple(replace(step, quantity=-step.quantity) for step in steps)
    if isinstance(pricing, Graduated):
        return _graduated(pricing.tiers, quantity)
    if isinstance(pricing, Volume):
        return _volume(pricing.tiers, quantity)
    if isinstance(pricing, Package):
        packages = Fraction(ceil(quantity / Fraction(pricing.size)))
        return (Step("package", None, pricing.price, packages),)
    return (Step("usage", None, pricing.price, quantity),)


def _graduated(tiers: tuple[Tier, ...], quantity: Fraction) -> tuple[Step, ...]:
    steps = []
    below = Fraction(0)
    for number, tier in enumerate(tiers, 1):
        top = quantity if tier.up_to is None else min(quantity, Fraction(tier.up_to))
        if number > 1 and top <= below:
            break
        steps += _tier_steps(number, tier, top - below)
        below = top
    return tuple(steps)


def _volume(tiers: tuple[Tier, ...], quantity: Fraction) -> tuple[Step, ...]:
    return next(
        _tier_steps(number, tier, quantity)
        for number, tier in enumerate(tiers, 1)
        if tier.up_to is None or quantity <= tier.up_to
    )


def _tier_steps(number: int, tier: Tier, quantity: Fraction) -> tuple[Step, ...]:
    steps = (Step("tier", number, tier.price, quantity),)
    if tier.flat and quantity:
        steps += (Step("flat", number, tier.flat, Fraction(1)),)
    return steps
