# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Contracts and months at random, for the properties."""

from decimal import Decimal as D
from fractions import Fraction as F

from hypothesis import strategies as st
from rating import (
    FixedCharge,
    Graduated,
    MaximumAmount,
    MeterType,
    MeterUsage,
    Minimum,
    MinimumAmount,
    Package,
    Period,
    PerUnit,
    Place,
    Prepaid,
    Terms,
    Tier,
    UsageCharge,
    Volume,
)

TYPES = (
    MeterType("black"),
    MeterType("a3", D("1.5")),
    MeterType("total"),
    MeterType("colour", add=("total",), subtract=("black",)),
)

prices = st.decimals(0, 2, places=4)
pages = st.integers(0, 5000).map(D)
meters = st.sets(st.sampled_from(["black", "a3", "total"]))
shares = st.fractions(0, 3, max_denominator=31)


@st.composite
def tiers(draw):
    bounds = sorted(draw(st.sets(st.integers(1, 4000), max_size=3)))
    flats = st.decimals(0, 20, places=2)
    return tuple(
        Tier(None if bound is None else D(bound), draw(prices), draw(flats))
        for bound in (*bounds, None)
    )


packages = st.builds(Package, st.integers(1, 2000).map(D), prices)
pricings = st.one_of(
    st.builds(PerUnit, prices),
    st.builds(Graduated, tiers()),
    st.builds(Volume, tiers()),
    packages,
)
minimums = st.builds(Minimum, pages, prices, st.integers(0, 4))
prepaids = st.builds(
    Prepaid,
    st.integers(1, 3000).map(D),
    prices,
    pages,
    st.none() | st.integers(0, 3),
)


def usage_charges(code, **fields):
    fields = {
        "meters": st.sampled_from([("black",), ("black", "a3"), ("colour",)]),
        "pricing": pricings,
        "pool": st.sampled_from(["contract", "device"]),
        "included": pages,
        "carry_over_periods": st.integers(0, 3),
        "minimum": st.none() | minimums,
        "prepaid": st.none() | prepaids,
        "every": st.integers(1, 3),
        "payer": st.sampled_from(["customer", "lessor"]),
        **fields,
    }
    return st.builds(UsageCharge, st.just(code), **fields)


def fixed_charges(code, **fields):
    fields = {
        "amount": st.decimals(-100, 100, places=2),
        "per": st.sampled_from(["contract", "device"]),
        "timing": st.sampled_from(["arrears", "advance"]),
        "every": st.integers(1, 3),
        **fields,
    }
    return st.builds(FixedCharge, st.just(code), **fields)


@st.composite
def contracts(draw):
    charges = [
        draw(usage_charges("first")),
        draw(usage_charges("second")),
        draw(fixed_charges("base")),
        MinimumAmount("least", draw(pages), ("first", "base")),
        MaximumAmount("most", draw(pages), ("second", "base")),
    ]
    return Terms(TYPES, tuple(charges), draw(st.sampled_from([D("0.01"), D("0.05")])))


@st.composite
def periods(draw, least_pages=-3000):
    """Up to six periods of up to four devices; the last may be final."""
    count = st.integers(least_pages, 5000)
    index = -1
    result = []
    for _ in range(draw(st.integers(1, 6))):
        index += draw(st.integers(1, 2))
        devices = draw(st.lists(st.sampled_from([1, 2, 3, 10]), unique=True))
        result.append(
            Period(
                index,
                share=draw(shares),
                next_share=draw(st.fractions(0, 1, max_denominator=31)),
                places=tuple(
                    Place(device, draw(shares), draw(st.booleans()))
                    for device in devices
                ),
                usage=tuple(
                    MeterUsage(device, device, meter, draw(count))
                    for device in devices
                    for meter in draw(meters)
                ),
            )
        )
    return result


def whole_months(count):
    """Months of one device that print so many pages each; the last one is final."""
    last = len(count) - 1
    return [
        Period(
            index,
            next_share=F(index != last),
            final=index == last,
            places=(Place("A", continues=index != last),),
            usage=(MeterUsage("A", "A", "black", number),),
        )
        for index, number in enumerate(count)
    ]
