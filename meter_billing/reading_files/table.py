# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A text file or a spreadsheet as a header and rows of cells, read one by one."""

import codecs
import csv
import io
from dataclasses import dataclass
from itertools import chain, islice

import python_calamine

from .errors import ReadingFileError

# Titles and remarks may stand above the header; it is looked for in the first rows.
HEADER_WITHIN = 30
DELIMITERS = ",;\t|"
ZIP, OLE = b"PK\x03\x04", bytes.fromhex("D0CF11E0A1B11AE1")
# What text is written in where it is not Unicode: Turkish also has all that Western
# European languages need but a few Icelandic letters.
FALLBACK_ENCODING = "cp1254"
LONGEST_CELL = 131_072


@dataclass
class Table:
    """The columns of a file, and its rows below the header."""

    header: list  # texts
    lines: object  # iterator of (number in the file, list of cells)


def open_table(content, is_header):
    """Return the :class:`Table` of a file.

    :param bytes content: CSV in any usual encoding, XLSX, XLS or ODS
    :param is_header: function of a list of texts: how many columns of it are known
    :raises ReadingFileError: it is neither, or there is no header
    """
    if not content.strip(b"\x00 \r\n\t"):
        raise ReadingFileError("empty")
    if content.startswith((ZIP, OLE)):
        lines = _spreadsheet_lines(content)
    else:
        lines = _text_lines(content)
    filled = ((number, line) for number, line in lines if _is_filled(line))
    first = list(islice(filled, HEADER_WITHIN))
    if not first:
        raise ReadingFileError("empty")
    best = max(range(len(first)), key=lambda i: (is_header(_texts(first[i][1])), -i))
    if not is_header(_texts(first[best][1])):
        # Nothing is known of it: the first row with as many texts as any has.
        best = max(range(len(first)), key=lambda i: (_count_texts(first[i][1]), -i))
    header = _texts(first[best][1])
    body = chain(first[best + 1 :], filled)
    first_row = next(body, None)
    if first_row is None:
        raise ReadingFileError("no_rows")
    return Table(header, chain([first_row], body))


def _is_filled(line):
    return any(cell not in ("", None) and str(cell).strip() for cell in line)


def _texts(line):
    return ["" if cell is None else str(cell).strip() for cell in line]


def _count_texts(line):
    return sum(isinstance(cell, str) and bool(cell.strip()) for cell in line)


# === Text === #


def _text_lines(content):
    encoding = _find_encoding(content)
    sample = content[:65_536].decode(encoding, errors="replace")
    if "\x00" in sample:
        raise ReadingFileError("not_a_table")
    stream = io.TextIOWrapper(
        io.BytesIO(content), encoding=encoding, errors="replace", newline=""
    )
    reader = csv.reader(
        stream,
        delimiter=_find_delimiter(sample),
        strict=True,  # a quotation mark that is never closed would swallow rows
    )
    number = 1
    try:
        for line in reader:
            yield number, line
            number = reader.line_num + 1
    except csv.Error as error:
        raise ReadingFileError("quotes", line=number, problem=str(error)) from error


def _find_encoding(content):
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return encoding
    # Every second byte of plain text in UTF-16 is zero.
    head = content[:2000]
    if head[1::2].count(0) > len(head) // 3:
        return "utf-16-le"
    if head[0::2].count(0) > len(head) // 3:
        return "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content, final=True)
    except UnicodeDecodeError:
        return FALLBACK_ENCODING
    return "utf-8"


def _find_delimiter(sample):
    """Return what separates the cells: what most lines have, equally often."""
    lines = [line for line in sample.splitlines()[:HEADER_WITHIN] if line.strip()]
    if not lines:
        return ","

    def weight(delimiter):
        counts = [line.count(delimiter) for line in lines]
        most = max(set(counts), key=lambda n: (counts.count(n), n) if n else (0, 0))
        return (counts.count(most), most) if most else (0, 0)

    return max(DELIMITERS, key=weight)


# === Spreadsheets === #


def _spreadsheet_lines(content):
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(content))
        sheets = [
            sheet
            for sheet in map(workbook.get_sheet_by_name, workbook.sheet_names)
            if sheet.height
        ]
    except python_calamine.PasswordError as error:
        raise ReadingFileError("password") from error
    except python_calamine.CalamineError as error:
        # An encrypted workbook is a container that does not look like one.
        code = "password" if content.startswith(OLE) else "not_a_table"
        raise ReadingFileError(code) from error
    if not sheets:
        raise ReadingFileError("empty")
    # The first sheet that has something in it.
    sheet = sheets[0]
    first = (sheet.start or (0, 0))[0] + 1
    return enumerate(sheet.iter_rows(), start=first)
