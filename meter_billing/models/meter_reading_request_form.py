# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the page of a request shows, and what becomes of what is entered there."""

from odoo import models

LONGEST_NOTE = 500


class MeterReadingRequest(models.Model):
    _inherit = "meter.reading.request"

    def _get_form_devices(self):
        """Return the devices and meters of the page, with what was read last.

        :return: list of ``{device, is_answered, meters: [{id, name, value, date}]}``
        """
        self.ensure_one()
        return [
            {
                "device": line.device_id,
                "is_answered": line.is_answered,
                "meters": [
                    {
                        "id": meter.id,
                        "name": meter.type_id.name,
                        "value": meter.last_value,
                        "date": meter.last_reading_date,
                    }
                    for meter in line.device_id.meter_ids
                ],
            }
            for line in self.line_ids
        ]

    def _take_form(self, form):
        """Store what was entered on the page; what is remarkable is asked first.

        :param dict form: ``meter_ID`` (text as typed), ``note``, ``confirmed``
        :return: ``{saved, errors, warnings, held, values, note}``: messages by id of
            the meter, and what was typed where it has to be looked at again
        """
        self.ensure_one()
        self.submit_count += 1
        Reading = self.env["meter.reading"]
        today = self.company_id._meter_today()
        # Only meters of this request: what else a form names is not looked at.
        typed = {
            meter: (form.get(f"meter_{meter.id}") or "").strip()
            for meter in self.line_ids.device_id.meter_ids
        }
        note = (form.get("note") or "").strip()[:LONGEST_NOTE]
        rows = [
            {
                "meter_id": meter.id,
                "date": today,
                "value": value,
                "remark": self._get_remark(note),
            }
            for meter, value in typed.items()
            if value
        ]
        if not rows:
            return {"empty": True}
        rows, verdicts = Reading._judge(rows, "portal")
        by_status = {}
        for row, verdict in zip(rows, verdicts, strict=True):
            if verdict["message"]:
                messages = by_status.setdefault(verdict["status"], {})
                messages[row["meter_id"]] = verdict["message"]
        remarkable = {**by_status.get("created", {}), **by_status.get("hold", {})}
        again = {
            "values": {meter.id: value for meter, value in typed.items()},
            "note": note,
        }
        if by_status.get("refused"):
            return {**again, "errors": by_status["refused"], "warnings": remarkable}
        if remarkable and not form.get("confirmed"):
            return {**again, "warnings": remarkable, "is_asked": True}
        stored = Reading._store(rows, verdicts, "portal")
        return {
            "saved": sum(v["status"] in ("created", "hold") for v in stored),
            "held": by_status.get("hold", {}),
            "there": by_status.get("duplicate", {}),
        }

    def _get_remark(self, note):
        """Return what a reading says about who gave it."""
        by = self.env._("Given by %(contact)s", contact=self.contact_id.display_name)
        return f"{by}: {note}" if note else by
