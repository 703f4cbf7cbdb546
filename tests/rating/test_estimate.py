# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Pages of a meter that nobody read."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rating import (
    Estimate,
    Known,
    estimate_pages,
    months_between,
    pages_between,
    value_after,
)

MAR, APR = date(2026, 3, 31), date(2026, 4, 30)

# 3,100 pages in 90 days of 2026, 2,000 in April 2025
RECENT = [
    Known(date(2025, 12, 31), 10_000),
    Known(date(2026, 2, 28), 11_900),
    Known(MAR, 13_100),
]
YEAR_AGO = [Known(date(2025, 3, 31), 1_000), Known(date(2025, 4, 30), 3_000)]


def test_average_of_the_last_three_months_by_days():
    # 3,100 pages in 90 days are 34.444… a day: 1,033.33 in 30 days
    assert estimate_pages(MAR, APR, RECENT, YEAR_AGO, 500) == Estimate(
        1033, "recent", 30, 3100, date(2025, 12, 31), MAR
    )
    # 45 days since the last reading: 1,550
    assert estimate_pages(MAR, date(2026, 5, 15), RECENT).pages == 1550


def test_halves_are_rounded_up():
    # 1 page in 20 days, 10 days: half a page
    recent = [Known(date(2026, 3, 11), 100), Known(MAR, 101)]
    assert estimate_pages(MAR, date(2026, 4, 10), recent).pages == 1
    assert estimate_pages(MAR, date(2026, 4, 9), recent).pages == 0


def test_readings_of_more_than_three_months_ago_do_not_count():
    old = Known(date(2025, 12, 21), 0)  # 100 days before the last
    assert estimate_pages(MAR, APR, [old, *RECENT]).basis_start == old.day
    older = Known(date(2025, 12, 20), 0)
    assert estimate_pages(MAR, APR, [older, *RECENT]).pages == 1033


def test_three_months_before_the_last_reading_however_long_ago_that_is():
    """The third estimate in a row: a quarter without a reading."""
    assert estimate_pages(date(2026, 5, 31), date(2026, 6, 30), RECENT).pages == 1033


def test_readings_of_a_fortnight_are_the_least():
    fortnight = [Known(date(2026, 3, 17), 0), Known(MAR, 140)]
    assert estimate_pages(MAR, APR, fortnight).pages == 300
    days = [Known(date(2026, 3, 18), 0), Known(MAR, 130)]
    assert estimate_pages(MAR, APR, days) is None
    assert estimate_pages(MAR, APR, RECENT[-1:]) is None


def test_events_within_the_readings():
    # wrapped after five digits: 900 pages in 31 days
    wrapped = [Known(date(2026, 2, 28), 99_500), Known(MAR, 400, ((100_000, 0),))]
    assert estimate_pages(MAR, APR, wrapped).basis_pages == 900
    # what happened before the first of them is not between them
    known = [Known(date(2025, 9, 1), 5), *wrapped]
    assert estimate_pages(MAR, APR, known).basis_pages == 900
    # a reading in between does not hide them
    middle = Known(date(2026, 3, 10), 99_700)
    assert estimate_pages(MAR, APR, [wrapped[0], middle, wrapped[1]]).basis_pages == 900


def test_counter_that_went_back_without_an_event_tells_no_average():
    back = [Known(date(2026, 2, 28), 500), Known(MAR, 400)]
    assert estimate_pages(MAR, APR, back) is None
    assert estimate_pages(MAR, APR, back, YEAR_AGO).method == "year_ago"


def test_device_that_stood_still_prints_nothing():
    still = [Known(date(2026, 2, 28), 500), Known(MAR, 500)]
    assert estimate_pages(MAR, APR, still).pages == 0


def test_same_period_of_last_year():
    assert estimate_pages(MAR, APR, RECENT[-1:], YEAR_AGO, 500) == Estimate(
        2000, "year_ago", 30, 2000, date(2025, 3, 31), date(2025, 4, 30)
    )


def test_readings_around_that_period_are_taken_by_days():
    # 3,000 pages in 50 days, 30 of them
    around = [Known(date(2025, 3, 21), 0), Known(date(2025, 5, 10), 3_000)]
    assert estimate_pages(MAR, APR, (), around).pages == 1800


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2025, 2, 27), date(2025, 4, 30)),  # more than 31 days before
        (date(2025, 4, 1), date(2025, 4, 30)),  # within the period
        (date(2025, 3, 31), date(2025, 4, 29)),
        (date(2025, 3, 31), date(2025, 6, 1)),  # more than 31 days after
    ],
)
def test_other_readings_of_last_year_are_not_of_that_period(first, last):
    year_ago = [Known(first, 0), Known(last, 3_000)]
    assert estimate_pages(MAR, APR, (), year_ago) is None
    assert estimate_pages(MAR, APR, (), year_ago, 500).method == "expected"


def test_leap_day():
    # February 2024 had 29 days and 2,900 pages, February 2025 has 28
    year_ago = [Known(date(2024, 1, 31), 0), Known(date(2024, 2, 29), 2_900)]
    february = (date(2025, 1, 31), date(2025, 2, 28))
    assert estimate_pages(*february, (), year_ago).pages == 2800


def test_expected_pages_a_month():
    assert estimate_pages(MAR, APR, monthly=500) == Estimate(500, "expected", 30, 500)
    # 10 days of March, and April: 500 x 10/31 + 500
    assert estimate_pages(date(2026, 3, 21), APR, monthly=500).pages == 661


def test_nothing_is_known():
    assert estimate_pages(MAR, APR) is None
    with pytest.raises(ValueError):
        estimate_pages(APR, MAR)


def test_months_between():
    assert months_between(date(2025, 12, 31), date(2026, 3, 31)) == 3
    assert months_between(date(2026, 1, 31), date(2026, 2, 28)) == 1
    assert months_between(date(2026, 1, 15), date(2026, 2, 14)) == (
        Fraction(16, 31) + Fraction(14, 28)
    )
    assert months_between(MAR, MAR) == 0


days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(days, st.integers(0, 400), st.integers(0, 400))
def test_months_add_up(start, some, more):
    middle, end = start + timedelta(some), start + timedelta(some + more)
    assert months_between(start, end) == (
        months_between(start, middle) + months_between(middle, end)
    )


@given(days, st.integers(14, 90), st.integers(0, 200), st.integers(0, 300))
def test_steady_device_is_estimated_exactly(since, span, daily, gap):
    recent = [Known(since - timedelta(span), 7), Known(since, 7 + daily * span)]
    through = since + timedelta(gap)
    assert estimate_pages(since, through, recent).pages == daily * gap


@given(
    days,
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9000)), min_size=1),
    st.integers(0, 100),
    st.integers(0, 100),
)
def test_more_days_are_never_fewer_pages(since, steps, gap, more):
    """And no estimate is negative, nor more than half a page off its average."""
    known, day, value = [], since, 10**6
    for back, pages in steps:
        known.insert(0, Known(day, value))
        day, value = day - timedelta(back), value - pages
    through = since + timedelta(gap)
    short = estimate_pages(since, through, known)
    longer = estimate_pages(since, through + timedelta(more), known)
    assert (short is None) == (longer is None)
    if short:
        assert 0 <= short.pages <= longer.pages
        rate = Fraction(short.basis_pages, (short.basis_end - short.basis_start).days)
        assert abs(short.pages - rate * gap) <= Fraction(1, 2)


events = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)))


@given(st.integers(0, 10**6), st.integers(0, 10**6), events)
def test_value_after_is_where_the_pages_lead(start, pages, events):
    assert pages_between(start, value_after(start, pages, events), events) == pages


def test_value_after_an_event():
    assert value_after(100, 50) == 150
    # 10 pages up to the wrap and 40 since
    assert value_after(999_990, 50, [(10**6, 0)]) == 40
