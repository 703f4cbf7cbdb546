# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import hashlib

from odoo import api, fields, models

from ..reading_files import Layout
from ..reading_files.layout import normal

ROLES = [
    ("serial", "Serial number"),
    ("make", "Make"),
    ("moment", "Date"),
    ("meter", "Which meter"),
    ("value", "Value"),
    ("type", "Value of the meter"),
]
DATE_ORDERS = [
    ("dmy", "Day first: 31/01/2026"),
    ("mdy", "Month first: 01/31/2026"),
]
TIME_ZONES = [("company", "Your own"), ("utc", "UTC")]


class MeterReadingImportMapping(models.Model):
    """What the columns of a kind of file mean: shipped, or remembered."""

    _name = "meter.reading.import.mapping"
    _description = "Column Mapping of Reading Imports"
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=100)
    line_ids = fields.One2many(
        "meter.reading.import.mapping.line", "mapping_id", string="Columns", copy=True
    )
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Empty: for all companies."
    )
    fingerprint = fields.Char(
        readonly=True,
        copy=False,
        help="Of the header of the file that it was remembered from: the next file "
        "with this header is read the same way.",
    )
    date_order = fields.Selection(
        DATE_ORDERS,
        help="Of dates that may be read either way. Empty: whoever imports is asked.",
    )
    time_zone = fields.Selection(
        TIME_ZONES,
        required=True,
        default="company",
        string="Times Are",
        help="Where the times of the file are. Days without a time are the same "
        "everywhere.",
    )
    active = fields.Boolean(default=True)

    _fingerprint_uniq = models.UniqueIndex(
        "(company_id, fingerprint) WHERE fingerprint IS NOT NULL",
        "Files with this header have a mapping already.",
    )

    @api.model
    def _get_fingerprint(self, header):
        """Return what files with this header, and no others, have in common."""
        text = "\n".join(normal(title) for title in header)
        return hashlib.sha256(text.encode()).hexdigest()

    def _get_layouts(self):
        """Return ``{id of the mapping: layout}`` of these mappings."""
        return {
            mapping.id: Layout(
                mapping.name,
                {
                    normal(line.header): line._get_role_code()
                    for line in mapping.line_ids
                },
            )
            for mapping in self
        }

    def _get_remembered_roles(self):
        """Return ``{index: role}`` of the columns of the file it was remembered from.

        Their titles do not say it where two columns have the same.
        """
        return {line.position: line._get_role_code() for line in self.line_ids}


class MeterReadingImportMappingLine(models.Model):
    _name = "meter.reading.import.mapping.line"
    _description = "Column of a Mapping"
    _order = "mapping_id, id"

    mapping_id = fields.Many2one(
        "meter.reading.import.mapping", required=True, index=True, ondelete="cascade"
    )
    header = fields.Char(required=True, help="Case and underscores do not matter.")
    position = fields.Integer(
        default=-1, readonly=True, help="Of the column in the file remembered, from 0."
    )
    role = fields.Selection(ROLES, required=True)
    type_id = fields.Many2one("meter.type", domain=[("is_derived", "=", False)])

    _type_given = models.Constraint(
        "CHECK ((role = 'type') = (type_id IS NOT NULL))",
        "Name the meter of each column that holds the value of one.",
    )

    def _get_role_code(self):
        """Return the role as ``reading_files`` knows it."""
        self.ensure_one()
        return self.type_id.code if self.role == "type" else self.role
