# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Small conversions shared by the models."""

from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from odoo.tools import formatLang
from odoo.tools.misc import get_lang

# A context key that lifts a check holds this very object: no client can send it.
INTERNAL = object()


def to_decimal(value, digits=6):
    """Return the exact Decimal of a float that was stored with ``digits`` decimals.

    :param value: a float or int as Odoo reads it from a numeric column
    :param int digits: decimals that the column keeps
    """
    return Decimal(repr(value or 0)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def local_date(moment, timezone):
    """Return the calendar day of a UTC moment (naive datetime) in a time zone.

    :param datetime moment: as Odoo stores it, UTC without tzinfo
    :param str timezone: an IANA name
    """
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(timezone)).date()


def format_exact(env, value, min_digits=0, max_digits=6):
    """Return a number as the user's language writes it, with the decimals it has.

    :param value: int or float, e.g. pages or a price per page
    :param int min_digits: decimals that are shown even where they are 0
    :param int max_digits: decimals that the number can have
    """
    decimals = -to_decimal(value, max_digits).normalize().as_tuple().exponent
    return formatLang(env, value, digits=max(min_digits, decimals))


def format_counter(env, value):
    """Return a whole number as the user's language writes it, whatever its size.

    Odoo's formatLang takes longer than all checks of a reading, and a file that is
    imported again is all messages.

    :param int value: a counter or pages
    """
    return f"{value:,}".replace(",", get_lang(env).thousands_sep)


def first_line(env, text):
    """Return the first line of a text, with how many more there are.

    :param str text: lines of text, or a falsy value
    """
    lines = (text or "").splitlines()
    if len(lines) < 2:
        return text or ""
    return env._("%(line)s … and %(count)s more", line=lines[0], count=len(lines) - 1)
