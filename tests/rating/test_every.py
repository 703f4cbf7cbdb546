# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Charges that fall due each nth period."""

from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from rating import Graduated, Minimum, Prepaid, Tier, rate_periods
from rating_builders import bill, black, month, terms


def due(every, *periods):
    results = rate_periods(terms(black(every=every)), periods)
    return [result.charges["black"].due for result in results]


def test_due_each_nth_calendar_period():
    months = [month(index, 1) for index in range(7)]
    assert due(3, *months) == [False, False, True, False, False, True, False]
    assert due(1, *months) == [True] * 7


def test_due_when_a_skip_goes_past_it():
    # Periods 2 (due) and 3 are billed together, so are 4 and 5 (due).
    assert due(3, month(0, 1), month(3, 1, share=F(3)), month(5, 1, share=F(2))) == [
        False,
        True,
        True,
    ]


def test_final_period_makes_everything_due():
    assert due(3, month(0, 1), month(1, 1, final=True)) == [False, True]


def test_usage_allowance_and_minimum_add_up():
    charge = black(every=3, included=100, minimum=Minimum(D(500), D("0.02")))
    results = rate_periods(
        terms(charge),
        [month(0, 700), month(1, 0), month(2, 300), month(3, 200, final=True)],
    )
    quarter, rest = results[2], results[3]
    assert [result.total for result in results[:2]] == [0, 0]
    assert quarter.charges["black"].quantity == 300
    assert quarter.charges["black"].billed_quantity == 1000
    assert quarter.charges["black"].included == 300
    # 700 at 0.01 and 1,500 - 1,000 short at 0.02
    assert quarter.total == D("17.00")
    # 100 at 0.01 and 500 - 200 short at 0.02
    assert rest.total == D("7.00")


def test_tiers_do_not_scale():
    tiers = (Tier(D(100), D("0.10")), Tier(None, D("0.05")))
    charge = black(Graduated(tiers), every=2)
    assert bill(charge, month(0, 100), month(1, 100)) == [
        [],
        ["tier 1: 100 x 0.10 = 10.00", "tier 2: 100 x 0.05 = 5.00"],
    ]


def test_devices_add_up_on_their_own():
    # A: 300 - 2 x 100, B: 50 - 2 x 100.
    charge = black(every=2, pool="device", included=100)
    assert bill(charge, month(0, 300, 0), month(1, 0, 50))[1] == [
        "usage: 100 x 0.01 = 1.00"
    ]


def test_device_that_left_in_between_is_still_charged():
    charge = black(every=2, pool="device", included=100)
    assert bill(charge, month(0, 10, 170), month(1, 10))[1] == [
        "usage: 70 x 0.01 = 0.70"
    ]


def test_carried_pages_reach_the_next_quarter():
    # 3 x 100 less 100 are left in period 2; with one period to live they serve
    # period 3, which is charged with the second quarter.
    charge = black(every=3, included=100, carry_over_periods=1)
    months = [month(0, 100), month(1, 0), month(2, 0), month(3, 600)]
    results = rate_periods(terms(charge), [*months, month(4, 0), month(5, 0)])
    assert results[5].charges["black"].included == 500


@pytest.mark.parametrize("every", [1, 2, 5])
def test_prepaid_buys_when_due(every):
    charge = black(every=every, prepaid=Prepaid(D(1000), D("0.02")))
    months = [month(index, 300) for index in range(9)]
    results = rate_periods(terms(charge), [*months, month(9, 300)])
    assert sum(result.total for result in results) == D("60.00")
