# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Text files and spreadsheets of all kinds: the header, and rows of cells."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt
from reading_files import (
    Layout,
    ReadingFileError,
    count_rows_a_line,
    open_table,
    read_rows,
    recognise,
    reopen_table,
)
from reading_files.table import MOST_BYTES

# Saved with a password.
PROTECTED = Path(__file__).with_name("protected.xlsx")

LAYOUT = Layout(
    "A row for each meter",
    {
        "serial": "serial",
        "serial number": "serial",
        "make": "make",
        "meter": "meter",
        "meter type": "meter",
        "date": "moment",
        "value": "value",
        "counter": "value",
    },
)
REPORT = Layout(
    "A row for each device",
    {
        "serial number": "serial",
        "latest meter timestamp": "moment",
        "make": "make",
        "total black": "mono",
        "total color": "colour",
        "total": "total",
    },
)
LAYOUTS = [LAYOUT, REPORT]


def known(header):
    return max(len(layout.find(header)) for layout in LAYOUTS)


def rows_of(content, order="dmy"):
    table = open_table(content, known)
    layout = recognise(table.header, LAYOUTS)
    columns = layout.find(table.header)
    rows = list(read_rows(table, columns, order))
    again = reopen_table(content, table.header_row, table.sheet)
    assert again.header == table.header
    lines = list(again.lines)
    assert len(lines) * count_rows_a_line(columns) == len(rows)
    again.lines = iter(lines)
    assert list(read_rows(again, columns, order)) == rows
    return rows


def bomb():
    """Return a small spreadsheet that says to unpack to more than a gigabyte."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as parts:
        for number in range(11):
            parts.writestr(f"xl/worksheets/sheet{number}.xml", b"0" * 100_000_000)
    return buffer.getvalue()


def sheet(*rows, sheets=()):
    """Return an XLSX file with these rows on its last sheet."""
    book = openpyxl.Workbook()
    for name in sheets:
        book.create_sheet(name)
    active = book.worksheets[-1]
    for row in rows:
        active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


PLAIN = 'Serial;Meter Type;Date;Value;Remark\nSN-1;mono;31/01/2026;1.234;"Şişli, çöp"\n'
ROW = {
    "row": 2,
    "serial": "SN-1",
    "make": "",
    "meter": "mono",
    "moment": date(2026, 1, 31),
    "value": "1.234",
}


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1254", "iso8859-9"],
)
def test_encodings(encoding):
    content = PLAIN.encode(encoding)
    assert rows_of(content) == [ROW]
    assert open_table(content, known).lines.__next__()[1][-1] == "Şişli, çöp"


def test_western_european():
    content = "Serial,Meter,Date,Value,Ort\nSN-1,mono,2026-01-31,7,Gerät ö ß é\n"
    (_number, line) = next(open_table(content.encode("latin-1"), known).lines)
    assert line[-1] == "Gerät ö ß é"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter):
    text = 'Serial,Meter,Date,Value\nSN-1,mono,2026-01-31,"12,345"\n'
    if delimiter != ",":
        text = text.replace(",", delimiter).replace(f'"12{delimiter}345"', "12,345")
    (row,) = rows_of(text.encode())
    assert (row["serial"], row["value"]) == ("SN-1", "12,345")


def test_titles_above_the_header_and_empty_rows():
    content = (
        b"Our fleet,,,\nCreated 2026-02-01,,,\n\nSerial,Meter,Date,Value\n\n"
        b'SN-1,mono,2026-01-31,1\n,,,\nSN-2,mono,2026-01-31,"2\n"\nSN-3,mono,x,3\n'
    )
    assert [(row["row"], row["serial"]) for row in rows_of(content)] == [
        (6, "SN-1"),
        (8, "SN-2"),
        (10, "SN-3"),
    ]


def test_spreadsheet_with_dates_numbers_and_text():
    content = sheet(
        ["Fleet report"],
        [],
        ["Serial", "Meter", "Date", "Value"],
        [20417, "mono", date(2026, 1, 31), 1234],
        ["SN-2", "mono", datetime(2026, 1, 31, 22, 10, 5), "1.234"],
        ["SN-3", "mono", "31.01.2026", 12.5],
        ["SN-4", "mono", 46053, True],
        sheets=["Empty one", "Readings"],
    )
    rows = rows_of(content)
    assert [(r["row"], r["serial"], r["moment"], r["value"]) for r in rows] == [
        (4, "20417", date(2026, 1, 31), 1234),
        (5, "SN-2", datetime(2026, 1, 31, 22, 10, 5), "1.234"),
        (6, "SN-3", date(2026, 1, 31), 12.5),
        (7, "SN-4", date(2026, 1, 31), True),
    ]


def test_old_workbooks():
    book = xlwt.Workbook()
    page = book.add_sheet("Readings")
    for column, title in enumerate(("Serial", "Meter", "Date", "Value")):
        page.write(0, column, title)
    style = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for column, cell in enumerate(("SN-1", "mono", date(2026, 1, 31), 1234)):
        page.write(1, column, cell, style if column == 2 else xlwt.Style.default_style)
    buffer = io.BytesIO()
    book.save(buffer)
    (row,) = rows_of(buffer.getvalue())
    assert (row["moment"], row["value"]) == (date(2026, 1, 31), 1234)


def test_the_sheet_with_the_readings_is_found():
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    book.active.append(["Report of our fleet"])
    book.active.append(["Pages", "in January"])
    readings = book.create_sheet("Readings")
    other = book.create_sheet("February")
    for page, value in ((readings, 5), (other, 6)):
        page.append(["Serial", "Meter", "Date", "Value"])
        page.append(["SN-1", "mono", date(2026, 1, 31), value])
    book.create_sheet("Empty")
    buffer = io.BytesIO()
    book.save(buffer)
    content = buffer.getvalue()
    assert [row["value"] for row in rows_of(content)] == [5]
    table = open_table(content, known)
    assert (table.sheet, table.sheets) == (
        "Readings",
        ["Cover", "Readings", "February"],
    )
    assert next(open_table(content, known, "February").lines)[1][3] == 6
    with pytest.raises(ReadingFileError) as caught:
        open_table(content, known, "March")
    assert caught.value.code == "no_sheet"
    assert caught.value.facts["sheets"] == ["Cover", "Readings", "February"]


def test_what_is_no_text_is_seen_in_its_cell():
    clean = b"SN-1,mono,2026-01-31,7\n" * 200
    content = b"Serial,Meter,Date,Value\n" + clean + b"SN\x002,mono,2026\x00,7\x00\n"
    rows = rows_of(content)
    assert len(rows) == 201
    assert (rows[200]["serial"], rows[200]["moment"], rows[200]["value"]) == (
        "SN\ufffd2",
        "2026\ufffd",
        "7\ufffd",
    )


def test_further_columns_of_a_role():
    header = ["Serial", "Meter", "Date", "Counter", "Value"]
    assert LAYOUT.find(header)[3] == "value"
    assert LAYOUT.find_alike(header) == {4: "value"}


def test_errors_in_cells():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["Serial", "Meter", "Date", "Value"])
        page.write_row(1, 0, ["SN-1", "mono", "2026-01-31"])
        page.write_formula(1, 3, "=1/0", value="#DIV/0!")
        page.write_row(2, 0, ["SN-2", "mono", "2026-01-31", 5])
    first, second = rows_of(buffer.getvalue())
    assert not isinstance(first["value"], (int, float))
    assert second["value"] == 5


def test_formulas_give_their_values():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        for column, title in enumerate(("Serial", "Meter", "Date", "Value")):
            page.write(0, column, title)
        page.write_row(1, 0, ["SN-1", "mono", "2026-01-31"])
        page.write_formula(1, 3, "=1000+234", value=1234)
    assert rows_of(buffer.getvalue())[0]["value"] == 1234


def test_a_column_for_each_meter():
    content = (
        b"Make,Serial Number,Latest Meter Timestamp,Total,Total Black,Total Color\n"
        b"Inkwell,SN-1,2026-01-31 22:10:05,30,20,\n"
    )
    rows = rows_of(content)
    assert {(r["meter"], r["value"], r["optional"]) for r in rows} == {
        ("total", "30", True),
        ("mono", "20", True),
        ("colour", "", True),
    }
    assert {(r["make"], r["moment"]) for r in rows} == {
        ("Inkwell", datetime(2026, 1, 31, 22, 10, 5))
    }


def test_first_of_two_columns_alike_and_short_rows():
    rows = rows_of(b"Serial,Meter,Date,Counter,Value\nSN-1,mono,2026-01-31,5,6\nSN-2\n")
    assert [(r["serial"], r["meter"], r["value"]) for r in rows] == [
        ("SN-1", "mono", "5"),
        ("SN-2", "", ""),
    ]


def test_an_unknown_header_is_still_the_header():
    content = b"Report,,\nGeraet,Stand,Tag\nSN-1,5,2026-01-31\nSN-2,6,2026-01-31\n"
    table = open_table(content, known)
    assert table.header == ["Geraet", "Stand", "Tag"]
    assert recognise(table.header, LAYOUTS) is None


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n \n\n", "empty"),
        (b",,\n,,\n", "empty"),
        (b"Serial,Meter,Date,Value\n", "no_rows"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00!\x00\xb5\xd3", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00\x01\x02" * 50, "not_a_table"),
        (PROTECTED.read_bytes(), "password"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 4000, "not_a_table"),
        (b"%PDF-1.7 Serial,Meter,Date,Value\n", "not_a_table"),
        (b"\xef\xbb\xbf<html><table><tr><td>SN-1</td></tr></table>", "markup"),
        (b"<?xml version='1.0'?><Workbook/>", "markup"),
        (bomb(), "too_large"),
        (b"Serial,Meter,Date,Value\n" + b"x" * MOST_BYTES, "too_large"),
        (sheet(), "empty"),
        (sheet(["Serial", "Meter", "Date", "Value"]), "no_rows"),
        (b'Serial,Meter,Date,Value\na,b,c,1\nSN-1,mono,x,"5\nSN-2,m,x,6\n', "quotes"),
        (b"Serial,Meter,Date,Value\nSN-1,mono,x," + b"9" * 200_000 + b"\n", "quotes"),
    ],
)
def test_files_that_cannot_be_read(content, code):
    with pytest.raises(ReadingFileError) as caught:
        rows_of(content)
    assert caught.value.code == code
    if code == "too_large":
        assert caught.value.facts["most"] in (200, 1000)
    if code == "quotes":
        assert caught.value.facts["line"] in (2, 3)
