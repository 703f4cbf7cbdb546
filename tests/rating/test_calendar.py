# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Period ends and shares over month ends and leap years."""

from datetime import date
from fractions import Fraction as F

import pytest
from rating import full_period, period_end, period_share


@pytest.mark.parametrize(
    ("start", "first_end", "months", "ends"),
    [
        ("2026-01-01", "2026-01-31", 1, ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ("2028-01-16", "2028-01-31", 1, ["2028-01-31", "2028-02-29", "2028-03-31"]),
        ("2026-02-01", "2026-02-28", 1, ["2026-02-28", "2026-03-31", "2026-04-30"]),
        ("2026-04-16", "2026-04-30", 1, ["2026-04-30", "2026-05-31"]),
        ("2028-02-10", "2028-02-28", 1, ["2028-02-28", "2028-03-28"]),
        ("2025-12-16", "2026-01-15", 1, ["2026-01-15", "2026-02-15", "2026-03-15"]),
        ("2026-01-01", "2026-01-30", 1, ["2026-01-30", "2026-02-28", "2026-03-30"]),
        ("2025-12-01", "2025-12-31", 3, ["2025-12-31", "2026-03-31", "2026-06-30"]),
        ("2025-09-01", "2025-11-30", 3, ["2025-11-30", "2026-02-28", "2026-05-31"]),
        ("2024-02-10", "2024-02-29", 12, ["2024-02-29", "2025-02-28", "2026-02-28"]),
        ("2024-02-29", "2024-02-29", 48, ["2024-02-29", "2028-02-29"]),
        # From the same day of each month on, or the last of one that lacks it.
        ("2026-01-29", "2026-02-27", 1, ["2026-02-27", "2026-03-28", "2026-04-28"]),
        ("2026-01-30", "2026-02-27", 1, ["2026-02-27", "2026-03-29", "2026-04-29"]),
        ("2026-01-31", "2026-02-27", 1, ["2026-02-27", "2026-03-30", "2026-04-29"]),
        ("2024-01-31", "2024-02-28", 1, ["2024-02-28", "2024-03-30", "2024-04-29"]),
        ("2025-11-30", "2026-02-27", 3, ["2026-02-27", "2026-05-29", "2026-08-29"]),
        ("2024-02-29", "2025-02-27", 12, ["2025-02-27", "2026-02-27", "2027-02-27"]),
        # The same, the end being the day that the month lacks.
        ("2026-01-29", "2026-02-28", 1, ["2026-02-28", "2026-03-28", "2026-04-28"]),
        ("2026-01-30", "2026-02-28", 1, ["2026-02-28", "2026-03-29", "2026-04-29"]),
        ("2026-01-31", "2026-02-28", 1, ["2026-02-28", "2026-03-30", "2026-04-30"]),
        # A first period that is too long goes on as it ends.
        ("2026-01-15", "2026-02-28", 1, ["2026-02-28", "2026-03-31", "2026-04-30"]),
        ("2026-01-31", "2026-04-30", 1, ["2026-04-30", "2026-05-31", "2026-06-30"]),
    ],
)
def test_period_end(start, first_end, months, ends):
    first = date.fromisoformat(start), date.fromisoformat(first_end)
    assert [str(period_end(*first, months, n)) for n in range(len(ends))] == ends


@pytest.mark.parametrize(
    ("start", "first_end", "months", "fulls"),
    [
        (
            "2026-01-16",
            "2026-01-31",
            1,
            ["2026-01-01 2026-01-31", "2026-02-01 2026-02-28"],
        ),
        (
            "2026-02-01",
            "2026-03-31",
            3,
            ["2026-01-01 2026-03-31", "2026-04-01 2026-06-30"],
        ),
        (
            "2026-01-16",
            "2026-02-15",
            1,
            ["2026-01-16 2026-02-15", "2026-02-16 2026-03-15"],
        ),
        # Cut short at its start by a contract that bills to the 14th.
        (
            "2026-02-01",
            "2026-02-14",
            1,
            ["2026-01-15 2026-02-14", "2026-02-15 2026-03-14"],
        ),
        (
            "2028-02-10",
            "2028-02-28",
            1,
            ["2028-01-29 2028-02-28", "2028-02-29 2028-03-28"],
        ),
        (
            "2026-01-31",
            "2026-02-27",
            1,
            ["2026-01-31 2026-02-27", "2026-02-28 2026-03-30"],
        ),
    ],
)
def test_full_period(start, first_end, months, fulls):
    first = date.fromisoformat(start), date.fromisoformat(first_end)
    found = [full_period(*first, months, n) for n in range(len(fulls))]
    assert [f"{full[0]} {full[1]}" for full in found] == fulls


JANUARY = "2026-01-01", "2026-01-31"
QUARTER = "2026-04-01", "2026-06-30"


def share(start, end, full, prorate=True, since=None, through=None):
    days = [
        day and date.fromisoformat(day) for day in (start, end, *full, since, through)
    ]
    return period_share(*days[:2], tuple(days[2:4]), prorate, *days[4:])


def test_share_of_the_contract():
    assert share("2026-01-16", "2026-01-31", JANUARY) == F(16, 31)
    assert share("2026-01-01", "2026-01-15", JANUARY) == F(15, 31)
    assert share(*JANUARY, JANUARY) == 1
    assert share("2028-02-01", "2028-03-31", ("2028-01-01", "2028-03-31")) == F(60, 91)


def test_share_of_a_device():
    assert share(*JANUARY, JANUARY, since="2026-01-16") == F(16, 31)
    assert share(*JANUARY, JANUARY, through="2026-01-10") == F(10, 31)
    one_day = {"since": "2026-01-10", "through": "2026-01-10"}
    assert share(*JANUARY, JANUARY, **one_day) == F(1, 31)
    assert share(*JANUARY, JANUARY, since="2025-06-01", through="2027-06-01") == 1
    # In a first period cut short the denominator is the same.
    assert share("2026-01-16", "2026-01-31", JANUARY, since="2026-01-30") == F(2, 31)


def test_contract_that_ends_within_its_period():
    assert share(*QUARTER, QUARTER, through="2026-04-30") == F(30, 91)
    # So it is where the period given ends with the contract, even with a month.
    assert share("2026-04-01", "2026-04-30", QUARTER) == F(30, 91)


def test_without_proration_it_is_whole_or_nothing():
    assert share("2026-01-16", "2026-01-31", JANUARY, prorate=False) == 1
    assert share(*JANUARY, JANUARY, prorate=False, since="2026-01-31") == 1
    assert share(*JANUARY, JANUARY, prorate=False, since="2026-02-01") == 0
    assert share(*JANUARY, JANUARY, prorate=True, through="2025-12-31") == 0
