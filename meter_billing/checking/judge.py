# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""One verdict for each row, in the order of time."""

from datetime import datetime, timedelta

from .checks import find_impossible, find_remarkable
from .facts import Finding, Verdict
from .lower import event_of, propose

#: Codes whose severity the dealer chooses, with the one that they have at first.
SEVERITIES = {
    "lower": "hold",
    "higher_than_next": "hold",
    "too_high": "hold",
    "too_low": "information",
    "impossible": "hold",
    "sum": "hold",
    "colour_on_mono": "hold",
    "identical": "information",
    "zero": "information",
    "outside_window": "information",
}
# The worst finding decides; these are the statuses that follow from it.
_RANK = {"information": 0, "hold": 1, "reject": 2}
_STATUS = {"information": "created", "hold": "hold", "reject": "refused"}


def judge(rows, severities=SEVERITIES):
    """Set the verdict of each of these rows.

    :param rows: iterable of Row
    :param dict severities: information, hold or reject by code of a check
    """
    for row in sorted(rows, key=_when):
        verdict = row.verdict = _judge(row, severities)
        if verdict.status in ("created", "hold"):
            timeline = row.meter.timeline
            if verdict.event:
                _kind, closing, opening = verdict.event
                moment = row.moment - timedelta(seconds=1)
                timeline.insert_event(moment, closing, opening)
            timeline.insert(
                row.moment,
                row.value,
                0,
                verdict.status == "created" and not row.is_estimate,
            )


def add_finding(row, finding, severities=SEVERITIES):
    """Add what a check of several rows has found; the verdict may become worse."""
    verdict = row.verdict
    verdict.findings.append(finding)
    verdict.status = _status(verdict.findings, severities)


def _when(row):
    return row.moment or datetime.min


def _judge(row, severities):
    impossible = find_impossible(row)
    if impossible:
        return Verdict("refused", [impossible])
    meter, value = row.meter, row.value
    timeline = meter.timeline
    same = timeline.moments.get(row.moment)
    if same:
        if same[0] == value:
            return Verdict("duplicate", [Finding("duplicate")], same[1])
        return Verdict("refused", [Finding("other_value", {"there": same[0]})])
    index = timeline.index(row.moment)
    before = timeline.values[index - 1][0] if index else meter.opening
    if value < before:
        return _judge_lower(row, before, severities)
    findings = []
    if index < len(timeline.values) and value > timeline.values[index][1]:
        findings.append(
            Finding("higher_than_next", {"after": timeline.values[index][1]})
        )
    elif not row.is_estimate:
        findings.extend(find_remarkable(row, before, index))
    if not findings:
        return Verdict("created")
    return Verdict(_status(findings, severities), findings)


def _judge_lower(row, before, severities):
    kind = propose(before, row.value, row.meter.digits)
    if not row.is_estimate and kind in row.meter.automatic:
        event = event_of(kind, before, row.value, row.meter.digits)
        finding = Finding(kind, {"before": before})
        return Verdict("created", [finding], event=event)
    finding = Finding("lower", {"before": before})
    # Nothing may bill less than nothing: information is not enough.
    if severities.get("lower") == "reject":
        return Verdict("refused", [finding])
    return Verdict("hold", [finding])


def _status(findings, severities):
    worst = max(
        (severities.get(finding.code, "information") for finding in findings),
        key=_RANK.__getitem__,
    )
    return _STATUS[worst]
