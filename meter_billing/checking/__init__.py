# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is said of readings before they are stored. Pure Python, no Odoo.

Facts about meters and rows of readings in, a verdict for each row out:
`judge(rows, severities)`. The order of the rows does not matter; each sees the
accepted ones before it in time.
"""

from .checks import get_expected, get_limits
from .facts import Finding, Meter, Row, Verdict
from .judge import SEVERITIES, judge
from .lower import propose
from .sums import check_sums
from .timeline import Timeline
from .value import parse_value

__all__ = [
    "Finding",
    "Meter",
    "Row",
    "SEVERITIES",
    "Timeline",
    "Verdict",
    "check_sums",
    "get_expected",
    "get_limits",
    "judge",
    "parse_value",
    "propose",
]
