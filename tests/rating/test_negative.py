# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Actual readings below an estimate: the mirror image of a charge."""

from decimal import Decimal as D

import pytest
from rating import Graduated, Minimum, Package, Tier, Volume, rate_periods
from rating_builders import bill, black, month, terms

TIERS = (Tier(D(100), D("0.10"), D(5)), Tier(None, D("0.05"), D(3)))


@pytest.mark.parametrize(
    ("pricing", "lines"),
    [
        (
            Graduated(TIERS),
            [
                "tier 1: -100 x 0.10 = -10.00",
                "flat 1: -1 x 5 = -5.00",
                "tier 2: -50 x 0.05 = -2.50",
                "flat 2: -1 x 3 = -3.00",
            ],
        ),
        (Volume(TIERS), ["tier 2: -150 x 0.05 = -7.50", "flat 2: -1 x 3 = -3.00"]),
        (Package(D(100), D(9)), ["package: -2 x 9 = -18.00"]),
    ],
)
def test_mirror_image(pricing, lines):
    assert bill(black(pricing), month(0, -150)) == [lines]


def test_credit_uses_no_allowance_and_gains_none():
    charge = black(included=100, carry_over_periods=1)
    results = rate_periods(terms(charge), [month(0, 100), month(1, -50), month(2, 500)])
    assert results[1].total == D("-0.50")
    assert results[1].charges["black"].included == 0
    assert results[2].charges["black"].included == 200


def test_pool_nets_what_devices_print():
    assert bill(black(included=100), month(0, 500, -350)) == [
        ["usage: 50 x 0.01 = 0.50"]
    ]


def test_shortfall_is_never_more_than_the_minimum():
    charge = black(minimum=Minimum(D(1000), D("0.01")))
    assert bill(charge, month(0, -200)) == [
        ["usage: -200 x 0.01 = -2.00", "shortfall: 1000 x 0.01 = 10.00"]
    ]


def test_steps_that_cancel_out_leave_one_line():
    charge = black(Graduated(TIERS), pool="device")
    assert bill(charge, month(0, 150, -150)) == [["tier 1: 0 x 0.10 = 0.00"]]
