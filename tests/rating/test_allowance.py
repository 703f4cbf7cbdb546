# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Included pages and their carry-over."""

from decimal import Decimal as D
from fractions import Fraction as F

from rating import Package, Period, State, rate_period, rate_periods
from rating_builders import bill, black, month, terms


def test_pool_of_the_contract_against_one_of_each_device():
    assert bill(black(included=500), month(0, 800, 100)) == [
        ["usage: 400 x 0.01 = 4.00"]
    ]
    assert bill(black(included=500, pool="device"), month(0, 800, 100)) == [
        ["usage: 300 x 0.01 = 3.00"]
    ]


def test_without_carry_over_what_is_left_is_lost():
    assert bill(black(included=500), month(0, 0), month(1, 600)) == [
        ["usage: 0 x 0.01 = 0.00"],
        ["usage: 100 x 0.01 = 1.00"],
    ]


def test_oldest_first_and_before_the_period_s_own():
    # 100 left of January; February draws them first and leaves 50 of its own,
    # which March can still use. Own first would have left January's, to expire.
    charge = black(included=100, carry_over_periods=1)
    assert bill(charge, month(0, 0), month(1, 150), month(2, 160)) == [
        ["usage: 0 x 0.01 = 0.00"],
        ["usage: 0 x 0.01 = 0.00"],
        ["usage: 10 x 0.01 = 0.10"],
    ]


def test_carried_pages_live_through_their_last_period():
    charge = black(included=100, carry_over_periods=2)
    quiet = [month(index, 100) for index in (1, 2, 3)]
    # January's 100 are moved on by use of the oldest first: always 100 left.
    results = rate_periods(terms(charge), [month(0, 0), *quiet, month(4, 250)])
    assert [result.charges["black"].included for result in results] == [
        0,
        100,
        100,
        100,
        200,
    ]


def test_expiry():
    charge = black(included=100, carry_over_periods=1)
    results = rate_periods(terms(charge), [month(0, 0), month(1, 0), month(2, 500)])
    assert results[2].charges["black"].included == 200
    assert results[2].charges["black"].billable == 300


def test_skipped_period_brings_its_pages_and_does_not_expire_others():
    # February is skipped and billed with March: 2 x 100, and the 100 of January,
    # which February's pages could draw on.
    charge = black(included=100, carry_over_periods=1)
    results = rate_periods(terms(charge), [month(0, 0), month(2, 350, share=F(2))])
    assert results[1].charges["black"].included == 300
    assert results[1].charges["black"].billable == 50


def test_carry_over_of_each_device():
    # A leaves 100, B none: only A can use them.
    charge = black(included=100, carry_over_periods=1, pool="device")
    assert bill(charge, month(0, 0, 100), month(1, 150, 150)) == [
        ["usage: 0 x 0.01 = 0.00"],
        ["usage: 50 x 0.01 = 0.50"],
    ]


def test_prorated_allowance_is_exact():
    # 100 x 16/31 = 51.612903…: the amount is that of the exact 48.387096…
    result = rate_period(
        terms(black(included=100)), State(), month(0, 100, share=F(16, 31))
    )
    (line,) = result.lines
    assert line.quantity == D("48.3870967742")
    assert line.amount == D("0.48")
    assert result.charges["black"].included == D("51.6129032258")


def test_device_pool_scales_with_the_place():
    charge = black(included=100, pool="device")
    assert bill(charge, month(0, 100, 100, shares=[F(1, 2), 2])) == [
        ["usage: 50 x 0.01 = 0.50"]
    ]


def test_a_fraction_over_starts_a_package():
    # 31 x 1/2 = 15.5 included, 115.5 - 15.5 = 100 exactly one package.
    charge = black(Package(D(100), D(7)), included=31)
    half = F(1, 2)
    assert bill(charge, month(0, 115, share=half), month(1, 116, share=half)) == [
        ["package: 1 x 7 = 7.00"],
        ["package: 2 x 7 = 14.00"],
    ]


def test_places_without_usage_keep_their_pages():
    charge = black(included=100, carry_over_periods=1, pool="device")
    results = rate_periods(
        terms(charge),
        [Period(0, places=month(0, 0).places), month(1, 150)],
    )
    assert results[1].charges["black"].included == 150
