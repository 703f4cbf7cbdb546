# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Dates as spreadsheets and people write them."""

import re
from datetime import date, datetime, timedelta, timezone

_TIME = (
    r"(?:[ T,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second_of>\d{2}))?"
    r"(?:\.\d+)?\s*(?P<half>[AaPp])?\.?[Mm]?\.?)?"
)
_DATE = re.compile(
    r"(?P<first>\d{1,4})(?P<mark>[./-])(?P<second>\d{1,2})(?P=mark)(?P<third>\d{1,4})"
    + _TIME
)
_COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
# 31 Jan 2026, 31-Jan-26, Jan 31, 2026
_NAMED = (
    re.compile(
        r"(?P<day>\d{1,2})\.?[ -]+(?P<name>[A-Za-z]{3,9})\.?[ ,-]+(?P<year>\d{2,4})"
        + _TIME
    ),
    re.compile(
        r"(?P<name>[A-Za-z]{3,9})\.? +(?P<day>\d{1,2}),? +(?P<year>\d{4})" + _TIME
    ),
)
_MONTHS = (
    "january february march april may june july august september october november "
    "december"
).split()
# Days since 1899-12-30, as spreadsheets count them: 1970 to 2100.
_SERIALS = (25_569, 73_050)
_EPOCH = datetime(1899, 12, 30)


def find_order(cells):
    """Return which of day and month comes first, by what dates can only be.

    :param cells: cells of the column, as many as there are
    :return: dmy or mdy; ``both`` where the dates contradict each other; ``open`` where
        each of them may be either; None where none is written so that it matters
    """
    days_first = months_first = matters = False
    last = None
    for text in cells:
        # Most dates are like the one above them, or have the year first.
        if not isinstance(text, str) or text == last or text[4:5] in ("-", "/"):
            continue
        last = text
        match = _DATE.fullmatch(text.strip())
        if not match or len(match["first"]) > 2:
            continue
        first, second = int(match["first"]), int(match["second"])
        if match["mark"] == "." or first > 12 >= second:
            days_first = True
        elif second > 12 >= first:
            months_first = True
        elif first != second:
            matters = True
    if days_first and months_first:
        return "both"
    if days_first or months_first:
        return "dmy" if days_first else "mdy"
    return "open" if matters else None


def read_date(cell, order, zone=None):
    """Return a cell as a naive datetime, a date, or as it is where it is neither.

    :param cell: what the file has
    :param str order: dmy or mdy, of dates like 01/02/2026
    :param tzinfo zone: where the times are; the datetime returned is UTC. None: they
        are UTC already
    """
    read = _read(cell, order)
    if zone is None or not isinstance(read, datetime):
        return read
    try:
        return read.replace(tzinfo=zone).astimezone(timezone.utc).replace(tzinfo=None)
    except OverflowError:  # in year 1 or 9999: refused as it is
        return read


def _read(cell, order):
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, datetime):
        return cell.date() if cell.time() == datetime.min.time() else cell
    if isinstance(cell, date):
        return cell
    text = "" if cell is None else str(cell).strip()
    if isinstance(cell, float) and cell.is_integer():
        text = str(int(cell))
    for pattern, to_day in _PATTERNS:
        if match := pattern.fullmatch(text):
            try:
                return _with_time(to_day(match, order), match.groupdict())
            except ValueError:
                return text
    if text.replace(".", "", 1).isdecimal() and len(text) >= 5:
        return _from_serial(float(text), text)
    return text


def _with_time(day, parts):
    if parts.get("hour") is None:
        return day
    hour = int(parts["hour"])
    if parts["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if parts["half"] in "Pp" else 0)
    second = int(parts["second_of"] or 0)
    return datetime(day.year, day.month, day.day, hour, int(parts["minute"]), second)


def _from_numbers(match, order):
    first, second, third = (int(match[name]) for name in ("first", "second", "third"))
    if len(match["first"]) == 4:
        return date(first, second, third)
    if match["mark"] == "." or order == "dmy":
        first, second = second, first
    if first > 12 >= second and match["mark"] != ".":
        first, second = second, first  # it can only be the other way
    return date(_full_year(match["third"]), first, second)


def _from_name(match, _order):
    name = match["name"].lower()
    for number, month in enumerate(_MONTHS, start=1):
        if month.startswith(name) or (name == "sept" and number == 9):
            return date(_full_year(match["year"]), number, int(match["day"]))
    raise ValueError(name)


def _from_compact(match, _order):
    return date(int(match["year"]), int(match["month"]), int(match["day"]))


def _full_year(digits):
    if len(digits) == 3:
        raise ValueError(digits)
    return int(digits) + (2000 if len(digits) == 2 else 0)


_PATTERNS = (
    (_DATE, _from_numbers),
    (_COMPACT, _from_compact),
    *((pattern, _from_name) for pattern in _NAMED),
)


def _from_serial(number, text):
    if not _SERIALS[0] <= number <= _SERIALS[1]:
        return text
    moment = _EPOCH + timedelta(seconds=round(number * 86_400))
    return moment.date() if number.is_integer() else moment
