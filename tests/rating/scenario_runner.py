# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Run a scenario file through the engine alone.

Readings become pages and dates become shares here, as simply as the format allows;
the real stack does the same with records.
"""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from rating import (
    FixedCharge,
    Graduated,
    MeterType,
    MeterUsage,
    Minimum,
    MinimumAmount,
    Package,
    Period,
    PerUnit,
    Place,
    Prepaid,
    State,
    Terms,
    Tier,
    UsageCharge,
    Volume,
    full_period,
    pages_between,
    period_end,
    period_share,
    rate_period,
)

DAY = timedelta(days=1)


def run_scenario(scenario: dict) -> list[dict]:
    """Return total, by_charge, quantities and by_partner of each period."""
    terms = _terms(scenario)
    calendar = Calendar(scenario)
    counters = Counters(scenario["devices"])
    state = State()
    outcomes = []
    skipped = []
    for index, facts in enumerate(scenario["periods"]):
        counters.read(facts["readings"], calendar.ends[index])
        skipped.append(index)
        if facts.get("skip"):
            outcomes.append(_outcome(None))
            continue
        period = Period(
            index=index,
            share=sum(calendar.share(covered) for covered in skipped),
            next_share=calendar.next_share(index),
            final=calendar.is_final(index),
            places=calendar.places(skipped),
            usage=counters.usage(),
        )
        skipped = []
        result = rate_period(terms, state, period)
        state = result.state
        outcomes.append(_outcome(result))
    return outcomes


def differences(outcome: dict, expect: dict) -> list[str]:
    """Return what a period's outcome and its stated figures disagree about."""
    wrong = []
    for figure, expected in expect.items():
        stated = expected if isinstance(expected, dict) else {"": expected}
        found = outcome[figure]
        found = found if isinstance(found, dict) else {"": found}
        for key, value in stated.items():
            if found.get(key, 0) != Decimal(str(value)):
                wrong.append(f"{figure} {key}: {found.get(key)} for {value}")
    return wrong


def _outcome(result) -> dict:
    if result is None:
        return {"total": 0, "by_charge": {}, "quantities": {}, "by_partner": {}}
    charges = result.charges.values()
    return {
        "total": result.total,
        "by_charge": {charge.charge: charge.amount for charge in charges},
        "quantities": {charge.charge: charge.quantity for charge in charges},
        "by_partner": result.by_payer,
    }


class Calendar:
    """What part of which period the contract and its places are in force."""

    def __init__(self, scenario):
        contract = scenario["contract"]
        self.months = contract["period_months"]
        self.prorate = contract.get("prorate") == "days"
        self.ends = [date.fromisoformat(p["through"]) for p in scenario["periods"]]
        self.starts = [date.fromisoformat(contract["start"])]
        self.starts += [end + DAY for end in self.ends[:-1]]
        self.chains = {}
        for device in scenario["devices"]:
            place = place_of(device["serial"], scenario["devices"])
            removed = device.get("removed")
            self.chains.setdefault(place, []).append(
                (
                    date.fromisoformat(device["installed"]),
                    date.fromisoformat(removed) if removed else date.max,
                )
            )

    def share(self, index):
        return self._share(index, None, None)

    def _share(self, index, since, through):
        return period_share(
            self.starts[index],
            self.ends[index],
            full_period(self.starts[0], self.ends[0], self.months, index),
            self.prorate,
            since,
            through,
        )

    def is_final(self, index):
        """A period that ends before its calendar period is the contract's last."""
        return self.ends[index] < period_end(
            self.starts[0], self.ends[0], self.months, index
        )

    def next_share(self, index):
        if self.is_final(index):
            return Fraction(0)
        return self.share(index + 1) if index + 1 < len(self.ends) else Fraction(1)

    def places(self, covered):
        places = []
        after = self.ends[covered[-1]] + DAY
        for key, chain in self.chains.items():
            since = min(installed for installed, removed in chain)
            through = max(removed for installed, removed in chain)
            share = sum(self._share(index, since, through) for index in covered)
            if share:
                places.append(Place(key, share, continues=since <= after <= through))
        return tuple(places)


class Counters:
    """The counter of each meter: what it shows, and what was billed of it."""

    def __init__(self, devices):
        self.devices = {device["serial"]: device for device in devices}
        self.all = devices
        self.shown = {}
        for serial, device in self.devices.items():
            for meter, value in device["opening"].items():
                # value last shown, the last actual one, pages not billed, heard of
                self.shown[serial, meter] = [value, value, 0, False]

    def read(self, readings, through):
        """Take in readings, and the closing ones of devices removed by then."""
        for reading in sorted(
            readings, key=lambda one: (one["date"], one["kind"] == "actual")
        ):
            self._show(
                reading["device"],
                reading["meter"],
                reading["value"],
                reading["kind"] == "actual",
            )
        for serial, device in self.devices.items():
            removed = device.get("removed")
            if removed and date.fromisoformat(removed) <= through:
                for meter, value in device.pop("closing", {}).items():
                    self._show(serial, meter, value, True)

    def _show(self, serial, meter, value, actual):
        counter = self.shown[serial, meter]
        digits = self.devices[serial].get("digits", {}).get(meter)
        # Below an estimate it was estimated too high; below an actual it wrapped.
        wraps = digits is not None and value < counter[1]
        events = [(10**digits, 0)] if wraps else []
        counter[2] += pages_between(counter[0], value, events)
        counter[0] = value
        counter[3] = True
        if actual:
            counter[1] = value

    def usage(self):
        """Return the pages since the last call of all devices heard of since.

        A counter that was not read while others of its device were has no pages.
        """
        usage = []
        heard = {
            serial for (serial, _meter), counter in self.shown.items() if counter[3]
        }
        for (serial, meter), counter in self.shown.items():
            if serial in heard:
                place = place_of(serial, self.all)
                usage.append(MeterUsage(place, serial, meter, counter[2]))
                counter[2:] = 0, False
        return tuple(usage)


def place_of(serial, devices):
    """Return the first serial in the place that a device stands in."""
    replaced = {device["serial"]: device.get("replaces") for device in devices}
    while replaced[serial]:
        serial = replaced[serial]
    return serial


def _terms(scenario) -> Terms:
    return Terms(
        tuple(_meter_type(data) for data in scenario["meter_types"]),
        tuple(_charge(data) for data in scenario["contract"]["charges"]),
    )


def _meter_type(data) -> MeterType:
    derived = data.get("derived", {})
    return MeterType(
        data["code"],
        Decimal(str(data.get("weight", 1))),
        tuple(derived.get("add", ())),
        tuple(derived.get("subtract", ())),
    )


def _charge(data):
    payer = data.get("bill_to", "customer")
    if data["kind"] == "fixed":
        return FixedCharge(
            data["code"],
            Decimal(data["amount"]),
            data["per"],
            data["timing"],
            payer=payer,
        )
    if data["kind"] == "minimum_amount":
        return MinimumAmount(
            data["code"], Decimal(data["amount"]), tuple(data["charges"]), payer
        )
    return UsageCharge(
        data["code"],
        tuple(data["meters"]),
        _pricing(data["pricing"]),
        pool=data.get("pool", "contract"),
        included=Decimal(data.get("included", 0)),
        carry_over_periods=data.get("carry_over", {}).get("periods", 0),
        minimum=_minimum(data.get("minimum")),
        prepaid=_prepaid(data.get("prepaid")),
        every=data.get("every", 1),
        payer=payer,
    )


def _minimum(data) -> Minimum | None:
    if data is None:
        return None
    return Minimum(
        Decimal(data["quantity"]),
        Decimal(data["price"]),
        data.get("clawback_periods", 0),
    )


def _prepaid(data) -> Prepaid | None:
    if data is None:
        return None
    return Prepaid(
        Decimal(data["block"]),
        Decimal(data["price"]),
        Decimal(data.get("opening_balance", 0)),
        data.get("expires_periods"),
    )


def _pricing(data):
    if data["model"] == "per_unit":
        return PerUnit(Decimal(data["price"]))
    if data["model"] == "package":
        return Package(Decimal(data["size"]), Decimal(data["price"]))
    tiers = tuple(
        Tier(
            None if tier["up_to"] is None else Decimal(tier["up_to"]),
            Decimal(tier["price"]),
            Decimal(tier.get("flat", 0)),
        )
        for tier in data["tiers"]
    )
    return {"graduated": Graduated, "volume": Volume}[data["model"]](tiers)
