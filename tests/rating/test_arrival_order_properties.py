# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Late readings in the pure engine: rated again from stored states, the rest booked.

Counters arrive in any order; each time, the periods from the oldest change on are rated
again with the state of the period before them, and what they come to now less what was
booked is booked. In the end that is what rating everything once, in order, comes to.
"""

import json
from collections import Counter, defaultdict
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from rating import MeterUsage, State, rate_period, rate_periods
from rating_strategies import contracts, periods


class Ledger:
    """What was booked for each period, and the states as they were stored."""

    def __init__(self, terms):
        self.terms = terms
        self.states = {}
        self.booked = defaultdict(Counter)  # period: {(charge, payer): amount}

    def book(self, facts):
        """Rate these periods again, or for the first time; book the differences.

        :param facts: periods in the order of time, up to the last one that is billed
        """
        before = [index for index in self.states if index < facts[0].index]
        stored = json.loads(self.states[max(before)]) if before else None
        state = State.from_json(stored)
        for period in facts:
            result = rate_period(self.terms, state, period)
            now = Counter()
            for line in result.lines:
                now[line.charge, line.payer] += line.amount
            difference = now.copy()
            difference.subtract(self.booked[period.index])
            self.booked[period.index].update(difference)
            state = result.state
            self.states[period.index] = json.dumps(state.to_json())

    def total(self):
        """Return what each payer has paid in the end."""
        paid = Counter()
        for amounts in self.booked.values():
            for (_charge, payer), amount in amounts.items():
                paid[payer] += amount
        return paid


def shifted(facts, moved):
    """Return periods with pages that were first seen in the period after theirs."""
    facts = list(facts)
    for number in range(len(facts) - 1):
        usage, later = [], list(facts[number + 1].usage)
        for row, pages in zip(facts[number].usage, moved, strict=False):
            same = (row.place, row.device, row.meter)
            for index, other in enumerate(later):
                if (other.place, other.device, other.meter) == same:
                    later[index] = replace(other, pages=other.pages + pages)
                    row = replace(row, pages=row.pages - pages)
                    break
            usage.append(row)
        usage += facts[number].usage[len(usage) :]
        facts[number] = replace(facts[number], usage=tuple(usage))
        facts[number + 1] = replace(facts[number + 1], usage=tuple(later))
    return facts


@given(
    contracts(), periods(), st.lists(st.integers(-2000, 2000), max_size=6), st.data()
)
def test_what_is_paid_does_not_depend_on_the_order_of_arrival(
    terms, facts, moved, data
):
    """Each period is billed as it was known, and put right at any later time."""
    known = shifted(facts, moved)
    ledger = Ledger(terms)
    pending = []
    for number in range(len(facts)):
        ledger.book([known[number]])
        pending.append(number)
        arrived = data.draw(st.sets(st.sampled_from(pending)))
        for late in sorted(arrived):
            known[late] = facts[late]
            pending.remove(late)
        if arrived and data.draw(st.booleans()):
            ledger.book(known[min(arrived) : number + 1])
        elif arrived:
            pending += sorted(arrived)  # with a later statement
            pending.sort()
    ledger.book(facts)
    expected = Counter()
    for result in rate_periods(terms, facts):
        expected.update(result.by_payer)
    paid = ledger.total()
    assert {p: a for p, a in paid.items() if a} == {
        p: a for p, a in expected.items() if a
    }


@given(contracts(), periods(), st.data())
def test_rating_again_without_a_change_books_nothing(terms, facts, data):
    ledger = Ledger(terms)
    ledger.book(facts)
    before = {index: dict(amounts) for index, amounts in ledger.booked.items()}
    states = dict(ledger.states)
    ledger.book(facts[data.draw(st.integers(0, len(facts) - 1)) :])
    assert {i: dict(amounts) for i, amounts in ledger.booked.items()} == before
    assert ledger.states == states


@given(
    st.integers(0, 10**6),
    st.lists(st.integers(0, 5000), min_size=1, max_size=8),
    st.data(),
)
def test_intervals_tile_in_whatever_order_readings_come(opening, printed, data):
    """An unread month is empty, the next reading takes it; late ones cut it out."""
    values, position = [], opening
    for count in printed:
        position += count
        values.append(position)
    known = {}
    for number in data.draw(st.permutations(range(len(values)))):
        known[number] = values[number]
        usage = usage_of(known, opening, len(values))
        # Up to the last reading each page is in one period, whatever came so far.
        assert sum(row.pages for row in usage) == known[max(known)] - opening
        assert all(row.pages >= 0 for row in usage)
    assert [row.pages for row in usage] == printed


def usage_of(known, opening, count):
    """Return the usage of each month: from where the one before it ended."""
    rows, start = [], opening
    for number in range(count):
        end = known.get(number, start)
        rows.append(MeterUsage("A", "A", "black", end - start))
        start = end
    return rows
