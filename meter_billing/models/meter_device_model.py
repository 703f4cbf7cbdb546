# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class MeterDeviceModel(models.Model):
    _name = "meter.device.model"
    _description = "Device Model"
    _order = "manufacturer_id, name"
    _rec_names_search = ["name", "manufacturer_id.name"]

    name = fields.Char(required=True)
    manufacturer_id = fields.Many2one(
        "meter.manufacturer", required=True, index=True, ondelete="restrict"
    )
    colour_mode = fields.Selection(
        [("mono", "Mono"), ("colour", "Colour")], required=True, default="mono"
    )
    meter_type_ids = fields.Many2many(
        "meter.type",
        string="Meters",
        domain=[("is_derived", "=", False)],
        compute="_compute_meter_type_ids",
        store=True,
        readonly=False,
        precompute=True,
        help="The meters that a new device of this model gets.",
    )
    rated_monthly_volume = fields.Integer(
        help="Pages a month that the manufacturer builds the device for."
    )
    pages_per_minute = fields.Integer()
    reading_buffer = fields.Integer(
        string="Expected Within (%)",
        help="How far a reading may be from the usual pages. 0: as the company says.",
    )
    reading_floor = fields.Integer(
        string="Not Below (Pages)",
        help="Differences of fewer pages are never remarkable. 0: as the company says.",
    )
    device_count = fields.Integer(compute="_compute_device_count", string="Devices")
    active = fields.Boolean(default=True)

    _name_uniq = models.UniqueIndex(
        "(manufacturer_id, lower(name))", "This manufacturer has this model already."
    )
    _volume_positive = models.Constraint(
        "CHECK (rated_monthly_volume >= 0 AND pages_per_minute >= 0)",
        "Rated volume and pages per minute cannot be negative.",
    )
    _reading_range_positive = models.Constraint(
        "CHECK (reading_buffer >= 0 AND reading_floor >= 0)",
        "Percent and pages of the expected range cannot be negative.",
    )

    @api.depends("colour_mode")
    def _compute_meter_type_ids(self):
        read_types = self.env["meter.type"].search([("is_derived", "=", False)])
        by_category = read_types.grouped("category")
        for model in self:
            categories = ["mono"] + (
                ["colour"] if model.colour_mode == "colour" else []
            )
            # The first of each kind: further mono types (A3 …) are a choice.
            model.meter_type_ids = self.env["meter.type"].union(
                *(by_category[c][:1] for c in categories if c in by_category)
            )

    @api.depends("name", "manufacturer_id.name")
    def _compute_display_name(self):
        for model in self:
            parts = (model.manufacturer_id.name, model.name)
            model.display_name = " ".join(part for part in parts if part)

    def _compute_device_count(self):
        counts = dict(
            self.env["meter.device"]._read_group(
                [("model_id", "in", self.ids)], ["model_id"], ["__count"]
            )
        )
        for model in self:
            model.device_count = counts.get(model, 0)
