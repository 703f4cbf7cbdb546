# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the page of a request shows, and what becomes of what is entered there."""

from odoo import models


class MeterReadingRequest(models.Model):
    _inherit = "meter.reading.request"

    def _get_form_entries(self):
        """Return the devices that are still to be read, see ``_get_entry_devices``."""
        self.ensure_one()
        missing = self.line_ids.filtered(lambda line: not line.is_answered)
        return missing.device_id._get_entry_devices()

    def _take_form(self, form, photos):
        """Store what was entered on the page; what is remarkable is asked first.

        :param dict form: see ``_take_customer_form`` of meter.device
        :param dict photos: ``{device_id: bytes}``
        :return: as there
        """
        self.ensure_one()
        self.submit_count += 1
        devices = self.line_ids.device_id
        by = self.env._("Given by %(contact)s", contact=self.contact_id.display_name)
        result = devices._take_customer_form(form, photos, by)
        if result.get("readings"):
            devices._confirm_readings(result["readings"], self.contact_id)
        return result
