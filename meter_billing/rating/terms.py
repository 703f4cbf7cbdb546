# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The terms of a contract as a whole, and whether they can be rated."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from .charges import (
    Charge,
    FixedCharge,
    Graduated,
    MeterType,
    Package,
    PerUnit,
    Tier,
    UsageCharge,
    Volume,
)
from .errors import TermsError


@dataclass(frozen=True)
class Terms:
    """Meter types and charges, the charges in invoice order.

    ``rounding`` is the currency's rounding unit. Raises ``TermsError`` naming the
    charge and the field where something cannot be rated.
    """

    meter_types: tuple[MeterType, ...]
    charges: tuple[Charge, ...]
    rounding: Decimal = Decimal("0.01")

    def __post_init__(self):
        _number("terms", "rounding", self.rounding, above=0)
        _unique("meter type", [meter_type.code for meter_type in self.meter_types])
        _unique("charge", [charge.code for charge in self.charges])
        _check_meter_types({kind.code: kind for kind in self.meter_types})
        for charge in self.charges:
            where = f"charge {charge.code}"
            if isinstance(charge, UsageCharge):
                _check_usage(where, charge, self)
            elif isinstance(charge, FixedCharge):
                _check_fixed(where, charge)
            else:
                _check_amount(where, charge, self)


def _check_meter_types(types: dict[str, MeterType]):
    for code, meter_type in types.items():
        where = f"meter type {code}"
        _number(where, "weight", meter_type.weight, least=0)
        _known(where, "add", meter_type.add, types)
        _known(where, "subtract", meter_type.subtract, types)
        if meter_type.subtract and not meter_type.add:
            raise TermsError(f"{where}: subtract needs a meter type to subtract from")
    for code in types:
        _check_derivation(code, types, ())


def _check_derivation(code: str, types: dict[str, MeterType], path: tuple[str, ...]):
    if code in path:
        cycle = " - ".join((*path[path.index(code) :], code))
        raise TermsError(f"meter type {code}: derived from itself ({cycle})")
    for source in (*types[code].add, *types[code].subtract):
        _check_derivation(source, types, (*path, code))


def _check_usage(where: str, charge: UsageCharge, terms: Terms):
    if not charge.meters:
        raise TermsError(f"{where}: meters names no meter type")
    _known(where, "meters", charge.meters, {kind.code for kind in terms.meter_types})
    _choice(where, "pool", charge.pool, ("contract", "device"))
    _number(where, "included", charge.included, least=0)
    _count(where, "carry_over_periods", charge.carry_over_periods, least=0)
    _count(where, "every", charge.every, least=1)
    _check_pricing(where, charge.pricing)
    if charge.minimum is not None:
        minimum = charge.minimum
        _number(where, "minimum.quantity", minimum.quantity, least=0)
        _number(where, "minimum.price", minimum.price, least=0)
        _count(where, "minimum.clawback_periods", minimum.clawback_periods, least=0)
    if charge.prepaid is not None:
        prepaid = charge.prepaid
        _number(where, "prepaid.block", prepaid.block, above=0)
        _number(where, "prepaid.price", prepaid.price, least=0)
        _number(where, "prepaid.opening_balance", prepaid.opening_balance, least=0)
        if prepaid.expires_periods is not None:
            _count(where, "prepaid.expires_periods", prepaid.expires_periods, least=0)


def _check_pricing(where: str, pricing):
    if isinstance(pricing, PerUnit):
        _number(where, "pricing.price", pricing.price, least=0)
    elif isinstance(pricing, Package):
        _number(where, "pricing.size", pricing.size, above=0)
        _number(where, "pricing.price", pricing.price, least=0)
    elif isinstance(pricing, Graduated | Volume):
        _check_tiers(where, pricing.tiers)
    else:
        raise TermsError(f"{where}: pricing {pricing!r} is no pricing model")


def _check_tiers(where: str, tiers: tuple[Tier, ...]):
    if not tiers:
        raise TermsError(f"{where}: pricing.tiers is empty")
    below = 0
    for number, tier in enumerate(tiers, 1):
        name = f"tier {number}"
        _number(where, f"{name} price", tier.price, least=0)
        _number(where, f"{name} flat", tier.flat, least=0)
        if number == len(tiers):
            if tier.up_to is not None:
                raise TermsError(f"{where}: {name} is the last, its up_to must be open")
            return
        if tier.up_to is None:
            raise TermsError(f"{where}: {name} is not the last, its up_to is missing")
        _number(where, f"{name} up_to", tier.up_to)
        if tier.up_to <= below:
            raise TermsError(f"{where}: {name} up_to must be above {below}")
        below = tier.up_to


def _check_fixed(where: str, charge: FixedCharge):
    _number(where, "amount", charge.amount)
    if charge.next_amount is not None:
        _number(where, "next_amount", charge.next_amount)
    _choice(where, "per", charge.per, ("contract", "device"))
    _choice(where, "timing", charge.timing, ("arrears", "advance"))
    _count(where, "every", charge.every, least=1)


def _check_amount(where: str, charge, terms: Terms):
    _number(where, "amount", charge.amount, least=0)
    if not charge.charges:
        raise TermsError(f"{where}: charges names no charge")
    priced = {
        other.code
        for other in terms.charges
        if isinstance(other, UsageCharge | FixedCharge)
    }
    _known(where, "charges", charge.charges, priced)


def _unique(what: str, codes: list[str]):
    for code, count in Counter(codes).items():
        if count > 1:
            raise TermsError(f"{what} {code}: the code is used {count} times")


def _known(where: str, field: str, codes: tuple[str, ...], known):
    for code in codes:
        if code not in known:
            raise TermsError(f"{where}: {field} names {code}, which is unknown here")
    if len(set(codes)) < len(codes):
        raise TermsError(f"{where}: {field} names something twice")


def _choice(where: str, field: str, value: str, choices: tuple[str, ...]):
    if value not in choices:
        raise TermsError(f"{where}: {field} {value!r} is none of {', '.join(choices)}")


def _number(where: str, field: str, value, least=None, above=None):
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TermsError(f"{where}: {field} must be a Decimal or an int, not {value!r}")
    if not Decimal(value).is_finite():
        raise TermsError(f"{where}: {field} must be a finite number, not {value}")
    if least is not None and value < least:
        raise TermsError(f"{where}: {field} must be {least} or more, not {value}")
    if above is not None and value <= above:
        raise TermsError(f"{where}: {field} must be more than {above}, not {value}")


def _count(where: str, field: str, value, least: int):
    if isinstance(value, bool) or not isinstance(value, int):
        raise TermsError(f"{where}: {field} must be a whole number, not {value!r}")
    _number(where, field, value, least=least)
