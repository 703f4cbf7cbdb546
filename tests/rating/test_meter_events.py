# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whatever a counter does and whenever it is read, each page is billed exactly once."""

from hypothesis import given
from hypothesis import strategies as st
from rating import pages_between

# A counter's life, step by step: pages printed, then what is done with it.
wrap = st.just("wrap")
reset = st.tuples(st.just("reset"), st.integers(0, 10**7))
regress = st.tuples(st.just("regress"), st.integers(1, 9))
life = st.lists(
    st.tuples(st.integers(0, 5000), wrap | reset | regress | st.just("read")),
    min_size=1,
    max_size=30,
)


def live(steps, first, digits=7):
    """Return [(counter, printed so far, events since the reading before)] as read.

    The first reading is where the contract begins, the last one at the end of it all.
    """
    counter, printed, events = first, 0, []
    readings = [(counter, printed, ())]
    for pages, done in [*steps, (0, "read")]:
        counter, printed = counter + pages, printed + pages
        if done == "read":
            readings.append((counter, printed, tuple(events)))
            events = []
            continue
        if done == "wrap":
            closing, opening = 10**digits, 0
            printed += closing - counter
        elif done[0] == "reset":
            closing, opening = counter, done[1]
        else:
            closing, opening = counter, max(counter - done[1], 0)
        events.append((closing, opening))
        counter = opening
    return readings


def billed(readings):
    return [
        pages_between(start[0], end[0], end[2])
        for start, end in zip(readings, readings[1:], strict=False)
    ]


@given(life, st.integers(0, 10**6))
def test_the_intervals_bill_what_was_printed(steps, first):
    readings = live(steps, first)
    assert sum(billed(readings)) == readings[-1][1]


@given(life, st.integers(0, 10**6))
def test_no_interval_bills_less_than_nothing(steps, first):
    if not any(done == "wrap" for _pages, done in steps):
        assert all(pages >= 0 for pages in billed(live(steps, first)))


@given(life, st.integers(0, 10**6), st.data())
def test_a_moved_device_is_billed_once(steps, first, data):
    """One reading closes it for one customer and opens it for the next."""
    readings = live(steps, first)
    move = data.draw(st.integers(0, len(readings) - 1))
    before, after = readings[: move + 1], readings[move:]
    assert sum(billed(before)) == readings[move][1]
    assert sum(billed(after)) == readings[-1][1] - readings[move][1]


@given(life, st.integers(0, 10**6), st.data())
def test_a_used_device_never_bills_its_earlier_life(steps, first, data):
    """What it printed before it is taken over is in nobody's bill, whatever it did."""
    readings = live(steps, first)
    start = data.draw(st.integers(0, len(readings) - 1))
    earlier = readings[start][1]
    assert sum(billed(readings[start:])) + earlier == readings[-1][1]


@given(life, st.integers(0, 10**6), st.data())
def test_readings_between_change_nothing(steps, first, data):
    """A reading left out hands its events on to the next one."""
    readings = live(steps, first)
    if len(readings) < 3:
        return
    left_out = data.draw(st.integers(1, len(readings) - 2))
    counter, printed, events = readings[left_out + 1]
    merged = (counter, printed, readings[left_out][2] + events)
    fewer = [*readings[:left_out], merged, *readings[left_out + 2 :]]
    assert sum(billed(fewer)) == sum(billed(readings))
