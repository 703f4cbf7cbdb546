# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Field types that counters and click prices need."""

from odoo import fields

# No counter shows more: Counter64 has no printer behind it.
LARGEST_COUNTER = 10**12 - 1


class Counter(fields.Integer):
    """A counter value: 64 bits wide, and "not read" is not 0.

    Printers report Counter32 (up to 2^32-1), more than Odoo's int4 holds, and a
    counter at 0 is a reading while an empty one is none: a required Counter has to
    be given, it never defaults to 0.
    """

    _column_type = ("int8", "int8")
    falsy_value = None
    aggregator = None

    def convert_to_column(self, value, record, values=None, validate=True):
        return None if value is None or value is False else int(value)

    def convert_to_cache(self, value, record, validate=True):
        return None if value is None or value is False else int(value)

    def convert_to_record(self, value, record):
        return False if value is None else value


class DerivedMany2one(fields.Many2one):
    """A Many2one whose value the record takes from another one that cannot go.

    Its column has no foreign key: checking one costs as much as storing the row, and
    what it would guard is guarded by the record that the value comes from.
    """

    def update_db_foreign_key(self, model, column):
        """Leave the column without a foreign key."""


class Pages(fields.Integer):
    """A number of pages: 64 bits wide, added up in groups."""

    _column_type = ("int8", "int8")
    aggregator = "sum"


class ClickPrice(fields.Float):
    """A price per page: stored exactly, shown with all the decimals that it has."""

    aggregator = None

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("digits", False)
        kwargs.setdefault("min_display_digits", 2)
        super().__init__(*args, **kwargs)
