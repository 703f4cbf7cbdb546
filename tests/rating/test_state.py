# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The state survives JSON and refuses what it does not know."""

import json
from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from rating import (
    FixedCharge,
    Minimum,
    MinimumAmount,
    Prepaid,
    State,
    rate_periods,
)
from rating_builders import black, month, terms


def test_round_trip_of_everything_a_state_can_hold():
    charge = black(
        pool="device",
        included=100,
        carry_over_periods=3,
        minimum=Minimum(D(500), D("0.01"), 3),
        prepaid=Prepaid(D(100), D("0.01"), expires_periods=9),
    )
    whole = terms(
        charge,
        FixedCharge("base", D(10), timing="advance"),
        black_each_third(),
        MinimumAmount("least", D(10), ("third", "base")),
    )
    months = [
        month(0, 250, 30, share=F(16, 31), shares=[F(16, 31), F(1, 3)]),
        month(1, 20, 10),
    ]
    state = rate_periods(whole, months)[-1].state
    pools = state.usage["black"].pools
    assert pools["A"].carried and pools["A"].shortfalls
    assert state.usage["black"].prepaid
    assert state.usage["third"].pools[None].usage == 310
    assert state.owed["base"] == -1
    assert state.amounts["least"].amount == D("25.16")
    assert State.from_json(json.loads(json.dumps(state.to_json()))) == state


def black_each_third():
    charge = black(every=3)
    return type(charge)("third", charge.meters, charge.pricing, every=3)


@pytest.mark.parametrize("key", [7, "7", ("A", 7)])
def test_place_keys_keep_their_kind(key):
    charge = black(pool="device", every=2)
    period = month(0, 5)
    place = period.places[0]
    usage = period.usage[0]
    period = type(period)(
        0,
        places=(type(place)(key),),
        usage=(type(usage)(key, 1, "black", 5),),
    )
    state = rate_periods(terms(charge), [period])[0].state
    restored = State.from_json(json.loads(json.dumps(state.to_json())))
    assert list(restored.usage["black"].pools) == [key]


@pytest.mark.parametrize("nothing", [None, False, {}])
def test_nothing_is_the_start(nothing):
    assert State.from_json(nothing) == State()


def test_unknown_version_is_refused():
    with pytest.raises(ValueError, match="unknown rating state version 2"):
        State.from_json({**State().to_json(), "version": 2})


def test_nothing_is_kept_of_pools_that_have_nothing_left():
    state = rate_periods(terms(black(pool="device")), [month(0, 5, 6)])[0].state
    assert state.usage["black"].pools == {}


def test_charges_of_other_terms_keep_their_state():
    charge = black(included=100, carry_over_periods=5)
    first, _second = rate_periods(terms(charge), [month(0, 0), month(1, 0)])
    without = rate_periods(terms(FixedCharge("base", D(1))), [month(1, 0)], first.state)
    (back,) = rate_periods(terms(charge), [month(2, 150)], without[0].state)
    assert back.charges["black"].included == 150
