# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def reverse_moves(self, is_modify=False):
        """Keep a statement where another invoice takes the reversed one's place."""
        if is_modify:
            self = self.with_context(meter_statement_keep=True)
        return super().reverse_moves(is_modify)
