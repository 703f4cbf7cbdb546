# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The demo dealer: its data installs, and its three months come to what they should."""

import contextlib
import io

from odoo.modules.module import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools import convert_file

from tests.stack.demo_session import MONTHS, bill_months, find_due, find_statements
from tests.stack.demo_table import print_statements


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in Manifest.for_addon("meter_billing")["demo"]:
            convert_file(cls.env, "meter_billing", name, {}, "init", True)
        cls.env = cls.env(user=cls.demo("user_manager"))
        cls.said = cls.bill_quietly()

    @classmethod
    def demo(cls, name):
        return cls.env.ref(f"meter_billing.{name}")

    @classmethod
    def bill_quietly(cls):
        """Bill the months and return what is said about them."""
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            bill_months(cls.env)
        return said.getvalue()

    def statement(self, contract, month):
        return self.demo(contract).statement_ids.filtered(lambda s: s.date_to == month)

    def test_every_contract_is_billed_each_month(self):
        statements = find_statements(self.env)
        self.assertEqual(len(statements), 6 * 3)
        # One customer's rental is billed to a leasing company.
        self.assertEqual(len(statements.move_ids), 7 * 3)
        self.assertEqual(set(statements.move_ids.mapped("state")), {"posted"})
        self.assertFalse(find_due(self.env, MONTHS[-1]))
        for statement in statements:
            self.assertEqual(
                sum(statement.move_ids.mapped("amount_untaxed")),
                statement.amount_total,
            )

    def test_a_second_time_nothing_is_doubled(self):
        def counts():
            return [
                self.env[model].search_count([])
                for model in (
                    "meter.reading",
                    "meter.reading.import",
                    "meter.billing.run",
                    "meter.statement",
                    "account.move",
                )
            ]

        before = counts()
        self.bill_quietly()
        self.assertEqual(counts(), before)

    def test_wrong_rows_are_kept_and_listed(self):
        left = self.env["meter.reading.quarantine"].search(
            [("status", "in", ("unknown", "refused"))], order="import_id, row"
        )
        self.assertEqual(
            {(line.import_id.name, line.serial, line.status) for line in left},
            {
                ("print_tracker_2026-01.csv", "VNB3R77120", "unknown"),
                ("print_tracker_2026-02.csv", "VNB3R22025", "refused"),
            },
        )
        self.assertIn("Delmar Family Clinic waits", self.said)
        device = self.demo("device_vnb3r22025")
        self.assertEqual(device.meter_ids.last_reading_date, MONTHS[-1])

    def test_a_minimum_tops_up_the_pages(self):
        statement = self.statement("contract_delmar", MONTHS[0])
        # 1,416 + 695 + 973 + 409 mono pages, 148 in colour.
        self.assertEqual(
            [(c.quantity, c.price_unit, c.amount) for c in statement.charge_ids],
            [(3493, 0.0125, 43.66), (148, 0.0875, 12.95), (1, 13.39, 13.39)],
        )

    def test_a_new_device_is_billed_from_its_opening_value(self):
        statement = self.statement("contract_corvane", MONTHS[1])
        line = statement.line_ids.filtered(
            lambda line: (
                line.device_id == self.demo("device_3209pa20377")
                and line.type_id.code == "mono"
            )
        )
        self.assertEqual((line.start_value, line.end_value), (15, 1784))
        rental = statement.charge_ids.filtered(lambda c: c.charge_id.per == "device")
        self.assertEqual((rental.quantity, rental.amount), (7, 294))

    def test_a_replacement_takes_over_the_place(self):
        statement = self.statement("contract_eastfield", MONTHS[2])
        old, new = (
            statement.line_ids.filtered(lambda line, d=device: line.device_id == d)
            for device in (
                self.demo("device_u66541l3n204452"),
                self.demo("device_u66541m5n300188"),
            )
        )
        # Closing value; opening value; one allowance for both.
        self.assertEqual((old.end_value, new.start_value), (201284, 21))
        self.assertEqual(old.included + new.included, 2500)
        rental = statement.charge_ids.filtered(lambda c: c.charge_id.per == "device")
        self.assertEqual(rental.quantity, 8)

    def test_a_total_meter_gives_colour_and_the_leasing_company_pays_the_rental(self):
        statement = self.statement("contract_foxglove", MONTHS[0])
        colour = statement.line_ids.filtered(lambda line: line.type_id.is_derived)
        self.assertEqual(colour.mapped("pages"), [2970, 3651, 663, 847])
        self.assertEqual(
            {move.partner_id.name: move.amount_untaxed for move in statement.move_ids},
            # 7,972 mono pages at 0.0089, 8,131 in colour at 0.0695; 4 x 118.
            {"Foxglove Architects": 636.05, "Sierra Equipment Leasing": 472},
        )

    def test_prints_meters_and_invoices(self):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            print_statements(find_statements(self.env))
        table = [" ".join(line.split()) for line in out.getvalue().splitlines()]
        self.assertIn(
            "Delmar Family Clinic VNB3R22018 Mono 15,206 16,622 1,416 0 1,416 "
            "0.0125 17.70",
            table,
        )
        invoice = self.statement("contract_delmar", MONTHS[0]).move_ids
        tax, total = f"{invoice.amount_tax:.2f}", f"{invoice.amount_total:.2f}"
        self.assertIn(
            f"Delmar Family Clinic Delmar Family Clinic {invoice.name} 2026-01-31 "
            f"70.00 {tax} {total}",
            table,
        )
