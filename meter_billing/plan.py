# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""When a reading plan makes readings due. Pure Python, no Odoo."""

from calendar import monthrange
from datetime import date, timedelta

DAY = timedelta(days=1)
QUARTER = 3


def due_on_or_after(plan, day, since):
    """Return the first day on or after another one that readings are due on.

    :param str plan: daily, weekly, monthly or quarterly
    :param int day: of the week (1 Monday to 7) or of the month (31: its last day);
        quarters end in March, June, September and December
    :param date since: the day to begin with
    """
    if plan == "daily":
        return since
    if plan == "weekly":
        return since + timedelta(days=(day - since.isoweekday()) % 7)
    year, month = since.year, since.month
    while True:
        if plan == "monthly" or month % QUARTER == 0:
            due = date(year, month, min(day, monthrange(year, month)[1]))
            if due >= since:
                return due
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def due_before(plan, day, until):
    """Return the last day before another one that readings are due on.

    :param date until: the day after the last one that counts
    """
    distance = {"daily": 1, "weekly": 7, "monthly": 32, "quarterly": 93}[plan]
    due, since = None, until - timedelta(days=distance)
    while (candidate := due_on_or_after(plan, day, since)) < until:
        due, since = candidate, candidate + DAY
    return due
