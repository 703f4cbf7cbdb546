# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A counter that shows less than before: what has happened, by the numbers alone."""

# HP counters lose the pages since their last save at a power cut: up to 9.
MOST_PAGES_LOST = 9


def propose(before, value, digits):
    """Return the likeliest of wrap, regress and mistake.

    A reset is never proposed: it takes somebody who knows that one was done.

    :param int before: the value before it
    :param int value: the lower value
    :param int digits: of the counter; 0: not known
    """
    if 0 < before - value <= MOST_PAGES_LOST:
        return "regress"
    size = 10**digits if digits else 0
    if size and before >= size - size // 10 and value < size // 10:
        return "wrap"
    return "mistake"


def event_of(kind, before, value, digits):
    """Return (kind, closing value, opening value) of what was proposed."""
    if kind == "wrap":
        return kind, 10**digits, 0
    return kind, before, value
