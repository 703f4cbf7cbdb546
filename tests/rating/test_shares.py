# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What each device bears of a charge."""

from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from rating import (
    FixedCharge,
    MeterType,
    MeterUsage,
    Minimum,
    Period,
    PerUnit,
    Prepaid,
    State,
    UsageCharge,
    rate_period,
    rate_periods,
)
from rating.allocation import apportion
from rating_builders import black, month, terms


def shares(charge, *periods):
    """Device: (included, billable, amount) as text, of the last period."""
    result = rate_periods(terms(charge), periods)[-1]
    return {
        share.device: f"{share.included} {share.billable} {share.amount}"
        for share in result.shares
    }


def test_contract_pool_goes_by_usage():
    assert shares(black(included=300), month(0, 900, 300)) == {
        "A": "225 675 6.75",
        "B": "75 225 2.25",
    }


def test_device_pool_bears_its_own():
    charge = black(
        PerUnit(D("0.02")),
        pool="device",
        included=500,
        minimum=Minimum(D(200), D("0.015")),
    )
    assert shares(charge, month(0, 800, 100)) == {
        "A": "500 300 6.00",
        "B": "100 0 1.50",
    }


def test_cents_and_pages_left_over_go_to_the_largest_remainder():
    # 10 included of 300: 3.33… each. Ties: in order of the key.
    assert shares(black(included=10), month(0, 100, 100, 100)) == {
        "A": "4 96 0.96",
        "B": "3 97 0.97",
        "C": "3 97 0.97",
    }


def test_resolution_of_a_weight():
    a3 = UsageCharge("a3", ("a3",), PerUnit(D("0.01")), included=D(1))
    whole = terms(a3, types=(MeterType("a3", D("1.5")),))
    usage = (MeterUsage("A", "A", "a3", 1), MeterUsage("B", "B", "a3", 3))
    result = rate_period(whole, State(), Period(0, usage=usage))
    # 1 x 1.5/6 = 0.25 in tenths: the tie at 0.05 goes to the first.
    assert [str(share.included) for share in result.shares] == ["0.3", "0.7"]
    assert [str(share.billable) for share in result.shares] == ["1.2", "3.8"]
    assert [str(share.quantity) for share in result.shares] == ["1.5", "4.5"]
    assert [share.pages for share in result.shares] == [1, 3]


def test_several_meters_of_a_device_have_a_share_each():
    charge = UsageCharge("all", ("black", "colour"), PerUnit(D("0.01")))
    usage = (MeterUsage("A", "A", "colour", 100), MeterUsage("A", "A", "black", 300))
    result = rate_period(terms(charge), State(), Period(0, usage=usage))
    assert [(share.meter, share.amount) for share in result.shares] == [
        ("black", D("3.00")),
        ("colour", D("1.00")),
    ]


def test_without_usage_it_is_even():
    charge = black(minimum=Minimum(D(1000), D("0.01")))
    assert shares(charge, month(0, 0, 0, 0)) == {
        "A": "0 0 3.34",
        "B": "0 0 3.33",
        "C": "0 0 3.33",
    }


def test_credit_goes_to_the_device_that_was_estimated_too_high():
    # The shortfall of 1,000 - 100 knows no sign: 9.00 by 300 and 200 pages.
    assert shares(black(), month(0, 300, -200)) == {
        "A": "0 300 3.00",
        "B": "0 -200 -2.00",
    }
    charge = black(minimum=Minimum(D(1000), D("0.01")))
    assert shares(charge, month(0, 300, -200)) == {
        "A": "0 300 8.40",
        "B": "0 -200 1.60",
    }


def test_blocks_go_by_the_pages_they_cover():
    charge = black(pool="device", included=100, prepaid=Prepaid(D(1000), D("0.01")))
    assert shares(charge, month(0, 400, 50, 200)) == {
        "A": "100 300 7.50",
        "B": "50 0 0.00",
        "C": "100 100 2.50",
    }


def test_not_due_yet():
    assert shares(black(every=2), month(0, 100)) == {"A": "0 0 0"}


def test_due_with_what_waited():
    # January's pages of B, which left, are borne evenly by those still there.
    charge = black(every=2, pool="device")
    assert shares(charge, month(0, 100, 200, 0), month(1, 50, 0, 30)) == {
        "A": "0 150 1.50",
        "B": "0 200 2.00",
        "C": "0 30 0.30",
    }
    assert shares(charge, month(0, 100, 200), month(1, 50)) == {"A": "0 350 3.50"}


def test_no_rows_no_shares():
    charge = black(minimum=Minimum(D(1000), D("0.01")))
    assert shares(charge, Period(0)) == {}
    assert rate_periods(terms(FixedCharge("base", D(1))), [month(0)])[0].shares == ()


@pytest.mark.parametrize(
    ("total", "targets", "parts"),
    [
        ("0.00", [0, 0], ["0.00", "0.00"]),
        ("0.05", ["0.025", "0.025"], ["0.03", "0.02"]),
        ("-0.05", ["-0.025", "-0.025"], ["-0.02", "-0.03"]),
        ("1.00", ["0.333", "0.333", "0.334"], ["0.33", "0.33", "0.34"]),
        ("3.00", [0, 1], ["1.00", "2.00"]),
    ],
)
def test_apportion(total, targets, parts):
    found = apportion(D(total), [F(target) for target in targets], D("0.01"))
    assert [str(part) for part in found] == parts
