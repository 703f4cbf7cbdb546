# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The checks of one reading. Each returns a Finding or None.

First those that no reading can pass by anybody's decision, then those whose severity
the dealer chooses.
"""

from .facts import Finding
from .timeline import DAY


def find_impossible(row):
    """Return why the row cannot be a reading at all, or None."""
    meter, value, day = row.meter, row.value, row.day
    if meter is None:
        return Finding("no_meter")
    if value is None:
        return Finding("no_number", {"given": row.given})
    if value < 0:
        return Finding("negative")
    if value > meter.largest:
        return Finding("too_large", {"digits": meter.digits or 12})
    if day is None:
        return Finding("no_date")
    if day > meter.today:
        return Finding("future")
    if meter.installed is None or day < meter.installed:
        return Finding("before_install", {"installed": meter.installed})
    if meter.removed is not None and day > meter.removed:
        return Finding("after_removal", {"removed": meter.removed})
    for removed, back in meter.idle:
        if removed < day < back:
            return Finding("after_removal", {"removed": removed})
    return None


def find_remarkable(row, before, index):
    """Yield what is remarkable about a value that is not lower than before.

    :param int before: the actual value before it
    :param int index: its position in the meter's timeline
    """
    meter, value = row.meter, row.value
    timeline = meter.timeline
    pages = value - before
    days = _days_since(meter, row.moment, row.day, index)
    if pages > meter.floor or timeline.highest * days > meter.floor or not index:
        yield from _outside_expected(row, before, index, days)
    # A day more: of two readings that give only their day the hours are not known.
    if meter.most_a_day and pages > meter.most_a_day * (days + 1):
        yield Finding(
            "impossible",
            {"pages": pages, "most": int(meter.most_a_day * (days + 1))},
        )
    if meter.is_colour_on_mono and pages:
        yield Finding("colour_on_mono", {"pages": pages})
    if not pages:
        if not value:
            yield Finding("zero")
        elif index > 2 and all(
            earlier == value for earlier, _closing in timeline.values[index - 3 : index]
        ):
            yield Finding("identical")
    if meter.windows and not any(
        first <= row.day <= last for first, last in meter.windows
    ):
        yield Finding("outside_window")


def expected_range(meter, before, index, days):
    """Return (lowest, highest) value that is expected, or None where it is unknown.

    :param int before: the actual value before it
    :param int index: its position in the meter's timeline
    :param float days: since then
    """
    rate = meter.timeline.usual_rate(index)
    if rate is None:
        rate = meter.expected_a_day
    if not rate:
        return None
    expected = rate * days
    margin = max(expected * meter.buffer, meter.floor)
    return before + max(int(expected - margin), 0), before + int(expected + margin)


def _outside_expected(row, before, index, days):
    found = expected_range(row.meter, before, index, days)
    if found is None:
        return
    low, high = found
    if row.value > high:
        yield Finding("too_high", {"low": low, "high": high})
    elif row.value < low:
        yield Finding("too_low", {"low": low, "high": high})


def get_expected(meter, moment, day):
    """Return (lowest, highest) value expected of a reading, or None if not known.

    :param Meter meter: with its timeline
    :param datetime moment: when it would be read
    :param date day: its day where the company is
    """
    index = meter.timeline.index(moment)
    before = meter.timeline.values[index - 1][0] if index else meter.opening
    return expected_range(meter, before, index, _days_since(meter, moment, day, index))


def get_limits(meter, moment, day):
    """Return (lowest, highest) value that is not remarkable for its pages.

    A value below the lowest one is much less than usual, one above the highest one is
    much more, by the same rules as :func:`find_remarkable`. Either is None where it is
    not known.

    :param Meter meter: with its timeline
    :param datetime moment: when it would be read
    :param date day: its day where the company is
    """
    timeline = meter.timeline
    index = timeline.index(moment)
    before = timeline.values[index - 1][0] if index else meter.opening
    days = _days_since(meter, moment, day, index)
    low, high = expected_range(meter, before, index, days) or (None, None)
    if index and timeline.highest * days <= meter.floor:
        low = None  # so few pages are no surprise
    if meter.most_a_day:
        most = before + int(meter.most_a_day * (days + 1))
        high = most if high is None else min(high, most)
    return low, high


def _days_since(meter, moment, day, index):
    if index:
        return (moment - meter.timeline.times[index - 1]).total_seconds() / DAY
    return float((day - meter.installed).days) if meter.installed else 0.0
