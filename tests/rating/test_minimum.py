# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Minimum quantities and clawback."""

from decimal import Decimal as D
from fractions import Fraction as F

from rating import Minimum
from rating_builders import bill, black, month

NINE = D("0.009")


def test_shortfall_at_its_own_price():
    assert bill(black(minimum=Minimum(D(1000), NINE)), month(0, 600)) == [
        ["usage: 600 x 0.01 = 6.00", "shortfall: 400 x 0.009 = 3.60"]
    ]


def test_met_exactly_and_exceeded():
    charge = black(minimum=Minimum(D(1000), NINE))
    assert bill(charge, month(0, 1000), month(1, 1001)) == [
        ["usage: 1000 x 0.01 = 10.00"],
        ["usage: 1001 x 0.01 = 10.01"],
    ]


def test_compared_with_usage_before_allowances():
    charge = black(included=300, minimum=Minimum(D(1000), NINE))
    assert bill(charge, month(0, 1000)) == [["usage: 700 x 0.01 = 7.00"]]


def test_of_each_device():
    charge = black(pool="device", minimum=Minimum(D(100), NINE))
    assert bill(charge, month(0, 300, 40, 70)) == [
        ["usage: 410 x 0.01 = 4.10", "shortfall: 90 x 0.009 = 0.81"]
    ]


def test_scales_with_the_share():
    charge = black(minimum=Minimum(D(310), NINE))
    assert bill(charge, month(0, 100, share=F(16, 31)), month(2, 100, share=F(2))) == [
        ["usage: 100 x 0.01 = 1.00", "shortfall: 60 x 0.009 = 0.54"],
        ["usage: 100 x 0.01 = 1.00", "shortfall: 520 x 0.009 = 4.68"],
    ]


def test_clawback_takes_no_more_than_was_charged():
    charge = black(minimum=Minimum(D(1000), NINE, clawback_periods=3))
    assert bill(charge, month(0, 900), month(1, 1060), month(2, 1060)) == [
        ["usage: 900 x 0.01 = 9.00", "shortfall: 100 x 0.009 = 0.90"],
        ["usage: 1060 x 0.01 = 10.60", "clawback: -60 x 0.009 = -0.54"],
        ["usage: 1060 x 0.01 = 10.60", "clawback: -40 x 0.009 = -0.36"],
    ]


def test_clawback_lives_through_its_last_period():
    charge = black(minimum=Minimum(D(1000), NINE, clawback_periods=2))
    quiet = month(1, 1000)
    assert bill(charge, month(0, 900), quiet, month(2, 2000))[2] == [
        "usage: 2000 x 0.01 = 20.00",
        "clawback: -100 x 0.009 = -0.90",
    ]
    late = bill(charge, month(0, 900), quiet, month(2, 1000), month(3, 2000))
    assert late[3] == ["usage: 2000 x 0.01 = 20.00"]


def test_clawback_takes_the_oldest_first():
    # January's 100 go first and February's 50 remain for April.
    charge = black(minimum=Minimum(D(1000), NINE, clawback_periods=2))
    lines = bill(charge, month(0, 900), month(1, 950), month(2, 1100), month(3, 1100))
    assert lines[2][1:] == ["clawback: -100 x 0.009 = -0.90"]
    assert lines[3][1:] == ["clawback: -50 x 0.009 = -0.45"]


def test_without_clawback_nothing_is_taken_back():
    charge = black(minimum=Minimum(D(1000), NINE))
    assert bill(charge, month(0, 0), month(1, 5000))[1] == [
        "usage: 5000 x 0.01 = 50.00"
    ]


def test_clawback_of_each_device():
    # A was short, B goes over: nothing of A's is taken back.
    charge = black(pool="device", minimum=Minimum(D(100), NINE, clawback_periods=9))
    lines = bill(charge, month(0, 50, 100), month(1, 100, 300), month(2, 120, 100))
    assert lines[1] == ["usage: 400 x 0.01 = 4.00"]
    assert lines[2] == ["usage: 220 x 0.01 = 2.20", "clawback: -20 x 0.009 = -0.18"]
