# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Charges of some places only, and amounts ahead that change."""

from decimal import Decimal as D
from fractions import Fraction as F

from rating import (
    FixedCharge,
    Graduated,
    Period,
    Place,
    State,
    Tier,
    UsageCharge,
    rate_period,
)
from rating_builders import CENT, bill, black, month, terms

AB = frozenset({"A", "B"})
C = frozenset({"C"})


def test_a_group_shares_its_included_pages_alone():
    # A and B print 700, of which 500 are free; C's 300 are not theirs.
    assert bill(black(included=D(500), places=AB), month(0, 400, 300, 300)) == [
        ["usage: 200 x 0.01 = 2.00"]
    ]


def test_a_group_of_nobody_here():
    assert bill(black(places=frozenset({"Z"})), month(0, 400)) == [
        ["usage: 0 x 0.01 = 0.00"]
    ]


def test_two_groups_bill_each_page_once():
    tiers = Graduated((Tier(D(100), D("0.02")), Tier(None, D("0.01"))))
    first = black(places=AB)
    second = UsageCharge("black C", ("black",), tiers, places=C)
    result = rate_period(terms(first, second), State(), month(0, 10, 20, 130))
    assert [(line.charge, line.amount) for line in result.lines] == [
        ("black", D("0.30")),
        ("black C", D("2.00")),
        ("black C", D("0.30")),
    ]
    assert [(share.charge, share.place, share.amount) for share in result.shares] == [
        ("black", "A", D("0.10")),
        ("black", "B", D("0.20")),
        ("black C", "C", D("2.30")),
    ]


def test_allowance_of_each_device_of_the_group():
    # 100 free for A and B each: 50 + 0 remain; C has no allowance to lend.
    charge = UsageCharge(
        "black", ("black",), CENT, pool="device", included=D(100), places=AB
    )
    result = rate_period(terms(charge), State(), month(0, 150, 40, 0))
    assert [line.quantity for line in result.lines] == [50]
    assert set(result.state.usage["black"].pools) <= {"A", "B"}


def test_a_fixed_amount_of_each_device_of_the_group():
    rental = FixedCharge("rental", D(10), per="device", places=AB)
    places = (Place("A"), Place("B", F(1, 2)), Place("C"))
    assert bill(rental, Period(0, places=places)) == [["fixed: 1.5 x 10 = 15.00"]]


def test_a_group_in_advance():
    rental = FixedCharge("rental", D(10), per="device", timing="advance", places=AB)
    places = (Place("A"), Place("B", continues=False), Place("C"))
    assert bill(rental, Period(0, places=places)) == [["fixed: 3 x 10 = 30.00"]]


def test_the_period_ahead_at_its_own_amount():
    old = FixedCharge("base", D(31), timing="advance", next_amount=D(33))
    new = FixedCharge("base", D(33), timing="advance")
    # The first invoice: this period at 31, the next at 33. Then 33 a period.
    first = rate_period(terms(old), State(), Period(0))
    assert [(line.quantity, line.price) for line in first.lines] == [
        (1, D(31)),
        (1, D(33)),
    ]
    assert first.charges["base"].billed_quantity == 2
    second = rate_period(terms(new), first.state, Period(1))
    assert [(line.quantity, line.price) for line in second.lines] == [(1, D(33))]


def test_only_the_period_ahead_where_this_one_is_paid_for():
    paid = rate_period(
        terms(FixedCharge("base", D(31), timing="advance")), State(), Period(0)
    ).state
    change = FixedCharge("base", D(31), timing="advance", next_amount=D(33))
    result = rate_period(terms(change), paid, Period(1))
    assert [(line.quantity, line.price) for line in result.lines] == [(1, D(33))]
