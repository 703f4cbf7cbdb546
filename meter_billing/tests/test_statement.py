# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Statements: one a period, never edited, cancelled on purpose only."""

from psycopg2.errors import ExclusionViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestStatement(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = cls._device("SN-1", opening={"mono": 1000})
        cls.contract = cls._contract([cls._usage(price=0.01)], cls.device)
        cls._read(cls.device, "2026-01-31", mono=1500)
        cls._read(cls.device, "2026-02-28", mono=1800)
        cls.statement = cls._run("2026-01-31", cls.contract).line_ids.statement_id
        cls.move = cls.statement.move_ids

    def _reverse(self, move, **values):
        """Return the credit note of an invoice, made by Odoo's own wizard."""
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id, **values})
        )
        wizard.refund_moves()
        return wizard.new_move_ids

    # === Nothing changes === #

    def test_cannot_be_written(self):
        for record, vals in (
            (self.statement, {"amount_total": 1}),
            (self.statement, {"date_to": "2026-02-15"}),
            (self.statement, {"rating_states": {}}),
            (self.statement, {"line_ids": [(5,)]}),
            (self.statement, {"state": "cancelled"}),
            (self.statement.line_ids, {"amount": 1}),
            (self.statement.line_ids, {"state": "cancelled"}),
            (self.statement.line_ids, {"partner_id": self.partner_a.id}),
            (self.statement.charge_ids, {"amount": 1}),
        ):
            for written in (record, record.sudo()):
                with self.subTest(vals=vals), self._refused(UserError):
                    written.write(vals)

    def test_no_context_lets_it_be_written(self):
        with self._refused(UserError, "Use Cancel"):
            self.statement.with_context(meter_statement_cancel=True).write(
                {"state": "cancelled"}
            )

    def test_cannot_be_deleted_or_copied(self):
        for record in (
            self.statement,
            self.statement.line_ids,
            self.statement.charge_ids,
        ):
            with self._refused(AccessError):
                record.unlink()
            with self._refused(UserError, "never deleted"):
                record.sudo().unlink()
        with self._refused(UserError, "cannot be duplicated"):
            self.statement.copy()

    def test_one_a_contract_and_period(self):
        for date_from, date_to in (
            ("2026-01-01", "2026-01-31"),
            ("2026-01-31", "2026-02-28"),
            ("2025-12-01", "2026-01-01"),
            ("2026-01-10", "2026-01-11"),
        ):
            with (
                self.subTest(date_from=date_from),
                mute_logger("odoo.sql_db"),
                self.assertRaises(ExclusionViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(
                    """INSERT INTO meter_statement
                              (name, contract_id, company_id, partner_id, currency_id,
                               kind, date_from, date_to, state)
                       SELECT 'twice', contract_id, company_id, partner_id, currency_id,
                              kind, %s, %s, state
                         FROM meter_statement WHERE id = %s""",
                    [date_from, date_to, self.statement.id],
                )

    # === Statement and invoice know each other === #

    def test_linked_both_ways(self):
        self.assertEqual(self.move.meter_statement_ids, self.statement)
        self.assertEqual(self.move.meter_statement_count, 1)
        self.assertEqual(self.statement.invoice_count, 1)
        self.assertEqual(
            self.move.invoice_line_ids.meter_statement_charge_id,
            self.statement.charge_ids,
        )
        self.assertIn(self.statement.name, self.move.invoice_origin)

    def test_credit_note_keeps_the_statement(self):
        credit_note = self._reverse(self.move)
        self.assertEqual(credit_note.move_type, "out_refund")
        self.assertEqual(credit_note.meter_statement_ids, self.statement)
        self.assertEqual(self.statement.move_ids, self.move + credit_note)

    def test_duplicate_bills_nothing(self):
        duplicate = self.move.copy()
        self.assertFalse(duplicate.meter_statement_ids)
        self.assertEqual(self.statement.move_ids, self.move)

    # === Cancelling === #

    def _assert_bills_once_again(self):
        """The period is open: bill it and the next one."""
        self.assertEqual(self.statement.state, "cancelled")
        self.assertFalse(self.contract.billed_through)
        january, february = self._bill(self.contract, "2026-02-28")
        self.assertEqual(
            [
                (s.line_ids.start_value, s.line_ids.end_value)
                for s in january + february
            ],
            [(1000, 1500), (1500, 1800)],
        )
        self.assertEqual((january.amount_total, february.amount_total), (5, 3))
        self.assertFalse(self._run("2026-02-28", self.contract).line_ids)

    def test_not_while_its_invoice_stands(self):
        with self._refused(UserError, self.move.name, self.statement.name, "Reverse"):
            self.statement.action_cancel()
        self.assertEqual(self.statement.state, "confirmed")

    def test_after_a_credit_note(self):
        self._reverse(self.move).action_post()
        self._assert_bills_once_again()

    def test_after_a_credit_note_of_a_paid_invoice(self):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.move.ids
        ).create({}).action_create_payments()
        self._reverse(self.move).action_post()
        self._assert_bills_once_again()

    def test_not_while_the_credit_note_is_a_draft(self):
        self._reverse(self.move)
        with self._refused(UserError, "Reverse or cancel"):
            self.statement.action_cancel()

    def test_not_after_a_credit_note_of_a_part(self):
        credit_note = self._reverse(self.move)
        credit_note.invoice_line_ids.quantity = 100
        credit_note.action_post()
        with self._refused(UserError, "Reverse or cancel"):
            self.statement.action_cancel()

    def test_after_the_invoice_was_cancelled(self):
        self.move.button_draft()
        with self._refused(UserError, "Reverse or cancel"):
            self.statement.action_cancel()
        self.move.button_cancel()
        self.statement.action_cancel()
        self._assert_bills_once_again()

    def test_only_the_last_one(self):
        later = self._bill(self.contract, "2026-02-28")
        (self.move + later.move_ids).button_draft()
        (self.move + later.move_ids).button_cancel()
        with self._refused(UserError, self.statement.name, "not the last"):
            self.statement.action_cancel()
        (self.statement + later).action_cancel()
        self._assert_bills_once_again()

    def test_only_once(self):
        self.move.button_draft()
        self.move.button_cancel()
        self.statement.action_cancel()
        with self._refused(UserError, self.statement.name):
            self.statement.action_cancel()

    def test_negative_statement_is_credited_and_stands_as_well(self):
        reading = self._read(self.device, "2026-03-31", mono=1700)  # below February
        self._bill(self.contract, "2026-02-28")
        reading._accept("Checked")
        march = self._bill(self.contract, "2026-03-31")
        self.assertEqual(
            (march.amount_total, march.move_ids.move_type), (-1, "out_refund")
        )
        with self._refused(UserError, "Reverse or cancel"):
            march.action_cancel()
        march.move_ids.button_draft()
        march.move_ids.button_cancel()
        march.action_cancel()
        self.assertEqual(march.state, "cancelled")

    # === Invoices again === #

    def test_invoice_again_after_the_draft_was_deleted(self):
        with self._refused(UserError, self.statement.name, "invoiced already"):
            self.statement.action_create_invoices()
        self.move.button_draft()
        self.move.unlink()
        self.statement.action_create_invoices()
        self.assertEqual(self.statement.move_ids.amount_untaxed, 5)
        self.assertNotEqual(self.statement.move_ids, self.move)

    def test_one_payer_of_two_is_invoiced_again(self):
        leasing = self.env["res.partner"].create({"name": "Leasing"})
        contract = self._contract(
            [
                self._usage(price=0.01),
                {
                    "name": "Rental",
                    "kind": "fixed",
                    "amount": 40,
                    "payer_id": leasing.id,
                },
            ],
            self._device("SN-2"),
            invoice_mode="draft",
        )
        self._read(contract.assignment_ids.device_id, "2026-01-31", mono=700)
        statement = self._bill(contract, "2026-01-31")
        self.assertFalse(statement.is_to_invoice)
        rental = statement.move_ids.filtered(lambda m: m.partner_id == leasing)
        pages = statement.move_ids - rental
        rental.unlink()
        self.assertTrue(statement.is_to_invoice)
        statement.action_create_invoices()
        self.assertFalse(statement.is_to_invoice)
        again = statement.move_ids - pages
        self.assertEqual((again.partner_id, again.amount_untaxed), (leasing, 40))
        self.assertEqual(len(statement.move_ids), 2)
        again.button_cancel()
        statement.action_create_invoices()
        self.assertEqual(
            sorted(
                statement.move_ids.filtered(lambda m: m.state == "draft").mapped(
                    "amount_untaxed"
                )
            ),
            [7, 40],
        )

    def test_no_invoice_over_nothing_is_asked_for(self):
        contract = self._contract([self._usage(price=0.01)], self._device("SN-2"))
        self._read(contract.assignment_ids.device_id, "2026-01-31", mono=0)
        statement = self._bill(contract, "2026-01-31")
        self.assertFalse(statement.move_ids)
        self.assertFalse(statement.is_to_invoice)

    def test_only_billing_creates_statements(self):
        charge = self.statement.charge_ids[0]
        line = self.statement.line_ids[0]
        for record in (self.statement, charge, line):
            values = record.copy_data()[0]
            with self._refused(UserError, "made by billing"):
                record.create(values)
