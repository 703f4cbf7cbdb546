# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Pages between two readings of a counter."""


def pages_between(start: int, end: int, digits: int | None, wraps: bool = False) -> int:
    """Return the pages from reading ``start`` to reading ``end``.

    ``wraps`` tells that a counter of ``digits`` digits went through zero between
    the two. Without it an end below the start gives negative pages: an actual
    reading below an estimate. Raises ``ValueError`` where it wraps at an unknown
    number of digits.
    """
    if wraps and not digits:
        raise ValueError("a meter that wrapped needs its number of digits")
    return end - start + (10**digits if wraps else 0)
