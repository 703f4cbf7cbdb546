# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What holds of every contract, whatever it says."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D
from fractions import Fraction as F

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rating import (
    FixedCharge,
    Graduated,
    PerUnit,
    State,
    Terms,
    UsageCharge,
    add_months,
    full_period,
    pages_between,
    period_share,
    rate_period,
    rate_periods,
    round_half_up,
)
from rating_strategies import (
    TYPES,
    contracts,
    fixed_charges,
    minimums,
    packages,
    pages,
    periods,
    prepaids,
    pricings,
    tiers,
    usage_charges,
    whole_months,
)

settings.register_profile("rating", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("rating")

DAY = timedelta(1)
monthly = st.lists(st.integers(0, 5000), min_size=1, max_size=6)


def lots(state: State):
    for usage in state.usage.values():
        yield from usage.prepaid or ()
        for pool in usage.pools.values():
            yield from pool.carried + pool.shortfalls


@given(contracts(), periods(), st.randoms())
def test_order_of_devices_is_irrelevant(terms, facts, random):
    def shuffled(rows):
        return tuple(random.sample(rows, len(rows)))

    mixed = [
        replace(one, places=shuffled(one.places), usage=shuffled(one.usage))
        for one in facts
    ]
    assert rate_periods(terms, mixed) == rate_periods(terms, facts)


@given(contracts(), periods(), st.data())
def test_going_on_from_a_stored_state_is_the_same(terms, facts, data):
    results = rate_periods(terms, facts)
    at = data.draw(st.integers(0, len(facts)))
    state = results[at - 1].state if at else State()
    stored = State.from_json(json.loads(json.dumps(state.to_json())))
    assert stored == state
    assert rate_periods(terms, facts[at:], stored) == results[at:]


@given(contracts(), periods())
def test_totals_agree(terms, facts):
    for result in rate_periods(terms, facts):
        amounts = [charge.amount for charge in result.charges.values()]
        assert result.total == sum(amounts) == sum(result.by_payer.values())
        assert list(result.charges) == [charge.code for charge in terms.charges]
        for line in result.lines:
            assert line.amount % terms.rounding == 0
            exact = F(line.quantity) * F(line.price)
            assert abs(F(line.amount) - exact) <= F(terms.rounding) / 2 + F(1, 10**6)


@given(contracts(), periods())
def test_shares_conserve_what_is_charged(terms, facts):
    for result in rate_periods(terms, facts):
        for code, charge in result.charges.items():
            shares = [share for share in result.shares if share.charge == code]
            if not shares:
                continue
            assert sum(share.quantity for share in shares) == charge.quantity
            assert sum(share.included for share in shares) == charge.included
            assert sum(share.billable for share in shares) == charge.billable
            assert sum(share.amount for share in shares) == charge.amount


@given(usage_charges("first", every=st.just(1)), periods())
def test_pages_of_a_device_are_included_or_billable(charge, facts):
    for result in rate_periods(Terms(TYPES, (charge,)), facts):
        for share in result.shares:
            assert share.included + share.billable == share.quantity


@given(
    usage_charges("first", every=st.just(1), pool=st.just("device"), prepaid=st.none()),
    periods(least_pages=0),
)
def test_device_pool_bears_what_it_would_alone(charge, facts):
    """But for the cents of rounding, another device changes nothing."""
    terms = Terms(TYPES, (charge,))
    alone = [
        replace(
            one,
            places=tuple(place for place in one.places if place.key == 1),
            usage=tuple(usage for usage in one.usage if usage.place == 1),
        )
        for one in facts
    ]
    for together, single in zip(
        rate_periods(terms, facts), rate_periods(terms, alone), strict=True
    ):
        shares = [share for share in together.shares if share.place == 1]
        measured = {share.place for share in together.shares}
        in_force = {place.key for place in facts_of(together, facts).places}
        if shares and measured == in_force:
            amount = sum(share.amount for share in shares)
            assert abs(amount - single.total) <= D("0.05")


def facts_of(result, facts):
    return next(one for one in facts if one.index == result.state.index)


@given(contracts(), periods())
def test_nothing_set_aside_is_ever_negative(terms, facts):
    for result in rate_periods(terms, facts):
        assert all(lot.left > 0 for lot in lots(result.state))


@given(
    st.decimals(0, 2, places=2),
    st.lists(
        st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(0, 31)),
        min_size=1,
        max_size=4,
    ),
)
def test_splitting_a_period_conserves_linear_charges(price, months):
    """Each month cut in two at some day: pages and base come to what they did."""
    pages = UsageCharge("pages", ("black",), PerUnit(price))
    terms = Terms(TYPES, (pages, FixedCharge("base", D("31.00"))))

    def total(counts, shares):
        facts = [
            replace(one, share=share)
            for one, share in zip(whole_months(counts), shares, strict=True)
        ]
        return sum(result.total for result in rate_periods(terms, facts))

    halves = [count for *counts, day in months for count in counts]
    shares = [F(part, 31) for *counts, day in months for part in (day, 31 - day)]
    whole = [first + second for first, second, day in months]
    assert total(halves, shares) == total(whole, [F(1)] * len(whole))


days = st.dates(date(2023, 1, 1), date(2029, 12, 31))


@given(days, st.sampled_from([1, 2, 3, 6, 12]), st.integers(0, 400), st.data())
def test_periods_tile_a_contract_and_their_parts_add_up(start, months, length, data):
    """Wherever it starts, and its first period ends; wherever a device takes over."""
    ends = st.just(add_months(start, months) - DAY) | st.just(start + DAY * length)
    first_end = data.draw(ends)
    last = None
    for number in range(6):
        full = full_period(start, first_end, months, number)
        begin, end = full if number else (min(start, full[0]), full[1])
        assert begin <= end
        assert last is None or begin == last + DAY
        assert number or end == first_end
        # Months of 28 to 31 days: within three of the rhythm, whatever the day is.
        if number:
            assert abs((end - begin).days + 1 - months * 30.5) <= 3 + months / 2
        last = end
        cut = begin + DAY * data.draw(st.integers(0, max((end - begin).days - 1, 0)))

        def share(full=full, begin=begin, end=end, **in_force):
            return period_share(begin, end, full, True, **in_force)

        before, after = share(in_force_end=cut), share(in_force_start=cut + DAY)
        assert before + after == share()
        # A contract that starts or ends there bills the same, by the same full days.
        assert period_share(begin, cut, full, True) == before
        assert not number or share() == 1


@given(
    usage_charges(
        "pages",
        meters=st.just(("black",)),
        pricing=st.builds(Graduated, tiers()) | packages | st.builds(PerUnit, pages),
        minimum=st.none(),
        prepaid=st.none(),
    ),
    monthly,
    st.integers(1, 3000),
)
def test_more_pages_never_cost_less(charge, counts, more):
    terms = Terms(TYPES, (charge,))
    fewer = rate_periods(terms, whole_months(counts))
    grown = rate_periods(terms, whole_months([*counts[:-1], counts[-1] + more]))
    assert grown[-1].total >= fewer[-1].total


@given(minimums, st.decimals(0, 2, places=4), monthly, st.integers(1, 3000))
def test_more_pages_never_cost_less_than_a_minimum(minimum, more, counts, extra):
    """Rounded lines: up to a cent each may hide it."""
    pricing = PerUnit(minimum.price + more)
    terms = Terms(TYPES, (UsageCharge("pages", ("black",), pricing, minimum=minimum),))
    fewer = rate_periods(terms, whole_months(counts))
    grown = rate_periods(terms, whole_months([*counts[:-1], counts[-1] + extra]))
    assert grown[-1].total >= fewer[-1].total - D("0.01")


@given(usage_charges("pages", meters=st.just(("black",)), pricing=pricings), monthly)
def test_all_usage_is_billed_by_the_end(charge, counts):
    results = rate_periods(Terms(TYPES, (charge,)), whole_months(counts))
    billed = [result.charges["pages"].billed_quantity for result in results]
    assert sum(billed) == sum(counts)


@given(
    st.integers(0, 999_999),
    st.lists(st.tuples(st.integers(0, 400_000), st.integers(-900, 900)), min_size=1),
)
def test_billed_quantities_are_what_the_counter_went_on(opening, months):
    """Over estimates that were off and a counter of six digits that wraps."""
    position = billed_to = opening
    counts = []
    for printed, error in months:
        position += printed
        reading = max(position + error, 0)
        wraps = reading // 10**6 - billed_to // 10**6
        assume(wraps in (0, 1))
        counts.append(
            pages_between(billed_to % 10**6, reading % 10**6, [(10**6, 0)] * wraps)
        )
        billed_to = reading
    terms = Terms(TYPES, (UsageCharge("pages", ("black",), PerUnit(D("0.01"))),))
    results = rate_periods(terms, whole_months(counts))
    billed = sum(result.charges["pages"].billed_quantity for result in results)
    assert billed == billed_to - opening
    assert sum(result.total for result in results) == D("0.01") * billed


@given(pages, st.integers(0, 4), monthly, st.integers(1, 3))
def test_allowances_cover_no_more_than_was_granted(included, carry, counts, every):
    charge = UsageCharge(
        "pages",
        ("black",),
        PerUnit(D(1)),
        included=included,
        carry_over_periods=carry,
        every=every,
    )
    results = rate_periods(Terms(TYPES, (charge,)), whole_months(counts))
    used = granted = 0
    for result in results:
        granted += included
        used += result.charges["pages"].included
        assert used <= granted


@given(minimums, periods())
def test_clawback_takes_no_more_than_was_charged(minimum, facts):
    charge = UsageCharge("pages", ("black",), PerUnit(D(1)), minimum=minimum)
    charged = 0
    for result in rate_periods(Terms(TYPES, (charge,)), facts):
        settled = [
            line.quantity
            for line in result.lines
            if line.kind in ("shortfall", "clawback")
        ]
        charged += sum(settled)
        # A third of a page is shown to ten places.
        assert charged > D("-0.000001")


@given(prepaids, periods())
def test_prepaid_pages_are_bought_used_or_left(prepaid, facts):
    prepaid = replace(prepaid, expires_periods=None)
    charge = UsageCharge("pages", ("black",), PerUnit(D(1)), prepaid=prepaid)
    balance = prepaid.opening_balance
    for result in rate_periods(Terms(TYPES, (charge,)), facts):
        balance -= result.charges["pages"].quantity
        for line in result.lines:
            if line.kind == "prepaid":
                assert line.quantity % prepaid.block == 0
                balance += line.quantity
        assert balance == sum(lot.left for lot in lots(result.state))


@given(fixed_charges("base", timing=st.just("advance")), periods())
def test_advance_comes_to_what_arrears_do(charge, facts):
    facts[-1] = replace(facts[-1], final=True)
    arrears = replace(charge, timing="arrears")
    quantities = [
        sum(
            result.charges["base"].billed_quantity
            for result in rate_periods(Terms(TYPES, (one,)), facts)
        )
        for one in (charge, arrears)
    ]
    assert abs(quantities[0] - quantities[1]) < D("0.000001")


@given(st.fractions(), st.sampled_from([D("0.01"), D("0.05"), D(1), D("0.001")]))
def test_round_half_up(value, unit):
    rounded = F(round_half_up(value, unit))
    assert rounded % F(unit) == 0
    assert abs(rounded - value) <= F(unit) / 2
    if abs(rounded - value) == F(unit) / 2:
        assert abs(rounded) > abs(value)


@given(tiers(), st.integers(0, 6000), st.integers(0, 6000))
def test_graduated_prices_each_page_in_its_tier(of_tiers, first, more):
    free = tuple(replace(tier, flat=D(0)) for tier in of_tiers)
    charge = UsageCharge("pages", ("black",), Graduated(free))
    terms = Terms(TYPES, (charge,))

    def cost(count):
        (one,) = whole_months([count])
        lines = rate_period(terms, State(), one).lines
        return sum(line.quantity * line.price for line in lines)

    expected = sum(
        next(tier.price for tier in free if tier.up_to is None or page <= tier.up_to)
        for page in range(first + 1, first + more + 1)
    )
    assert cost(first + more) - cost(first) == expected
