# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.tools import SQL

from ..fields import Pages
from ..models.meter_reading import SOURCES


class MeterUsageReport(models.Model):
    """Pages by month and whatever one asks by: what the usage analysis shows."""

    _name = "meter.usage.report"
    _description = "Usage Analysis"
    _auto = False
    _order = "month desc, id desc"
    _rec_name = "device_id"

    month = fields.Date(
        readonly=True,
        help="Pages between two readings are spread evenly over the days between them.",
    )
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    location_id = fields.Many2one(
        "res.partner",
        string="Site",
        readonly=True,
        help="Where the device stands now; empty for pages of an earlier customer.",
    )
    device_id = fields.Many2one("meter.device", readonly=True)
    model_id = fields.Many2one(
        "meter.device.model", string="Device Model", readonly=True
    )
    manufacturer_id = fields.Many2one("meter.manufacturer", readonly=True)
    meter_id = fields.Many2one("meter.meter", readonly=True)
    type_id = fields.Many2one("meter.type", string="Meter Type", readonly=True)
    source = fields.Selection(SOURCES, readonly=True)
    kind = fields.Selection(
        [("actual", "Actual"), ("estimated", "Estimated")], readonly=True
    )
    counts_pages = fields.Boolean(
        string="Counts Once",
        readonly=True,
        help="Mono and colour, or the total where the device does not have both: "
        "added up they are what was printed.",
    )
    pages = Pages(readonly=True)
    days = fields.Integer(
        readonly=True,
        help="Days of the month between the readings.",
        aggregator="sum",
    )
    reading_count = fields.Integer(string="Readings", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT usage.id, usage.month, usage.company_id, usage.partner_id,
                   CASE WHEN device.commercial_partner_id = usage.partner_id
                        THEN device.location_id END AS location_id,
                   usage.device_id, device.model_id, device.manufacturer_id,
                   usage.meter_id, meter.type_id, usage.source, usage.kind,
                   meter.counts_pages, usage.pages, usage.days, usage.reading_count
              FROM meter_usage usage
              JOIN meter_meter meter ON meter.id = usage.meter_id
              JOIN meter_device device ON device.id = usage.device_id
            """
        )

    def action_view_readings(self):
        """Open the readings that these pages lie between, the last one on top."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_reading"
        )
        domain = [("meter_id", "=", self.meter_id.id)]
        # What is spread over this month may be closed by a reading of a later one.
        closing = self.env["meter.reading"].search(
            [
                *domain,
                ("state", "=", "valid"),
                ("date", ">=", fields.Date.add(self.month, months=1)),
            ],
            order="date, read_at, id",
            limit=1,
        )
        last = closing.date or fields.Date.end_of(self.month, "month")
        action["domain"] = [*domain, ("date", "<=", last)]
        action["context"] = {}
        return action
