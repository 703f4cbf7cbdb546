# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A device that goes on elsewhere: each page is billed once, to who printed it."""

from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestDeviceMove(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.partner"].create(
            {"name": "Mill Works", "is_company": True}
        )
        # A used device: its 7,000 pages are of an earlier life.
        cls.device = cls._device("SN-1", opening={"mono": 7_000})
        cls.contract = cls._contract([cls._usage(price=0.01)], cls.device)
        cls.next_contract = cls._contract(
            [cls._usage(price=0.02)], partner_id=cls.other.id
        )

    def _move(self, date, partner, **values):
        action = self.device.action_move()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.date = date
        form.partner_id = partner
        for name, value in values.items():
            if name != "mono":
                setattr(form, name, value)
        with form.line_ids.edit(0) as line:
            line.value = values["mono"]
        form.save().action_move()

    def _amount(self, contract, through):
        return sum(self._bill(contract, through).mapped("amount_total"))

    def test_to_another_customer_and_contract(self):
        self._read(self.device, "2026-01-31", mono=7_100)
        self._move("2026-02-10", self.other, contract_id=self.next_contract, mono=7_150)
        # Read the day after already, and at the end of the month
        self._read(self.device, "2026-02-11", mono=7_160)
        self._read(self.device, "2026-02-28", mono=7_400)
        self.assertRecordValues(
            self.device,
            [{"partner_id": self.other.id, "location_id": self.other.id}],
        )
        self.assertEqual(self.device.contract_id, self.next_contract)
        # 150 pages before the move at 0.01, 250 after it at 0.02: none between them
        self.assertEqual(self._amount(self.contract, "2026-02-28"), 1.5)
        self.assertEqual(self._amount(self.next_contract, "2026-02-28"), 5)

    def test_readings_keep_the_customer_that_had_it(self):
        first = self._read(self.device, "2026-01-31", mono=7_100)
        self._move("2026-02-10", self.other, contract_id=self.next_contract, mono=7_150)
        after = self._read(self.device, "2026-02-28", mono=7_400)
        moved = self.env["meter.reading"].search([("source", "=", "move")])
        self.assertEqual((first | moved).partner_id, self.customer)
        self.assertEqual(after.partner_id, self.other)
        self.assertEqual(moved.value, 7_150)

    def test_to_no_contract(self):
        self._move("2026-02-10", self.other, mono=7_150)
        self.assertFalse(self.device.contract_id)
        self.assertRecordValues(
            self.device.assignment_ids,
            [{"contract_id": self.contract.id, "date_end": date(2026, 2, 10)}],
        )

    def test_to_another_address_of_the_same_customer(self):
        branch = self.env["res.partner"].create(
            {"name": "Branch", "parent_id": self.customer.id, "type": "delivery"}
        )
        self._move("2026-02-10", self.customer, location_id=branch, mono=7_150)
        self.assertEqual(self.device.location_id, branch)
        self.assertRecordValues(
            self.device.assignment_ids,
            [{"contract_id": self.contract.id, "date_end": False}],
        )
        self._read(self.device, "2026-01-31", mono=7_100)
        self._read(self.device, "2026-02-28", mono=7_400)
        self.assertEqual(self._amount(self.contract, "2026-02-28"), 4)

    def test_told_late_both_are_corrected(self):
        """The move is recorded after February was billed at the next customer."""
        self._read(self.device, "2026-01-31", mono=7_100)
        self._bill(self.contract, "2026-01-31")
        self._bill(self.next_contract, "2026-02-28")
        self._read(self.device, "2026-02-28", mono=7_400)
        self._move("2026-02-10", self.other, contract_id=self.next_contract, mono=7_150)
        self.assertTrue(self.next_contract.correct_from)
        self.next_contract.action_correct_now()
        self.assertEqual(
            sum(self.next_contract.statement_ids.mapped("amount_total")), 5
        )

    def test_what_is_refused(self):
        self._read(self.device, "2026-02-28", mono=7_400)
        self._read(self.device, "2026-01-31", mono=7_100)
        for values, words in (
            ({"mono": 7_050}, "lower than the reading before it (7,100)"),
            ({"mono": 7_500}, "higher than the reading after it (7,400)"),
        ):
            with self._refused(UserError, "SN-1 Mono", words):
                self._move("2026-02-10", self.other, **values)
        with self._refused(UserError, "Enter the reading of SN-1 Mono"):
            self.device._move(
                self.device.install_date, {}, self.next_contract, {"place": "x"}
            )
        self.device._remove(
            self.device.install_date.replace(month=3), {self.device.meter_ids: 7_400}
        )
        with self._refused(UserError, "SN-1", "use Install Again"):
            self.device._move(
                self.device.install_date.replace(month=4),
                {self.device.meter_ids: 7_450},
                self.next_contract,
                {"partner_id": self.other.id},
            )

    # === Where the contracts meet === #

    def _hand_over(self):
        self.contract.assignment_ids.date_end = "2026-01-31"
        self.next_contract.assignment_ids = [
            Command.create({"device_id": self.device.id, "date_start": "2026-02-01"})
        ]

    def test_an_estimate_after_the_last_actual_reading(self):
        self._read(self.device, "2026-01-20", mono=7_500)
        # By hand: the contract that it leaves goes by what was read all the same.
        self._read(self.device, "2026-01-31", kind="estimated", mono=7_800)
        self._hand_over()
        self._read(self.device, "2026-02-28", mono=8_000)
        self.assertEqual(self._amount(self.contract, "2026-01-31"), 5)
        # 500 pages from 7,500 on at 0.02: none is lost between the two
        self.assertEqual(self._amount(self.next_contract, "2026-02-28"), 10)

    def test_an_actual_reading_after_both_were_billed(self):
        self._read(self.device, "2026-01-31", kind="estimated", mono=7_800)
        self._hand_over()
        self._read(self.device, "2026-02-28", mono=8_000)
        self.assertEqual(self._amount(self.contract, "2026-01-31"), 8)
        self.assertEqual(self._amount(self.next_contract, "2026-02-28"), 4)
        self._read(self.device, "2026-01-20", mono=7_500)
        contracts = self.contract | self.next_contract
        contracts.action_correct_now()
        self.assertEqual(
            [
                sum(contract.statement_ids.mapped("amount_total"))
                for contract in contracts
            ],
            [5, 10],
        )

    def test_within_a_period_that_was_billed_by_an_estimate(self):
        for day, value in (("01-31", 7_300), ("02-28", 7_600), ("03-31", 7_900)):
            self._read(self.device, f"2026-{day}", mono=value)
        self.contract.estimate_after_days = 1
        self._bill(self.contract, "2026-04-30")
        april = self.contract.statement_ids[0]
        self.assertTrue(april.has_estimates)
        self._move("2026-04-10", self.other, contract_id=self.next_contract, mono=8_000)
        estimate = self.env["meter.reading"].search([("source", "=", "estimate")])
        self.assertEqual(estimate.state, "rejected")
        self.assertIn("after the device left", estimate.reason)
        self._read(self.device, "2026-04-30", mono=8_100)
        # 1,000 pages up to the move
        self.contract.action_correct_now()
        self.assertEqual(sum(self.contract.statement_ids.mapped("amount_total")), 10)
        self.assertEqual(self._amount(self.next_contract, "2026-04-30"), 2)

    def test_not_within_a_period_that_was_read(self):
        self._read(self.device, "2026-01-31", mono=7_300)
        self._bill(self.contract, "2026-01-31")
        with self._refused(ValidationError, "has been billed to 2026-01-31"):
            self.contract.assignment_ids.date_end = "2026-01-20"
