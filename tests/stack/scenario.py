# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A billing scenario: a contract, its devices, their readings and what is expected."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

#: Who pays where a charge names nobody else.
CUSTOMER = "customer"


@dataclass(frozen=True)
class MeterType:
    code: str
    weight: Decimal
    add: tuple[str, ...] = ()
    subtract: tuple[str, ...] = ()


@dataclass(frozen=True)
class Device:
    serial: str
    installed: date
    opening: dict[str, int]
    digits: dict[str, int]
    removed: date | None
    closing: dict[str, int]
    replaces: str | None


@dataclass(frozen=True)
class Tier:
    up_to: int | None
    price: Decimal
    flat: Decimal


@dataclass(frozen=True)
class Pricing:
    model: str
    price: Decimal | None = None
    size: int | None = None
    tiers: tuple[Tier, ...] = ()


@dataclass(frozen=True)
class Minimum:
    quantity: int
    price: Decimal
    clawback_periods: int


@dataclass(frozen=True)
class Prepaid:
    block: int
    price: Decimal
    opening_balance: int
    expires_periods: int | None


@dataclass(frozen=True)
class UsageCharge:
    code: str
    bill_to: str
    every: int
    meters: tuple[str, ...]
    pricing: Pricing
    pool: str
    included: int
    carry_over_periods: int
    minimum: Minimum | None
    prepaid: Prepaid | None


@dataclass(frozen=True)
class FixedCharge:
    code: str
    bill_to: str
    every: int
    amount: Decimal
    per: str
    timing: str


@dataclass(frozen=True)
class MinimumAmount:
    code: str
    bill_to: str
    amount: Decimal
    charges: tuple[str, ...]


@dataclass(frozen=True)
class Contract:
    start: date
    period_months: int
    prorate: bool
    charges: tuple[UsageCharge | FixedCharge | MinimumAmount, ...]


@dataclass(frozen=True)
class Reading:
    device: str
    meter: str
    value: int
    date: date
    kind: str


@dataclass(frozen=True)
class Figures:
    """What a period comes to, or is expected to: ``None`` and absent are not stated."""

    total: Decimal | None = None
    by_charge: dict[str, Decimal] = field(default_factory=dict)
    quantities: dict[str, Decimal] = field(default_factory=dict)
    by_partner: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Period:
    through: date
    readings: tuple[Reading, ...]
    skip: bool
    expect: Figures


@dataclass(frozen=True)
class Scenario:
    name: str
    meter_types: tuple[MeterType, ...]
    devices: tuple[Device, ...]
    contract: Contract
    periods: tuple[Period, ...]

    @property
    def payers(self):
        """The names of those who pay a charge, in the order of the charges."""
        return tuple(dict.fromkeys(charge.bill_to for charge in self.contract.charges))

    @property
    def billed_meters(self):
        """The codes of the meters whose counters the charges need, read ones only."""
        kinds = {kind.code: kind for kind in self.meter_types}
        pending = [
            meter
            for charge in self.contract.charges
            if isinstance(charge, UsageCharge)
            for meter in charge.meters
        ]
        found = set()
        while pending:
            kind = kinds[pending.pop()]
            if kind.add:
                pending += (*kind.add, *kind.subtract)
            else:
                found.add(kind.code)
        return found


def differences(found, expected):
    """Return in words where the figures ``found`` miss those that are ``expected``."""
    wrong = []
    if expected.total is not None and found.total != expected.total:
        wrong.append(f"total is {found.total}, expected {expected.total}")
    for figure in ("by_charge", "quantities", "by_partner"):
        of_found = getattr(found, figure)
        for name, value in getattr(expected, figure).items():
            if of_found.get(name, 0) != value:
                wrong.append(
                    f"{figure} {name} is {of_found.get(name, 0)}, expected {value}"
                )
    return wrong
