# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Contracts: their periods, what may change once they are billed, their charges."""

from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestContract(MeterBillingCommon):
    def _fixed(self, **values):
        return {"name": "Service", "kind": "fixed", "amount": 31, **values}

    def _periods(self, contract, through):
        """Bill to a day and return the periods as text."""
        return [
            f"{statement.date_from} {statement.date_to}"
            for statement in self._bill(contract, through)
        ]

    @mute_logger("odoo.sql_db")
    def _assert_impossible(self, **values):
        with self.assertRaises(CheckViolation), self.env.cr.savepoint():
            self._contract([self._fixed()], **values)
            self.env.flush_all()

    # === Periods === #

    def test_periods_from_the_start(self):
        contract = self._contract([self._fixed()], start="2026-01-15")
        self.assertEqual(str(contract.next_period_end), "2026-02-14")
        self.assertEqual(
            self._periods(contract, "2026-03-14"),
            ["2026-01-15 2026-02-14", "2026-02-15 2026-03-14"],
        )
        self.assertEqual(str(contract.billed_through), "2026-03-14")
        self.assertEqual(str(contract.next_period_end), "2026-04-14")

    def test_calendar_months_after_a_partial_first_one(self):
        contract = self._contract(
            [self._fixed()], start="2026-01-16", first_period_end="2026-01-31"
        )
        self.assertEqual(
            self._periods(contract, "2026-03-31"),
            ["2026-01-16 2026-01-31", "2026-02-01 2026-02-28", "2026-03-01 2026-03-31"],
        )

    def test_ends_with_the_contract(self):
        contract = self._contract(
            [self._fixed()], date_end="2026-02-14", prorate="days"
        )
        january, february = self._bill(contract, "2026-06-15")
        self.assertEqual(str(february.date_to), "2026-02-14")
        self.assertEqual((january.amount_total, february.amount_total), (31, 15.5))
        self.assertFalse(contract.next_period_end)

    def test_skip_two_periods(self):
        contract = self._contract([self._fixed()])
        contract.action_skip_period()
        contract.action_skip_period()
        self.assertEqual(
            self._periods(contract, "2026-03-31"), ["2026-01-01 2026-03-31"]
        )
        self.assertEqual(contract.statement_ids.amount_total, 93)

    def test_impossible_dates(self):
        self._assert_impossible(date_end="2025-12-31")
        self._assert_impossible(first_period_end="2025-12-31")
        self._assert_impossible(period_months=0, first_period_end="2026-01-31")

    # === What stays once it is billed === #

    def test_billed_periods_are_fixed(self):
        contract = self._contract([self._fixed()])
        self._bill(contract, "2026-02-28")
        for values in ({"date_start": "2025-12-01"}, {"date_end": "2026-02-27"}):
            with (
                self.subTest(values=values),
                self._refused(ValidationError, contract.name, "2026-02-28"),
            ):
                contract.write(values)
        contract.date_end = "2026-02-28"
        self.assertFalse(contract.next_period_end)

    def test_rhythm_of_a_billed_contract_stays(self):
        contract = self._contract([self._fixed()])
        contract.write({"period_months": 2, "first_period_end": "2026-02-28"})
        self._bill(contract, "2026-02-28")
        for values in (
            {"period_months": 1},
            {"first_period_end": "2026-01-31"},
            {"prorate": "days"},
            {"currency_id": self.setup_other_currency("EUR").id},
        ):
            with self._refused(ValidationError, contract.name, "start a new one"):
                contract.write(values)
        contract.write({"period_months": 2, "first_period_end": "2026-02-28"})
        self.assertEqual(str(contract.next_period_end), "2026-04-30")

    def test_weight_of_billed_pages_stays(self):
        device = self._device("SN-W", opening={"mono_a3": 0})
        contract = self._contract([self._usage("mono_a3", price=0.01)], device)
        self.mono_a3.weight = 1.5
        self._read(device, "2026-01-31", mono_a3=100)
        self._bill(contract, "2026-01-31")
        self.assertEqual(contract.statement_ids.amount_total, 1.5)
        with self._refused(UserError, "Mono A3", "new meter type"):
            self.mono_a3.weight = 1

    def test_device_that_joins_later_than_it_was_billed_starts_anew(self):
        device = self._device("SN-L")
        contract = self._contract(
            [self._usage(price=0.01)], device | self._device("SN-M"), estimate_max=0
        )
        other = contract.assignment_ids.device_id - device
        for day, value in (("2026-01-31", 500), ("2026-02-28", 1_100)):
            self._read(device, day, mono=value)
            self._read(other, day, mono=value)
        self._bill(contract, "2026-01-31")
        # January was somebody else's after all.
        contract.assignment_ids.filtered(
            lambda one: one.device_id == device
        ).date_start = "2026-02-01"
        contract.action_correct_now()
        self._bill(contract, "2026-02-28")
        pages = contract.statement_ids.line_ids.filtered(
            lambda line: line.device_id == device
        ).mapped("pages")
        # 500 in January, credited, and 600 in February.
        self.assertEqual(sorted(pages), [-500, 500, 600])

    def test_skipping_for_years_is_no_other_rhythm(self):
        contract = self._contract([self._fixed()], start="2024-01-01")
        for _period in range(20):
            contract.action_skip_period()
        self._bill(contract, "2025-09-30")
        contract.date_end = "2026-12-31"
        self.assertEqual(str(contract.next_period_end), "2025-10-31")

    def test_a_contract_billed_to_its_partial_end_does_not_go_on(self):
        contract = self._contract([self._fixed()], date_end="2026-02-14")
        self._bill(contract, "2026-02-28")
        with self._refused(ValidationError, contract.name, "start a new one"):
            contract.date_end = "2026-12-31"

    def test_a_contract_billed_to_a_full_period_may_go_on(self):
        contract = self._contract([self._fixed()], date_end="2026-02-28")
        self._bill(contract, "2026-02-28")
        contract.date_end = False
        self.assertEqual(
            self._periods(contract, "2026-03-31"), ["2026-03-01 2026-03-31"]
        )

    def test_billed_contract_and_its_charges_stay(self):
        contract = self._contract([self._fixed()])
        self._bill(contract, "2026-01-31")
        with self._refused(UserError, "Close it"):
            contract.unlink()
        for values in ({"timing": "advance"}, {"amount": 40}):
            with self._refused(UserError, "Service", "Revise Prices"):
                contract.charge_ids.write(values)
        contract.charge_ids.write({"name": "Support", "sequence": 5})

    def test_a_billed_device_stays(self):
        device = self._device("SN-1")
        contract = self._contract([self._usage(price=0.01)], device)
        self._read(device, "2026-01-31", mono=100)
        self._bill(contract, "2026-01-31")
        with self._refused(UserError, "stays in its contract"):
            contract.assignment_ids.unlink()
        with self._refused(ValidationError, device.display_name, "2026-01-31"):
            contract.assignment_ids.date_end = "2026-01-20"

    def test_opening_value_of_a_billed_meter_stays(self):
        device = self._device("SN-1")
        contract = self._contract([self._usage(price=0.01)], device)
        device.meter_ids.opening_value = 50
        self._read(device, "2026-01-31", mono=100)
        statement = self._bill(contract, "2026-01-31")
        self.assertEqual(statement.line_ids.start_value, 50)
        with self._refused(UserError, "SN-1 Mono", statement.name):
            device.meter_ids.opening_value = 60

    # === Draft, running, closed === #

    def test_only_running_contracts_are_billed(self):
        contract = self._contract([self._fixed()])
        contract.action_close()
        self.assertFalse(self._run("2026-01-31", contract).line_ids)
        contract.action_reopen()
        self.assertTrue(self._bill(contract, "2026-01-31"))

    def test_start_needs_charges(self):
        contract = self.env["meter.contract"].create(
            {"partner_id": self.customer.id, "date_start": "2026-01-01"}
        )
        for action in (contract.action_start, contract.action_reopen):
            with self._refused(UserError, contract.name, "no charges"):
                action()
        self.assertEqual(contract.state, "draft")

    def test_numbers(self):
        one, two = (self._contract([self._fixed()]) for _time in range(2))
        self.assertNotEqual(one.name, two.name)
        self.assertTrue(one.name.startswith("MC"))

    def test_duplicate(self):
        contract = self._contract([self._usage(price=0.01)], self._device("SN-1"))
        contract.charge_ids = [
            Command.create(
                {
                    "name": "Minimum",
                    "kind": "minimum_amount",
                    "amount": 50,
                    "covered_charge_ids": contract.charge_ids.ids,
                }
            )
        ]
        copy = contract.copy()
        usage, minimum = copy.charge_ids
        self.assertEqual((copy.state, copy.assignment_ids.ids), ("draft", []))
        self.assertEqual(minimum.covered_charge_ids, usage)
        self.assertEqual(usage.contract_id, copy)
        copy.action_start()

    # === Charges === #

    def test_charge_needs_what_it_charges(self):
        for values, words in (
            (self._usage() | {"meter_type_ids": []}, ("Pages", "choose the meters")),
            (self._usage(pricing="graduated"), ("Pages", "the last one none")),
            (
                self._usage(
                    pricing="volume",
                    tier_ids=self._tiers((100, 1), (100, 2), (None, 3)),
                ),
                ("Pages", "limit of its own"),
            ),
            (
                {"name": "Floor", "kind": "minimum_amount", "amount": 5},
                ("Floor", "covers"),
            ),
        ):
            with self.subTest(values=values), self._refused(ValidationError, *words):
                self._contract([values])

    def test_charges_of_another_contract_cannot_be_covered(self):
        other = self._contract([self._fixed()])
        with self._refused(ValidationError, "Floor", "its own contract only"):
            self._contract(
                [
                    {
                        "name": "Floor",
                        "kind": "minimum_amount",
                        "amount": 5,
                        "covered_charge_ids": other.charge_ids.ids,
                    }
                ]
            )

    @mute_logger("odoo.sql_db")
    def test_impossible_charges(self):
        for values in (
            {"price": -0.01},
            {"price": 0.0000001},
            {"included": -1},
            {"every": 0},
            {"pricing": "package", "package_size": 0},
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self._contract([self._usage(**values)])
                self.env.flush_all()

    # === Meter types === #

    def test_meter_types_derive_from_others_only(self):
        with self._refused(ValidationError, "Mono", "derived from itself"):
            self.mono.add_type_ids = self.mono
        derived = self.env["meter.type"].create(
            {
                "name": "All",
                "code": "all",
                "add_type_ids": [self.mono.id, self.colour.id],
            }
        )
        with self._refused(ValidationError, "derived from itself"):
            self.mono.add_type_ids = derived
        device = self._device("SN-1")
        with self._refused(ValidationError, "All", "never read"):
            self.env["meter.meter"].create(
                {"device_id": device.id, "type_id": derived.id, "opening_value": 0}
            )
        with self._refused(ValidationError, "Mono", "read on devices"):
            self.mono.add_type_ids = self.total
