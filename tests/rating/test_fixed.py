# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Fixed charges."""

from decimal import Decimal as D
from fractions import Fraction as F

from rating import FixedCharge, Period, Place
from rating_builders import bill

BASE = FixedCharge("base", D(31))
AHEAD = FixedCharge("base", D(31), timing="advance")
RENTAL = FixedCharge("rental", D(10), per="device")
RENTAL_AHEAD = FixedCharge("rental", D(10), per="device", timing="advance")


def test_arrears():
    assert bill(BASE, Period(0), Period(2, share=F(2)), Period(3, share=F(15, 31))) == [
        ["fixed: 1 x 31 = 31.00"],
        ["fixed: 2 x 31 = 62.00"],
        ["fixed: 0.4838709677 x 31 = 15.00"],
    ]


def test_arrears_by_device():
    places = (Place("A"), Place("B", F(1, 2)), Place("C", F(1, 4), continues=False))
    assert bill(RENTAL, Period(0, places=places)) == [["fixed: 1.75 x 10 = 17.50"]]
    assert bill(RENTAL, Period(0)) == [[]]


def test_a_discount_is_a_negative_amount():
    assert bill(FixedCharge("discount", D("-5")), Period(0)) == [
        ["fixed: 1 x -5 = -5.00"]
    ]


def test_advance_carries_the_first_period_as_well():
    assert bill(AHEAD, Period(0), Period(1)) == [
        ["fixed: 2 x 31 = 62.00"],
        ["fixed: 1 x 31 = 31.00"],
    ]


def test_advance_of_a_first_period_cut_short():
    assert bill(AHEAD, Period(0, share=F(16, 31)), Period(1)) == [
        ["fixed: 1.5161290323 x 31 = 47.00"],
        ["fixed: 1 x 31 = 31.00"],
    ]


def test_advance_up_to_a_known_end():
    last = Period(2, share=F(15, 31), next_share=F(0), final=True)
    assert bill(AHEAD, Period(0), Period(1, next_share=F(15, 31)), last) == [
        ["fixed: 2 x 31 = 62.00"],
        ["fixed: 0.4838709677 x 31 = 15.00"],
        [],
    ]


def test_advance_credits_what_an_early_end_leaves():
    last = Period(1, share=F(15, 31), final=True)
    assert bill(AHEAD, Period(0), last) == [
        ["fixed: 2 x 31 = 62.00"],
        ["fixed: -0.5161290323 x 31 = -16.00"],
    ]


def test_advance_after_a_skipped_period():
    assert bill(AHEAD, Period(0), Period(2, share=F(2))) == [
        ["fixed: 2 x 31 = 62.00"],
        ["fixed: 2 x 31 = 62.00"],
    ]


def test_advance_by_device_trues_up():
    both = (Place("A"), Place("B"))
    # B leaves halfway through February, C comes in March.
    february = (Place("A"), Place("B", F(1, 2), continues=False))
    march = (Place("A"), Place("C", F(3, 4)))
    assert bill(
        RENTAL_AHEAD,
        Period(0, places=both),
        Period(1, places=february),
        Period(2, places=march),
        Period(3, share=F(1), places=(Place("C", continues=False),), final=True),
    ) == [
        ["fixed: 4 x 10 = 40.00"],
        # 1.5 in force, 2 paid, 1 ahead
        ["fixed: 0.5 x 10 = 5.00"],
        # 1.75 in force, 1 paid, 2 ahead
        ["fixed: 2.75 x 10 = 27.50"],
        # 1 in force, 2 paid, none ahead: A went unannounced
        ["fixed: -1 x 10 = -10.00"],
    ]


def test_every_third_period_in_arrears():
    charge = FixedCharge("base", D(31), every=3)
    lines = bill(charge, *(Period(index) for index in range(4)), Period(4, final=True))
    assert lines == [
        [],
        [],
        ["fixed: 3 x 31 = 93.00"],
        [],
        ["fixed: 2 x 31 = 62.00"],
    ]


def test_every_third_period_in_advance():
    charge = FixedCharge("base", D(31), timing="advance", every=3)
    lines = bill(charge, *(Period(index) for index in range(6)))
    assert lines == [
        [],
        [],
        ["fixed: 6 x 31 = 186.00"],
        [],
        [],
        ["fixed: 3 x 31 = 93.00"],
    ]


def test_every_third_period_in_advance_before_a_last_one():
    charge = FixedCharge("base", D(31), timing="advance", every=3)
    months = [Period(0), Period(1), Period(2, next_share=F(15, 31))]
    assert bill(charge, *months)[2] == ["fixed: 3.4838709677 x 31 = 108.00"]
