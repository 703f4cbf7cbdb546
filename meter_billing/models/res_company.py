# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

from ..tools import local_date


class ResCompany(models.Model):
    _inherit = "res.company"

    meter_reading_buffer = fields.Integer(
        string="Expected Within (%)",
        default=60,
        help="How far from the usual pages a reading may be, in percent of them.",
    )
    meter_reading_floor = fields.Integer(
        string="Not Below (Pages)",
        default=250,
        help="Differences of fewer pages are never remarkable.",
    )
    meter_accept_wraps = fields.Boolean(
        string="Record Wraps",
        help="A counter of known digits that starts again at 0 is taken as wrapped "
        "without asking.",
    )
    meter_accept_regresses = fields.Boolean(
        string="Record Small Steps Back",
        help="A counter that went back by up to 9 pages, as after a power cut, is "
        "taken as such without asking.",
    )

    _meter_reading_range_positive = models.Constraint(
        "CHECK (meter_reading_buffer > 0 AND meter_reading_floor >= 0)",
        "The expected range of readings needs a positive percentage.",
    )

    def _find_meter_user(self, *users):
        """Return who is to be told of something: an active user, or none.

        A scheduled action has no user of its own who would look at it.

        :param users: res.users records that come first, in this order
        :return: the first of them that can log in, else somebody who bills
        """
        self.ensure_one()
        for user in users:
            if user[:1].active:
                return user[:1]
        # sudo: who may bill is no secret here
        billers = self.env.ref("meter_billing.group_meter_billing_user").sudo()
        return (
            billers.all_user_ids.filtered(
                lambda user: user.active and not user.share and self in user.company_ids
            )
            .sorted("id")[-1:]
            .sudo(False)
        )

    def _get_meter_timezone(self):
        """Return the IANA time zone whose calendar days this company bills by."""
        self.ensure_one()
        # sudo: customers do not read the dealer's contact, but live by its days
        return self.sudo().partner_id.tz or "UTC"

    def _get_meter_lang(self):
        """Return the language of what is written for the dealer, whoever causes it."""
        self.ensure_one()
        # sudo: as above
        return self.sudo().partner_id.lang or "en_US"

    def _meter_today(self):
        """Return today's date where the company is."""
        return local_date(fields.Datetime.now(), self._get_meter_timezone())
