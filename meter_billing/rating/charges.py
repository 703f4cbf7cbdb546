# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a contract says: meter types, prices and charges.

Numbers are ``Decimal`` or ``int``, never ``float``. Prices are per weighted page
and without tax. ``payer`` is any hashable value of the caller's (a partner's id,
a name); ``None`` is the contract's own customer.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class MeterType:
    """A kind of page counter.

    ``weight`` is what one page counts for in pools, allowances, minimums and
    prices. Where ``add`` is given the type is derived: never read, its pages are
    those of ``add`` less those of ``subtract`` on the same device (raw pages;
    only then comes its own weight). A source that the device lacks counts as 0;
    a device with none of ``add`` has no such usage at all.
    """

    code: str
    weight: Decimal = Decimal(1)
    add: tuple[str, ...] = ()
    subtract: tuple[str, ...] = ()


@dataclass(frozen=True)
class PerUnit:
    """Every page at one price."""

    price: Decimal


@dataclass(frozen=True)
class Tier:
    """Pages up to and including ``up_to`` (``None`` for the last tier).

    ``flat`` is charged once when the tier is reached, that is from its first
    page on: a period without billable pages pays no flat.
    """

    up_to: Decimal | None
    price: Decimal
    flat: Decimal = Decimal(0)


@dataclass(frozen=True)
class Graduated:
    """Each page at the price of the tier it falls in; the flats of all reached."""

    tiers: tuple[Tier, ...]


@dataclass(frozen=True)
class Volume:
    """All pages at the price, and with the flat, of the tier that is reached."""

    tiers: tuple[Tier, ...]


@dataclass(frozen=True)
class Package:
    """Each started package of ``size`` pages costs ``price``."""

    size: Decimal
    price: Decimal


@dataclass(frozen=True)
class Minimum:
    """Pages that are paid for in every period, used or not.

    Compared with the weighted usage before allowances. A shortfall is charged at
    ``price``; usage above the minimum in the next ``clawback_periods`` periods
    takes it back at the same price, the oldest shortfall first.
    """

    quantity: Decimal
    price: Decimal
    clawback_periods: int = 0


@dataclass(frozen=True)
class Prepaid:
    """Usage is covered from blocks of pages, bought whole when they run out.

    ``price`` is per page, so that a block costs ``block`` x ``price``. The charge's
    ``pricing`` is not applied. One balance serves the whole charge, also where its
    pool is "device". ``opening_balance`` counts as bought in the first period; with
    ``expires_periods`` n a block bought in period i is usable through period i + n.
    """

    block: Decimal
    price: Decimal
    opening_balance: Decimal = Decimal(0)
    expires_periods: int | None = None


@dataclass(frozen=True)
class UsageCharge:
    """Pages of some meters, added up by weight and priced.

    ``pool`` "contract" rates all devices together; "device" applies allowance,
    tiers and minimum to each place (a device and its replacements) on its own.
    ``included`` pages are free in each period; what is left of them stays usable
    for the next ``carry_over_periods`` periods, the oldest first, before the
    period's own. ``every`` n charges each nth period for all since; included pages
    and minimum add up over them, tiers stay as they are. ``places`` are the keys of
    the only places whose pages count; ``None`` is all of them.
    """

    code: str
    meters: tuple[str, ...]
    pricing: PerUnit | Graduated | Volume | Package
    pool: str = "contract"
    included: Decimal = Decimal(0)
    carry_over_periods: int = 0
    minimum: Minimum | None = None
    prepaid: Prepaid | None = None
    every: int = 1
    payer: Hashable = None
    places: frozenset[Hashable] | None = None

    def covers(self, place: Hashable) -> bool:
        """Tell whether the pages of a place count."""
        return self.places is None or place in self.places


@dataclass(frozen=True)
class FixedCharge:
    """An amount for each period, of the contract or of each place in it.

    ``timing`` "advance" charges the next period in the invoice that closes this
    one; the first invoice carries the first period as well. ``next_amount`` is the
    amount of the periods to come where it changes with them. ``places`` are the keys
    of the only places that an amount of each place counts; ``None`` is all of them.
    """

    code: str
    amount: Decimal
    per: str = "contract"
    timing: str = "arrears"
    every: int = 1
    payer: Hashable = None
    next_amount: Decimal | None = None
    places: frozenset[Hashable] | None = None

    def covers(self, place: Hashable) -> bool:
        """Tell whether the amount is charged for a place."""
        return self.places is None or place in self.places


@dataclass(frozen=True)
class MinimumAmount:
    """Tops the named usage and fixed charges up to ``amount`` a period."""

    code: str
    amount: Decimal
    charges: tuple[str, ...]
    payer: Hashable = None


@dataclass(frozen=True)
class MaximumAmount:
    """Caps the named usage and fixed charges at ``amount`` a period."""

    code: str
    amount: Decimal
    charges: tuple[str, ...]
    payer: Hashable = None


Charge = UsageCharge | FixedCharge | MinimumAmount | MaximumAmount
