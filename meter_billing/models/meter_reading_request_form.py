# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the page of a request shows, and what becomes of what is entered there."""

from odoo import models


class MeterReadingRequest(models.Model):
    _inherit = "meter.reading.request"

    def _find_unanswered(self):
        """Return the devices that are still to be read."""
        self.ensure_one()
        return self.line_ids.filtered(lambda line: not line.is_answered).device_id

    def _take_form(self, form, photos):
        """Store what was entered on the page; what is remarkable is asked first.

        :param dict form: see ``_take_customer_form`` of meter.device
        :param dict photos: ``{device_id: bytes}``
        :return: as there
        """
        self.ensure_one()
        self.submit_count += 1
        devices = self.line_ids.device_id
        result = devices._take_customer_form(form, photos, self.contact_id)
        if result.get("readings"):
            devices._confirm_readings(result["readings"], self.contact_id)
        return result
