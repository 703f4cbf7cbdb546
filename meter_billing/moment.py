# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The moment of a reading as other systems write it. Pure Python, no Odoo."""

from datetime import date, datetime, timezone

# What programs write for "no date", and what no time zone can hold, lies outside.
FIRST_YEAR, LAST_YEAR = 1970, 2100


def parse_moment(given, date_format):
    """Return (UTC datetime without tzinfo, None), (None, day), or None.

    ISO texts with or without a time and a time zone are known, and days as the
    dealer's language writes them. A time without a time zone is UTC.

    :param given: text, a naive UTC datetime, or a date
    :param str date_format: of the dealer's language, as strptime takes it
    """
    if isinstance(given, datetime):
        return _if_possible(given, None)
    if isinstance(given, date):
        return _if_possible(None, given)
    text = (given or "").strip()
    if len(text) <= 10:
        for pattern in ("%Y-%m-%d", date_format):
            try:
                return _if_possible(None, datetime.strptime(text, pattern).date())
            except ValueError:
                continue
        return None
    try:
        # Python 3.10 does not know the Z.
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo:
        try:
            moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
        except OverflowError:
            return None
    return _if_possible(moment.replace(microsecond=0), None)


def _if_possible(moment, day):
    if FIRST_YEAR <= (moment or day).year <= LAST_YEAR:
        return moment, day
    return None
