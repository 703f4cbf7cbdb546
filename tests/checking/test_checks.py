# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What each check says of a reading beside those before it."""

from datetime import date, datetime, timedelta

import pytest
from checking import (
    SEVERITIES,
    Meter,
    Row,
    check_sums,
    get_expected,
    get_limits,
    judge,
)
from checking.value import parse_value

INSTALLED = date(2026, 1, 1)
NOON = datetime(2026, 1, 1, 12)


def a_meter(history=(), **values):
    """Return a meter with readings: (days after the installation, value)."""
    known = {
        "id": 1,
        "opening": 0,
        "digits": 0,
        "largest": 10**12 - 1,
        "installed": INSTALLED,
        "removed": None,
        "today": date(2027, 1, 1),
    }
    meter = Meter(**{**known, **values})
    for days, value in history:
        meter.timeline.insert(NOON + timedelta(days=days), value, 77, True)
    return meter


def a_row(meter, days, value, **values):
    moment = NOON + timedelta(days=days)
    known = {"given": value, "value": value, "moment": moment, "day": moment.date()}
    return Row(meter=meter, **{**known, **values})


def codes(meter, days, value, severities=SEVERITIES):
    """Return the status and the codes of what is found of one reading."""
    return found(a_row(meter, days, value), severities)


def found(row, severities=SEVERITIES):
    judge([row], severities)
    return row.verdict.status, [finding.code for finding in row.verdict.findings]


# 1,000 pages in each of four months
STEADY = [(30, 1000), (60, 2000), (90, 3000), (120, 4000)]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"value": None}, "no_number"),
        ({"value": -1}, "negative"),
        ({"value": 10**12}, "too_large"),
        ({"moment": None, "day": None}, "no_date"),
        ({"day": date(2027, 1, 2)}, "future"),
        ({"day": date(2025, 12, 31)}, "before_install"),
        ({"day": date(2026, 12, 2)}, "after_removal"),
    ],
)
def test_what_cannot_be_a_reading(row, code):
    meter = a_meter(removed=date(2026, 12, 1))
    impossible = a_row(meter, 20, 500)
    for name, value in row.items():
        setattr(impossible, name, value)
    assert found(impossible) == ("refused", [code])


@pytest.mark.parametrize(
    ("day", "is_away"),
    [
        (date(2026, 3, 1), False),
        (date(2026, 3, 2), True),
        (date(2026, 3, 9), True),
        (date(2026, 3, 10), False),
    ],
)
def test_a_device_is_not_read_while_it_is_away(day, is_away):
    meter = a_meter(idle=((date(2026, 3, 1), date(2026, 3, 10)),))
    row = a_row(meter, 20, 500, day=day)
    expected = ("refused", ["after_removal"]) if is_away else ("created", [])
    assert found(row) == expected


def test_no_meter():
    row = a_row(a_meter(), 1, 5)
    row.meter = None
    judge([row])
    assert row.verdict.status == "refused"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5000, ("created", [])),
        (5600, ("created", [])),  # 60 percent more than 1,000
        (5601, ("hold", ["too_high"])),
        (4400, ("created", [])),
        (4399, ("created", ["too_low"])),
    ],
)
def test_sixty_percent_around_the_usual(value, expected):
    assert codes(a_meter(STEADY), 150, value) == expected


def test_by_the_day():
    assert codes(a_meter(STEADY), 180, 7200) == ("created", [])  # twice the days
    assert codes(a_meter(STEADY), 180, 7201) == ("hold", ["too_high"])


def test_few_pages_are_never_remarkable():
    quiet = [(30, 10), (60, 20), (90, 30), (120, 40)]
    assert codes(a_meter(quiet), 150, 300) == ("created", [])  # 10 and 250
    assert codes(a_meter(quiet), 150, 301) == ("hold", ["too_high"])
    assert codes(a_meter(quiet), 150, 40)[1] == []


def test_buffer_and_floor_are_the_dealers():
    meter = a_meter(STEADY, buffer=0.1, floor=20)
    assert codes(meter, 150, 5101) == ("hold", ["too_high"])
    assert codes(a_meter(STEADY, buffer=2.0), 150, 7000) == ("created", [])


def test_one_odd_month_does_not_move_the_usual():
    odd = [(30, 1000), (60, 2000), (90, 12_000), (120, 13_000), (150, 14_000)]
    assert codes(a_meter(odd), 180, 15_000) == ("created", [])
    assert codes(a_meter(odd), 180, 20_000) == ("hold", ["too_high"])


def test_two_intervals_say_nothing_yet():
    assert codes(a_meter(STEADY[:3]), 120, 90_000) == ("created", [])
    assert codes(a_meter(STEADY[:3], expected_a_day=30.0), 120, 90_000) == (
        "hold",
        ["too_high"],
    )


def test_the_months_since_the_installation_say_what_is_usual():
    """A device's fourth reading is compared to the three before it."""
    months = [(30, 1000), (60, 2000), (90, 3000)]
    meter = a_meter(months)
    meter.timeline.start = (datetime(2026, 1, 1), 0)
    assert codes(meter, 120, 9000) == ("hold", ["too_high"])
    short = a_meter(months[:2])
    short.timeline.start = (datetime(2026, 1, 1), 0)
    assert codes(short, 90, 9000) == ("created", [])


def test_a_used_device_starts_at_its_opening_value():
    meter = a_meter(
        [(30, 51_000), (60, 52_000), (90, 53_000)],
        opening=50_000,
    )
    meter.timeline.start = (datetime(2026, 1, 1), 50_000)
    low, high = get_expected(meter, NOON + timedelta(days=120), date(2026, 5, 1))
    assert (low, high) == (53_400, 54_600)


def test_readings_of_one_day_count_together():
    hourly = [
        (day + hour / 24, 1000 * day + hour) for day in range(5) for hour in (0, 1)
    ]
    assert codes(a_meter(hourly), 5, 5000) == ("created", [])


def test_more_than_it_can_print():
    most = 60 * 24  # one page a minute
    assert codes(a_meter(most_a_day=most), 10, 11 * most) == ("created", [])
    assert codes(a_meter(most_a_day=most), 10, 11 * most + 1) == (
        "hold",
        ["impossible"],
    )


def test_identical_to_the_last_three():
    still = [(10, 7), (20, 7), (30, 7)]
    assert codes(a_meter(still), 40, 7) == ("created", ["identical"])
    assert codes(a_meter(still[:2]), 40, 7) == ("created", [])
    assert codes(a_meter(still), 40, 8) == ("created", [])


def test_zero():
    assert codes(a_meter(), 10, 0) == ("created", ["zero"])
    assert codes(a_meter([(5, 3)]), 10, 0) == ("hold", ["lower"])


def test_colour_on_a_mono_device():
    meter = a_meter(is_colour_on_mono=True)
    assert codes(meter, 10, 5) == ("hold", ["colour_on_mono"])
    assert codes(a_meter(is_colour_on_mono=True, opening=5), 10, 5) == ("created", [])


def test_window_of_the_billing_cut_off():
    windows = ((date(2026, 1, 28), date(2026, 2, 3)),)
    assert codes(a_meter(windows=windows), 27, 5) == ("created", [])
    assert codes(a_meter(windows=windows), 26, 5) == ("created", ["outside_window"])
    assert codes(a_meter(windows=windows), 34, 5) == ("created", ["outside_window"])


# === Lower, duplicates, severities === #


def test_lower_waits_for_a_person():
    assert codes(a_meter(STEADY), 150, 3999) == ("hold", ["lower"])
    assert codes(a_meter(opening=100), 1, 99) == ("hold", ["lower"])
    # Nobody can make it a mere note.
    noted = {**SEVERITIES, "lower": "information"}
    assert codes(a_meter(STEADY), 150, 3999, noted)[0] == "hold"


def test_a_wrap_by_rule():
    row = a_row(a_meter([(30, 999_000)], digits=6, automatic={"wrap"}), 60, 500)
    judge([row])
    assert row.verdict.status == "created"
    assert row.verdict.event == ("wrap", 1_000_000, 0)
    assert codes(a_meter([(30, 500_000)], digits=6, automatic={"wrap"}), 60, 5)[0] == (
        "hold"
    )
    assert codes(a_meter([(30, 999_000)], digits=6), 60, 500) == ("hold", ["lower"])


def test_a_small_step_back_by_rule():
    meter = a_meter(STEADY, automatic={"regress"})
    row = a_row(meter, 150, 3991)
    after = a_row(meter, 160, 4100)
    judge([row, after])
    assert row.verdict.event == ("regress", 4000, 3991)
    assert after.verdict.status == "created"
    assert codes(a_meter(STEADY, automatic={"regress"}), 150, 3990)[0] == "hold"


def test_higher_than_the_next_one():
    assert codes(a_meter(STEADY), 75, 3001) == ("hold", ["higher_than_next"])
    assert codes(a_meter(STEADY), 75, 2500) == ("created", [])


def test_there_already():
    row = a_row(a_meter(STEADY), 30, 1000)
    judge([row])
    assert (row.verdict.status, row.verdict.reading_id) == ("duplicate", 77)
    assert codes(a_meter(STEADY), 30, 1001) == ("refused", ["other_value"])


def test_severities_are_the_dealers():
    refused = {**SEVERITIES, "too_high": "reject"}
    assert codes(a_meter(STEADY), 150, 9000, refused) == ("refused", ["too_high"])
    noted = {**SEVERITIES, "too_high": "information"}
    assert codes(a_meter(STEADY), 150, 9000, noted) == ("created", ["too_high"])


def test_estimates_are_no_measure():
    meter = a_meter(STEADY)
    estimate = a_row(meter, 150, 9000, is_estimate=True)
    actual = a_row(meter, 160, 5300)
    judge([estimate, actual])
    assert estimate.verdict.status == actual.verdict.status == "created"


def test_a_held_spike_does_not_hold_what_follows():
    meter = a_meter(STEADY)
    rows = [a_row(meter, 130, 90_000), a_row(meter, 150, 5000), a_row(meter, 180, 6000)]
    judge(reversed(rows))
    assert [row.verdict.status for row in rows] == ["hold", "created", "created"]


# === What is expected === #


def test_the_expected_range_is_told():
    noon = NOON + timedelta(days=150)
    assert get_expected(a_meter(STEADY), noon, noon.date()) == (4400, 5600)
    assert get_expected(a_meter(), noon, noon.date()) is None


@pytest.mark.parametrize(
    ("meter", "limits"),
    [
        (a_meter(STEADY), (4400, 5600)),
        (a_meter(STEADY, most_a_day=10), (4400, 4310)),
        (a_meter(STEADY, floor=1100), (None, 6100)),
        (a_meter(), (None, None)),
        (a_meter(most_a_day=10), (None, 1510)),
    ],
)
def test_the_limits_are_told(meter, limits):
    noon = NOON + timedelta(days=150)
    assert get_limits(meter, noon, noon.date()) == limits


# === Total, mono and colour === #


@pytest.mark.parametrize(
    ("total", "mono", "colour", "fits"),
    [
        (1000, 700, 300, True),
        (1000, 700, 280, True),  # 2 percent
        (1000, 700, 279, False),
        (30, 15, 5, True),  # 10 pages
        (30, 15, 4, False),
    ],
)
def test_the_total_is_mono_and_colour(total, mono, colour, fits):
    rows = [a_row(a_meter(), 30, value) for value in (total, mono, colour)]
    judge(rows)
    check_sums([(rows[0], None, rows[1:], [None, None])], SEVERITIES)
    statuses = {row.verdict.status for row in rows}
    assert statuses == ({"created"} if fits else {"hold"})


def test_counters_need_not_start_alike():
    rows = [a_row(a_meter(), 30, value) for value in (51_000, 700, 300)]
    judge(rows)
    check_sums([(rows[0], 50_000, rows[1:], [0, 0])], SEVERITIES)
    assert {row.verdict.status for row in rows} == {"created"}


def test_values_as_programs_write_them():
    for given, value in (
        ("12,345", 12345),
        ("7", 7),
        (7.0, 7),
        ("x", None),
        (True, None),
    ):
        assert parse_value(given) == value
