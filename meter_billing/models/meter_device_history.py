# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""All that is known of a device's counters, in the order of time: its history."""

from datetime import datetime, time

from odoo import api, fields, models

#: Months that a history shows at first.
MONTHS_SHOWN = 24


class MeterDevice(models.Model):
    _inherit = "meter.device"

    def action_view_history(self):
        """Open the history of this device's counters."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_history"
        )
        action["context"] = {"active_id": self.id, "active_model": self._name}
        return action

    @api.model
    def history_load(self, device_id, is_all=False):
        """Return readings, events, corrections and bills of a device's counters.

        :param int device_id: a device
        :param bool is_all: all of it, not the last two years
        :return: ``{device, meters: [{id, name}], since, entries: [{key, kind, model,
            id, at, date, meter_id, title, value, pages, state, state_label, by, reason,
            actions}]}``, the newest first; ``kind`` is reading, event, bill or opening;
            dates as ISO text, moments in UTC, values in pages
        :raises AccessError: the user may not read devices, or this one
        """
        device = self.browse(device_id)
        device.check_access("read")
        since = None
        if not is_all:
            today = device.company_id._meter_today()
            since = fields.Date.subtract(today.replace(day=1), months=MONTHS_SHOWN)
        entries = [
            *device._get_history_openings(since),
            *device._get_history_readings(since),
            *device._get_history_events(since),
            *device._get_history_bills(since),
        ]
        entries.sort(key=lambda entry: (entry["at"], entry["key"]))
        self._count_history_pages(entries)
        return {
            "device": device.display_name,
            "meters": [
                {"id": meter.id, "name": meter.type_id.name}
                for meter in device.meter_ids
            ],
            "since": fields.Date.to_string(since) if since else False,
            "entries": entries[::-1],
        }

    def _get_history_openings(self, since):
        """Return with what the counters started, where that is shown."""
        if not self.install_date or (since and self.install_date < since):
            return []
        at = datetime.combine(self.install_date, time())
        return [
            {
                **self._prepare_history_entry("opening", meter, at),
                "date": fields.Date.to_string(self.install_date),
                "meter_id": meter.id,
                "title": self.env._("Installed"),
                "value": meter.opening_value,
            }
            for meter in self.meter_ids
        ]

    def _get_history_readings(self, since):
        domain = [("device_id", "=", self.id)]
        if since:
            domain.append(("date", ">=", since))
        readings = self.env["meter.reading"].search(domain)
        is_biller = self.env.user.has_group("meter_billing.group_meter_billing_user")
        fields_get = readings._fields
        sources = dict(fields_get["source"]._description_selection(self.env))
        states = dict(fields_get["state"]._description_selection(self.env))
        Decision = self.env["meter.reading.decision"]
        decisions = Decision.browse()
        if Decision.has_access("read"):
            decisions = Decision.search([("reading_id", "in", readings.ids)])
        last_decision = {one.reading_id.id: one for one in decisions.sorted("id")}
        entries = []
        for reading in readings:
            decision = last_decision.get(reading.id)
            title = self.env._("Reading")
            if reading.kind == "estimated":
                title = self.env._("Estimate")
            elif reading.source == "correction":
                title = self.env._("Correction")
            entries.append(
                {
                    **self._prepare_history_entry("reading", reading, reading.read_at),
                    "date": fields.Date.to_string(reading.date),
                    "meter_id": reading.meter_id.id,
                    "title": title,
                    "value": reading.value,
                    "state": reading.state,
                    "state_label": states[reading.state],
                    "is_estimate": reading.kind == "estimated",
                    "by": f"{sources[reading.source]}, {reading.create_uid.name}",
                    "reason": reading.reason or reading.note or "",
                    "decision": decision
                    and self.env._(
                        "%(user)s: %(reason)s",
                        user=decision.create_uid.name,
                        reason=decision.reason,
                    )
                    or "",
                    "actions": is_biller and self._get_history_actions(reading) or [],
                }
            )
        return entries

    @api.model
    def _get_history_actions(self, reading):
        """Return what can be done about a reading: (method, label)."""
        actions = []
        if reading.state == "hold":
            actions.append(
                ("action_what_happened", self.env._("What Happened?"))
                if reading.is_lower
                else ("action_accept", self.env._("Accept"))
            )
        if reading.state != "superseded":
            actions.append(("action_correct", self.env._("Correct")))
        if reading.state == "hold":
            actions.append(("action_reject", self.env._("Reject")))
        elif reading.state == "valid":
            actions.append(("action_reject", self.env._("Invalidate")))
        return actions

    def _get_history_events(self, since):
        domain = [("device_id", "=", self.id)]
        if since:
            domain.append(("date", ">=", since))
        events = self.env["meter.event"].search(domain)
        kinds = dict(events._fields["kind"]._description_selection(self.env))
        return [
            {
                **self._prepare_history_entry("event", event, event.happened_at),
                "date": fields.Date.to_string(event.date),
                "meter_id": event.meter_id.id,
                "title": kinds[event.kind],
                "value": event.opening_value,
                "closing_value": event.closing_value,
                "by": event.create_uid.name,
                "reason": event.reason,
            }
            for event in events
        ]

    def _get_history_bills(self, since):
        Line = self.env["meter.statement.line"]
        if not Line.has_access("read"):  # a technician
            return []
        domain = [
            ("device_id", "=", self.id),
            ("meter_id", "!=", False),
            ("state", "=", "confirmed"),
        ]
        if since:
            domain.append(("date_to", ">=", since))
        seen, entries = set(), []
        for line in Line.search(domain):
            # Pages that two charges price were billed of one interval.
            key = (line.statement_id.id, line.meter_id.id, line.end_value)
            if key in seen:
                continue
            seen.add(key)
            at = datetime.combine(line.date_to, time(23, 59, 59))
            entries.append(
                {
                    **self._prepare_history_entry("bill", line.statement_id, at),
                    "key": f"bill-{line.id}",
                    "date": fields.Date.to_string(line.date_to),
                    "meter_id": line.meter_id.id,
                    "title": self.env._(
                        "Billed: %(statement)s", statement=line.statement_id.name
                    ),
                    "value": line.end_value,
                    "pages": line.pages,
                    "is_estimate": line.is_estimated,
                    "reason": line.corrected_statement_id
                    and self.env._(
                        "Difference to %(statement)s",
                        statement=line.corrected_statement_id.name,
                    )
                    or "",
                }
            )
        return entries

    @api.model
    def _prepare_history_entry(self, kind, record, at):
        return {
            "key": f"{kind}-{record.id}",
            "kind": kind,
            "model": record._name,
            "id": record.id,
            "at": fields.Datetime.to_string(at),
            "pages": False,
            "state": "",
            "state_label": "",
            "is_estimate": False,
            "by": "",
            "reason": "",
            "decision": "",
            "actions": [],
        }

    @api.model
    def _count_history_pages(self, entries):
        """Add the pages since the valid reading before, across events.

        :param entries: the oldest first
        """
        before = {}  # meter: (value to count from, pages counted before an event)
        for entry in entries:
            meter_id = entry["meter_id"]
            value, carried = before.get(meter_id, (None, 0))
            if entry["kind"] == "event" and value is not None:
                before[meter_id] = (
                    entry["value"],
                    carried + entry["closing_value"] - value,
                )
            elif entry["kind"] == "opening":
                before[meter_id] = (entry["value"], 0)
            elif entry["kind"] == "reading" and entry["state"] == "valid":
                if value is not None:
                    entry["pages"] = entry["value"] - value + carried
                before[meter_id] = (entry["value"], 0)


class MeterReading(models.Model):
    _inherit = "meter.reading"

    def action_view_history(self):
        """Open the history of the device that this is a reading of."""
        self.ensure_one()
        return self.device_id.action_view_history()
