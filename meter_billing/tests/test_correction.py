# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Late and corrected readings: all periods rated again, the difference billed."""

from odoo.exceptions import UserError
from odoo.fields import Command, Date
from odoo.tests import tagged

from .common import MeterBillingCommon


class CorrectionCommon(MeterBillingCommon):
    def _start(self, *charges, **values):
        """Start a contract with one device that counts from 0."""
        self.device = self._device("SN-1")
        self.contract = self._contract(list(charges), self.device, **values)
        return self.contract

    def _bill_months(self, *values, months=("2026-01-31", "2026-02-28", "2026-03-31")):
        """Read the device at the end of months and bill them; return the statements."""
        for day, value in zip(months, values, strict=False):
            self._read(self.device, day, mono=value)
        return self._bill(self.contract, months[len(values) - 1])

    def _correct_now(self, contract=None):
        """Return the statement of the corrections."""
        contract = contract or self.contract
        before = contract.statement_ids
        contract.action_correct_now()
        statement = contract.statement_ids - before
        self.assertEqual(statement.kind, "correction")
        self._assert_settled(contract)
        return statement

    def _steps(self, statement):
        """Return (month, kind, quantity, price, amount) of the charge lines."""
        return [
            (
                charge.period_end.month,
                charge.kind,
                charge.quantity,
                charge.price_unit,
                charge.amount,
            )
            for charge in statement.charge_ids
        ]

    def _assert_settled(self, contract):
        """Rate all that was billed again: nothing comes of it."""
        contract.invalidate_recordset()
        self.assertFalse(contract.correct_from)
        contract.correct_from = contract.date_start
        chains = list(contract._get_periods_to_correct().values())
        contract._set_terms(chains)
        contract._set_intervals(chains)
        for values in contract._prepare_statements(chains):
            self.assertEqual(values["charge_ids"], [])
            self.assertEqual(values["line_ids"], [])
        contract.correct_from = False


@tagged("post_install", "-at_install")
class TestCorrection(CorrectionCommon):
    # === Shapes === #

    def test_graduated_pages_move_back_into_their_month(self):
        self._start(
            self._usage(
                pricing="graduated", tier_ids=self._tiers((1000, 0.05), (0, 0.03))
            )
        )
        self._read(self.device, "2026-01-25", mono=800)
        january = self._bill(self.contract, "2026-01-31")
        self.assertEqual(january.amount_total, 40)
        self._read(self.device, "2026-01-31", mono=1200)
        self._read(self.device, "2026-02-28", mono=2000)
        february = self._bill(self.contract, "2026-02-28")
        self.assertEqual(
            self._steps(february),
            [
                (1, "tier", 200, 0.05, 10),
                (1, "tier", 200, 0.03, 6),
                (2, "tier", 800, 0.05, 40),
            ],
        )
        self.assertEqual(february.charge_ids.corrected_statement_id, january)
        self.assertEqual(february.move_ids.amount_untaxed, 56)
        self._assert_settled(self.contract)

    def test_carried_pages_of_a_pool_over_three_months(self):
        self._start(self._usage(price=0.1, included=1000, carry_over_periods=1))
        other = self._device("SN-2")
        self.contract.assignment_ids = [Command.create({"device_id": other.id})]
        for day, own, others in (
            ("2026-01-25", 300, 300),
            ("2026-02-28", 1000, 1000),
            ("2026-03-31", 1600, 1500),
        ):
            self._read(self.device, day, mono=own)
            self._read(other, day, mono=others)
        statements = self._bill(self.contract, "2026-03-31")
        # 400 left over in January; February's 1400 take them; March: 100 too many
        self.assertEqual(statements.mapped("amount_total"), [0, 0, 10])
        self._read(self.device, "2026-01-31", mono=900)
        # January: 200 too many. February: 800 pages, 200 left over for March's 1100.
        correction = self._correct_now()
        self.assertEqual(
            self._steps(correction),
            [(1, "usage", 200, 0.1, 20), (3, "usage", -100, 0.1, -10)],
        )
        self.assertEqual(correction.move_ids.move_type, "out_invoice")
        self.assertEqual(correction.move_ids.amount_untaxed, 10)

    def test_shortfall_and_what_takes_it_back(self):
        self._start(
            self._usage(
                price=0.05,
                minimum_quantity=1000,
                minimum_price=0.04,
                clawback_periods=2,
            )
        )
        self._read(self.device, "2026-01-25", mono=600)
        self._read(self.device, "2026-02-28", mono=1900)
        statements = self._bill(self.contract, "2026-02-28")
        # 30 + 400 x 0.04; 1300 pages = 65 less 300 x 0.04
        self.assertEqual(statements.mapped("amount_total"), [46, 53])
        self._read(self.device, "2026-01-31", mono=1100)
        correction = self._correct_now()
        # January 55.00; February 800 pages = 40.00 and 200 x 0.04 short
        self.assertCountEqual(
            self._steps(correction),
            [
                (1, "usage", 500, 0.05, 25),
                (1, "shortfall", -400, 0.04, -16),
                (2, "usage", -500, 0.05, -25),
                (2, "clawback", 300, 0.04, 12),
                (2, "shortfall", 200, 0.04, 8),
            ],
        )
        self.assertEqual(correction.move_ids.amount_untaxed, 4)

    def test_prepaid_blocks_that_expire(self):
        self._start(
            self._usage(prepaid_block=1000, prepaid_price=0.02, prepaid_expires=True)
        )
        self._read(self.device, "2026-01-25", mono=800)
        self._read(self.device, "2026-02-28", mono=2500)
        statements = self._bill(self.contract, "2026-02-28")
        self.assertEqual(statements.mapped("amount_total"), [20, 40])
        self._read(self.device, "2026-01-31", mono=1100)
        # A second block in January, lost at its end; February takes two as before.
        self.assertEqual(
            self._steps(self._correct_now()),
            [
                (1, "usage", 300, 0, 0),  # covered by the blocks
                (1, "prepaid", 1000, 0.02, 20),
                (2, "usage", -300, 0, 0),
            ],
        )

    def test_minimum_amount_is_seen_month_by_month(self):
        self._start(self._usage(price=0.01))
        self.contract.charge_ids = [
            Command.create(
                {
                    "name": "At least",
                    "kind": "minimum_amount",
                    "amount": 10,
                    "covered_charge_ids": self.contract.charge_ids.ids,
                }
            )
        ]
        self._read(self.device, "2026-01-25", mono=500)
        self._read(self.device, "2026-02-28", mono=2000)
        statements = self._bill(self.contract, "2026-02-28")
        self.assertEqual(statements.mapped("amount_total"), [10, 15])
        self._read(self.device, "2026-01-31", mono=900)
        correction = self._correct_now()
        self.assertEqual(
            self._steps(correction),
            [
                (1, "usage", 400, 0.01, 4),
                (1, "minimum", -1, 4, -4),
                (2, "usage", -400, 0.01, -4),
            ],
        )
        credit_note = correction.move_ids
        self.assertEqual(
            (credit_note.move_type, credit_note.amount_untaxed), ("out_refund", 4)
        )
        # Two invoices billed these months: the lines say which.
        self.assertFalse(credit_note.reversed_entry_id)

    def test_amount_in_advance_is_not_charged_again(self):
        self._start(
            self._usage(price=0.01),
            {"name": "Base", "kind": "fixed", "amount": 25, "timing": "advance"},
        )
        first, _second = self._bill_months(1000, 1800)
        self.assertEqual(first.amount_total, 60)  # January and February
        first.line_ids.end_reading_id._correct(900, "Typed it wrong")
        correction = self._correct_now()
        self.assertEqual(
            self._steps(correction),
            [(1, "usage", -100, 0.01, -1), (2, "usage", 100, 0.01, 1)],
        )
        self.assertEqual(correction.move_ids.amount_untaxed, 0)

    def test_charge_that_is_due_later_only(self):
        """Nothing was charged for the month that changed, and nothing is now."""
        self._start(self._usage(price=0.01, every=3))
        self._read(self.device, "2026-01-25", mono=500)
        january = self._bill(self.contract, "2026-01-31")
        self.assertFalse(january.charge_ids)
        self._read(self.device, "2026-01-31", mono=700)
        correction = self._correct_now()
        self.assertFalse(correction.charge_ids)
        self.assertEqual(correction.line_ids.pages, 200)
        self._read(self.device, "2026-02-28", mono=800)
        self._read(self.device, "2026-03-31", mono=900)
        statements = self._bill(self.contract, "2026-03-31")
        self.assertEqual(sum(statements.mapped("amount_total")), 9)

    def test_only_the_payer_concerned_is_credited(self):
        lessor = self.partner_a
        device = self._device("SN-1", opening={"mono": 0, "colour": 0})
        contract = self._contract(
            [
                self._usage(price=0.01),
                self._usage("colour", price=0.1, payer_id=lessor.id),
            ],
            device,
        )
        self._read(device, "2026-01-31", mono=1000, colour=200)
        january = self._bill(contract, "2026-01-31")
        invoice = january.move_ids.filtered(lambda m: m.partner_id == self.customer)
        reading = january.line_ids.end_reading_id.filtered(
            lambda r: r.type_id == self.mono
        )
        reading._correct(900, "Typed it wrong")
        credit_note = self._correct_now(contract).move_ids
        self.assertRecordValues(
            credit_note,
            [
                {
                    "move_type": "out_refund",
                    "partner_id": self.customer.id,
                    "amount_untaxed": 1,
                    "reversed_entry_id": invoice.id,
                    "state": "posted",
                }
            ],
        )
        self.assertIn("Correction of", credit_note.invoice_line_ids.name)

    def test_derived_meter(self):
        device = self._device("SN-1", opening={"total": 0, "mono": 0})
        kind = self.env["meter.type"].create(
            {
                "name": "Colour by difference",
                "code": "colour_diff",
                "add_type_ids": self.total.ids,
                "subtract_type_ids": self.mono.ids,
            }
        )
        contract = self._contract(
            [self._usage(price=0.01), self._usage(kind.code, price=0.1)], device
        )
        self._read(device, "2026-01-31", total=1000, mono=700)
        january = self._bill(contract, "2026-01-31")
        self.assertEqual(january.amount_total, 37)
        mono = january.line_ids.end_reading_id.filtered(
            lambda r: r.type_id == self.mono
        )
        mono._correct(800, "Typed it wrong")
        self.assertEqual(
            self._steps(self._correct_now(contract)),
            [(1, "usage", 100, 0.01, 1), (1, "usage", -100, 0.1, -10)],
        )

    def test_replaced_device_in_tiers_of_its_place(self):
        self._start(
            self._usage(
                pricing="graduated",
                tier_ids=self._tiers((1000, 0.05), (0, 0.01)),
                pooling="device",
            )
        )
        follower = self._device("SN-2", install="2026-01-16", opening={"mono": 5000})
        self.device._remove(
            Date.to_date("2026-01-15"),
            {self._meter(self.device): 700},
            follower,
        )
        self._read(follower, "2026-01-31", mono=5600)
        january = self._bill(self.contract, "2026-01-31")
        self.assertEqual(january.amount_total, 53)  # 1000 x 0.05 + 300 x 0.01
        closing = self.env["meter.reading"].search([("device_id", "=", self.device.id)])
        closing._correct(400, "Read the wrong line")
        # 400 + 600: none in the second tier
        self.assertEqual(
            self._steps(self._correct_now()), [(1, "tier", -300, 0.01, -3)]
        )

    # === What comes late === #

    def test_estimate_gives_way_to_a_late_reading(self):
        self._start(self._usage(price=0.01))
        self._read(self.device, "2026-01-31", kind="estimated", mono=1500)
        january = self._bill(self.contract, "2026-01-31")
        self._read(self.device, "2026-01-30", mono=1100)
        correction = self._correct_now()
        self.assertEqual(correction.line_ids.pages, -400)
        self.assertFalse(correction.has_estimates)
        self.assertEqual(correction.move_ids.reversed_entry_id, january.move_ids)
        # Accounting has set off one against the other.
        invoice = january.move_ids
        self.assertAlmostEqual(
            invoice.amount_residual,
            invoice.amount_total - correction.move_ids.amount_total,
        )
        self.assertEqual(invoice.payment_state, "partial")
        self.assertEqual(january.state, "confirmed")

    def test_held_reading_that_is_accepted_late(self):
        self._start(self._usage(price=0.01))
        first, second = self._bill_months(1000, 1500)
        held = self._read(self.device, "2026-02-10", mono=1600)
        self.assertEqual(held.state, "hold")
        self.assertFalse(self.contract.correct_from)
        held._accept("Checked")
        self.assertTrue(self.contract.correct_from)
        # It is not the last of February: it changes nothing.
        with self._refused(UserError, "no difference"):
            self.contract.action_correct_now()
        self.assertEqual((first + second).mapped("amount_total"), [10, 5])

    def test_rejected_reading_that_was_billed(self):
        self._start(self._usage(price=0.01))
        january = self._bill_months(1000)
        january.line_ids.end_reading_id._reject("Wrong")
        correction = self._correct_now()
        self.assertEqual(self._steps(correction), [(1, "usage", -1000, 0.01, -10)])
        # All of January was taken back: the statement stays, it was rated so.
        self.assertEqual(january.state, "confirmed")
        self._read(self.device, "2026-02-28", mono=1200)
        february = self._bill(self.contract, "2026-02-28")
        self.assertEqual(
            (february.line_ids.start_value, february.line_ids.pages), (0, 1200)
        )
        self.assertEqual(february.amount_total, 12)

    def test_one_period_is_corrected_again_and_again(self):
        self._start(self._usage(price=0.01))
        reading = self._bill_months(1000).line_ids.end_reading_id
        amounts = []
        for value in (900, 950, 1200, 1000):
            reading = reading._correct(value, "Once more")
            amounts.append(self._correct_now().amount_total)
        self.assertEqual(amounts, [-1, 0.5, 2.5, -2])
        self.assertEqual(sum(self.contract.statement_ids.mapped("amount_total")), 10)

    def test_changed_back_before_it_was_billed(self):
        self._start(self._usage(price=0.01))
        reading = self._bill_months(1000).line_ids.end_reading_id
        reading._correct(900, "Typed it wrong")._correct(1000, "It was right")
        with self._refused(UserError, "no difference"):
            self.contract.action_correct_now()

    def test_a_skipped_period(self):
        self._start(
            self._usage(
                pricing="graduated", tier_ids=self._tiers((1000, 0.05), (0, 0.03))
            )
        )
        self.contract.action_skip_period()
        self._read(self.device, "2026-01-31", mono=500)
        self._read(self.device, "2026-02-20", mono=900)
        both = self._bill(self.contract, "2026-02-28")
        self.assertEqual(both.amount_total, 45)
        self._read(self.device, "2026-01-20", mono=400)  # within: changes nothing
        with self._refused(UserError, "no difference"):
            self.contract.action_correct_now()
        self._read(self.device, "2026-02-28", mono=1100)
        self.assertEqual(
            self._steps(self._correct_now()),
            [(2, "tier", 100, 0.05, 5), (2, "tier", 100, 0.03, 3)],
        )

    def test_start_reading_that_comes_late(self):
        self.device = self._device("SN-1", install="2025-06-01")
        self.contract = self._contract([self._usage(price=0.01)], self.device)
        self._bill_months(5000, 6000)
        self.assertEqual(self.contract.statement_ids.mapped("amount_total"), [10, 50])
        self._read(self.device, "2025-12-31", mono=4200)
        correction = self._correct_now()
        self.assertEqual(self._steps(correction), [(1, "usage", -4200, 0.01, -42)])

    # === What else changes billed periods === #

    def test_meter_that_was_charged_later_starts_there_again(self):
        device = self._device("SN-1", opening={"mono": 0, "colour": 0})
        contract = self._contract([self._usage(price=0.01)], device)
        self._read(device, "2026-01-31", mono=1000, colour=300)
        january = self._bill(contract, "2026-01-31")
        contract.charge_ids = [Command.create(self._usage("colour", price=0.1))]
        self._read(device, "2026-02-28", mono=2000, colour=400)
        february = self._bill(contract, "2026-02-28")
        self.assertEqual(february.amount_total, 20)
        january.line_ids.end_reading_id._correct(900, "Typed it wrong")
        self.assertEqual(
            self._steps(self._correct_now(contract)),
            [(1, "usage", -100, 0.01, -1), (2, "usage", 100, 0.01, 1)],
        )

    def test_customer_that_moved_is_not_billed_everything_again(self):
        self._start(self._usage(price=0.01))
        january = self._bill_months(1000)
        address = self.env["res.partner"].create(
            {"name": "Accounts", "type": "invoice", "parent_id": self.customer.id}
        )
        self.contract.partner_invoice_id = address
        january.line_ids.end_reading_id._correct(900, "Typed it wrong")
        correction = self._correct_now()
        self.assertEqual(self._steps(correction), [(1, "usage", -100, 0.01, -1)])
        self.assertEqual(correction.move_ids.partner_id, address)
        self.assertEqual(correction.move_ids.reversed_entry_id, january.move_ids)

    def test_device_that_joined_earlier_than_known(self):
        self._start({"name": "Base", "kind": "fixed", "amount": 25, "per": "device"})
        statements = self._bill_months(100, 200)
        self.assertEqual(statements.mapped("amount_total"), [25, 25])
        other = self._device("SN-2")
        self.contract.assignment_ids = [
            Command.create({"device_id": other.id, "date_start": "2026-02-01"})
        ]
        self.assertEqual(self._steps(self._correct_now()), [(2, "fixed", 1, 25, 25)])

    def test_contract_that_ends_with_what_was_billed(self):
        self._start(
            self._usage(price=0.01, every=3),
            {"name": "Base", "kind": "fixed", "amount": 25, "timing": "advance"},
        )
        statements = self._bill_months(500)
        self.assertEqual(statements.amount_total, 50)
        self.contract.date_end = "2026-01-31"
        # What waited for March is due, what was paid for February goes back.
        final = self._bill(self.contract, "2026-01-31")
        self.assertEqual(final.kind, "correction")
        self.assertEqual(
            self._steps(final), [(1, "usage", 500, 0.01, 5), (1, "fixed", -1, 25, -25)]
        )
        self.assertFalse(self._run("2026-06-15", self.contract).line_ids)

    def test_reading_that_comes_after_the_contract_has_ended(self):
        self._start(self._usage(price=0.01), date_end="2026-01-31")
        self._read(self.device, "2026-01-25", mono=800)
        self._bill(self.contract, "2026-01-31")
        self._read(self.device, "2026-01-31", mono=1000)
        last = self._bill(self.contract, "2026-01-31")
        self.assertEqual((last.kind, last.amount_total), ("correction", 2))

    # === Nothing posted is written to === #

    def test_in_a_journal_that_is_locked_by_hashes(self):
        journal = self.company_data["default_journal_sale"]
        journal.restrict_mode_hash_table = True
        self._start(self._usage(price=0.01), journal_id=journal.id)
        statements = self._bill_months(1000, 2000)
        said = statements.move_ids.read(["name", "amount_total", "inalterable_hash"])
        self.assertTrue(all(one["inalterable_hash"] for one in said))
        statements[0].line_ids.end_reading_id._correct(800, "Typed it wrong")
        self._read(self.device, "2026-03-31", mono=2500)
        march = self._bill(self.contract, "2026-03-31")
        self.assertEqual(march.amount_total, 5)
        self.assertEqual(
            statements.move_ids.read(["name", "amount_total", "inalterable_hash"]), said
        )
        results = self.company._check_hash_integrity()["results"]
        self.assertNotIn("corrupted", [result["status"] for result in results])
