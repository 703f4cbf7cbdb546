# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What of an allowance is used while its period still runs."""

from decimal import Decimal as D
from fractions import Fraction as F

from rating import (
    MeterType,
    MeterUsage,
    Period,
    PerUnit,
    Place,
    Prepaid,
    State,
    Terms,
    UsageCharge,
    allowance_uses,
    charge_uses,
    rate_periods,
)
from rating_builders import black, month, terms


def uses(charge, *periods):
    """Return (place, used, available, percent) of the last period, as it runs."""
    *billed, running = periods
    agreed = terms(charge)
    results = rate_periods(agreed, billed)
    state = results[-1].state if results else State()
    return [
        (use.place, use.used, use.available, use.percent)
        for use in allowance_uses(agreed, state, running)
    ]


def test_pool_of_the_contract():
    assert uses(black(included=500), month(0, 300, 99)) == [(None, 399, 500, 79)]
    assert uses(black(included=500), month(0, 300, 100)) == [(None, 400, 500, 80)]


def test_each_device_on_its_own():
    found = uses(black(included=500, pool="device"), month(0, 300, 600))
    assert [found[0][1:], found[1][1:]] == [(300, 500, 60), (600, 500, 120)]
    assert {place for place, *_rest in found} == {
        place.key for place in month(0, 300, 600).places
    }


def test_without_an_allowance():
    assert uses(black(), month(0, 300)) == []


def test_what_is_used_without_an_allowance():
    running = month(0, 300, 100)
    for charge in (black(), black(pool="device")):
        (use,) = charge_uses(terms(charge), State(), running)
        assert (use.place, use.used, use.available, use.percent) == (None, 400, 0, None)
        assert [row.quantity for row in use.rows] == [300, 100]


def test_the_rows_of_a_pool_are_its_own():
    charge = black(included=500, pool="device")
    found = charge_uses(terms(charge), State(), month(0, 300, 600))
    assert [[row.quantity for row in use.rows] for use in found] == [[300], [600]]


def test_carried_pages_are_available():
    # 400 of the first 500 are left and usable for one more period.
    charge = black(included=500, carry_over_periods=1)
    assert uses(charge, month(0, 100), month(1, 720)) == [(None, 720, 900, 80)]
    # In the third period they are gone; the second drew them first, its own are left.
    found = uses(charge, month(0, 100), month(1, 400), month(2, 0))
    assert found == [(None, 0, 1000, 0)]


def test_every_third_period_has_the_pages_of_three():
    charge = black(included=500, every=3)
    assert uses(charge, month(0, 400)) == [(None, 400, 1500, 26)]
    assert uses(charge, month(0, 400), month(1, 800)) == [(None, 1200, 1500, 80)]
    three = month(0, 400), month(1, 800), month(2, 300)
    assert uses(charge, *three) == [(None, 1500, 1500, 100)]
    # A new round begins at 0.
    assert uses(charge, *three, month(3, 15)) == [(None, 15, 1500, 1)]


def test_final_period_has_no_more_to_come():
    charge = black(included=500, every=3)
    running = month(0, 400)
    final = Period(0, places=running.places, usage=running.usage, final=True)
    assert uses(charge, final) == [(None, 400, 500, 80)]


def test_prorated():
    running = month(0, 100)
    half = Period(0, share=F(1, 2), places=running.places, usage=running.usage)
    assert uses(black(included=500), half) == [(None, 100, 250, 40)]


def test_prepaid_balance():
    prepaid = Prepaid(block=D(1000), price=D("0.01"), opening_balance=D(1000))
    charge = black(included=100, prepaid=prepaid)
    # 100 are included, 700 of the 1000 paid ahead are used.
    assert uses(charge, month(0, 800)) == [(None, 700, 1000, 70)]
    # The second period begins with the 300 that are left.
    assert uses(charge, month(0, 800), month(1, 340)) == [(None, 240, 300, 80)]


def test_prepaid_with_a_pool_of_each_device():
    prepaid = Prepaid(block=D(1000), price=D("0.01"), opening_balance=D(1000))
    charge = black(included=100, prepaid=prepaid, pool="device")
    # One uses 50 of its 100, the other 500 beyond its own: those alone are prepaid.
    assert uses(charge, month(0, 50, 600)) == [(None, 500, 1000, 50)]


def test_credit_uses_nothing():
    assert uses(black(included=500), month(0, -40)) == [(None, -40, 500, 0)]


def test_weighted_derived_and_of_some_places():
    types = (
        MeterType("mono"),
        MeterType("total"),
        MeterType("colour", weight=D(5), add=("total",), subtract=("mono",)),
    )
    charge = UsageCharge(
        "colour",
        ("colour",),
        PerUnit(D("0.05")),
        included=D(1000),
        places=frozenset({"p1"}),
    )
    period = Period(
        0,
        places=(Place("p1"), Place("p2")),
        usage=(
            MeterUsage("p1", 1, "mono", 40),
            MeterUsage("p1", 1, "total", 200),
            MeterUsage("p2", 2, "mono", 0),
            MeterUsage("p2", 2, "total", 9999),
        ),
    )
    (use,) = allowance_uses(Terms(types, (charge,)), State(), period)
    # (200 - 40) x 5
    assert (use.used, use.available, use.percent) == (800, 1000, 80)


def test_a_place_that_is_over_gets_no_more_pages():
    charge = black(included=500, every=3, pool="device")
    running = month(0, 400, 400)
    gone, stays = running.places
    places = (Place(gone.key, continues=False), stays)
    found = uses(charge, Period(0, places=places, usage=running.usage))
    assert found == [(gone.key, 400, 500, 80), (stays.key, 400, 1500, 26)]
