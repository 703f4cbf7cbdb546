# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The plain data that the checks take and return."""

from dataclasses import dataclass, field
from datetime import date, datetime

from .timeline import Timeline


@dataclass(slots=True, eq=False)
class Meter:
    """What is known of a meter while its new readings are judged.

    Pages a day that are not known are 0.
    """

    id: int
    opening: int  # value on the day of installation
    digits: int  # after which the counter starts again at 0; 0: not known
    largest: int  # value that it can show
    installed: date | None
    removed: date | None
    today: date
    idle: tuple = ()  # (removed, installed again) of each time that it was away
    buffer: float = 0.6  # how far from the usual is still usual, as a part of it
    floor: int = 250  # pages; less than this is never remarkable
    most_a_day: float = 0.0  # pages that the device can print
    expected_a_day: float = 0.0  # where there is no history
    is_colour_on_mono: bool = False
    windows: tuple = ()  # (first day, last day) to bill from; empty: any day
    automatic: frozenset = frozenset()  # what explains a lower value without a person
    timeline: Timeline = field(default_factory=Timeline)


@dataclass(slots=True, eq=False)
class Row:
    """A reading that somebody gives."""

    meter: Meter | None
    given: object  # the value as it was given
    value: int | None
    moment: datetime | None
    day: date | None
    is_estimate: bool = False
    verdict: "Verdict | None" = None


@dataclass(slots=True, frozen=True)
class Finding:
    """What a check says of a row: its code, and the numbers that explain it."""

    code: str
    facts: dict = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Verdict:
    """What becomes of a row.

    ``status``: created, hold, duplicate, refused. ``event`` is what a counter has done
    by a rule: (kind, closing value, opening value).
    """

    status: str
    findings: list = field(default_factory=list)
    reading_id: int = 0
    event: tuple | None = None
