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
    lines = list(csv.reader(io.StringIO(text, newline=""), _dialect(text)))
    if not any(lines):
        raise ReadingFileError("The file is empty.")
    header = [name.strip().lower() for name in lines[0]]
    body = [
        (number, line)
        for number, line in enumerate(lines[1:], start=2)
        if any(cell.strip() for cell in line)
    ]
    columns = _find_columns(header, _ROW_PER_METER)
    if len(columns) == len(_ROW_PER_METER):
        return [_row_per_meter(number, line, columns) for number, line in body]
    columns = _find_columns(header, _ROW_PER_DEVICE)
    if {"serial", "moment"} <= columns.keys() and columns.keys() & {"mono", "total"}:
        return [
            row for number, line in body for row in _rows_of_device(number, line, columns)
        ]
    raise ReadingFileError(
        "The header fits no known layout. Use the columns Serial, Meter Type, Date, "
        "Value, or a Print Tracker current meter report. Found: %s"
        % ", ".join(lines[0])
    )


def _dialect(text):
    first_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first_line.count)

    class Dialect(csv.excel):
        pass

    Dialect.delimiter = delimiter
    return Dialect


def _find_columns(header, layout):
    return {
        key: header.index(name)
        for key, names in layout.items()
        for name in header
        if name in names
    }


def _cell(line, columns, key):
    index = columns.get(key)
    return line[index].strip() if index is not None and index < len(line) else ""


def _row_per_meter(number, line, columns):
    return FileRow(
        number=number,
        serial=_cell(line, columns, "serial"),
        meter=_cell(line, columns, "meter").lower(),
        moment=_cell(line, columns, "moment"),
        value=_cell(line, columns, "value"),
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
