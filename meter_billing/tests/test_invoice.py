# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The invoice of a statement: payers, accounts and taxes, currency, its text."""

from odoo.fields import Command, Date
from odoo.tests import tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestInvoice(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = cls._device("SN-1", opening={"mono": 1000, "colour": 0})
        cls._read(cls.device, "2026-01-31", mono=1500, colour=100)
        cls.leasing = cls.env["res.partner"].create({"name": "Leasing Bank"})
        cls.tax = cls.env["account.tax"].create(
            {"name": "20 %", "amount": 20, "amount_type": "percent"}
        )
        cls.product = cls.env.ref("meter_billing.product_pages").copy(
            {"taxes_id": [Command.set(cls.tax.ids)]}
        )

    def _charged(self, price=0.01, **values):
        return self._usage(price=price, product_id=self.product.id, **values)

    # === Draft or posted === #

    def test_posted_by_default_on_the_given_day(self):
        contract = self._contract([self._charged()], self.device)
        run = self._run("2026-01-31", contract, invoice_date="2026-02-05")
        move = run.line_ids.statement_id.move_ids
        self.assertRecordValues(
            move,
            [
                {
                    "state": "posted",
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "invoice_date": Date.to_date("2026-02-05"),
                    "company_id": self.company.id,
                    "amount_untaxed": 5,
                    "amount_tax": 1,
                    "amount_total": 6,
                }
            ],
        )

    def test_today_without_a_day(self):
        contract = self._contract([self._charged()], self.device)
        move = self._bill(contract, "2026-01-31").move_ids
        self.assertEqual(str(move.invoice_date), "2026-06-15")

    def test_left_in_draft_by_choice(self):
        contract = self._contract([self._charged()], self.device, invoice_mode="draft")
        self.assertEqual(self._bill(contract, "2026-01-31").move_ids.state, "draft")

    # === Who pays === #

    def test_each_payer_gets_an_invoice(self):
        contract = self._contract(
            [
                self._charged(name="Mono"),
                {
                    "name": "Rental",
                    "kind": "fixed",
                    "amount": 40,
                    "per": "device",
                    "payer_id": self.leasing.id,
                    "product_id": self.product.id,
                },
                {
                    "name": "Service",
                    "kind": "fixed",
                    "amount": 3,
                    "product_id": self.product.id,
                },
            ],
            self.device,
        )
        statement = self._bill(contract, "2026-01-31")
        self.assertEqual(
            {
                move.partner_id: (move.amount_untaxed, len(move.invoice_line_ids))
                for move in statement.move_ids
            },
            {self.customer: (8, 2), self.leasing: (40, 1)},
        )
        self.assertEqual(statement.amount_total, 48)
        for move in statement.move_ids:
            self.assertEqual(move.meter_statement_ids, statement)

    def test_statement_is_the_sum_of_its_invoices_payer_by_payer(self):
        self.company.tax_calculation_rounding_method = "round_globally"
        contract = self._contract(
            [
                self._charged(name="Mono", price=0.004513),
                self._charged(name="Toner", price=0.002117),
                self._usage(
                    "colour", name="Colour", price=0.012345, payer_id=self.leasing.id
                ),
                self._charged(name="Drums", price=0.000777, payer_id=self.leasing.id),
            ],
            self.device,
        )
        statement = self._bill(contract, "2026-01-31")
        # 2.2565, 1.0585, 1.2345, 0.3885
        self.assertEqual(
            statement.charge_ids.mapped("amount"), [2.26, 1.06, 1.23, 0.39]
        )
        self.assertEqual(
            {move.partner_id: move.amount_untaxed for move in statement.move_ids},
            {self.customer: 3.32, self.leasing: 1.62},
        )
        self.assertEqual(statement.amount_total, 4.94)

    def test_invoice_address_of_the_customer(self):
        address = self.env["res.partner"].create(
            {"name": "Accounts", "type": "invoice", "parent_id": self.customer.id}
        )
        contract = self._contract([self._charged()], self.device)
        move = self._bill(contract, "2026-01-31").move_ids
        self.assertEqual(move.partner_id, address)

    def test_negative_sum_is_a_credit_note(self):
        held = self._read(self.device, "2026-02-28", mono=1300)
        held._accept("Checked")
        contract = self._contract([self._charged()], self.device)
        self._bill(contract, "2026-01-31")
        statement = self._bill(contract, "2026-02-28")
        move = statement.move_ids
        self.assertEqual((statement.amount_total, move.move_type), (-2, "out_refund"))
        self.assertEqual(move.state, "posted")
        self.assertEqual(self._invoice_lines(move), [(200, 0.01, 2)])
        self.assertEqual((move.amount_untaxed, move.amount_total), (2, 2.4))

    # === Accounts and taxes are Odoo's === #

    def test_fiscal_position_of_the_customer(self):
        position = self.env["account.fiscal.position"].create({"name": "Export"})
        no_tax = self.percent_tax(0)
        no_tax.write(
            {"fiscal_position_ids": position.ids, "original_tax_ids": self.tax.ids}
        )
        self.customer.property_account_position_id = position
        contract = self._contract([self._charged()], self.device)
        move = self._bill(contract, "2026-01-31").move_ids
        self.assertEqual(move.fiscal_position_id, position)
        self.assertEqual(move.invoice_line_ids.tax_ids, no_tax)
        self.assertEqual((move.amount_untaxed, move.amount_total), (5, 5))

    def test_account_of_the_product(self):
        account = self.copy_account(self.company_data["default_account_revenue"])
        self.product.property_account_income_id = account
        contract = self._contract([self._charged()], self.device)
        move = self._bill(contract, "2026-01-31").move_ids
        self.assertEqual(move.invoice_line_ids.account_id, account)

    def test_payment_terms(self):
        self.customer.property_payment_term_id = self.pay_terms_a
        contract = self._contract([self._charged()], self.device)
        january = self._bill(contract, "2026-01-31").move_ids
        self.assertEqual(january.invoice_payment_term_id, self.pay_terms_a)
        contract.payment_term_id = self.pay_terms_b
        self._read(self.device, "2026-02-28", mono=1600)
        february = self._bill(contract, "2026-02-28").move_ids
        self.assertEqual(february.invoice_payment_term_id, self.pay_terms_b)

    def test_journal_of_the_contract(self):
        journal = self.company_data["default_journal_sale"].copy()
        contract = self._contract([self._charged()], self.device, journal_id=journal.id)
        self.assertEqual(
            self._bill(contract, "2026-01-31").move_ids.journal_id, journal
        )

    def test_another_currency(self):
        currency = self.setup_other_currency("EUR")  # 2 for 1 of the company's
        contract = self._contract(
            [self._charged()], self.device, currency_id=currency.id
        )
        statement = self._bill(contract, "2026-01-31")
        move = statement.move_ids
        self.assertEqual(
            (statement.currency_id, move.currency_id), (currency, currency)
        )
        self.assertEqual((statement.amount_total, move.amount_untaxed), (5, 5))
        rate = currency._get_conversion_rate(
            self.company.currency_id, currency, self.company, move.date
        )
        self.assertNotEqual(rate, 1)
        self.assertAlmostEqual(move.amount_untaxed_signed, 5 / rate, 2)

    def test_currency_without_cents(self):
        yen = self.setup_other_currency("JPY", rounding=1.0)
        contract = self._contract(
            [self._charged(price=0.333)], self.device, currency_id=yen.id
        )
        statement = self._bill(contract, "2026-01-31")  # 166.5
        self.assertEqual(statement.amount_total, 167)
        self.assertEqual(statement.move_ids.amount_untaxed, 167)

    # === Text === #

    def test_line_says_period_and_readings(self):
        contract = self._contract([self._charged(included=200)], self.device)
        (line,) = self._bill(contract, "2026-01-31").move_ids.invoice_line_ids
        self.assertEqual(
            line.name.split("\n"),
            [
                "Pages",
                "01/01/2026 – 01/31/2026",
                "SN-1 Mono: 1,000 → 1,500 = 500",
                "500 pages, of which 200 included",
            ],
        )

    def test_many_meters_are_in_the_annex(self):
        others = self._device("SN-0")
        for number in range(2, 6):
            others += self._device(f"SN-{number}")
        for device in others:
            self._read(device, "2026-01-31", mono=10)
        contract = self._contract([self._charged()], self.device + others)
        (line,) = self._bill(contract, "2026-01-31").move_ids.invoice_line_ids
        self.assertIn("6 meters, see the annex", line.name)
        self.assertNotIn("SN-1", line.name)

    def test_language_of_the_payer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        contract = self._contract([self._charged()], self.device)
        contract.charge_ids.with_context(lang="fr_FR").name = "Pages noires"
        (line,) = self._bill(contract, "2026-01-31").move_ids.invoice_line_ids
        self.assertEqual(
            line.name.split("\n")[:2], ["Pages noires", "01/01/2026 – 31/01/2026"]
        )
