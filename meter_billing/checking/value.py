# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A counter value as it is given: a number, or text as people and programs write it."""

import re

# A sign, digits in groups of thousands (of 100,000 as in 12,34,567) or in one, and
# decimals that are all 0.
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)\s*"
    r"(?P<digits>[0-9]{1,3}(?P<group>[.,' \u2019\u00a0\u2009\u202f])[0-9]{3}"
    r"(?:(?P=group)[0-9]{3})*|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}|[0-9]+)"
    r"(?:(?!(?P=group))[.,]0+)?"
)


def parse_value(value):
    """Return a counter value as an int, or None where it is no whole number.

    Text may group its thousands: 12,345 and 12.345 and 12 345 are all 12345.
    """
    if isinstance(value, str):
        text = value.strip()
        if len(text) <= 15 and text.isascii() and text.isdigit():
            return int(text)
        match = _NUMBER.fullmatch(text)
        if not match:
            return None
        digits = re.sub(r"[^0-9]", "", match["digits"]).lstrip("0")
        # Python refuses to read thousands of digits; 20 are too large already.
        return int(match["sign"] + (digits[:20] or "0"))
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return parse_value(str(value))
