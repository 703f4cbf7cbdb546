# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where events are seen and recorded: on readings on hold, meters and devices."""

from odoo import api, fields, models


class MeterReading(models.Model):
    _inherit = "meter.reading"

    is_lower = fields.Boolean(
        compute="_compute_is_lower",
        help="On hold, and lower than the reading before it.",
    )

    @api.depends("state", "value", "meter_id")
    def _compute_is_lower(self):
        held = self.filtered(lambda reading: reading.state == "hold")
        timelines = self._get_timelines(
            [
                {"meter_id": reading.meter_id.id, "read_at": reading.read_at}
                for reading in held
            ]
        )
        for reading in self:
            before = None
            if reading in held:
                meter = timelines[reading.meter_id.id]
                before = meter.timeline.around(reading.read_at, meter.opening)[0]
            reading.is_lower = before is not None and reading.value < before

    def action_what_happened(self):
        """Open the form that explains a reading lower than the one before it."""
        self.ensure_one()
        return self.meter_id._open_event_entry(self)


class MeterMeter(models.Model):
    _inherit = "meter.meter"

    event_ids = fields.One2many("meter.event", "meter_id")

    def action_what_happened(self):
        """Open the form that records an event of this meter."""
        self.ensure_one()
        return self._open_event_entry(self.env["meter.reading"])

    def _open_event_entry(self, reading):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What Happened to %(meter)s?", meter=self.display_name),
            "res_model": "meter.event.entry",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_meter_id": self.id,
                "default_reading_id": reading.id,
            },
        }

    def action_view_events(self):
        """Open this meter's events."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_event"
        )
        action["domain"] = [("meter_id", "=", self.id)]
        return action

    def _get_values_around(self, moment):
        """Return the actual values before and after a moment, None where there is none.

        After an event the counter goes on from its opening value.

        :param datetime moment: naive UTC
        """
        self.ensure_one()
        row = {"meter_id": self.id, "read_at": moment}
        meter = self.env["meter.reading"]._get_timelines([row])[self.id]
        return meter.timeline.around(moment, meter.opening)

    def _get_reading_before(self, moment):
        """Return the last valid actual reading before a moment."""
        self.ensure_one()
        return self.env["meter.reading"].search(
            [
                ("meter_id", "=", self.id),
                ("state", "=", "valid"),
                ("kind", "=", "actual"),
                ("read_at", "<", moment),
            ],
            order="read_at desc, id desc",
            limit=1,
        )


class MeterDevice(models.Model):
    _inherit = "meter.device"

    event_count = fields.Integer(compute="_compute_event_count", string="Events")

    def _compute_event_count(self):
        counts = dict(
            self.env["meter.event"]._read_group(
                [("device_id", "in", self.ids)], ["device_id"], ["__count"]
            )
        )
        for device in self:
            device.event_count = counts.get(device, 0)

    def action_view_events(self):
        """Open the events of this device's meters."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_event"
        )
        action["domain"] = [("device_id", "=", self.id)]
        return action
