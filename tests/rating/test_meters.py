# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Pages between readings."""

from hypothesis import given
from hypothesis import strategies as st
from rating import pages_between


def test_pages_between():
    assert pages_between(100, 350) == 250
    assert pages_between(350, 350) == 0
    assert pages_between(350, 100) == -250


def test_counter_that_wrapped():
    assert pages_between(999_990, 15, [(10**6, 0)]) == 25
    assert pages_between(5, 5, [(1000, 0)]) == 1000


def test_counter_board_replaced():
    assert pages_between(84_000, 120, [(84_210, 0)]) == 330
    assert pages_between(84_000, 5_120, [(84_210, 5_000)]) == 330


def test_counter_that_lost_the_last_pages():
    assert pages_between(5_000, 5_100, [(5_009, 5_000)]) == 109


def test_events_one_after_the_other():
    assert pages_between(900, 50, [(1000, 0), (300, 290), (400, 0)]) == 560


steps = st.lists(
    st.tuples(st.integers(0, 10**6), st.one_of(st.none(), st.integers(0, 10**6)))
)


@given(st.integers(0, 10**6), steps)
def test_pages_are_what_was_printed_whatever_the_counter_does(start, steps):
    """Each step prints some pages; then the counter may go on from elsewhere."""
    counter, printed, events = start, 0, []
    for pages, goes_on_from in steps:
        counter, printed = counter + pages, printed + pages
        if goes_on_from is not None:
            events.append((counter, goes_on_from))
            counter = goes_on_from
    assert pages_between(start, counter, events) == printed
