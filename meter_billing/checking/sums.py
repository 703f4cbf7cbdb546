# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Total unequal to mono plus colour: a check over the meters of one device."""

from .facts import Finding
from .judge import add_finding

#: Devices count pages that are aborted differently: small differences are no finding.
TOLERANCE, FEWEST_PAGES = 0.02, 10


def check_sums(groups, severities):
    """Compare the totals of devices with their mono and colour readings.

    Both the counters themselves and what they have counted since the readings before
    may fit: counters of a used device need not start alike.

    :param groups: lists of (total Row, value before it, part Rows, values before them),
        each of one device and moment; a value before is None where there is none
    """
    for total, total_before, parts, parts_before in groups:
        if _fits(total.value, sum(row.value for row in parts)):
            continue
        befores = [total_before, *parts_before]
        if None not in befores and _fits(
            total.value - total_before,
            sum(row.value for row in parts) - sum(parts_before),
        ):
            continue
        finding = Finding(
            "sum", {"total": total.value, "parts": sum(row.value for row in parts)}
        )
        for row in (total, *parts):
            add_finding(row, finding, severities)


def _fits(total, parts):
    return abs(total - parts) <= max(abs(total) * TOLERANCE, FEWEST_PAGES)
