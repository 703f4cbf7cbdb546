# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How many pages a counter counted in each month. Pure Python, no Odoo."""

from datetime import date, timedelta


def pages_by_month(readings, events=()):
    """Return ``{first day of the month: pages}`` by the readings of one counter.

    Between two readings the pages are spread evenly by day; what is left by rounding
    goes to the later months, so that the months add up to what was counted.

    :param readings: ``[(day, value)]``, oldest first
    :param events: ``[(day, closing value, opening value)]``: where the counter went on
        elsewhere, oldest first
    """
    months = {}
    for (before, start), (day, end) in zip(readings, readings[1:], strict=False):
        pages, value = 0, start
        for event_day, closing, opening in events:
            if before < event_day <= day:
                pages += closing - value
                value = opening
        pages += end - value
        if pages > 0:
            _spread(months, before, day, pages)
    return months


def _spread(months, before, day, pages):
    """Add pages of the days after one day up to another to their months."""
    total = (day - before).days
    if not total:
        months[day.replace(day=1)] = months.get(day.replace(day=1), 0) + pages
        return
    given, first = 0, before + timedelta(days=1)
    while first <= day:
        last = min(month_end(first), day)
        upto = pages * (last - before).days // total
        month = first.replace(day=1)
        months[month] = months.get(month, 0) + upto - given
        given, first = upto, last + timedelta(days=1)


def month_end(day):
    """Return the last day of the month of a day."""
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return following - timedelta(days=1)


def last_months(day, count):
    """Return the first days of the last months up to the one of a day, oldest first."""
    index = day.year * 12 + day.month - 1
    return [
        date(number // 12, number % 12 + 1, 1)
        for number in range(index - count + 1, index + 1)
    ]
