# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Read a scenario file: JSON text in, a checked Scenario out. Knows no Odoo."""

import json
from decimal import Decimal

from .json_fields import REQUIRED, Fields, FormatError
from .scenario import (
    CUSTOMER,
    Contract,
    Device,
    Figures,
    FixedCharge,
    MeterType,
    Minimum,
    MinimumAmount,
    Period,
    Prepaid,
    Pricing,
    Reading,
    Scenario,
    Tier,
    UsageCharge,
)


def read_scenario(text):
    """Return the :class:`Scenario` that a JSON text describes.

    :raises FormatError: with the path of the first field that does not fit
    """
    try:
        data = json.loads(text, parse_float=Decimal, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        # Not only what is no JSON: a number of thousands of digits, too.
        raise FormatError("file", f"is not JSON ({error}).") from error
    known = ("name", "source", "about", "meter_types", "devices", "contract", "periods")
    fields = Fields(data, "", *known)
    for name in ("source", "about"):
        fields.text(name, None)
    name = fields.text("name")
    meter_types = _meter_types(fields)
    devices = _devices(fields, meter_types)
    contract = _contract(fields, meter_types)
    return Scenario(
        name=name,
        meter_types=meter_types,
        devices=devices,
        contract=contract,
        periods=_periods(fields, devices, contract),
    )


def _object(pairs):
    """Return a JSON object; of a key that is there twice, one would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _value in pairs]
        twice = next(key for key in found if keys.count(key) > 1)
        raise FormatError("file", f"the key {twice} is there twice in an object.")
    return found


# === Meter types === #


def _meter_types(fields):
    found = []
    for path, data in fields.objects("meter_types"):
        entry = Fields(data, path, "code", "weight", "derived")
        code = entry.text("code")
        # Odoo tells codes apart without regard to case.
        _only_once(entry, "code", code.lower(), [kind.code.lower() for kind in found])
        derived = entry.object("derived", "add", "subtract")
        found.append(
            MeterType(
                code=code,
                weight=entry.number("weight", Decimal(1)),
                add=derived.texts("add") if derived else (),
                subtract=derived.texts("subtract", ()) if derived else (),
            )
        )
    by_code = {kind.code: kind for kind in found}
    for index, kind in enumerate(found):
        path = f"meter_types[{index}].derived"
        for key in ("add", "subtract"):
            _known(f"{path}.{key}", getattr(kind, key), by_code)
    for index, kind in enumerate(found):
        if _derives(by_code, kind.code, kind.code):
            raise FormatError(
                f"meter_types[{index}].derived", f"{kind.code} is derived from itself."
            )
    return tuple(found)


def _derives(by_code, code, target):
    """Tell whether ``code`` is derived from ``target``, directly or not."""
    seen, pending = set(), [code]
    while pending:
        kind = by_code[pending.pop()]
        sources = {*kind.add, *kind.subtract} - seen
        if target in sources:
            return True
        seen |= sources
        pending += sources
    return False


# === Devices === #


def _devices(fields, meter_types):
    read = [kind.code for kind in meter_types if not kind.add]
    found = []
    for path, data in fields.objects("devices"):
        found.append(
            _device(data, path, read, {d.serial.strip().upper() for d in found})
        )
    by_serial = {device.serial: device for device in found}
    replaced = set()
    for index, device in enumerate(found):
        path = f"devices[{index}].replaces"
        if device.replaces is None:
            continue
        _known(path, [device.replaces], by_serial)
        if by_serial[device.replaces].removed is None:
            raise FormatError(path, f"{device.replaces} is not removed.")
        if device.replaces in replaced:
            raise FormatError(path, f"{device.replaces} is replaced by another one.")
        replaced.add(device.replaces)
        _check_replaces(path, device, by_serial)
    return tuple(found)


def _device(data, path, read, serials):
    entry = Fields(
        data,
        path,
        *("serial", "installed", "opening", "digits", "removed", "closing", "replaces"),
    )
    serial = entry.text("serial")
    # Nor may two differ by case or blanks alone: they are one serial number in Odoo.
    if serial.strip().upper() in serials:
        entry.refuse("serial", f"{serial} is there twice.")
    installed, removed = entry.day("installed"), entry.day("removed", None)
    opening = entry.counts("opening")
    _known(entry.at("opening"), opening, read, "no meter type that is read")
    digits = entry.counts("digits", {}, least=1, most=12)
    _known(entry.at("digits"), digits, opening, "no meter of this device")
    closing = entry.counts("closing", REQUIRED if removed else {})
    _known(entry.at("closing"), closing, opening, "no meter of this device")
    if removed and removed < installed:
        entry.refuse("removed", f"must not be before {installed}.")
    if closing and not removed:
        entry.refuse("removed", "is missing beside closing.")
    if removed and (missing := sorted(set(opening) - set(closing))):
        entry.refuse("closing", f"has no value of {', '.join(missing)}.")
    for key, values in (("opening", opening), ("closing", closing)):
        for meter, value in values.items():
            _check_digits(f"{entry.at(key)}.{meter}", value, digits.get(meter))
    return Device(
        serial=serial,
        installed=installed,
        opening=opening,
        digits=digits,
        removed=removed,
        closing=closing,
        replaces=entry.text("replaces", None),
    )


def _check_replaces(path, device, by_serial):
    seen = [device.serial]
    while device.replaces is not None:
        if device.replaces in seen:
            raise FormatError(path, "devices replace each other.")
        seen.append(device.replaces)
        device = by_serial.get(device.replaces, device)


def _check_digits(path, value, digits):
    if digits and value >= 10**digits:
        raise FormatError(path, f"{value} has more than {digits} digits.")


# === Contract === #


def _contract(fields, meter_types):
    if not fields.has("contract"):
        fields.refuse("contract", "is missing.")
    entry = fields.object("contract", "start", "period_months", "prorate", "charges")
    meters = [kind.code for kind in meter_types]
    charges = []
    for path, data in entry.objects("charges"):
        charges.append(_charge(data, path, meters, [charge.code for charge in charges]))
    if not charges:
        entry.refuse("charges", "is empty.")
    priced = [c.code for c in charges if not isinstance(c, MinimumAmount)]
    for index, charge in enumerate(charges):
        if isinstance(charge, MinimumAmount):
            path = f"contract.charges[{index}].charges"
            _known(path, charge.charges, priced, "no usage or fixed charge")
    return Contract(
        start=entry.day("start"),
        period_months=entry.whole("period_months", least=1, most=120),
        prorate=bool(entry.choice("prorate", ("days",), None)),
        charges=tuple(charges),
    )


USAGE_KEYS = (
    "meters",
    "pricing",
    "pool",
    "included",
    "carry_over",
    "minimum",
    "prepaid",
)
KEYS = {
    "usage": ("every", *USAGE_KEYS),
    "fixed": ("every", "amount", "per", "timing"),
    "minimum_amount": ("amount", "charges"),
}


def _charge(data, path, meters, codes):
    kinds = tuple(KEYS)
    common = ("code", "kind", "bill_to")
    # What a charge may have depends on its kind: look at that first.
    everything = (*common, *(key for keys in KEYS.values() for key in keys))
    kind = Fields(data, path, *everything).choice("kind", kinds)
    entry = Fields(data, path, *common, *KEYS[kind])
    code, payer = entry.text("code"), entry.text("bill_to", CUSTOMER)
    _only_once(entry, "code", code, codes)
    if kind == "minimum_amount":
        amount, charges = entry.money("amount", least=0), entry.texts("charges")
        return MinimumAmount(code, payer, amount, charges)
    every = entry.whole("every", 1, least=1)
    if kind == "fixed":
        return FixedCharge(
            code=code,
            bill_to=payer,
            every=every,
            amount=entry.money("amount"),
            per=entry.choice("per", ("contract", "device")),
            timing=entry.choice("timing", ("arrears", "advance")),
        )
    return _usage(entry, code, payer, every, meters)


def _usage(entry, code, payer, every, meters):
    charged = entry.texts("meters")
    _known(entry.at("meters"), charged, meters)
    carry_over = entry.object("carry_over", "periods")
    minimum = entry.object("minimum", "quantity", "price", "clawback_periods")
    prepaid = entry.object(
        "prepaid", "block", "price", "opening_balance", "expires_periods"
    )
    return UsageCharge(
        code=code,
        bill_to=payer,
        every=every,
        meters=charged,
        pricing=_pricing(entry),
        pool=entry.choice("pool", ("contract", "device"), "contract"),
        included=entry.whole("included", 0),
        carry_over_periods=carry_over.whole("periods") if carry_over else 0,
        minimum=minimum
        and Minimum(
            quantity=minimum.whole("quantity"),
            price=_price(minimum),
            clawback_periods=minimum.whole("clawback_periods", 0),
        ),
        prepaid=prepaid
        and Prepaid(
            block=prepaid.whole("block", least=1),
            price=_price(prepaid),
            opening_balance=prepaid.whole("opening_balance", 0),
            expires_periods=prepaid.whole("expires_periods", None),
        ),
    )


def _pricing(entry):
    if not entry.has("pricing"):
        entry.refuse("pricing", "is missing.")
    models = ("per_unit", "graduated", "volume", "package")
    everything = entry.object("pricing", "model", "price", "size", "tiers")
    model = everything.choice("model", models)
    if model == "per_unit":
        return Pricing(model, _price(entry.object("pricing", "model", "price")))
    if model == "package":
        package = entry.object("pricing", "model", "size", "price")
        return Pricing(model, _price(package), package.whole("size", least=1))
    return Pricing(model, tiers=_tiers(entry.object("pricing", "model", "tiers")))


def _tiers(pricing):
    tiers = []
    for path, data in pricing.objects("tiers"):
        if tiers and tiers[-1].up_to is None:
            last = f"{pricing.at('tiers')}[{len(tiers) - 1}].up_to"
            raise FormatError(last, "is missing: only the last tier has none.")
        entry = Fields(data, path, "up_to", "price", "flat")
        least = tiers[-1].up_to + 1 if tiers else 1
        tiers.append(
            Tier(
                up_to=entry.whole("up_to", None, least=least),
                price=_price(entry),
                flat=entry.money("flat", Decimal(0), decimals=6, least=0),
            )
        )
    if not tiers:
        pricing.refuse("tiers", "is empty.")
    if tiers[-1].up_to is not None:
        pricing.refuse("tiers", "must end with a tier whose up_to is null.")
    return tuple(tiers)


def _price(entry):
    return entry.money("price", decimals=6, least=0)


# === Periods === #


def _periods(fields, devices, contract):
    by_serial = {device.serial: device for device in devices}
    periods = []
    for path, data in fields.objects("periods"):
        entry = Fields(data, path, "through", "readings", "skip", "expect")
        through = entry.day("through")
        if periods and through <= periods[-1].through:
            entry.refuse("through", f"must be after {periods[-1].through}.")
        if through < contract.start:
            entry.refuse(
                "through", f"is before the contract starts ({contract.start})."
            )
        periods.append(
            Period(
                through=through,
                readings=tuple(
                    _reading(item, at, by_serial)
                    for at, item in entry.objects("readings")
                ),
                skip=entry.flag("skip"),
                expect=_expect(entry, contract),
            )
        )
    if not periods:
        fields.refuse("periods", "is empty.")
    return tuple(periods)


def _reading(data, path, by_serial):
    entry = Fields(data, path, "device", "meter", "value", "date", "kind")
    serial, meter = entry.text("device"), entry.text("meter")
    _known(entry.at("device"), [serial], by_serial)
    device = by_serial[serial]
    _known(entry.at("meter"), [meter], device.opening, f"no meter of {serial}")
    value = entry.whole("value", most=10**12 - 1)
    _check_digits(entry.at("value"), value, device.digits.get(meter))
    return Reading(
        device=serial,
        meter=meter,
        value=value,
        date=entry.day("date"),
        kind=entry.choice("kind", ("actual", "estimated"), "actual"),
    )


def _expect(period, contract):
    entry = period.object("expect", "total", "by_charge", "quantities", "by_partner")
    if entry is None:
        return Figures()
    charges = [charge.code for charge in contract.charges]
    usage = [c.code for c in contract.charges if isinstance(c, UsageCharge)]
    payers = {CUSTOMER, *(charge.bill_to for charge in contract.charges)}
    figures = Figures(
        total=entry.money("total", None),
        by_charge=entry.amounts("by_charge"),
        quantities=entry.numbers("quantities"),
        by_partner=entry.amounts("by_partner"),
    )
    _known(entry.at("by_charge"), figures.by_charge, charges, "no charge")
    _known(entry.at("quantities"), figures.quantities, usage, "no usage charge")
    _known(entry.at("by_partner"), figures.by_partner, payers, "no payer of a charge")
    return figures


# === Names === #


def _only_once(entry, name, value, others):
    if value in others:
        entry.refuse(name, f"{value} is there twice.")


def _known(path, names, known, otherwise="unknown"):
    for name in names:
        if name not in known:
            raise FormatError(path, f"{name} is {otherwise} here.")
