# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Scenario files: what a file says is read, what does not fit is named."""

import copy
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.stack.json_fields import FormatError
from tests.stack.scenario import Figures, Pricing, differences
from tests.stack.scenario_format import read_scenario

FILES = sorted((Path(__file__).parent / "scenarios").glob("*.json"))
SCENARIO = {
    "name": "all_of_it",
    "source": "own",
    "meter_types": [
        {"code": "black", "weight": "1.5"},
        {"code": "total"},
        {"code": "colour", "derived": {"add": ["total"], "subtract": ["black"]}},
    ],
    "devices": [
        {
            "serial": "A",
            "installed": "2026-01-01",
            "opening": {"black": 10, "total": 20},
            "digits": {"black": 6},
            "removed": "2026-01-20",
            "closing": {"black": 30, "total": 40},
        },
        {
            "serial": "B",
            "installed": "2026-01-21",
            "opening": {"black": 0, "total": 0},
            "replaces": "A",
        },
    ],
    "contract": {
        "start": "2026-01-01",
        "period_months": 1,
        "charges": [
            {
                "code": "black",
                "kind": "usage",
                "meters": ["black"],
                "pricing": {
                    "model": "graduated",
                    "tiers": [
                        {"up_to": 100, "price": "0.012345"},
                        {"up_to": None, "price": "0.01", "flat": "5.00"},
                    ],
                },
                "included": 50,
                "carry_over": {"periods": 2},
            },
            {
                "code": "colour",
                "kind": "usage",
                "meters": ["colour"],
                "pricing": {"model": "per_unit", "price": "0.10"},
                "minimum": {"quantity": 100, "price": "0.05"},
            },
            {
                "code": "rental",
                "kind": "fixed",
                "amount": "10.00",
                "per": "device",
                "timing": "advance",
                "bill_to": "Lessor",
            },
            {
                "code": "floor",
                "kind": "minimum_amount",
                "amount": "25.00",
                "charges": ["black", "colour"],
            },
        ],
    },
    "periods": [
        {
            "through": "2026-01-31",
            "readings": [
                {"device": "B", "meter": "black", "value": 5, "date": "2026-01-31"},
                {"device": "B", "meter": "total", "value": 9, "date": "2026-01-31"},
            ],
            "expect": {"total": "35.00", "by_partner": {"Lessor": "20.00"}},
        },
        {"through": "2026-02-28", "readings": [], "skip": True},
    ],
}
BLACK = "contract.charges[0]"
COLOUR = "contract.charges[1]"
GONE = object()


def changed(path, value):
    """Return the scenario as JSON with one field set, or taken out."""
    data = copy.deepcopy(SCENARIO)
    at = data
    *keys, last = path.replace("[", ".").replace("]", "").split(".")
    for key in keys:
        at = at[int(key)] if isinstance(at, list) else at[key]
    if value is GONE:
        del at[last]
    else:
        at[int(last) if isinstance(at, list) else last] = value
    return json.dumps(data)


def test_reads_what_the_file_says():
    scenario = read_scenario(json.dumps(SCENARIO))
    black, _total, colour = scenario.meter_types
    assert (black.weight, colour.add, colour.subtract) == (
        Decimal("1.5"),
        ("total",),
        ("black",),
    )
    old, new = scenario.devices
    assert (old.removed, old.closing) == (date(2026, 1, 20), {"black": 30, "total": 40})
    assert new.replaces == "A"
    usage, minimum_usage, rental, floor = scenario.contract.charges
    assert [(t.up_to, t.price, t.flat) for t in usage.pricing.tiers] == [
        (100, Decimal("0.012345"), Decimal(0)),
        (None, Decimal("0.01"), Decimal(5)),
    ]
    assert (usage.included, usage.carry_over_periods) == (50, 2)
    assert minimum_usage.pricing == Pricing("per_unit", Decimal("0.10"))
    assert (rental.timing, rental.bill_to) == ("advance", "Lessor")
    assert floor.charges == ("black", "colour")
    assert scenario.payers == ("customer", "Lessor")
    first, second = scenario.periods
    assert first.expect.total == Decimal(35)
    assert (second.skip, second.expect) == (True, Figures())


def test_missing_optional_keys_mean_their_defaults():
    scenario = read_scenario(json.dumps(SCENARIO))
    _black, total, _colour = scenario.meter_types
    assert total.weight == 1
    assert scenario.contract.prorate is False
    black = scenario.contract.charges[0]
    assert (black.pool, black.every, black.bill_to) == ("contract", 1, "customer")
    assert (black.minimum, black.prepaid) == (None, None)
    assert scenario.contract.charges[1].minimum.clawback_periods == 0
    assert scenario.periods[0].readings[0].kind == "actual"
    assert scenario.periods[0].skip is False


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_reads_the_scenario_files(path):
    assert read_scenario(path.read_text()).name == path.stem


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("name", GONE, "is missing"),
        ("name", 5, "must be a text"),
        ("contract", GONE, "is missing"),
        ("contract", [], "must be an object"),
        ("periods", [], "is empty"),
        ("period", [], "is unknown here"),
        ("meter_types[0].weight", 0, "must be a number above 0"),
        ("meter_types[1].code", "black", "is there twice"),
        ("meter_types[1].code", "BLACK", "is there twice"),
        ("meter_types[2].derived.add[0]", "scan", "scan is unknown"),
        ("meter_types[2].derived.add", [], "is empty"),
        ("meter_types[2].derived.add[0]", "colour", "derived from itself"),
        ("devices[0].installed", "2026-02-30", "must be a date"),
        ("devices[0].installed", "20260101", "must be a date"),
        ("devices[0].installed", 20260101, "must be a date"),
        ("devices[0].opening", {"colour": 1}, "no meter type that is read"),
        ("devices[0].opening.black", -1, "must be from 0"),
        ("devices[0].opening.black", "10", "must be a whole number"),
        ("devices[0].opening.black", 1000000, "more than 6 digits"),
        ("devices[0].closing", GONE, "is missing"),
        ("devices[0].closing", {"black": 30}, "has no value of total"),
        ("devices[0].removed", GONE, "is missing beside closing"),
        ("devices[0].removed", "2025-12-31", "must not be before 2026-01-01"),
        ("devices[1].serial", "A", "is there twice"),
        ("devices[1].serial", " a", "is there twice"),
        ("devices[1].serial", "B\0", "must be a text"),
        ("contract.charges[0].bill_to", "\ud800", "must be a text"),
        ("contract.start", "9999-12-31", "must be a date"),
        ("devices[1].replaces", "C", "C is unknown"),
        ("devices[1].replaces", "B", "B is not removed"),
        ("contract.period_months", 0, "must be from 1"),
        ("contract.period_months", 1.5, "must be a whole number"),
        ("contract.prorate", "hours", "must be one of days"),
        ("contract.charges", [], "is empty"),
        (f"{BLACK}.kind", "flat", "must be one of usage, fixed, minimum_amount"),
        (f"{BLACK}.amount", "1.00", "is unknown here"),
        (f"{BLACK}.meters", [], "is empty"),
        (f"{BLACK}.meters[0]", "scan", "scan is unknown"),
        (f"{BLACK}.pricing", GONE, "is missing"),
        (f"{BLACK}.pricing.model", "flat", "must be one of per_unit"),
        (f"{BLACK}.pricing.price", "0.01", "is unknown here"),
        (f"{BLACK}.pricing.tiers[0].price", 0.01, "must be a text such as"),
        (f"{BLACK}.pricing.tiers[0].price", "cheap", "must be a text such as"),
        (f"{BLACK}.pricing.tiers[0].price", "NaN", "must be a text such as"),
        (f"{BLACK}.pricing.tiers[0].price", "1e-2", "must be a text such as"),
        (f"{BLACK}.pricing.tiers[0].price", "1_0", "must be a text such as"),
        (f"{BLACK}.pricing.tiers[0].price", "١", "must be a text such as"),
        (f"{BLACK}.pricing.tiers[0].price", "9" * 40, "must be a text such as"),
        (f"{BLACK}.pricing.tiers[0].price", "-0.01", "must be 0 or more"),
        (f"{BLACK}.pricing.tiers[0].price", "0.0123456", "more than 6 decimals"),
        (f"{BLACK}.pricing.tiers[0].up_to", None, "only the last tier has none"),
        (f"{BLACK}.pricing.tiers[1].up_to", 100, "must be from 101"),
        (f"{BLACK}.pricing.tiers[1].up_to", 200, "must end with a tier whose up_to"),
        (f"{BLACK}.included", "many", "must be a whole number"),
        (f"{BLACK}.carry_over", 2, "must be an object"),
        (f"{COLOUR}.code", "black", "is there twice"),
        (f"{COLOUR}.minimum.price", GONE, "is missing"),
        ("contract.charges[2].amount", "10.005", "more than 2 decimals"),
        ("contract.charges[2].per", "page", "must be one of contract, device"),
        ("contract.charges[2].per", GONE, "is missing"),
        ("contract.charges[2].timing", GONE, "is missing"),
        ("contract.charges[3].charges[0]", "floor", "no usage or fixed charge"),
        ("contract.charges[3].charges[1]", "black", "is there twice"),
        ("periods[0].through", "2025-12-31", "before the contract starts"),
        ("periods[1].through", "2026-01-31", "must be after 2026-01-31"),
        ("periods[0].readings", GONE, "is missing"),
        ("periods[0].readings[0].device", "C", "C is unknown"),
        ("periods[0].readings[0].meter", "colour", "no meter of B"),
        ("periods[0].readings[0].value", "5", "must be a whole number"),
        ("periods[0].readings[0].value", 5.5, "must be a whole number"),
        ("periods[0].readings[0].value", float("inf"), "must be a whole number"),
        ("periods[0].readings[0].value", True, "must be a whole number"),
        ("periods[0].readings[0].kind", "guess", "must be one of actual, estimated"),
        ("periods[0].expect.total", 35, "must be a text such as"),
        ("periods[0].expect.by_partner", {"Bank": "1.00"}, "no payer of a charge"),
        ("periods[0].expect.by_charge", {"scan": "1.00"}, "no charge"),
        ("periods[0].expect.quantities", {"rental": 1}, "no usage charge"),
        ("periods[1].skip", "yes", "must be true or false"),
    ],
)
def test_names_the_field_that_does_not_fit(path, value, problem):
    with pytest.raises(FormatError) as raised:
        read_scenario(changed(path, value))
    message = str(raised.value)
    assert problem in message
    # The path is that of the field, or of the list or object that it stands in.
    named = message.split(": ")[0]
    assert path == named or path.startswith((f"{named}.", f"{named}["))
    assert "\n" not in message


def test_a_number_says_the_same_with_a_decimal_point():
    scenario = read_scenario(changed("periods[0].readings[0].value", 5.0))
    assert scenario.periods[0].readings[0].value == 5


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"name": }', "[]", "[" * 100_000, '{"name": ' + "9" * 9999 + "}"],
    ids=["empty", "open", "no value", "list", "deep", "digits"],
)
def test_text_that_is_no_scenario_is_one_clear_error(text):
    with pytest.raises(FormatError, match="^file: "):
        read_scenario(text)


def test_a_key_that_is_there_twice_is_not_half_ignored():
    text = json.dumps(SCENARIO).replace(
        '"period_months": 1', '"period_months": 1, "period_months": 3'
    )
    with pytest.raises(FormatError, match="^file: the key period_months is there"):
        read_scenario(text)


def test_only_stated_figures_are_compared():
    found = Figures(Decimal("5.00"), {"black": Decimal("5.00")}, {"black": Decimal(7)})
    assert differences(found, Figures()) == []
    assert differences(found, Figures(quantities={"black": Decimal(7)})) == []
    assert differences(
        found, Figures(Decimal("6.00"), {"colour": Decimal("1.00")})
    ) == [
        "total is 5.00, expected 6.00",
        "by_charge colour is 0, expected 1.00",
    ]
