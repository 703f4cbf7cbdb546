# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Calendar periods of a contract, and what part of one something was in force."""

from calendar import monthrange
from datetime import date, timedelta
from fractions import Fraction

DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """Return the same day ``months`` later, or the last of a month that lacks it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_month_end(day: date) -> bool:
    """Tell whether ``day`` is the last one of its month."""
    return (day + DAY).month != day.month


def month_end(day: date) -> date:
    """Return the last day of the month of ``day``."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def months_between(since: date, through: date) -> Fraction:
    """Return how many months lie after the day ``since``, to the end of ``through``.

    Each day is its part of its own month: 31 January to 28 February is one month, and
    so is any month from end to end.
    """
    months, day = Fraction(0), since + DAY
    while day <= through:
        last = min(month_end(day), through)
        months += Fraction((last - day).days + 1, month_end(day).day)
        day = last + DAY
    return months


def period_end(start: date, first_end: date, months: int, n: int) -> date:
    """Return the last day of period ``n`` (from 0; below it, of one before the start).

    ``start`` and ``first_end`` are the first period's. One that is whole goes on at the
    same day of the month: from 31 January to 27 February, 30 March, 29 April. One that
    ends with a month goes on with the ends of months. Else the day of the month is
    that of ``first_end``, or the last of a month that lacks it.
    """
    whole = add_months(start, months)
    if first_end == whole - DAY:
        return add_months(start, months * (n + 1)) - DAY
    end = add_months(first_end, months * n)
    if not is_month_end(first_end):
        return end
    if first_end == whole and start.day > whole.day:
        # Whole but for the length of the month: 30 January to 28 February, 29 March.
        return end.replace(day=min(start.day - 1, month_end(end).day))
    return month_end(end)


def full_period(start: date, first_end: date, months: int, n: int) -> tuple[date, date]:
    """Return the first and last day of period ``n``, not cut short at either end.

    ``start`` and ``first_end`` are those of the contract's first period.
    """
    return (
        period_end(start, first_end, months, n - 1) + DAY,
        period_end(start, first_end, months, n),
    )


def period_share(
    start: date,
    end: date,
    full: tuple[date, date],
    prorate: bool,
    in_force_start: date | None = None,
    in_force_end: date | None = None,
) -> Fraction:
    """Return for how many full periods something was in force from start to end.

    ``start`` and ``end`` are the first and last day of one billing period, the
    contract's first or last one perhaps cut short of the ``full`` one;
    ``in_force_start`` and ``in_force_end`` those of a device (or of a contract that
    ends within the period), ``None`` where they do not limit it. All days are
    inclusive. With ``prorate`` it is days in force / days of the full period, else 1;
    0 in both where it was not in force at all.
    """
    since = max(start, in_force_start or start)
    through = min(end, in_force_end or end)
    if through < since:
        return Fraction(0)
    if not prorate:
        return Fraction(1)
    full_start, full_end = full
    return Fraction((through - since).days + 1, (full_end - full_start).days + 1)
