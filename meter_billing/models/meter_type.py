# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class MeterType(models.Model):
    """What a meter counts: mono, colour, total, scan, A3 or the dealer's own."""

    _name = "meter.type"
    _description = "Meter Type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        help="Short name used by imports and interfaces, e.g. mono or colour.",
    )
    other_names = fields.Char(
        string="Also Called",
        help="Other names of it in mails and files, separated by semicolons, e.g. "
        "102: Total 2; Clicks. They come before those that are known anyway.",
    )
    category = fields.Selection(
        [
            ("mono", "Mono"),
            ("colour", "Colour"),
            ("total", "Total"),
            ("scan", "Scan"),
            ("fax", "Fax"),
            ("other", "Other"),
        ],
        required=True,
        default="other",
        help="What the pages are. Groups meters in reports and checks.",
    )
    weight = fields.Float(
        digits=(16, 6),
        default=1.0,
        required=True,
        help="What one page counts for in prices, allowances and minimums, e.g. 2 "
        "where an A3 page is charged as two pages.",
    )
    add_type_ids = fields.Many2many(
        "meter.type",
        "meter_type_add_rel",
        "type_id",
        "add_type_id",
        string="Adds",
        help="A derived meter is never read: its pages are those of these meters, "
        "less those of the meters that it subtracts.",
    )
    subtract_type_ids = fields.Many2many(
        "meter.type",
        "meter_type_subtract_rel",
        "type_id",
        "subtract_type_id",
        string="Subtracts",
    )
    is_derived = fields.Boolean(
        compute="_compute_is_derived", store=True, string="Derived"
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_uniq = models.UniqueIndex(
        "(lower(code))", "Another meter type has this code already."
    )
    _weight_positive = models.Constraint(
        "CHECK (weight > 0)", "The weight of a meter type must be above 0."
    )

    @api.depends("add_type_ids")
    def _compute_is_derived(self):
        for meter_type in self:
            meter_type.is_derived = bool(meter_type.add_type_ids)

    @api.constrains("add_type_ids", "subtract_type_ids")
    def _check_derivation(self):
        for meter_type in self:
            if meter_type.subtract_type_ids and not meter_type.add_type_ids:
                raise ValidationError(
                    self.env._(
                        "Meter type %(name)s subtracts meters but adds none. Name "
                        "the meters that it is derived from.",
                        name=meter_type.name,
                    )
                )
            if meter_type in meter_type._get_source_types():
                raise ValidationError(
                    self.env._(
                        "Meter type %(name)s is derived from itself.",
                        name=meter_type.name,
                    )
                )
        derived = self.filtered("add_type_ids")
        read = self.env["meter.meter"].search([("type_id", "in", derived.ids)], limit=1)
        if read:
            raise ValidationError(
                self.env._(
                    "Meter type %(name)s is read on devices: it cannot become a "
                    "derived one.",
                    name=read.type_id.name,
                )
            )

    def write(self, vals):
        if {"weight", "add_type_ids", "subtract_type_ids"} & set(vals):
            self._check_not_billed()
        return super().write(vals)

    def _check_not_billed(self):
        """Raise where pages of these types were billed: they are rated again as then.

        :raises UserError: naming the type
        """
        # sudo: a bill in any company binds
        billed = (
            self.env["meter.statement.line"]
            .sudo()
            .search([("type_id", "in", self.ids), ("state", "=", "confirmed")], limit=1)
        )
        if billed:
            raise UserError(
                self.env._(
                    "Pages of meter type %(name)s have been billed: its weight and "
                    "what it is derived from stay. Create a new meter type.",
                    name=billed.type_id.name,
                )
            )

    def _get_own_names(self):
        """Return the names that the dealer knows this meter by, besides its own."""
        self.ensure_one()
        names = (name.strip() for name in (self.other_names or "").split(";"))
        return [name for name in names if name]

    def _get_source_types(self):
        """Return every type that these ones are derived from, directly or not."""
        sources = self.env["meter.type"]
        pending = self
        while pending:
            found = pending.add_type_ids | pending.subtract_type_ids
            pending = found - sources
            sources |= found
        return sources

    def _get_read_types(self):
        """Return the types that have to be read on a device to know these ones."""
        return (self | self._get_source_types()).filtered(lambda t: not t.is_derived)
