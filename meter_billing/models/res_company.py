# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

from ..tools import local_date


class ResCompany(models.Model):
    _inherit = "res.company"

    def _get_meter_timezone(self):
        """Return the IANA time zone whose calendar days this company bills by."""
        self.ensure_one()
        return self.partner_id.tz or "UTC"

    def _meter_today(self):
        """Return today's date where the company is."""
        return local_date(fields.Datetime.now(), self._get_meter_timezone())
