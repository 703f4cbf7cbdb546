# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The explanation of a charge: each number as worked out by hand, and they add up."""

import json
from decimal import Decimal as D
from fractions import Fraction as F

from hypothesis import given
from rating import (
    FixedCharge,
    Graduated,
    MaximumAmount,
    MeterType,
    MeterUsage,
    Minimum,
    MinimumAmount,
    Package,
    Period,
    PerUnit,
    Place,
    Prepaid,
    Terms,
    Tier,
    UsageCharge,
    Volume,
    rate_periods,
    round_half_up,
)
from rating_builders import black, month, terms
from rating_strategies import contracts, periods


def explain(charge, *months):
    """The explanation of one charge in the last of these periods."""
    whole = charge if isinstance(charge, Terms) else terms(charge)
    results = rate_periods(whole, months)
    return list(results[-1].charges[whole.charges[-1].code].explanation)


def test_price_per_page():
    assert explain(black(PerUnit(D("0.012"))), month(0, 1000, 205)) == [
        ("usage", {"pages": "1205", "waited": "0", "total": "1205"}),
        ("price", {"kind": "usage", "quantity": "1205", "price": "0.012"}),
        # 14.46
        (
            "line",
            {
                "kind": "usage",
                "tier": None,
                "quantity": "1205",
                "price": "0.012",
                "amount": "14.46",
            },
        ),
    ]


def test_allowance_with_balances_before_and_after():
    charge = black(PerUnit(D("0.1")), included=D(1000), carry_over_periods=2)
    assert explain(charge, month(0, 400), month(1, 1700))[1:3] == [
        (
            "allowance",
            {
                "included": "1000",
                "share": "1",
                "granted": "1000",
                "before": [[0, "600"]],
                "used": "1600",
                "after": [],
            },
        ),
        ("price", {"kind": "usage", "quantity": "100", "price": "0.1"}),
    ]
    assert explain(charge, month(0, 400), month(1, 500, share=F(1, 2)))[1] == (
        "allowance",
        {
            "included": "1000",
            "share": "1/2",
            "granted": "500",
            "before": [[0, "600"]],
            "used": "500",
            "after": [[0, "100"], [1, "500"]],
        },
    )


def test_tiers_with_their_limits():
    tiers = (Tier(D(1000), D("0.02"), D(5)), Tier(None, D("0.01")))
    assert explain(black(Graduated(tiers)), month(0, 1500))[1:4] == [
        (
            "price",
            {
                "kind": "tier",
                "quantity": "1000",
                "price": "0.02",
                "tier": "1",
                "above": "0",
                "up_to": "1000",
            },
        ),
        (
            "price",
            {
                "kind": "flat",
                "quantity": "1",
                "price": "5",
                "tier": "1",
                "above": "0",
                "up_to": "1000",
            },
        ),
        (
            "price",
            {
                "kind": "tier",
                "quantity": "500",
                "price": "0.01",
                "tier": "2",
                "above": "1000",
                "up_to": None,
            },
        ),
    ]
    assert explain(black(Volume(tiers)), month(0, 1500))[1] == (
        "price",
        {
            "kind": "tier",
            "quantity": "1500",
            "price": "0.01",
            "tier": "2",
            "above": "1000",
            "up_to": None,
        },
    )


def test_started_packages():
    assert explain(black(Package(D(500), D(4)), included=D(100)), month(0, 1101))[
        2
    ] == (
        "price",
        {
            "kind": "package",
            "quantity": "3",
            "price": "4",
            "pages": "1001",
            "size": "500",
        },
    )


def test_minimum_and_what_is_taken_back():
    charge = black(minimum=Minimum(D(1000), D("0.008"), clawback_periods=2))
    assert explain(charge, month(0, 700), month(1, 1200))[2] == (
        "minimum",
        {
            "quantity": "1000",
            "share": "1",
            "paid_for": "1000",
            "usage": "1200",
            "price": "0.008",
            "shortfall": "0",
            "taken_back": "200",
            "before": [[0, "300"]],
            "after": [[0, "100"]],
        },
    )


def test_prepaid_balance():
    charge = black(prepaid=Prepaid(D(1000), D("0.009"), opening_balance=D(300)))
    assert explain(charge, month(0, 1800))[1] == (
        "prepaid",
        {
            "billable": "1800",
            "before": [[0, "300"]],
            "covered": "300",
            "bought": "2000",
            "block": "1000",
            "price": "0.009",
            "after": [[0, "500"]],
        },
    )


def test_weights_and_derived_meters():
    types = (
        MeterType("total"),
        MeterType("a3", D(2)),
        MeterType("rest", add=("total",), subtract=("black",)),
    )
    charge = UsageCharge("x", ("a3", "rest"), PerUnit(D(1)))
    usage = tuple(
        MeterUsage("A", "A", meter, pages)
        for meter, pages in (("total", 90), ("black", 20), ("a3", 5))
    )
    steps = explain(terms(charge, types=types), Period(0, usage=usage))
    assert steps[:2] == [
        (
            "meters",
            {"weights": {"a3": "2"}, "derived": {"rest": [["total"], ["black"]]}},
        ),
        ("usage", {"pages": "80", "waited": "0", "total": "80"}),
    ]


def test_each_device_on_its_own():
    steps = explain(
        black(PerUnit(D("0.1")), pool="device", included=D(100)),
        month(0, 150, 60, shares=[1, F(1, 2)]),
    )
    assert [(kind, numbers.get("place")) for kind, numbers in steps] == [
        *((kind, place) for place in "AB" for kind in ("usage", "allowance", "price")),
        ("line", None),
    ]
    assert [n["used"] for kind, n in steps if kind == "allowance"] == ["100", "50"]


def test_pages_that_waited():
    steps = explain(black(every=2), month(0, 300), month(1, 200))
    assert steps[0] == ("usage", {"pages": "200", "waited": "300", "total": "500"})
    assert explain(black(every=2), month(0, 300)) == []


def test_fixed_in_advance_with_a_device_less():
    charge = FixedCharge("rent", D(30), per="device", timing="advance")
    first = Period(0, places=(Place("A"), Place("B", F(1, 2), continues=False)))
    assert explain(charge, first)[0] == (
        "fixed",
        {
            "price": "30",
            "in_force": "3/2",
            "open": "0",
            "ahead": "1",
            "quantity": "5/2",
            "places": [["A", "1"], ["B", "1/2"]],
        },
    )
    assert explain(charge, first, Period(1, places=(Place("A"),)))[0] == (
        "fixed",
        {
            "price": "30",
            "in_force": "1",
            "open": "-1",
            "ahead": "1",
            "quantity": "1",
            "places": [["A", "1"]],
        },
    )


def test_minimum_and_maximum_amount():
    pages = black(PerUnit(D("0.10")), every=2)
    least = MinimumAmount("least", D(40), ("black",))
    assert explain(terms(pages, least), month(0, 100), month(1, 250))[0] == (
        "limit",
        {
            "kind": "minimum",
            "price": "40",
            "share": "2",
            "limit": "80.00",
            "charged": [["black", "35.00"]],
            "waited": "0",
            "total": "35.00",
            "amount": "45.00",
        },
    )
    most = MaximumAmount("most", D(20), ("black",))
    assert explain(terms(pages, most), month(0, 100), month(1, 250))[0] == (
        "limit",
        {
            "kind": "maximum",
            "price": "20",
            "share": "2",
            "limit": "40.00",
            "charged": [["black", "35.00"]],
            "waited": "0",
            "total": "35.00",
            "amount": "0",
        },
    )


def _sum(pairs):
    return sum((F(left) for _key, left in pairs), F(0))


def _of(steps, kind):
    return [numbers for name, numbers in steps if name == kind]


@given(contracts(), periods())
def test_the_numbers_add_up_to_the_amount(terms, facts):
    """From pages to steps, from steps to lines, from lines to the amount."""
    for result in rate_periods(terms, facts):
        for charge in terms.charges:
            rated = result.charges[charge.code]
            steps = json.loads(json.dumps(rated.explanation))
            assert bool(steps) == rated.due
            lines = _of(steps, "line")
            assert sum(D(line["amount"]) for line in lines) == rated.amount
            if isinstance(charge, UsageCharge) and rated.due:
                _check_usage(charge, rated, steps, lines, terms.rounding)
            for fixed in _of(steps, "fixed"):
                whole = F(fixed["in_force"]) + F(fixed["open"]) + F(fixed["ahead"])
                assert F(fixed["quantity"]) == whole
                amount = round_half_up(whole * F(fixed["price"]), terms.rounding)
                assert rated.amount == amount
                if "places" in fixed:
                    assert _sum(fixed["places"]) == F(fixed["in_force"])
            for limit in _of(steps, "limit"):
                assert D(limit["total"]) == D(limit["waited"]) + sum(
                    D(amount) for _code, amount in limit["charged"]
                )
                assert D(limit["amount"]) == rated.amount


def _check_usage(charge, rated, steps, lines, rounding):
    usage = _of(steps, "usage")
    assert all(F(one["pages"]) + F(one["waited"]) == F(one["total"]) for one in usage)
    total = sum(F(one["total"]) for one in usage)
    covered = sum(F(one["used"]) for one in _of(steps, "allowance"))
    assert round(total, 10) == round(F(rated.billed_quantity), 10)
    assert round(covered, 10) == round(F(rated.included), 10)
    for one in _of(steps, "allowance"):
        assert F(one["granted"]) == F(one["included"]) * F(one["share"])
        # The rest has expired.
        left = _sum(one["before"]) + F(one["granted"]) - F(one["used"])
        assert _sum(one["after"]) <= left
    for one in _of(steps, "minimum"):
        assert F(one["paid_for"]) == F(one["quantity"]) * F(one["share"])
        assert _sum(one["after"]) <= (
            _sum(one["before"]) + F(one["shortfall"]) - F(one["taken_back"])
        )
    priced = {}
    for one in _of(steps, "price"):
        key = (one["kind"], one.get("tier"))
        priced[key] = priced.get(key, 0) + F(one["quantity"]) * F(one["price"])
    for one in _of(steps, "minimum"):
        for kind, sign, name in (
            ("shortfall", 1, "shortfall"),
            ("clawback", -1, "taken_back"),
        ):
            if F(one[name]):
                value = sign * F(one[name]) * F(one["price"])
                priced[kind, None] = priced.get((kind, None), 0) + value
    for one in _of(steps, "prepaid"):
        assert F(one["billable"]) == total - covered
        returned = max(-F(one["billable"]), 0)
        left = _sum(one["before"]) - F(one["covered"]) + F(one["bought"]) + returned
        assert _sum(one["after"]) <= left - max(F(one["billable"]), 0) + F(
            one["covered"]
        )
        if F(one["bought"]):
            priced["prepaid", None] = F(one["bought"]) * F(one["price"])
    by_line = {(line["kind"], line["tier"]): D(line["amount"]) for line in lines}
    for key in priced.keys() | by_line.keys():
        assert by_line.get(key, 0) == round_half_up(F(priced.get(key, 0)), rounding)
