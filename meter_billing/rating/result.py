# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a period comes to."""

from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal

from .state import State

# Steps of (kind, numbers) as JSON-able data: see explanation.py.
Explanation = tuple[tuple[str, dict], ...]


@dataclass(frozen=True)
class Line:
    """An invoice line: ``quantity`` x ``price``, rounded half-up.

    ``kind`` is one of usage, tier, flat, package, shortfall, clawback, prepaid,
    fixed, minimum, maximum. ``tier`` counts from 1. The quantity of fixed lines is
    in periods, of package lines in packages, of flat, minimum and maximum lines a
    count, else in weighted pages. The amount is that of the exact quantity; the
    quantity itself is shown to ten places.
    """

    charge: str
    kind: str
    payer: Hashable
    quantity: Decimal
    price: Decimal
    amount: Decimal
    tier: int | None = None


@dataclass(frozen=True)
class ChargeResult:
    """A charge in this period.

    ``quantity`` is the weighted usage of this period before allowances (of a fixed
    charge: the periods in force); ``billed_quantity`` is what is charged now, that
    is all usage since the charge last fell due (of a fixed charge: the periods
    charged). ``included`` is what allowances, carried ones too, covered of it and
    ``billable`` the rest. All but ``quantity`` are 0 where the charge is not ``due``.
    ``explanation`` says step by step how a due charge came to its amount.
    """

    charge: str
    quantity: Decimal
    billed_quantity: Decimal
    included: Decimal
    billable: Decimal
    amount: Decimal
    due: bool
    explanation: Explanation = ()


@dataclass(frozen=True)
class DeviceShare:
    """The part of a usage charge that falls to one meter of one device."""

    charge: str
    place: Hashable
    device: Hashable
    meter: str
    pages: int
    quantity: Decimal
    included: Decimal
    billable: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Result:
    """Lines and charges in the order of the terms, and the state to go on with."""

    lines: tuple[Line, ...]
    charges: dict[str, ChargeResult]
    shares: tuple[DeviceShare, ...]
    state: State

    @property
    def total(self) -> Decimal:
        """The sum of all lines."""
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def by_payer(self) -> dict[Hashable, Decimal]:
        """The sum of the lines of each payer that has any."""
        totals: dict[Hashable, Decimal] = {}
        for line in self.lines:
            totals[line.payer] = totals.get(line.payer, Decimal(0)) + line.amount
        return totals
