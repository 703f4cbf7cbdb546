# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What devices write of themselves: lines of a label and a value."""

import re
from dataclasses import dataclass, field

from .words import find_role, normal

_NUMBER_AT_END = re.compile(
    r"(?P<number>\d{1,3}(?:(?P<mark>[.,'])\d{3})(?:(?P=mark)\d{3})*|\d+)"
    r"\s*(?:pages?|sheets?|impressions?|prints?|counts?|sayfa|páginas?|paginas?|"
    r"seiten)?\s*[;.|]?\s*$",
    re.I,
)
_SEPARATED = re.compile(r"^(?P<label>.{2,60}?)\s*(?:[:=\t,]|\s{2,}|\.{3,})")
_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_/.-]{2,39}")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?\S*)?")
# Roles whose value is a text, even where it ends with a number.
_TEXTS = {"serial", "make", "moment"}
_LONGEST_LINE = 300
_LONGEST_HEADING = 40
#: Lines of a mail that are read.
MOST_LINES = 20_000


@dataclass
class Device:
    """The counters that one device reported."""

    serial: str = ""
    make: str = ""
    moment: str = ""  # ISO, as the device wrote it; empty where it is not plain
    values: dict = field(default_factory=dict)  # code of a meter: value
    doubtful: dict = field(default_factory=dict)  # code: [values that contradict]
    _ranks: dict = field(default_factory=dict, repr=False)

    def take(self, code, value, rank):
        """Keep a counter; of several of one name that of the lowest rank."""
        known = self._ranks.get(code)
        if known is None or rank < known:
            self._ranks[code] = rank
            self.values[code] = value
            self.doubtful.pop(code, None)
        elif rank == known and self.values[code] != value:
            self.doubtful.setdefault(code, [self.values[code]]).append(value)


def read_report(text, own=None):
    """Return the devices and counters that a text names.

    :param str text: lines like “[Total Counter], 12345”, “Total Count = 12,345” or
        cells parted by tabs; a serial number begins a device
    :param dict own: the dealer's own names of meters: ``{normal name: code}``
    :return: list of :class:`Device`, those with a serial number and a counter
    """
    return gather(_read_pairs(text), own)


def gather(pairs, own=None):
    """Return the devices of (depth, heading, label, value) as they follow each other.

    The dealer's own names come before the usual ones, and outer counters before those
    inside of them: these are parts.
    """
    own = own or {}
    devices = [Device()]
    for depth, heading, label, value in pairs:
        role = find_role(label, heading, own)
        if role is None:
            continue
        device = devices[-1]
        if role == "serial":
            if not _SERIAL.fullmatch(value) or value == device.serial:
                continue
            if device.serial:
                device = Device()
                devices.append(device)
            device.serial = value
        elif role == "make":
            device.make = device.make or value[:60]
        elif role == "moment":
            match = _ISO.match(value)
            device.moment = device.moment or (match[0] if match else "")
        elif value.isdigit():
            is_usual = own.keys().isdisjoint(
                (normal(label), normal(f"{heading} {label}"))
            )
            device.take(role, int(value[:20]), (is_usual, depth))
    for device in devices:
        for code in device.doubtful:
            device.values.pop(code, None)
    return [d for d in devices if d.serial and (d.values or d.doubtful)]


def _read_pairs(text):
    """Yield (0, heading, label, value) of the lines of a text."""
    heading = before = ""
    for raw in text.replace("\r", "").split("\n")[:MOST_LINES]:
        line = raw.strip()[:_LONGEST_LINE].strip('"|*•- ')
        if not line:
            heading = before = ""
            continue
        number = _NUMBER_AT_END.search(line)
        label = _trim(line[: number.start()]) if number else ""
        if number and not line[: number.start()].strip():
            # The number alone: its label stands in the line above.
            if before:
                yield 0, "", before, _digits(number["number"])
            continue
        separated = _SEPARATED.match(line)
        value = line[separated.end() :].strip(' ,:=\t"[]') if separated else ""
        if value and find_role(_trim(separated["label"])) in _TEXTS:
            yield 0, heading, _trim(separated["label"]), value
        elif number and label and _may_end(line, number.start()):
            yield 0, heading, label, _digits(number["number"])
        elif not value and not number and len(line) <= _LONGEST_HEADING:
            heading = _trim(line)
        before = _trim(line)


def _may_end(line, at):
    """Tell whether a label may end here: not within a word or a decimal number."""
    return not re.search(r"[\w/-]$|\d[.,]$", line[:at])


def _trim(label):
    return label.strip(" \t:=,.-–>|\"'*").removeprefix("[").removesuffix("]").strip()


def _digits(text):
    return re.sub(r"\D", "", text)
