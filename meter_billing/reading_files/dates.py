# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Dates as spreadsheets and people write them."""

import re
from datetime import date, datetime, timedelta

_DATE = re.compile(
    r"(?P<first>\d{1,4})(?P<mark>[./-])(?P<second>\d{1,2})(?P=mark)(?P<third>\d{1,4})"
    r"(?:[ T,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second_of>\d{2}))?"
    r"(?:\.\d+)?\s*(?P<half>[AaPp])?\.?[Mm]?\.?)?"
)
# Days since 1899-12-30, as spreadsheets count them: 1970 to 2100.
_SERIALS = (25_569, 73_050)
_EPOCH = datetime(1899, 12, 30)


def find_order(texts):
    """Return "dmy" or "mdy", by what the dates of a column can only be.

    :param texts: cells of the column
    :return: None where any of them may be both, "both" where they contradict
    """
    orders = set()
    for text in texts:
        match = _DATE.fullmatch(text.strip()) if isinstance(text, str) else None
        if match and len(match["first"]) <= 2:
            if match["mark"] == "." or int(match["first"]) > 12:
                orders.add("dmy")
            elif int(match["second"]) > 12:
                orders.add("mdy")
    if len(orders) == 2:
        return "both"
    return orders.pop() if orders else None


def read_date(cell, order):
    """Return a cell as a naive datetime, a date, or as it is where it is neither.

    :param cell: what the file has
    :param str order: dmy or mdy, of dates like 01/02/2026
    """
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, datetime):
        return cell.date() if cell.time() == datetime.min.time() else cell
    if isinstance(cell, date):
        return cell
    if isinstance(cell, (int, float)):
        return _from_serial(cell)
    text = str(cell or "").strip()
    match = _DATE.fullmatch(text)
    if not match:
        if text.replace(".", "", 1).isdigit() and len(text) >= 5:
            return _from_serial(float(text), text)
        return text
    try:
        day = _to_day(match, order)
        if match["hour"] is None:
            return day
        hour = int(match["hour"])
        if match["half"]:
            hour = hour % 12 + (12 if match["half"] in "Pp" else 0)
        return datetime(
            day.year,
            day.month,
            day.day,
            hour,
            int(match["minute"]),
            int(match["second_of"] or 0),
        )
    except ValueError:
        return text


def _to_day(match, order):
    first, second, third = (int(match[name]) for name in ("first", "second", "third"))
    if len(match["first"]) == 4:
        return date(first, second, third)
    if len(match["third"]) == 2:
        third += 2000
    if match["mark"] == "." or order == "dmy":
        first, second = second, first
    return date(third, first, second)


def _from_serial(number, text=None):
    if not _SERIALS[0] <= number <= _SERIALS[1]:
        return text or str(number)
    moment = _EPOCH + timedelta(days=number)
    moment = moment.replace(microsecond=0)
    return moment.date() if float(number).is_integer() else moment
