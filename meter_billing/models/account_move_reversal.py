# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Statements follow what accounting does with their invoices."""

from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        """Post, and open the periods again that credit notes took back in full."""
        posted = super()._post(soft)
        posted._check_cancelled_statements()
        credit_notes = posted.filtered("reversed_entry_id")
        if credit_notes and not self.env.context.get("meter_statement_keep"):
            # sudo: who may reverse an invoice decides that its period is billed anew,
            # with or without access to statements.
            charges = credit_notes.sudo().invoice_line_ids.meter_statement_charge_id
            charges.statement_id._follow_reversal(credit_notes.sudo())
        return posted

    def button_draft(self):
        result = super().button_draft()
        self._check_cancelled_statements()
        return result

    def _check_cancelled_statements(self):
        """Raise where posted documents charge a cancelled statement after all.

        Its period is open, or billed by another statement already.
        """
        # sudo: the rule binds accountants without access to statements as well
        charges = (
            self.env["meter.statement.charge"]
            .sudo()
            .search(
                [
                    ("move_line_ids.move_id", "in", self.ids),
                    ("statement_id.state", "=", "cancelled"),
                ]
            )
        )
        for charge in charges:
            lines = charge.move_line_ids.filtered(
                lambda line: line.parent_state == "posted"
            )
            if not charge.currency_id.is_zero(sum(lines.mapped("amount_currency"))):
                raise UserError(
                    self.env._(
                        "%(statement)s was cancelled: its period is billed by another "
                        "statement. %(moves)s cannot charge it once more.",
                        statement=charge.statement_id.name,
                        moves=", ".join(self.mapped("display_name")),
                    )
                )

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """Settle each credit note with its own invoice.

        Two credit notes of one invoice, posted together, come here with the invoice
        once: Odoo pairs the two lists as they are.
        """
        if len(self) == len(reverse_moves):
            return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)
        for reverse in reverse_moves:
            super(AccountMove, reverse.reversed_entry_id)._reconcile_reversed_moves(
                reverse, move_reverse_cancel
            )
        return reverse_moves
