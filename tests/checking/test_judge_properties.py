# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What holds of verdicts whatever readings come, and in whatever order."""

from datetime import timedelta

from checking import SEVERITIES, get_limits, judge
from hypothesis import given
from hypothesis import strategies as st

from .test_checks import NOON, a_meter, a_row

rows_of_one_meter = st.lists(
    st.tuples(st.integers(1, 300), st.integers(0, 20_000)), min_size=1, max_size=12
)
histories = st.lists(
    st.tuples(st.integers(1, 40), st.integers(0, 2000)), max_size=8
).map(
    lambda steps: [
        (sum(days for days, _ in steps[: n + 1]), sum(p for _, p in steps[: n + 1]))
        for n in range(len(steps))
    ]
)


def verdicts(history, given_rows, order):
    meter = a_meter(history)
    rows = [a_row(meter, days, value) for days, value in given_rows]
    judge([rows[i] for i in order])
    return rows


@given(histories, rows_of_one_meter, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(history, given_rows, random):
    # Two rows of one moment: the first given is the reading.
    given_rows = list(dict(given_rows).items())
    order = list(range(len(given_rows)))
    first = verdicts(history, given_rows, order)
    random.shuffle(order)
    again = verdicts(history, given_rows, order)
    assert [row.verdict.status for row in first] == [
        row.verdict.status for row in again
    ]


@given(histories, rows_of_one_meter)
def test_what_is_accepted_never_counts_down(history, given_rows):
    rows = verdicts(history, given_rows, range(len(given_rows)))
    known = [(NOON + timedelta(days=days), value) for days, value in history]
    known += [
        (row.moment, row.value) for row in rows if row.verdict.status == "created"
    ]
    values = [value for _moment, value in sorted(known, key=lambda item: item[0])]
    assert values == sorted(values)


@given(histories, rows_of_one_meter)
def test_every_row_gets_a_verdict_and_every_hold_a_finding(history, given_rows):
    for row in verdicts(history, given_rows, range(len(given_rows))):
        assert row.verdict.status in ("created", "hold", "duplicate", "refused")
        if row.verdict.status == "hold":
            assert any(
                SEVERITIES[finding.code] == "hold" for finding in row.verdict.findings
            )


@given(histories, st.integers(0, 40_000), st.sampled_from([0, 20]))
def test_limits_tell_what_the_checks_find(history, value, most_a_day):
    meter = a_meter(history, most_a_day=most_a_day)
    row = a_row(meter, 301, value)
    low, high = get_limits(meter, row.moment, row.day)
    judge([row])
    codes = {finding.code for finding in row.verdict.findings}
    if not codes & {"lower", "other_value", "duplicate"}:
        assert (high is not None and value > high) == bool(
            codes & {"too_high", "impossible"}
        )
        assert (low is not None and value < low) == ("too_low" in codes)
