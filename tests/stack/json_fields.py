# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Read a JSON object field by field; what does not fit is named by its path."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation

REQUIRED = object()


class FormatError(Exception):
    """A field is missing or holds what it must not; the message names it."""

    def __init__(self, path, problem):
        super().__init__(f"{path}: {problem}")


class Fields:
    """The fields of one JSON object.

    Each method takes a field's name and, where the field is optional, its default;
    it raises :class:`FormatError` for anything but what it is named after. ``null``
    is the same as a field that is not there.
    """

    def __init__(self, value, path, *names):
        """Take the object ``value`` at ``path``, which may have only these names."""
        if not isinstance(value, dict):
            raise FormatError(
                path or "file", f"must be an object, not {_shown(value)}."
            )
        self.value = value
        self.path = path
        for name in value:
            if name not in names:
                raise FormatError(
                    self.at(name), f"is unknown here. Known are: {', '.join(names)}."
                )

    def at(self, name):
        """Return the path of the field ``name``."""
        return f"{self.path}.{name}" if self.path else name

    def refuse(self, name, problem):
        """Raise the error that the field ``name`` has ``problem``."""
        raise FormatError(self.at(name), problem)

    def has(self, name):
        """Tell whether the field ``name`` is there and not null."""
        return self.value.get(name) is not None

    def _take(self, name, default):
        if self.has(name):
            return self.value[name]
        if default is REQUIRED:
            self.refuse(name, "is missing.")
        return default

    def text(self, name, default=REQUIRED):
        """Return a text that is not empty."""
        value = self._take(name, default)
        if value is not default and not _is_text(value):
            self.refuse(name, f"must be a text, not {_shown(value)}.")
        return value

    def choice(self, name, choices, default=REQUIRED):
        """Return one of the texts ``choices``."""
        value = self._take(name, default)
        if value is not default and value not in choices:
            self.refuse(
                name, f"must be one of {', '.join(choices)}, not {_shown(value)}."
            )
        return value

    def flag(self, name):
        """Return true or false; false where the field is not there."""
        value = self._take(name, False)
        if not isinstance(value, bool):
            self.refuse(name, f"must be true or false, not {_shown(value)}.")
        return value

    def day(self, name, default=REQUIRED):
        """Return a date of the years 1900 to 2199."""
        value = self._take(name, default)
        if value is default:
            return value
        try:
            # Python 3.11 reads more than YYYY-MM-DD, 3.10 does not.
            if re.fullmatch(r"(19|2[01])\d\d-\d\d-\d\d", value, re.A):
                return date.fromisoformat(value)
        except (TypeError, ValueError):
            pass
        return self.refuse(
            name, f'must be a date such as "2026-01-31", not {_shown(value)}.'
        )

    def whole(self, name, default=REQUIRED, least=0, most=2**31 - 1):
        """Return a whole number from ``least`` to ``most``."""
        value = self._take(name, default)
        if value is not default:
            _check_whole(value, self.at(name), least, most)
        return value

    def money(self, name, default=REQUIRED, decimals=2, least=None):
        """Return a Decimal that is written as a text."""
        value = self._take(name, default)
        return (
            value if value is default else _money(value, self.at(name), decimals, least)
        )

    def number(self, name, default=REQUIRED):
        """Return a Decimal above 0, written as a number or as a text."""
        value = self._take(name, default)
        if value is default:
            return value
        number = _decimal(value) if _is_number(value) else None
        if number is None or number <= 0 or not _fits(number, 6):
            self.refuse(
                name,
                f"must be a number above 0 with up to 6 decimals, not {_shown(value)}.",
            )
        return number

    def texts(self, name, default=REQUIRED):
        """Return a tuple of different texts; not empty unless the default is."""
        value = self._take(name, default)
        if value is default:
            return value
        if not isinstance(value, list):
            self.refuse(name, f"must be a list of texts, not {_shown(value)}.")
        if not value and default is REQUIRED:
            self.refuse(name, "is empty.")
        for index, item in enumerate(value):
            if not _is_text(item):
                raise FormatError(
                    f"{self.at(name)}[{index}]", f"must be a text, not {_shown(item)}."
                )
            if item in value[:index]:
                raise FormatError(
                    f"{self.at(name)}[{index}]", f"{item} is there twice."
                )
        return tuple(value)

    def object(self, name, *names):
        """Return the :class:`Fields` of an object, or None where it is not there."""
        if not self.has(name):
            return None
        return Fields(self.value[name], self.at(name), *names)

    def objects(self, name):
        """Yield the path and the value of each entry of a list."""
        value = self._take(name, REQUIRED)
        if not isinstance(value, list):
            self.refuse(name, f"must be a list, not {_shown(value)}.")
        for index, item in enumerate(value):
            yield f"{self.at(name)}[{index}]", item

    def counts(self, name, default=REQUIRED, least=0, most=10**12 - 1):
        """Return ``{text: whole number}``."""
        return self._map(
            name, default, lambda value, path: _check_whole(value, path, least, most)
        )

    def amounts(self, name):
        """Return ``{text: Decimal}`` of amounts; empty where it is not there."""
        return self._map(name, {}, lambda value, path: _money(value, path, 2, None))

    def numbers(self, name):
        """Return ``{text: Decimal}`` of numbers; empty where it is not there."""

        def check(value, path):
            if not _is_number(value) or (number := _decimal(value)) is None:
                raise FormatError(path, f"must be a number, not {_shown(value)}.")
            return number

        return self._map(name, {}, check)

    def _map(self, name, default, check):
        value = self._take(name, default)
        if not isinstance(value, dict):
            self.refuse(name, f"must be an object, not {_shown(value)}.")
        return {
            key: check(item, f"{self.at(name)}.{key}") for key, item in value.items()
        }


def _check_whole(value, path, least, most):
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)  # JSON does not tell 5.0 from 5
    if isinstance(value, bool) or not isinstance(value, int):
        raise FormatError(path, f"must be a whole number, not {_shown(value)}.")
    if not least <= value <= most:
        raise FormatError(path, f"must be from {least} to {most}, not {value}.")
    return value


def _money(value, path, decimals, least):
    number = None
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,15}(\.\d+)?", value, re.A):
        number = _decimal(value)
    if number is None:
        raise FormatError(path, f'must be a text such as "10.00", not {_shown(value)}.')
    if not _fits(number, decimals):
        raise FormatError(path, f"has more than {decimals} decimals: {value}.")
    if least is not None and number < least:
        raise FormatError(path, f"must be {least} or more, not {value}.")
    return number


def _decimal(value):
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _is_text(value):
    """Tell whether it says something, in characters that a database can store."""
    if not isinstance(value, str) or not value.strip():
        return False
    return not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value)


def _is_number(value):
    return isinstance(value, int | str | Decimal) and not isinstance(value, bool)


def _fits(number, decimals):
    return number == round(number, decimals)


def _shown(value):
    """Return a value as a reader of the file knows it, cut short."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return ascii(value[:40]) if not value.isprintable() else f'"{value[:40]}"'
    return str(value)[:40]
