# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Weights, derived meters, and periods that do not fit."""

from decimal import Decimal as D

import pytest
from rating import (
    MeterType,
    MeterUsage,
    Period,
    PeriodError,
    PerUnit,
    State,
    Terms,
    UsageCharge,
    rate_period,
    rate_periods,
)
from rating_builders import black, month, terms

TYPES = (
    MeterType("black"),
    MeterType("total"),
    MeterType("a3", D("1.5")),
    MeterType("colour", D(3), add=("total",), subtract=("black",)),
    MeterType("all", add=("colour", "a3", "black")),
)


def quantity(meters, usage, types=TYPES):
    charge = UsageCharge("charge", meters, PerUnit(D(1)))
    period = Period(0, usage=tuple(MeterUsage(*row) for row in usage))
    result = rate_period(Terms(types, (charge,)), State(), period)
    assert result.total == result.charges["charge"].quantity
    return result.charges["charge"].quantity


def test_weighted_usage_is_added_up():
    usage = [("A", "A", "black", 100), ("A", "A", "a3", 11), ("B", "B", "a3", 2)]
    assert quantity(("black", "a3"), usage) == D("119.5")
    assert quantity(("a3",), usage) == D("19.5")


def test_derived_weighs_raw_pages_by_its_own_weight():
    usage = [("A", "A", "black", 100), ("A", "A", "total", 150), ("A", "A", "a3", 7)]
    assert quantity(("colour",), usage) == 150
    # raw colour 50 + raw A3 7 + black 100
    assert quantity(("all",), usage) == 157


def test_derived_is_of_one_device():
    usage = [("A", "A", "total", 150), ("B", "B", "black", 100)]
    # A lacks black: 150 x 3. B has no total and so no colour at all.
    assert quantity(("colour",), usage) == 450
    assert quantity(("all",), usage) == 250


def test_derived_may_be_negative():
    assert (
        quantity(("colour",), [("A", "A", "total", 0), ("A", "A", "black", 9)]) == -27
    )


def test_readings_of_one_meter_add_up():
    usage = [("A", "A", "black", 100), ("A", "A", "black", 20)]
    assert quantity(("black",), usage) == 120


def test_device_and_replacement_in_one_place_share_its_pool():
    charge = black(pool="device", included=100)
    period = Period(
        0,
        places=month(0, 0).places,
        usage=(MeterUsage("A", "A1", "black", 70), MeterUsage("A", "A2", "black", 80)),
    )
    result = rate_period(terms(charge), State(), period)
    assert result.charges["black"].billable == 50


def test_meters_that_nobody_charges_cost_nothing():
    assert quantity(("black",), [("A", "A", "fax", 5), ("A", "A", "black", 1)]) == 1


def test_derived_meter_is_never_read():
    with pytest.raises(PeriodError, match="device A: meter colour is derived"):
        quantity(("colour",), [("A", "A", "colour", 5)])


def test_place_must_be_listed_where_devices_are_rated_apart():
    period = Period(0, usage=(MeterUsage("Z", "A", "black", 1),))
    with pytest.raises(PeriodError, match="device A: place Z is not in the period"):
        rate_period(terms(black(pool="device")), State(), period)
    assert rate_period(terms(black()), State(), period).total == D("0.01")


@pytest.mark.parametrize("index", [0, 1])
def test_no_period_is_rated_twice(index):
    with pytest.raises(PeriodError, match=f"period {index} cannot be rated"):
        rate_periods(terms(black()), [month(1, 1), month(index, 1)])
