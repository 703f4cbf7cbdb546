# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Reading files of readings: CSV bytes in, plain rows out. Knows no Odoo."""

import csv
import io
from dataclasses import dataclass


class ReadingFileError(Exception):
    """The file as a whole cannot be read; the message says what to do."""


@dataclass(frozen=True)
class FileRow:
    """One value of one meter as the file has it."""

    number: int  # line in the file, the header is 1
    serial: str
    meter: str  # meter type code, lower case
    moment: str
    value: str
    make: str = ""
    optional: bool = False  # a total beside its parts: no loss where it is not kept


# One row a meter: serial, meter type, date, value.
_ROW_PER_METER = {
    "serial": {"serial", "serial number", "serial_number", "serial no"},
    "meter": {"meter", "meter type", "meter name", "meter_type"},
    "moment": {"date", "reading date", "read on", "timestamp"},
    "value": {"value", "reading", "meter reading", "counter"},
    "make": {"make", "manufacturer"},
}
# One row a device: the "current meter" report of Print Tracker, in the column names
# of its default export and of its custom reports.
_ROW_PER_DEVICE = {
    "serial": {"serial number", "serial_number"},
    "moment": {"latest meter timestamp", "latest_meter_timestamp"},
    "make": {"make"},
    "mono": {"total black", "pagecounts_default_totalblack"},
    "colour": {"total color", "pagecounts_default_totalcolor"},
    "total": {"total", "pagecounts_default_total"},
}


def read_rows(content):
    """Return the rows of a CSV file of readings.

    Recognises two layouts by their headers: a row for each meter (serial, meter type,
    date, value) and a row for each device (Print Tracker's current meter report).

    :param bytes content: the file, UTF-8 with or without a mark
    :return: list of :class:`FileRow`
    :raises ReadingFileError: not a text file, or no layout fits its header
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReadingFileError(
            "The file is not UTF-8 text. Save it as “CSV UTF-8” and import it again."
        ) from error
    lines = _numbered_lines(text)
    if not lines:
        raise ReadingFileError("The file is empty.")
    (_number, titles), *body = lines
    if not body:
        raise ReadingFileError("The file has a header, but no readings below it.")
    header = [name.strip().lower() for name in titles]
    columns = _find_columns(header, _ROW_PER_METER)
    if {"serial", "meter", "moment", "value"} <= columns.keys():
        return [_row_per_meter(number, line, columns) for number, line in body]
    columns = _find_columns(header, _ROW_PER_DEVICE)
    if {"serial", "moment"} <= columns.keys() and columns.keys() & {"mono", "total"}:
        return [
            row
            for number, line in body
            for row in _rows_of_device(number, line, columns)
        ]
    found = ", ".join(titles)
    raise ReadingFileError(
        "The header fits no known layout. Use the columns Serial, Meter Type, Date, "
        f"Value, or a Print Tracker current meter report. Found: {found}"
    )


def _numbered_lines(text):
    """Return (line number, cells) of the rows that are not blank."""
    first_line = text.lstrip().split("\n", 1)[0]
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=max(",;\t", key=first_line.count),
        strict=True,  # a quotation mark that is never closed would swallow rows
    )
    lines, number = [], 1
    try:
        for line in reader:
            if any(cell.strip() for cell in line):
                lines.append((number, line))
            number = reader.line_num + 1
    except csv.Error as error:
        raise ReadingFileError(
            f"Line {number} cannot be read ({error}). Check its quotation marks."
        ) from error
    return lines


def _find_columns(header, layout):
    return {
        key: header.index(name)
        for key, names in layout.items()
        for name in reversed(header)  # of two alike the first
        if name in names
    }


def _cell(line, columns, key):
    index = columns.get(key)
    if index is None or index >= len(line):
        return ""
    # PostgreSQL has no place for the zero byte in a text.
    return line[index].replace("\x00", "").strip()


def _row_per_meter(number, line, columns):
    return FileRow(
        number=number,
        serial=_cell(line, columns, "serial"),
        meter=_cell(line, columns, "meter").lower(),
        moment=_cell(line, columns, "moment"),
        value=_cell(line, columns, "value"),
        make=_cell(line, columns, "make"),
    )


def _rows_of_device(number, line, columns):
    for meter in ("mono", "colour", "total"):
        if meter not in columns:
            continue
        yield FileRow(
            number=number,
            serial=_cell(line, columns, "serial"),
            meter=meter,
            moment=_cell(line, columns, "moment"),
            value=_cell(line, columns, meter),
            make=_cell(line, columns, "make"),
            optional=True,
        )
