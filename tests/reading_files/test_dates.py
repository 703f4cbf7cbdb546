# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Dates as spreadsheets and people write them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from reading_files import find_order
from reading_files.dates import read_date

DAY = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("cell", "order", "read"),
    [
        ("2026-01-31", "mdy", DAY),
        ("2026/01/31", "dmy", DAY),
        ("31/01/2026", "dmy", DAY),
        ("01/31/2026", "mdy", DAY),
        ("31.01.2026", "mdy", DAY),  # nobody writes months first with dots
        ("31/01/2026", "mdy", DAY),  # it can only be that
        ("01/31/2026", "dmy", DAY),
        ("1-2-26", "dmy", date(2026, 2, 1)),
        ("1-2-26", "mdy", date(2026, 1, 2)),
        ("31/01/2026 23:10", "dmy", datetime(2026, 1, 31, 23, 10)),
        ("1/31/2026 11:10:05 PM", "mdy", datetime(2026, 1, 31, 23, 10, 5)),
        ("1/31/2026 12:10 AM", "mdy", datetime(2026, 1, 31, 0, 10)),
        ("2026-01-31T22:10:05", "dmy", datetime(2026, 1, 31, 22, 10, 5)),
        ("2026-01-31 22:10:05.123", "dmy", datetime(2026, 1, 31, 22, 10, 5)),
        (46053, "dmy", DAY),
        ("46053", "dmy", DAY),
        (46053.5, "dmy", datetime(2026, 1, 31, 12)),
        (datetime(2026, 1, 31), "dmy", DAY),
        (DAY, "dmy", DAY),
        ("20260131", "dmy", DAY),
        (20260131, "dmy", DAY),
        (20260131.0, "dmy", DAY),
        ("31 Jan 2026", "mdy", DAY),
        ("31-JAN-26", "mdy", DAY),
        ("31. January 2026 23:10", "mdy", datetime(2026, 1, 31, 23, 10)),
        ("Jan 31, 2026 11:10 PM", "dmy", datetime(2026, 1, 31, 23, 10)),
        ("1 Sept 2026", "dmy", date(2026, 9, 1)),
        # What is none stays as it is, for the message
        ("31/31/2026", "dmy", "31/31/2026"),
        ("01.31.2026", "dmy", "01.31.2026"),
        ("2026-01-31T22:10:05Z", "dmy", "2026-01-31T22:10:05Z"),
        ("yesterday", "dmy", "yesterday"),
        ("", "dmy", ""),
        (None, "dmy", ""),
        (7, "dmy", "7"),
        (True, "dmy", "True"),
        ("0000-00-00", "dmy", "0000-00-00"),
        ("31 Foo 2026", "dmy", "31 Foo 2026"),
        ("31/01/026", "dmy", "31/01/026"),
        ("1/31/2026 13:10 PM", "mdy", "1/31/2026 13:10 PM"),
        ("31/01/2026 25:00", "dmy", "31/01/2026 25:00"),
        ("20261331", "dmy", "20261331"),
        ("31/01/2026\ufffd", "dmy", "31/01/2026\ufffd"),
    ],
)
def test_dates(cell, order, read):
    assert read_date(cell, order) == read


@pytest.mark.parametrize(
    ("cell", "utc"),
    [
        ("31/01/2026 23:30", datetime(2026, 1, 31, 22, 30)),
        (datetime(2026, 7, 31, 23, 30), datetime(2026, 7, 31, 21, 30)),
        (46053.5, datetime(2026, 1, 31, 11)),
        ("31/01/2026", DAY),  # a day is the same day everywhere
        ("2026-01-31T22:10:05+03:00", "2026-01-31T22:10:05+03:00"),
        ("0001-01-01 00:10", datetime(1, 1, 1, 0, 10)),
    ],
)
def test_times_where_they_are(cell, utc):
    assert read_date(cell, "dmy", ZoneInfo("Europe/Brussels")) == utc


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["01/02/2026", "31/01/2026"], "dmy"),
        (["01/02/2026", "01/31/2026"], "mdy"),
        (["01/02/2026", "03/04/2026"], "open"),
        (["01-02-26"], "open"),
        (["01/01/2026", "02/02/2026"], None),  # the same either way
        (["01/02/2026"] * 9 + ["13/02/2026"], "dmy"),  # the last one says it
        (["31/01/2026", "01/31/2026"], "both"),
        (["1.2.2026"], "dmy"),
        (["2026-01-31", DAY, 5, None], None),
    ],
)
def test_the_column_says_what_comes_first(cells, order):
    assert find_order(cells) == order
