# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Counts of tests, read from what the runners leave behind."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

#: `0 failed, 0 error(s) of 31 tests when loading database 'x'`
ODOO_RESULT = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")


@dataclass(frozen=True)
class Count:
    """How many tests passed, failed (errors included) and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0

    def __add__(self, other):
        """Add up two counts."""
        return Count(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.seconds + other.seconds,
        )

    @property
    def line(self):
        """The count in pytest's words."""
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def from_junit(path, seconds=0):
    """Return the count of a JUnit report as pytest writes it."""
    passed = failed = skipped = 0
    for case in ElementTree.parse(path).iter("testcase"):
        kinds = {child.tag for child in case}
        skip = case.find("skipped")
        if kinds & {"failure", "error"}:
            failed += 1
        elif skip is not None and skip.get("type") != "pytest.xfail":
            skipped += 1
        else:
            passed += 1
    return Count(passed, failed, skipped, seconds)


def from_odoo_log(log):
    """Return the count in the log of Odoo's own runner, None where it has none.

    A run of no test at all counts as a failure: it would exit with status 0.
    """
    found = ODOO_RESULT.findall(log)
    if not found:
        return None
    failed = sum(int(failures) + int(errors) for failures, errors, _all in found)
    total = sum(int(number) for *_bad, number in found)
    return Count(passed=max(total - failed, 0), failed=failed or int(not total))


def table(counts):
    """Return `counts`, by name, as lines for people."""
    width = max(map(len, counts), default=0)
    return "\n".join(f"{name:<{width}}  {count.line}" for name, count in counts.items())
