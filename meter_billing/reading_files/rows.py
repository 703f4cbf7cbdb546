# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From cells to the rows that the intake takes."""

from .dates import read_date
from .layout import ROLES


def count_rows_a_line(columns):
    """Return how many rows :func:`read_rows` makes of a line.

    :param dict columns: {index: role}
    """
    roles = set(columns.values())
    return len(roles - set(ROLES)) + ({"meter", "value"} <= roles)


def read_rows(table, columns, order, zone=None):
    """Yield the rows of a table, as ``meter.reading._ingest_serials`` takes them.

    :param Table table: see `open_table`
    :param dict columns: {index: role}
    :param str order: dmy or mdy, of dates like 01/02/2026
    :param tzinfo zone: where times without a time zone are, None for UTC
    """
    index_of = {role: index for index, role in columns.items()}
    serial, moment = index_of["serial"], index_of["moment"]
    make, meter, value = (index_of.get(role) for role in ("make", "meter", "value"))
    meters = [(role, index) for role, index in index_of.items() if role not in ROLES]
    for number, line in table.lines:
        width = len(line)
        row = {
            "row": number,
            "serial": _text(line, serial, width),
            "make": _text(line, make, width),
            "moment": read_date(line[moment] if moment < width else "", order, zone),
        }
        if meter is not None and value is not None:
            yield {
                **row,
                "meter": _text(line, meter, width),
                "value": _value(line, value, width),
            }
        for code, index in meters:
            yield {
                **row,
                "meter": code,
                "value": _value(line, index, width),
                "optional": True,
            }


def _text(line, index, width):
    """Return a cell as text; a number that a spreadsheet made of it without .0."""
    if index is None or index >= width:
        return ""
    cell = line[index]
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).replace("\x00", "").strip()


def _value(line, index, width):
    if index >= width:
        return ""
    cell = line[index]
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return "" if cell is None else cell if not isinstance(cell, str) else cell.strip()
