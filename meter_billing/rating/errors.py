# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the engine refuses."""


class TermsError(ValueError):
    """Terms that cannot be rated; the message names the charge and the field."""


class PeriodError(ValueError):
    """A period that does not fit the terms or what was rated before it."""
