# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models
from odoo.exceptions import UserError


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_who_gave_readings(self):
        # sudo: readings of any company
        given = (
            self.env["meter.reading"]
            .sudo()
            .search(
                ["|", ("create_uid", "in", self.ids), ("write_uid", "in", self.ids)],
                limit=1,
            )
        )
        if given:
            raise UserError(
                self.env._(
                    "%(user)s gave readings or decided about them, and stays in their "
                    "history. Archive the user instead.",
                    user=(given.create_uid | given.write_uid)
                    .filtered(lambda user: user in self)
                    .display_name,
                )
            )
