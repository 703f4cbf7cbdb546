# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A text file or a spreadsheet as a header and rows of cells, read one by one."""

from dataclasses import dataclass, field
from itertools import chain, islice

from .errors import ReadingFileError
from .spreadsheet import MEGABYTE, is_spreadsheet, open_sheets, sheet_lines
from .text_file import text_lines

# Titles and remarks may stand above the header; it is looked for in the first rows.
HEADER_WITHIN = 30
#: Bytes of a file: 1,000,000 rows of text have about 50 million.
MOST_BYTES = 200_000_000


@dataclass
class Table:
    """The columns of a file, and its rows below the header."""

    header: list  # texts
    header_row: int  # its number in the file
    lines: object  # iterator of (number in the file, list of cells)
    sheet: str = ""  # of a spreadsheet
    sheets: list = field(default_factory=list)  # names of all that have anything


def open_table(content, count_known, sheet=None):
    """Return the :class:`Table` of a file: of the sheet whose header is known best.

    :param bytes content: CSV in any usual encoding, XLSX, XLS or ODS
    :param count_known: function of a list of texts: how many columns of it are known
    :param str sheet: the sheet to read; None to choose it
    :raises ReadingFileError: it is neither, or there is no header
    """
    sources = _open(content)
    if sheet:
        if sheet not in sources:
            raise ReadingFileError("no_sheet", sheet=sheet, sheets=list(sources))
        candidates = [_find_header(sources[sheet], sheet, count_known)]
    else:
        candidates = [
            _find_header(lines, name, count_known) for name, lines in sources.items()
        ]
    found = [candidate for candidate in candidates if candidate]
    if not found:
        raise ReadingFileError("empty")
    _known, table = max(found, key=lambda pair: pair[0])  # of equals the first
    first = next(table.lines, None)
    if first is None:
        raise ReadingFileError("no_rows")
    table.lines = chain([first], table.lines)
    table.sheets = [name for name in sources if name]
    return table


def reopen_table(content, header_row, sheet=""):
    """Return the :class:`Table` whose place is known, as :func:`open_table` found it.

    :param bytes content:
    :param int header_row: number of the header in the file
    :param str sheet: name of the sheet, empty for a text file
    :raises ReadingFileError: a line cannot be read
    """
    sources = _open(content)
    lines = sources.get(sheet)
    if lines is None:
        raise ReadingFileError("no_sheet", sheet=sheet, sheets=list(sources))
    for number, line in lines:
        if number >= header_row:
            return Table(_texts(line), number, _filled(lines), sheet)
    raise ReadingFileError("empty")


def _open(content):
    """Return ``{name of the sheet: iterator of its lines}``; a text has no name."""
    if len(content) > MOST_BYTES:
        raise ReadingFileError("too_large", most=MOST_BYTES // MEGABYTE)
    if not content.strip(b"\x00 \r\n\t"):
        raise ReadingFileError("empty")
    if is_spreadsheet(content):
        sheets = open_sheets(content)
        return {name: sheet_lines(sheet) for name, sheet in sheets.items()}
    return {"": text_lines(content)}


def _find_header(lines, sheet, count_known):
    """Return (number of its columns that are known, table), None where it is empty."""
    lines = _filled(lines)
    first = list(islice(lines, HEADER_WITHIN))
    if not first:
        return None
    known = [count_known(_texts(line)) for _number, line in first]
    best = known.index(max(known))
    if not known[best]:
        # Nothing is known of it: the first row with as many texts as any has.
        texts = [_count_texts(line) for _number, line in first]
        best = texts.index(max(texts))
    number, line = first[best]
    body = chain(first[best + 1 :], lines)
    return known[best], Table(_texts(line), number, body, sheet)


def _filled(lines):
    return (
        (number, line)
        for number, line in lines
        if any(cell not in ("", None) and str(cell).strip() for cell in line)
    )


def _texts(line):
    return ["" if cell is None else str(cell).strip() for cell in line]


def _count_texts(line):
    return sum(isinstance(cell, str) and bool(cell.strip()) for cell in line)
