# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Spreadsheets (XLSX, XLS, ODS) by the rows of their sheets."""

import io
import zipfile

import python_calamine

from .errors import ReadingFileError

ZIP, OLE = b"PK\x03\x04", bytes.fromhex("D0CF11E0A1B11AE1")
# A workbook with a password is a container of another kind, with a part of this name.
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
#: Bytes that the parts of a spreadsheet may unpack to: a full sheet of a million rows
#: has about 200 million; a small file that unpacks to more is made to do harm.
MOST_UNPACKED = 1_000_000_000
MEGABYTE = 1_000_000


def is_spreadsheet(content):
    """Tell whether a file looks like a spreadsheet."""
    return content.startswith((ZIP, OLE))


def open_sheets(content):
    """Return ``{name: sheet}`` of the sheets that have anything in them.

    :param bytes content:
    :raises ReadingFileError: it is no spreadsheet that can be read, or too large
    """
    if content.startswith(ZIP):
        _check_unpacked(content)
    elif ENCRYPTED in content:
        raise ReadingFileError("password")
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(content))
        names = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
        sheets = {name: workbook.get_sheet_by_name(name) for name in names}
    except python_calamine.PasswordError as error:
        raise ReadingFileError("password") from error
    except python_calamine.CalamineError as error:
        raise ReadingFileError("not_a_table") from error
    filled = {name: sheet for name, sheet in sheets.items() if sheet.height}
    if not filled:
        raise ReadingFileError("empty")
    return filled


def sheet_lines(sheet):
    """Return an iterator of (number in the sheet, list of cells)."""
    first = (sheet.start or (0, 0))[0] + 1
    return enumerate(sheet.iter_rows(), start=first)


def _check_unpacked(content):
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile as error:
        raise ReadingFileError("not_a_table") from error
    if size > MOST_UNPACKED:
        raise ReadingFileError("too_large", most=MOST_UNPACKED // MEGABYTE)
