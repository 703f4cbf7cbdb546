# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""When readings are due."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan import due_before, due_on_or_after


@pytest.mark.parametrize(
    ("plan", "day", "since", "due"),
    [
        ("daily", 31, date(2026, 6, 15), date(2026, 6, 15)),
        ("weekly", 1, date(2026, 6, 15), date(2026, 6, 15)),  # a Monday
        ("weekly", 5, date(2026, 6, 15), date(2026, 6, 19)),
        ("weekly", 7, date(2026, 6, 29), date(2026, 7, 5)),
        ("monthly", 31, date(2026, 2, 1), date(2026, 2, 28)),
        ("monthly", 31, date(2026, 2, 28), date(2026, 2, 28)),
        ("monthly", 15, date(2026, 12, 16), date(2027, 1, 15)),
        ("quarterly", 31, date(2026, 4, 1), date(2026, 6, 30)),
        ("quarterly", 5, date(2026, 12, 6), date(2027, 3, 5)),
    ],
)
def test_due(plan, day, since, due):
    assert due_on_or_after(plan, day, since) == due


@given(
    st.sampled_from(["daily", "weekly", "monthly", "quarterly"]),
    st.integers(1, 31),
    st.dates(date(2024, 1, 1), date(2028, 12, 31)),
)
def test_the_last_one_before_leads_to_the_next(plan, day, today):
    day = (day - 1) % 7 + 1 if plan == "weekly" else day
    last, following = due_before(plan, day, today), due_on_or_after(plan, day, today)
    assert last < today <= following
    assert due_on_or_after(plan, day, last) == last
    assert due_on_or_after(plan, day, last + timedelta(days=1)) == following
