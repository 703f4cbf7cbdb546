# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Period ends and shares over month ends and leap years."""

from datetime import date
from fractions import Fraction as F

import pytest
from rating import full_period, period_end, period_share


@pytest.mark.parametrize(
    ("first_end", "months", "ends"),
    [
        ("2026-01-31", 1, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("2028-01-31", 1, ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]),
        ("2026-02-28", 1, ["2026-02-28", "2026-03-31", "2026-04-30"]),
        ("2026-04-30", 1, ["2026-04-30", "2026-05-31"]),
        ("2028-02-28", 1, ["2028-02-28", "2028-03-28"]),
        ("2026-01-15", 1, ["2026-01-15", "2026-02-15", "2026-03-15"]),
        ("2026-01-30", 1, ["2026-01-30", "2026-02-28", "2026-03-30"]),
        ("2025-12-31", 3, ["2025-12-31", "2026-03-31", "2026-06-30"]),
        ("2025-11-30", 3, ["2025-11-30", "2026-02-28", "2026-05-31"]),
        ("2024-02-29", 12, ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28"]),
        ("2024-02-29", 48, ["2024-02-29", "2028-02-29"]),
    ],
)
def test_period_end(first_end, months, ends):
    first = date.fromisoformat(first_end)
    assert [str(period_end(first, months, n)) for n in range(len(ends))] == ends


@pytest.mark.parametrize(
    ("start", "end", "months", "full"),
    [
        ("2026-01-16", "2026-01-31", 1, ("2026-01-01", "2026-01-31")),
        ("2026-03-01", "2026-03-15", 1, ("2026-03-01", "2026-03-31")),
        ("2026-02-01", "2026-03-31", 3, ("2026-01-01", "2026-03-31")),
        ("2026-04-01", "2026-04-20", 3, ("2026-04-01", "2026-06-30")),
        ("2026-01-16", "2026-02-15", 1, ("2026-01-16", "2026-02-15")),
        ("2028-02-10", "2028-02-28", 1, ("2028-02-10", "2028-03-09")),
    ],
)
def test_full_period(start, end, months, full):
    found = full_period(date.fromisoformat(start), date.fromisoformat(end), months)
    assert tuple(map(str, found)) == full


def share(start, end, months=1, prorate=True, since=None, through=None):
    days = [day and date.fromisoformat(day) for day in (start, end, since, through)]
    return period_share(days[0], days[1], months, prorate, days[2], days[3])


def test_share_of_the_contract():
    assert share("2026-01-16", "2026-01-31") == F(16, 31)
    assert share("2026-03-01", "2026-03-15") == F(15, 31)
    assert share("2026-02-28", "2026-02-28") == F(1, 28)
    assert share("2028-02-29", "2028-02-29") == F(1, 29)
    assert share("2026-02-01", "2026-03-31", 3) == F(59, 90)
    assert share("2028-02-01", "2028-03-31", 3) == F(60, 91)
    assert share("2028-07-01", "2028-12-31", 12) == F(184, 366)
    assert share("2026-01-16", "2026-02-15") == 1


def test_share_of_a_device():
    january = "2026-01-01", "2026-01-31"
    assert share(*january, since="2026-01-16") == F(16, 31)
    assert share(*january, through="2026-01-10") == F(10, 31)
    assert share(*january, since="2026-01-10", through="2026-01-10") == F(1, 31)
    assert share(*january, since="2025-06-01", through="2027-06-01") == 1
    # In a first period cut short the denominator is the same.
    assert share("2026-01-16", "2026-01-31", since="2026-01-30") == F(2, 31)


def test_contract_that_ends_within_its_period():
    assert share("2026-04-01", "2026-06-30", 3, through="2026-04-30") == F(30, 91)


def test_without_proration_it_is_whole_or_nothing():
    january = "2026-01-01", "2026-01-31"
    assert share("2026-01-16", "2026-01-31", prorate=False) == 1
    assert share(*january, prorate=False, since="2026-01-31") == 1
    assert share(*january, prorate=False, since="2026-02-01") == 0
    assert share(*january, prorate=True, through="2025-12-31") == 0
