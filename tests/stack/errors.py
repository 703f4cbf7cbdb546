# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The one kind of error that the stack shows to the person at the terminal."""


class StackError(Exception):
    """Something that the reader can put right.

    The message says in one or two sentences what went wrong and what to do.
    """
