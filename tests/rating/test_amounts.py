# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Minimum and maximum amounts over other charges."""

from decimal import Decimal as D
from fractions import Fraction as F

from rating import FixedCharge, MaximumAmount, MinimumAmount, PerUnit, rate_periods
from rating_builders import bill, black, month, terms

MINIMUM = MinimumAmount("minimum", D(25), ("black",))
MAXIMUM = MaximumAmount("maximum", D(40), ("black",))


def test_tops_up_to_the_amount_and_no_further():
    lines = bill(
        terms(black(), MINIMUM), month(0, 2000), month(1, 2500), month(2, 3000)
    )
    assert [of_month[1:] for of_month in lines] == [
        ["minimum: 1 x 5.00 = 5.00"],
        [],
        [],
    ]


def test_caps_at_the_amount():
    lines = bill(terms(black(), MAXIMUM), month(0, 4000), month(1, 4100))
    assert [of_month[1:] for of_month in lines] == [
        [],
        ["maximum: -1 x 1.00 = -1.00"],
    ]


def test_stands_where_the_terms_put_it():
    first = terms(MINIMUM, black())
    assert bill(first, month(0, 2000)) == [
        ["minimum: 1 x 5.00 = 5.00", "usage: 2000 x 0.01 = 20.00"]
    ]


def test_sees_rounded_lines():
    # 1 x 0.005 is 0.01 on paper: 24.99 are missing.
    lines = bill(terms(black(PerUnit(D("0.005"))), MINIMUM), month(0, 1))
    assert lines[0][1] == "minimum: 1 x 24.99 = 24.99"


def test_scales_with_the_share():
    lines = bill(
        terms(black(), MINIMUM, MAXIMUM),
        month(0, 0, share=F(16, 31)),
        month(2, 9000, share=F(2)),
    )
    # 25 x 16/31 = 12.903…
    assert lines[0][1:] == ["minimum: 1 x 12.90 = 12.90"]
    assert lines[1][1:] == ["maximum: -1 x 10.00 = -10.00"]


def test_over_several_charges_and_only_those():
    charges = MinimumAmount("minimum", D(50), ("black", "base"))
    whole = terms(
        FixedCharge("base", D(30)), FixedCharge("other", D(99)), black(), charges
    )
    assert bill(whole, month(0, 1000))[0][3:] == ["minimum: 1 x 10.00 = 10.00"]


def test_waits_until_all_its_charges_are_due():
    # Base each month, pages each second: 2 x 50 against 2 x 30 + 20.
    charges = MinimumAmount("minimum", D(50), ("base", "black"))
    whole = terms(FixedCharge("base", D(30)), black(every=2), charges)
    months = [month(index, 1000) for index in range(4)]
    results = rate_periods(whole, months)
    assert [result.charges["minimum"].due for result in results] == [
        False,
        True,
        False,
        True,
    ]
    assert [result.charges["minimum"].amount for result in results] == [0, 20, 0, 20]


def test_a_credit_is_not_taken_back():
    # January's estimate was 2,000 pages too high. The customer has its 20.00 and
    # February's minimum stays 25.00.
    whole = terms(black(), MINIMUM)
    results = rate_periods(whole, [month(0, 6000), month(1, -2000)])
    assert [result.total for result in results] == [D("60.00"), D("5.00")]


def test_payer_of_its_own():
    whole = terms(black(payer="A"), MinimumAmount("minimum", D(25), ("black",), "B"))
    (result,) = rate_periods(whole, [month(0, 2000)])
    assert result.by_payer == {"A": D("20.00"), "B": D("5.00")}
