# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Pages between two readings of a counter."""

from collections.abc import Iterable


def pages_between(start: int, end: int, events: Iterable[tuple[int, int]] = ()) -> int:
    """Return the pages from reading ``start`` to reading ``end``.

    ``events`` are what the counter did in between other than count, in the order of
    time: each a pair of the value that it had come to and the value that it went on
    from. A wrap after six digits is (1000000, 0), a new counter board (84210, 0), a
    counter that lost the last pages at a power cut (5009, 5000). Without events an end
    below the start gives negative pages: an actual reading below an estimate.
    """
    pages = 0
    for closing, opening in events:
        pages += closing - start
        start = opening
    return pages + end - start


def value_after(start: int, pages: int, events: Iterable[tuple[int, int]] = ()) -> int:
    """Return what a counter shows that has printed ``pages`` since it showed ``start``.

    The inverse of :func:`pages_between`: all of the ``events`` lie in these pages.
    """
    return start + pages - pages_between(start, start, events)
