# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a person answered: counters by the name of the meter, devices by serial."""

import re
from dataclasses import dataclass, field

from .words import normal

_NUMBER = re.compile(
    r"(?<![\w/+-])(?<!\d[.,])"
    r"(?P<whole>\d{1,3}(?:(?P<mark>[.,' ’\u00a0\u202f])\d{3})(?:(?P=mark)\d{3})*|\d+)"
    r"(?:[.,](?P<part>\d+))?"
    r"(?!\w|\s*%|[/-]\d)"
)
_MONTHS = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|"
    "oca|şub|nis|haz|tem|ağu|eyl|eki|kas|ara|"
    "ene|abr|ago|set|dic|mär|mai|okt|dez|"
    "janv|févr|avr|juin|juil|août|déc"
)
# What has digits and is no counter: days, times, telephone numbers, addresses.
_NO_COUNTERS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"\S+@\S+|https?://\S+|www\.\S+",
        r"(?<!\d)(?<!\d[.,])\d{4}-\d{1,2}-\d{1,2}(?!\d)",
        r"(?<!\d)(?<!\d[.,])\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})(?![\d])",
        r"\b\d{1,2}:\d{2}(?::\d{2})?\b",
        rf"\b\d{{1,2}}(?:st|nd|rd|th|\.)?\s+(?:de\s+)?(?:{_MONTHS})[^\W\d]*\.?,?"
        r"(?:\s+(?:de\s+)?(?:19|20)\d{2}\b)?",
        rf"\b(?:{_MONTHS})[^\W\d]*\.?\s+\d{{1,2}}(?:st|nd|rd|th)?"
        r"(?:,?\s+(?:19|20)\d{2})?\b",
        r"\+\d[\d ()/.-]{6,}\d",
        r"^\s*(?:tel|telephone|phone|mobile|mob|cell|gsm|telefon|cep|handy|teléfono|"
        r"telefono|móvil|movil)\b\.?\s*:?.*$",
    )
)
_UNKNOWN_SERIAL = re.compile(
    r"\b(?:serial(?:\s+(?:number|no))?|s/n|seri\s+(?:no|numarası)|número\s+de\s+serie|"
    r"numero\s+de\s+serie|seriennummer)\b\.?\s*[:=#]?\s*"
    r"(?P<serial>(?=[\w-]*\d)[\w-]{4,})",
    re.I,
)
#: Names are looked for in so many words at most.
_LONGEST_NAME = 5
#: Lines of an answer that are read; nobody writes more by hand.
MOST_LINES = 2_000


@dataclass(frozen=True)
class Asked:
    """A device that the reply may be about."""

    serial: str
    codes: tuple  # of its meters


@dataclass(frozen=True)
class Problem:
    """Something with numbers that could not be read. See ``read_reply`` for codes."""

    code: str
    text: str = ""


@dataclass
class Reply:
    """The counters of an answer."""

    values: dict = field(default_factory=dict)  # serial: {code of a meter: value}
    problems: list = field(default_factory=list)


def read_reply(text, devices, names):
    """Return the counters that a person wrote.

    A line has the name of a meter and its counter, or several of them. Where one
    device with one meter is asked for, its number is enough. A serial number says
    which device the line, or those below it, are about. Nothing is guessed: what may
    be meant in two ways is a problem.

    :param str text: what the person wrote, see ``above_quote``
    :param devices: list of :class:`Asked`
    :param dict names: name of a meter (see ``normal``): code of its type
    :return: :class:`Reply`; problems have the code ``device`` (which one is not said),
        ``serial`` (not one of these), ``meter`` (which one is not said), ``unclear``
        (names and numbers do not match), ``part`` (no whole number) or ``twice`` (two
        values for one meter), and the text concerned
    """
    reader = _ReplyReader(devices, names)
    for line in text.split("\n")[:MOST_LINES]:
        reader.read_line(line)
    return reader.finish()


class _ReplyReader:
    def __init__(self, devices, names):
        self.devices = {device.serial: device for device in devices}
        self.names = names
        self.reply = Reply()
        self.nameless = {}  # serial: [(number, line)]
        self.serial = next(iter(self.devices)) if len(self.devices) == 1 else None
        self.is_foreign = False  # what follows is about a device that is not asked
        self.line = ""
        self.waiting = None  # name of a meter whose number stands in the next line
        known = sorted(map(re.escape, self.devices), key=len, reverse=True)
        self.serials = (
            re.compile(rf"(?<![\w-])({'|'.join(known)})(?![\w-])", re.I)
            if known
            else None
        )

    # === Lines === #

    def read_line(self, line):
        """Read one line, and keep it for what has to be said about it."""
        self.line = line
        pieces = self._split_by_serial(line)
        for serial, piece in pieces:
            if serial:
                self.serial, self.is_foreign, self.waiting = serial, False, None
            elif foreign := _UNKNOWN_SERIAL.search(piece):
                self.is_foreign, self.waiting = True, None
                self._complain("serial", foreign["serial"])
            if not self.is_foreign:
                self._read_piece(piece)

    def _split_by_serial(self, line):
        """Return [(serial or None, text that is about it), …] of a line."""
        found = list(self.serials.finditer(line)) if self.serials else []
        if not found:
            return [(None, line)]
        serials = [self._get_serial(match[1]) for match in found]
        if len(set(serials)) == 1:
            # Wherever it stands in the line, the whole line is about it.
            return [(serials[0], self.serials.sub(" ; ", line))]
        cuts = [match.end() for match in found]
        ends = [match.start() for match in found[1:]] + [len(line)]
        if _NUMBER.search(_blank(line[: found[0].start()])):
            # Numbers come before their device.
            cuts = [0] + [match.end() for match in found[:-1]]
            ends = [match.start() for match in found]
        return [
            (serial, line[cut:end])
            for serial, cut, end in zip(serials, cuts, ends, strict=True)
        ]

    def _get_serial(self, text):
        return next(s for s in self.devices if s.upper() == text.upper())

    def _read_piece(self, piece):
        text = _blank(piece)
        marks = []  # (kind, code or number)
        at = 0
        for match in _NUMBER.finditer(text):
            marks += [
                ("name", code) for code in self._find_names(text[at : match.start()])
            ]
            part = match["part"]
            if part and part.strip("0"):
                self._complain("part", self.line)
                return
            digits = "".join(c for c in match["whole"] if c.isdigit())
            marks.append(("number", int(digits[:20])))
            at = match.end()
        marks += [("name", code) for code in self._find_names(text[at:])]
        codes = [value for kind, value in marks if kind == "name"]
        numbers = [value for kind, value in marks if kind == "number"]
        if not numbers:
            self.waiting = codes[0] if len(codes) == 1 else None
            return
        if not codes and self.waiting and len(numbers) == 1:
            codes = [self.waiting]
        self.waiting = None
        if not codes:
            self.nameless.setdefault(self.serial, []).extend(
                (number, self.line) for number in numbers
            )
        elif len(codes) != len(numbers):
            self._complain("unclear", self.line)
        elif not self.serial:
            self._complain("device", self.line)
        else:
            for code, number in zip(codes, numbers, strict=True):
                self._take(self.serial, code, number)

    def _find_names(self, text):
        """Return the codes of the meters that a text names, in order."""
        words = normal(text).split()
        codes, at = [], 0
        while at < len(words):
            for count in range(min(_LONGEST_NAME, len(words) - at), 0, -1):
                code = self.names.get(" ".join(words[at : at + count]))
                if code:
                    codes.append(code)
                    at += count
                    break
            else:
                at += 1
        return codes

    # === Values === #

    def _take(self, serial, code, number):
        values = self.reply.values.setdefault(serial, {})
        if values.setdefault(code, number) != number:
            self._complain("twice", f"{serial} {code}: {values[code]}, {number}")

    def _complain(self, code, text):
        problem = Problem(code, text.strip()[:200])
        if problem not in self.reply.problems:
            self.reply.problems.append(problem)

    def finish(self):
        """Return the reply, with the numbers that had no name where they are clear."""
        for serial, numbers in self.nameless.items():
            if serial and self.reply.values.get(serial):
                continue  # the counters have names: others are no counters
            if not serial:
                if not self.reply.values:
                    for _number, line in numbers:
                        self._complain("device", line)
            elif len(self.devices[serial].codes) == 1 and len(set(numbers)) == 1:
                self._take(serial, self.devices[serial].codes[0], numbers[0][0])
            else:
                for _number, line in numbers:
                    self._complain("meter", line)
        for serial, code in self._get_doubtful():
            del self.reply.values[serial][code]
        return self.reply

    def _get_doubtful(self):
        """Return the meters that two values were given for: neither is taken."""
        twice = [p.text for p in self.reply.problems if p.code == "twice"]
        return [
            (serial, code)
            for serial, values in self.reply.values.items()
            for code in values
            if any(text.startswith(f"{serial} {code}: ") for text in twice)
        ]


def _blank(text):
    """Return a text without what has digits and is no counter."""
    for pattern in _NO_COUNTERS:
        text = pattern.sub(" ; ", text)
    return text
