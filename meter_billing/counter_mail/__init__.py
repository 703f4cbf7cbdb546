# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Mails with counters: text in, counters out. Knows no Odoo.

`read_reply` reads what a person answered, `read_report` what a device wrote of itself
as text, `read_markup` as XML.
"""

from .complete import complete
from .html_text import decode, to_text
from .markup import read_markup
from .quote import above_quote, is_forward
from .reply import Asked, read_reply
from .report import read_report
from .words import find_role, make_names, normal

__all__ = [
    "Asked",
    "above_quote",
    "complete",
    "decode",
    "find_role",
    "is_forward",
    "make_names",
    "normal",
    "read_markup",
    "read_reply",
    "read_report",
    "to_text",
]
