# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Files of readings: bytes in, plain rows out. Knows no Odoo.

`open_table` finds the header of a text file or a spreadsheet; `read_rows` makes rows of
it by what each column means.
"""

from .dates import find_order
from .errors import ReadingFileError
from .layout import Layout, recognise
from .rows import count_rows_a_line, read_rows
from .table import open_table, reopen_table

__all__ = [
    "Layout",
    "ReadingFileError",
    "count_rows_a_line",
    "find_order",
    "open_table",
    "read_rows",
    "recognise",
    "reopen_table",
]
