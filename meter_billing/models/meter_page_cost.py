# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

from ..fields import ClickPrice


class MeterPageCost(models.Model):
    """What a page of a model costs the dealer: toner, parts and service."""

    _name = "meter.page.cost"
    _description = "Cost of a Page"
    _order = "model_id, type_id, date_from desc, id"
    _rec_name = "model_id"

    model_id = fields.Many2one(
        "meter.device.model", required=True, index=True, ondelete="cascade"
    )
    type_id = fields.Many2one(
        "meter.type",
        string="Meter Type",
        required=True,
        domain=[("is_derived", "=", False)],
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    cost = ClickPrice(
        string="Cost per Page",
        required=True,
        help="Toner, parts and service, in the company's currency.",
    )
    date_from = fields.Date(
        string="From",
        help="Counts from the month of this day on. Empty: from the beginning.",
    )

    beside_booked = fields.Boolean(
        string="Beside Booked Costs",
        help="Counts also where costs are booked on the device's analytic account: for "
        "what is not booked there, for example toner where service is.",
    )

    _cost_uniq = models.UniqueIndex(
        "(company_id, model_id, type_id, coalesce(date_from, '0001-01-01'))",
        "This model has a cost for that meter type and day already.",
    )
    _not_negative = models.Constraint(
        "CHECK (cost >= 0)", "The cost of a page cannot be negative."
    )


class MeterDeviceModel(models.Model):
    _inherit = "meter.device.model"

    cost_ids = fields.One2many("meter.page.cost", "model_id", string="Costs of Pages")
