# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Devices whose reading is due, by their plan, and not there."""

from odoo import api, fields, models

from ..plan import due_before, due_on_or_after, earliest_answer

# Days ahead that a reading is due soon.
SOON = 7


class MeterDevice(models.Model):
    _inherit = "meter.device"

    is_unread = fields.Boolean(
        compute="_compute_unread_since",
        search="_search_is_unread",
        string="Reading Overdue",
    )
    unread_since = fields.Date(
        compute="_compute_unread_since",
        string="Reading Due Since",
        help="The last day that a reading was due, where none has come.",
    )

    is_due_soon = fields.Boolean(
        compute="_compute_is_due_soon",
        search="_search_is_due_soon",
        string="Reading Due Soon",
        help="A reading is due within the next seven days, today included.",
    )

    has_reading_plan = fields.Boolean(
        compute="_compute_has_reading_plan",
        search="_search_has_reading_plan",
        string="Read by a Plan",
    )

    def _compute_unread_since(self):
        unread = self._find_overdue()
        for device in self:
            device.unread_since = unread.get(device.id, False)
            device.is_unread = device.id in unread

    @api.model
    def _search_is_unread(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("id", "in", list(self._get_installed()._find_overdue()))]

    def _compute_is_due_soon(self):
        soon = self._find_due_soon()
        for device in self:
            device.is_due_soon = device.id in soon

    @api.model
    def _search_is_due_soon(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("id", "in", list(self._get_installed()._find_due_soon()))]

    def _compute_has_reading_plan(self):
        plans = self._get_reading_plans()
        for device in self:
            device.has_reading_plan = device.id in plans

    @api.model
    def _search_has_reading_plan(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("id", "in", list(self._get_installed()._get_reading_plans()))]

    @api.model
    def _get_installed(self):
        """Return the installed devices of the user's companies."""
        return self.search(
            [
                ("company_id", "in", self.env.companies.ids),
                ("state", "=", "installed"),
            ]
        )

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

    def _find_overdue(self):
        """Return ``{device_id: the day}`` of these devices that should have been read.

        The last due day that has passed; it is answered as early as requests ask.
        """
        unread = {}
        for company, devices in self.grouped("company_id").items():
            today = company._meter_today()
            lead = max(-min(company._get_meter_rounds()), 0)
            installed = {device.id: device.install_date for device in devices}
            due, since = {}, {}
            for device_id, (plan, day) in devices._get_reading_plans().items():
                last = due_before(plan, day, today)
                if last >= installed[device_id]:
                    due[device_id] = last
                    ahead = earliest_answer(plan, lead)
                    since[device_id] = fields.Date.subtract(last, days=ahead)
            unread.update((key, due[key]) for key in self._find_unread(since))
        return unread
