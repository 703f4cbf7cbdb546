# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Small conversions shared by the models."""

from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

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
