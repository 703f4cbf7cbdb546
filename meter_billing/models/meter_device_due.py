# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..plan import due_on_or_after

# Days ahead that a reading is due soon.
SOON = 7


class MeterDevice(models.Model):
    _inherit = "meter.device"

    is_due_soon = fields.Boolean(
        compute="_compute_is_due_soon",
        search="_search_is_due_soon",
        string="Reading Due Soon",
        help="By its plan a reading is due within seven days, today included.",
    )

    def _compute_is_due_soon(self):
        soon = self._find_due_soon()
        for device in self:
            device.is_due_soon = device.id in soon

    @api.model
    def _search_is_due_soon(self, operator, value):
        if operator != "in":
            return NotImplemented
        installed = self.search(
            [
                ("company_id", "in", self.env.companies.ids),
                ("state", "=", "installed"),
            ]
        )
        return [("id", "in", list(installed._find_due_soon()))]

    def _find_due_soon(self):
        """Return the ids of these devices that are to be read within seven days."""
        found = set()
        for company, devices in self.grouped("company_id").items():
            today = company._meter_today()
            last = fields.Date.add(today, days=SOON)
            found.update(
                device_id
                for device_id, plan in devices._get_reading_plans().items()
                if due_on_or_after(*plan, today) <= last
            )
        return found
