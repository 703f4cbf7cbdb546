# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What accounting takes back in full, billing opens again: once, with its history."""

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestStatementReversal(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = cls._device("SN-1")
        cls.contract = cls._contract([cls._usage(price=0.01)], cls.device)
        cls._read(cls.device, "2026-01-31", mono=500)
        cls._read(cls.device, "2026-02-28", mono=800)
        cls.january = cls._run("2026-01-31", cls.contract).line_ids.statement_id

    def _wizard(self, moves):
        return (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create({"journal_id": moves.journal_id.id})
        )

    def _reverse(self, moves):
        """Return the posted credit notes of invoices."""
        return moves._reverse_moves(cancel=True)

    def test_its_period_is_due_again(self):
        credit_note = self._reverse(self.january.move_ids)
        self.assertEqual(self.january.state, "cancelled")
        self.assertEqual(str(self.contract.next_period_end), "2026-01-31")
        self.assertIn(credit_note.name, self.january.message_ids[0].body)
        again = self._bill(self.contract, "2026-01-31")
        self.assertEqual((again.amount_total, again.line_ids.end_value), (5, 500))
        self.assertEqual(len(self.january.move_ids), 2)  # the history is kept
        self.assertFalse(self._run("2026-01-31", self.contract).line_ids)

    def test_by_an_accountant_who_has_no_access_to_statements(self):
        accountant = self._user("accountant", "account.group_account_invoice")
        self._reverse(self.january.move_ids.with_user(accountant))
        self.assertEqual(self.january.state, "cancelled")

    def test_only_once_the_credit_note_is_posted(self):
        wizard = self._wizard(self.january.move_ids)
        wizard.refund_moves()
        self.assertEqual(self.january.state, "confirmed")
        wizard.new_move_ids.action_post()
        self.assertEqual(self.january.state, "cancelled")

    def test_not_for_a_part(self):
        wizard = self._wizard(self.january.move_ids)
        wizard.refund_moves()
        wizard.new_move_ids.invoice_line_ids.quantity = 100
        wizard.new_move_ids.action_post()
        self.assertEqual(self.january.state, "confirmed")

    def test_not_where_another_invoice_takes_its_place(self):
        """Reverse and create invoice: the same pages on another piece of paper."""
        wizard = self._wizard(self.january.move_ids)
        wizard.modify_moves()
        self.assertEqual(self.january.state, "confirmed")
        replacement = wizard.new_move_ids
        replacement.action_post()
        self.assertEqual(replacement.meter_statement_ids, self.january)
        self.assertEqual(self.january.state, "confirmed")

    def test_a_statement_that_another_one_has_followed_stays(self):
        february = self._bill(self.contract, "2026-02-28")
        self._reverse(self.january.move_ids)
        self.assertEqual(self.january.state, "confirmed")
        activity = self.contract.activity_ids
        self.assertEqual(activity.user_id, self.contract.user_id)
        self.assertIn(self.january.name, activity.summary)
        self.assertIn(february.name, activity.note)
        # Once February is reversed as well, both are open.
        self._reverse(february.move_ids)
        self.assertEqual((self.january + february).mapped("state"), ["cancelled"] * 2)
        again = self._bill(self.contract, "2026-02-28")
        self.assertEqual(again.mapped("amount_total"), [5, 3])

    def test_two_months_at_once(self):
        february = self._bill(self.contract, "2026-02-28")
        self._reverse(self.january.move_ids + february.move_ids)
        self.assertEqual((self.january + february).mapped("state"), ["cancelled"] * 2)
        self.assertFalse(self.contract.activity_ids)

    def test_all_payers_must_be_credited(self):
        self.contract.charge_ids = [
            Command.create(
                {
                    "name": "Base",
                    "kind": "fixed",
                    "amount": 25,
                    "payer_id": self.partner_a.id,
                }
            )
        ]
        february = self._bill(self.contract, "2026-02-28")
        customers, lessors = february.move_ids.sorted("amount_untaxed")
        self._reverse(customers)
        self.assertEqual(february.state, "confirmed")
        self._reverse(lessors)
        self.assertEqual(february.state, "cancelled")

    def test_contracts_that_share_an_invoice(self):
        other_device = self._device("SN-2")
        self._read(other_device, "2026-02-28", mono=100)
        other = self._contract(
            [self._usage(price=0.01)], other_device, start="2026-02-01"
        )
        both = self.contract + other
        both.invoice_grouping = "customer"
        statements = self._run("2026-02-28", both).line_ids.statement_id
        self.assertEqual(len(statements.move_ids), 1)
        self._reverse(statements.move_ids)
        self.assertEqual(statements.mapped("state"), ["cancelled"] * 2)
        self.assertEqual(self.january.state, "confirmed")
        self.assertEqual(
            both.mapped(lambda contract: str(contract.next_period_end)),
            ["2026-02-28"] * 2,
        )

    def test_correction_that_is_reversed_is_due_again(self):
        self.january.line_ids.end_reading_id._correct(400, "Typed it wrong")
        self.contract.action_correct_now()
        correction = self.contract.statement_ids - self.january
        self.assertEqual(correction.move_ids.reversed_entry_id, self.january.move_ids)
        self.assertEqual(self.january.state, "confirmed")
        correction.move_ids._reverse_moves(cancel=True)
        self.assertEqual(correction.state, "cancelled")
        self.assertEqual(str(self.contract.correct_from), "2026-01-01")
        february = self._bill(self.contract, "2026-02-28")
        self.assertEqual(february.charge_ids.mapped("amount"), [-1, 4])

    def test_corrections_that_it_carried_are_due_again(self):
        self.january.line_ids.end_reading_id._correct(400, "Typed it wrong")
        february = self._bill(self.contract, "2026-02-28")
        self.assertEqual(february.charge_ids.mapped("amount"), [-1, 4])
        self._reverse(february.move_ids)
        self.assertEqual(february.state, "cancelled")
        again = self._bill(self.contract, "2026-02-28")
        self.assertEqual(again.charge_ids.mapped("amount"), [-1, 4])

    def test_credit_note_of_all_pages_is_no_reversal(self):
        """What corrected readings come to is charged: by nothing."""
        self.january.line_ids.end_reading_id._correct(0, "Of another device")
        self.contract.action_correct_now()
        self.assertEqual(self.january.move_ids.payment_state, "reversed")
        self.assertEqual(self.january.state, "confirmed")

    # === No way back === #

    def test_credit_note_of_an_opened_period_stays(self):
        credit_note = self._reverse(self.january.move_ids)
        self._bill(self.contract, "2026-01-31")
        with self._refused(UserError, self.january.name, "cancelled"):
            credit_note.button_draft()

    def test_cancelled_invoice_is_not_posted_again(self):
        move = self.january.move_ids
        move.button_draft()
        move.button_cancel()
        self.january.action_cancel()
        move.button_draft()
        with self._refused(UserError, self.january.name, "cancelled"):
            move.action_post()

    def test_two_credit_notes_of_one_invoice_posted_together(self):
        """Odoo would settle the second one with another customer's invoice."""
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        device = self._device("SN-3", partner_id=stranger.id)
        self._read(device, "2026-01-31", mono=900)
        contract = self._contract(
            [self._usage(price=0.01)], device, partner_id=stranger.id
        )
        others = self._bill(contract, "2026-01-31").move_ids
        own = self.january.move_ids
        notes = self.env["account.move"]
        for move in own + own + others:
            note = move._reverse_moves()
            note.invoice_line_ids.quantity = 100
            notes += note
        notes.action_post()
        self.assertAlmostEqual(
            own.amount_residual,
            own.amount_total - sum(notes[:2].mapped("amount_total")),
        )
        self.assertAlmostEqual(
            others.amount_residual, others.amount_total - notes[2].amount_total
        )
