# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Prepaid blocks."""

from decimal import Decimal as D

from rating import Prepaid, rate_periods
from rating_builders import bill, black, month, terms

PRICE = D("0.008")


def test_blocks_are_bought_whole_when_the_balance_runs_out():
    charge = black(prepaid=Prepaid(D(1000), PRICE, opening_balance=D(500)))
    assert bill(charge, month(0, 500), month(1, 2001), month(2, 999)) == [
        ["usage: 500 x 0 = 0.00"],
        ["usage: 2001 x 0 = 0.00", "prepaid: 3000 x 0.008 = 24.00"],
        ["usage: 999 x 0 = 0.00"],
    ]


def test_the_whole_balance_is_used_before_another_block():
    charge = black(prepaid=Prepaid(D(1000), PRICE))
    assert bill(charge, month(0, 1), month(1, 999), month(2, 1)) == [
        ["usage: 1 x 0 = 0.00", "prepaid: 1000 x 0.008 = 8.00"],
        ["usage: 999 x 0 = 0.00"],
        ["usage: 1 x 0 = 0.00", "prepaid: 1000 x 0.008 = 8.00"],
    ]


def test_expiry():
    charge = black(prepaid=Prepaid(D(1000), PRICE, expires_periods=1))
    lines = bill(charge, month(0, 100), month(1, 100), month(2, 100))
    assert [len(of_month) for of_month in lines] == [2, 1, 2]


def test_opening_balance_expires_like_a_block_of_the_first_period():
    charge = black(
        prepaid=Prepaid(D(1000), PRICE, opening_balance=D(500), expires_periods=1)
    )
    lines = bill(charge, month(0, 100), month(1, 100), month(2, 100))
    assert [len(of_month) for of_month in lines] == [1, 1, 2]


def test_opening_balance_is_entered_once():
    charge = black(prepaid=Prepaid(D(1000), PRICE, opening_balance=D(500)))
    lines = bill(charge, month(0, 500), month(1, 1))
    assert lines[1][1] == "prepaid: 1000 x 0.008 = 8.00"


def test_the_oldest_block_is_used_first():
    # January's rest of 900 covers February's 800; March needs one new block since
    # the last 100 lapsed, and April has 500 of that.
    charge = black(prepaid=Prepaid(D(1000), PRICE, expires_periods=1))
    lines = bill(charge, month(0, 100), month(1, 800), month(2, 500), month(3, 500))
    assert [len(of_month) for of_month in lines] == [2, 1, 2, 1]


def test_covers_what_allowances_leave():
    charge = black(included=300, prepaid=Prepaid(D(100), PRICE))
    (result,) = rate_periods(terms(charge), [month(0, 450)])
    assert result.charges["black"].billable == 150
    assert result.total == D("1.60")


def test_one_balance_for_all_devices():
    charge = black(pool="device", prepaid=Prepaid(D(1000), PRICE))
    assert bill(charge, month(0, 400, 500)) == [
        ["usage: 900 x 0 = 0.00", "prepaid: 1000 x 0.008 = 8.00"]
    ]


def test_pages_below_an_estimate_go_back_to_the_balance():
    charge = black(prepaid=Prepaid(D(1000), PRICE))
    assert bill(charge, month(0, 1000), month(1, -300), month(2, 300)) == [
        ["usage: 1000 x 0 = 0.00", "prepaid: 1000 x 0.008 = 8.00"],
        ["usage: -300 x 0 = 0.00"],
        ["usage: 300 x 0 = 0.00"],
    ]
