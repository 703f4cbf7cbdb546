# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    def _get_alerts(self, moves, moves_data):
        """Whether a partner has a Peppol address is no secret, unlike which."""
        if self.env["res.partner"]._sees_sensitive():
            return super()._get_alerts(moves, moves_data)
        moves.check_access("read")
        # sudo: only tells what is missing, of invoices that the user may read
        return super()._get_alerts(moves.sudo(), moves_data)
