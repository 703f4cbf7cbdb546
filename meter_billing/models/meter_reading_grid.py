# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Server side of "Update meters": one grid of all meters of a customer's devices."""

from odoo import api, fields, models


class MeterReading(models.Model):
    _inherit = "meter.reading"

    @api.model
    def grid_load(self, partner_id):
        """Return what the grid of one customer shows.

        :param int partner_id: a customer, or one of its addresses
        :return: ``{partner, date, types: [{id, name, category}], devices: [{id, serial,
            model, location, place, meters: {type_id: {id, last_value, last_date,
            expected}}}]}``; dates as ISO text, values in pages; expected as in
            :meth:`grid_expected`
        :raises AccessError: the user may not read devices, or this partner
        """
        partner = self.env["res.partner"].browse(partner_id)
        partner.check_access("read")
        devices = self.env["meter.device"].search(
            [
                ("commercial_partner_id", "=", partner.commercial_partner_id.id),
                ("state", "=", "installed"),
            ]
        )
        meters = devices.meter_ids
        today = self.env.company._meter_today()
        expected = self._get_expected(meters, today)
        return {
            "partner": partner.commercial_partner_id.display_name,
            "date": fields.Date.to_string(today),
            "types": [
                {"id": kind.id, "name": kind.name, "category": kind.category}
                for kind in meters.type_id.sorted(lambda t: (t.sequence, t.id))
            ],
            "devices": [
                {
                    "id": device.id,
                    "serial": device.serial_number,
                    "model": device.model_id.display_name,
                    "location": device.location_id.display_name or "",
                    "place": device.place or "",
                    "meters": {
                        meter.type_id.id: {
                            "id": meter.id,
                            "last_value": meter.last_value,
                            "last_date": fields.Date.to_string(meter.last_reading_date),
                            "expected": expected[meter.id] or False,
                        }
                        for meter in device.meter_ids
                    },
                }
                for device in devices
            ],
        }

    @api.model
    def grid_expected(self, date, meter_ids):
        """Return between which values readings of a day are expected to lie.

        :param str date: ISO day of the readings
        :param meter_ids: ids of meter.meter records
        :return: ``{meter_id: [lowest, highest], or False where it is not known}``
        :raises AccessError: the user may not read these meters
        """
        expected = self._get_expected(
            self.env["meter.meter"].browse(meter_ids), fields.Date.to_date(date)
        )
        return {meter_id: values or False for meter_id, values in expected.items()}

    @api.model
    def grid_save(self, date, values):
        """Store the readings of a grid: all of them, or none where one is refused.

        :param str date: ISO day on which the meters were read
        :param values: list of ``{meter_id, value}``, value as it was typed
        :return: ``{saved: int, errors: {meter_id: message}, notes: {meter_id:
            message}}``; notes are for readings on hold or there already
        :raises AccessError: the user may not enter readings
        """
        self.check_access("create")
        try:
            day = fields.Date.to_date(date)
        except ValueError:
            day = None  # each row says so
        rows = [
            {"meter_id": item["meter_id"], "date": day, "value": item["value"]}
            for item in values
        ]
        # What a technician reads waits for a billing user, wherever it is entered.
        source = self._get_manual_source()
        source = "grid" if source == "manual" else source
        rows, verdicts = self._judge(rows, source)
        errors = self._grid_messages(rows, verdicts, ("refused",))
        if errors:
            return {"saved": 0, "errors": errors, "notes": {}}
        verdicts = self._store(rows, verdicts, source)
        return {
            "saved": sum(v["status"] in ("created", "hold") for v in verdicts),
            "errors": {},
            "notes": self._grid_messages(rows, verdicts, ("hold", "duplicate")),
        }

    @api.model
    def _grid_messages(self, rows, verdicts, statuses):
        messages = {}
        for row, verdict in zip(rows, verdicts, strict=True):
            status, message = verdict["status"], verdict["message"]
            if status == "hold":
                message = self.env._("Saved, but on hold. %(reason)s", reason=message)
            if status in statuses:
                messages[row["meter_id"]] = message
        return messages
