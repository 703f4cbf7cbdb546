# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Files of readings, read without Odoo: bytes in, rows out."""

import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).parents[1] / "meter_billing" / "reading_file.py"
NAME = "meter_billing_reading_file"
spec = importlib.util.spec_from_file_location(NAME, PATH)
reading_file = sys.modules[NAME] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reading_file)
FileRow, ReadingFileError = reading_file.FileRow, reading_file.ReadingFileError
read_rows = reading_file.read_rows

ROW = FileRow(number=2, serial="SN-1", meter="mono", moment="2026-01-31", value="1,234")


@pytest.mark.parametrize(
    "content",
    [
        b'Serial,Meter Type,Date,Value\nSN-1,Mono,2026-01-31,"1,234"\n',
        b"\xef\xbb\xbfSerial;Meter;Date;Value\r\nSN-1;mono;2026-01-31;1,234\r\n",
        b"serial_number\tmeter_type\ttimestamp\tcounter\nSN-1\tMONO\t2026-01-31\t1,234",
        b"Meter Reading;Reading Date;Meter Name;Serial Number\n"
        b'"1,234";2026-01-31;mono;SN-1',
        b'Serial , METER ,date,value,Remark\n SN-1 , mono ,2026-01-31,"1,234",x',
    ],
    ids=[
        "comma",
        "mark and semicolon",
        "tab",
        "other order",
        "blanks and more columns",
    ],
)
def test_row_per_meter(content):
    assert read_rows(content) == [ROW]


def test_rows_keep_their_line_numbers():
    content = (
        b"\nSerial,Meter,Date,Value,Remark\n\nSN-1,mono,2026-01-31,1,\n"
        b',,,,\nSN-2,mono,2026-01-31,2,"two\nlines"\nSN-3,mono,2026-01-31,3,\n'
    )
    assert [(row.number, row.serial) for row in read_rows(content)] == [
        (4, "SN-1"),
        (6, "SN-2"),
        (8, "SN-3"),
    ]


def test_a_short_row_is_kept():
    (row,) = read_rows(b"Serial,Meter,Date,Value\nSN-1,mono\n")
    assert (row.serial, row.meter, row.moment, row.value) == ("SN-1", "mono", "", "")


def test_make_where_there_is_a_column():
    (row,) = read_rows(
        b"Serial,Meter,Date,Value,Make\nSN-1,mono,2026-01-31,1,Inkwell\n"
    )
    assert row.make == "Inkwell"


def test_first_of_two_columns_alike():
    (row,) = read_rows(b"Serial,Meter,Date,Reading,Value\nSN-1,mono,2026-01-31,5,6\n")
    assert row.value == "5"


HEADER = (
    b"Entity,Make,Model,Serial Number,Asset ID,IP Address,Latest Meter Timestamp,"
    b"Total,Total Black,Total Color\n"
)


def test_report_column_per_meter():
    rows = read_rows(
        HEADER
        + b"Harbour,Inkwell,C 300,SN-1,A7,10.0.0.7,2026-01-31 22:10:05,30,20,10\n"
    )
    common = {
        "number": 2,
        "serial": "SN-1",
        "make": "Inkwell",
        "moment": "2026-01-31 22:10:05",
        "optional": True,
    }
    assert rows == [
        FileRow(meter="mono", value="20", **common),
        FileRow(meter="colour", value="10", **common),
        FileRow(meter="total", value="30", **common),
    ]


def test_report_with_raw_names_and_mono_only():
    rows = read_rows(
        b"serial_number,latest_meter_timestamp,pageCounts_default_totalBlack\n"
        b"SN-1,2026-01-31 22:10:05,20\n"
    )
    assert [(row.meter, row.value) for row in rows] == [("mono", "20")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n \n,,\n", "empty"),
        (HEADER, "no readings"),
        (b"Serial,Meter,Date\nSN-1,mono,2026-01-31\n", "Found: Serial, Meter, Date"),
        (b"SN-1,mono,2026-01-31,100\nSN-2,mono,2026-01-31,7\n", "no known layout"),
        (HEADER.replace(b"Latest Meter Timestamp", b"Seen") + b"a,b\n", "no known"),
        ("Gerät;Wert\n".encode("cp1252"), "not UTF-8"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00!\x00\xb5\xd3", "CSV UTF-8"),
        (b'Serial,Meter,Date,Value\na,b,c,1\nSN-1,mono,x,"5\nSN-2,m,x,6\n', "Line 3"),
        (b"Serial,Meter,Date,Value\nSN-1,mono,x," + b"9" * 200_000 + b"\n", "Line 2"),
    ],
)
def test_file_that_cannot_be_read(content, words):
    with pytest.raises(ReadingFileError, match=words):
        read_rows(content)
