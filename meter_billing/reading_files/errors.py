# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is wrong with a file as a whole."""


class ReadingFileError(Exception):
    """The file cannot be read. ``code`` says why, ``facts`` name the place."""

    def __init__(self, code, **facts):
        super().__init__(code)
        self.code = code
        self.facts = facts
