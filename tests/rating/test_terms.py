# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Terms that cannot be rated say where they are wrong."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from rating import (
    FixedCharge,
    Graduated,
    MaximumAmount,
    MeterType,
    Minimum,
    MinimumAmount,
    Package,
    PerUnit,
    Prepaid,
    Terms,
    TermsError,
    Tier,
    UsageCharge,
    Volume,
)
from rating_builders import black, terms

BASE = FixedCharge("base", D(10))


def tiers(*bounds, model=Graduated):
    return black(model(tuple(Tier(bound, D("0.1")) for bound in bounds)))


@pytest.mark.parametrize(
    ("charges", "message"),
    [
        ([black(), black()], "charge black: the code is used 2 times"),
        (
            [UsageCharge("scan", ("scan",), PerUnit(D(1)))],
            "charge scan: meters names scan",
        ),
        (
            [UsageCharge("none", (), PerUnit(D(1)))],
            "charge none: meters names no meter",
        ),
        (
            [UsageCharge("twice", ("black", "black"), PerUnit(D(1)))],
            "charge twice: meters names something twice",
        ),
        ([black(pool="site")], "charge black: pool 'site' is none of contract, device"),
        ([black(included=D(-1))], "charge black: included must be 0 or more"),
        ([black(included=1.5)], "charge black: included must be a Decimal"),
        ([black(included=D("NaN"))], "charge black: included must be a finite number"),
        ([black(carry_over_periods=-1)], "carry_over_periods must be 0 or more"),
        ([black(every=0)], "charge black: every must be 1 or more"),
        ([black(every=D(1))], "charge black: every must be a whole number"),
        ([black(every=True)], "charge black: every must be a whole number"),
        ([black(None)], "charge black: pricing None is no pricing model"),
        ([black(PerUnit(0.01))], "charge black: pricing.price must be a Decimal"),
        ([black(PerUnit(D(-1)))], "charge black: pricing.price must be 0 or more"),
        ([black(Package(D(0), D(1)))], "pricing.size must be more than 0"),
        ([black(Package(D(1), D(-1)))], "pricing.price must be 0 or more"),
        ([tiers()], "charge black: pricing.tiers is empty"),
        ([tiers(D(10))], "tier 1 is the last, its up_to must be open"),
        ([tiers(None, None)], "tier 1 is not the last, its up_to is missing"),
        ([tiers(D(10), D(10), None)], "tier 2 up_to must be above 10"),
        ([tiers(D(0), None, model=Volume)], "tier 1 up_to must be above 0"),
        ([black(minimum=Minimum(D(-1), D(1)))], "minimum.quantity must be 0 or more"),
        ([black(minimum=Minimum(D(1), D(-1)))], "minimum.price must be 0 or more"),
        (
            [black(minimum=Minimum(D(1), D(1), -1))],
            "minimum.clawback_periods must be 0 or more",
        ),
        ([black(prepaid=Prepaid(D(0), D(1)))], "prepaid.block must be more than 0"),
        ([black(prepaid=Prepaid(D(1), D(-1)))], "prepaid.price must be 0 or more"),
        (
            [black(prepaid=Prepaid(D(1), D(1), D(-1)))],
            "prepaid.opening_balance must be 0 or more",
        ),
        (
            [black(prepaid=Prepaid(D(1), D(1), D(0), -1))],
            "prepaid.expires_periods must be 0 or more",
        ),
        ([replace(BASE, amount=0.5)], "charge base: amount must be a Decimal"),
        ([replace(BASE, per="page")], "charge base: per 'page' is none of"),
        ([replace(BASE, timing="late")], "charge base: timing 'late' is none of"),
        ([replace(BASE, every=0)], "charge base: every must be 1 or more"),
        ([MinimumAmount("least", D(1), ("base",))], "charge least: charges names base"),
        ([MaximumAmount("most", D(1), ())], "charge most: charges names no charge"),
        ([BASE, MinimumAmount("least", D(-1), ("base",))], "charge least: amount must"),
        (
            [
                BASE,
                MinimumAmount("a", D(1), ("base",)),
                MaximumAmount("b", D(1), ("a",)),
            ],
            "charge b: charges names a",
        ),
    ],
)
def test_charges(charges, message):
    with pytest.raises(TermsError) as raised:
        terms(*charges)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("types", "message"),
    [
        ([MeterType("black")], "meter type black: the code is used 2 times"),
        ([MeterType("a3", D(-1))], "meter type a3: weight must be 0 or more"),
        ([MeterType("sum", add=("scan",))], "meter type sum: add names scan"),
        (
            [MeterType("rest", add=("black",), subtract=("scan",))],
            "meter type rest: subtract names scan",
        ),
        (
            [MeterType("rest", subtract=("black",))],
            "meter type rest: subtract needs a meter type to subtract from",
        ),
        (
            [
                MeterType("x", add=("y",)),
                MeterType("y", add=("black",), subtract=("x",)),
            ],
            "meter type x: derived from itself (x - y - x)",
        ),
    ],
)
def test_meter_types(types, message):
    with pytest.raises(TermsError) as raised:
        terms(types=types)
    assert message in str(raised.value)


def test_rounding():
    with pytest.raises(TermsError, match="terms: rounding must be more than 0"):
        Terms((), (), D(0))
