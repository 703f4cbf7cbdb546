# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The buttons of a contract, and what it says of itself in one line."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestContractActions(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = cls._device("SN-1", opening={"mono": 1000})
        cls.clerk = cls._user(
            "clerk",
            "meter_billing.group_meter_billing_user",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    # === Bill now === #

    def test_bill_now_opens_the_statement_and_posts_without_accounting_rights(self):
        contract = self._contract([self._usage(price=0.01)], self.device)
        self._read(self.device, "2026-01-31", mono=1500)
        action = contract.with_user(self.clerk).action_bill_now()
        statement = contract.statement_ids
        self.assertEqual(action["res_model"], "meter.statement")
        self.assertEqual(action["res_id"], statement.id)
        self.assertEqual(statement.move_ids.state, "posted")
        self.assertEqual(
            statement.with_user(self.clerk).invoice_names, statement.move_ids.name
        )
        self.assertFalse(statement.with_user(self.clerk).move_ids)

    def test_bill_now_bills_one_period_only(self):
        contract = self._contract([self._usage(price=0.01)], self.device)
        self._read(self.device, "2026-01-31", mono=1500)
        self._read(self.device, "2026-02-28", mono=1700)
        contract.action_bill_now()
        self.assertEqual(str(contract.billed_through), "2026-01-31")

    def test_bill_now_says_what_it_waits_for(self):
        contract = self._contract([self._usage(price=0.01)], self.device)
        action = contract.action_bill_now()
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn("SN-1", action["params"]["message"])
        self.assertIn("no Mono reading", contract.billing_issue)
        self.assertFalse(contract.statement_ids)

    def test_bill_now_refuses_a_period_that_is_not_over(self):
        contract = self._contract(
            [self._usage(price=0.01)], self.device, start="2026-06-01"
        )
        with self._refused(UserError, "06/01/2026", "06/30/2026", "not over"):
            contract.action_bill_now()

    def test_bill_selected_opens_a_run_for_these(self):
        contract = self._contract([self._usage(price=0.01)], self.device)
        action = contract.action_bill_selected()
        run = self.env["meter.billing.run"].with_context(**action["context"]).create({})
        self.assertEqual(run.contract_ids, contract)
        self.assertEqual(run.due_count, 1)

    # === Devices === #

    def test_add_devices_adds_those_that_are_free(self):
        branch = self.env["res.partner"].create(
            {"name": "Branch", "parent_id": self.customer.id}
        )
        in_branch = self._device("SN-2", partner_id=branch.id, install="2026-02-01")
        taken = self._device("SN-3")
        self._device("SN-4", removal_date="2026-03-01")
        self._contract([self._usage(price=0.01)], taken)
        contract = self._contract([self._usage(price=0.02)])
        contract.action_add_devices()
        self.assertEqual(
            [(a.device_id, str(a.date_start)) for a in contract.assignment_ids],
            [(self.device, "2026-01-01"), (in_branch, "2026-02-01")],
        )
        with self._refused(UserError, "Harbour Office", "already"):
            contract.action_add_devices()

    def test_add_devices_takes_one_that_left_another_contract_before(self):
        old = self._contract([self._usage(price=0.01)], self.device)
        old.assignment_ids.date_end = "2026-02-28"
        contract = self._contract([self._usage(price=0.02)], start="2026-03-01")
        contract.action_add_devices()
        self.assertEqual(contract.assignment_ids.device_id, self.device)

    # === Summary === #

    def _summary(self, **values):
        return self._contract([{"name": "Charge", **values}]).charge_ids.summary

    def test_summary_of_pages(self):
        pages = self._usage()
        cases = [
            ({"price": 0.012, "included": 500}, "0.012 per page, 500 included"),
            ({"price": 0.00451}, "0.00451 per page"),
            ({"price": 1}, "1.00 per page"),
            (
                {"price": 0.01, "included": 1500, "pooling": "device", "every": 3},
                "0.01 per page, 1,500 included for each device, "
                "charged every 3 periods",
            ),
            (
                {"price": 9, "pricing": "package", "package_size": 1000},
                "9.00 for each started 1,000 pages",
            ),
            (
                {
                    "pricing": "graduated",
                    "tier_ids": self._tiers((10000, 0.02), (None, 0.015, 5)),
                },
                "0.02 up to 10,000; 0.015 above (+ 5.00)",
            ),
            (
                {"price": 0.01, "minimum_quantity": 2000, "minimum_price": 0.008},
                "0.01 per page, at least 2,000, missing ones at 0.008",
            ),
        ]
        for values, summary in cases:
            with self.subTest(summary):
                self.assertEqual(self._summary(**{**pages, **values}), summary)

    def test_summary_of_amounts(self):
        contract = self._contract(
            [
                {"name": "Rental", "kind": "fixed", "amount": 89, "per": "device"},
                {"name": "Fee", "kind": "fixed", "amount": 9, "timing": "advance"},
            ]
        )
        contract.charge_ids = [
            (
                0,
                0,
                {
                    "name": "At least",
                    "kind": "minimum_amount",
                    "amount": 100,
                    "covered_charge_ids": contract.charge_ids.ids,
                },
            )
        ]
        self.assertEqual(
            [
                charge.summary.replace("\N{NO-BREAK SPACE}", " ")
                for charge in contract.charge_ids
            ],
            [
                "$ 89.00 for each device",
                "$ 9.00, in advance",
                "at least $ 100.00 for Rental, Fee",
            ],
        )
