# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How many pages a meter that nobody read has printed, by the best that is known.

The average of the last three months of actual readings, else what it printed in the
same period a year ago, else what is expected of it. Where none of them is known there
is no estimate. What it gets wrong, the next actual reading puts right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .calendar import add_months, months_between
from .exact import round_half_up
from .meters import pages_between

# Three months, and a week for the reading at their start that came early.
RECENT = timedelta(days=100)
# Readings closer together say little about a month.
LEAST_DAYS = 14
# How far from a period its readings of a year ago may lie.
YEAR_AGO_SLACK = timedelta(days=31)


@dataclass(frozen=True)
class Known:
    """What a counter is known to have shown on a day: an actual reading.

    ``events`` are what it did other than count since the known value before it, as
    :func:`pages_between` takes them.
    """

    day: date
    value: int
    events: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Estimate:
    """Pages of a meter over some days, and what they were estimated from.

    ``method`` is recent, year_ago or expected. ``basis_pages`` were read from
    ``basis_start`` to ``basis_end``; for expected pages it is their number a month.
    """

    pages: int
    method: str
    days: int
    basis_pages: int
    basis_start: date | None = None
    basis_end: date | None = None


def year_before(day: date) -> date:
    """Return the day a year ago that counts as the same one."""
    return add_months(day, -12)


def estimate_pages(
    since: date,
    through: date,
    recent: Sequence[Known] = (),
    year_ago: Sequence[Known] = (),
    monthly: int = 0,
) -> Estimate | None:
    """Return the pages of a meter after the day ``since``, to the end of ``through``.

    ``recent`` are actual readings from before, in the order of time: those of the 100
    days up to the last of them count, and must span 14 days or more. ``year_ago`` are
    the actual readings around the same period of last year: the last one up to its
    start and the first one from its end on, none of them further off than 31 days.
    ``monthly`` are the pages expected in a calendar month, 0 where that is not known.

    Pages are whole, halves rounded up. None where nothing is known. A counter that
    shows less than before without an event tells no average.
    """
    days = (through - since).days
    if days < 0:
        raise ValueError(f"{through} is before {since}")
    if recent:
        last = recent[-1].day
        recent = [known for known in recent if known.day >= last - RECENT]
    start, end = year_before(since), year_before(through)
    if year_ago and not (
        start - YEAR_AGO_SLACK <= year_ago[0].day <= start
        and end <= year_ago[-1].day <= end + YEAR_AGO_SLACK
    ):
        year_ago = ()
    for method, history, least_days in (
        ("recent", recent, LEAST_DAYS),
        ("year_ago", year_ago, 1),
    ):
        if average := _average(history, least_days):
            first, last, pages = average
            daily = Fraction(pages, (last - first).days)
            return Estimate(_whole(daily * days), method, days, pages, first, last)
    if monthly > 0:
        months = months_between(since, through)
        return Estimate(_whole(months * monthly), "expected", days, monthly)
    return None


def _average(
    history: Sequence[Known], least_days: int
) -> tuple[date, date, int] | None:
    """Return first day, last day and pages of these readings, if they tell a rate."""
    if not history:
        return None
    first, last = history[0], history[-1]
    events = [event for known in history[1:] for event in known.events]
    pages = pages_between(first.value, last.value, events)
    if (last.day - first.day).days < least_days or pages < 0:
        return None
    return first.day, last.day, pages


def _whole(pages: Fraction) -> int:
    return int(round_half_up(pages, Decimal(1)))
