# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Invoices add up: the total is that of the rounded lines, as the statement's is."""

from odoo.fields import Command

from .common import MeterBillingCommon


class TestInvoiceRounding(MeterBillingCommon):
    OPENING = {"mono": 0, "colour": 0}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Odoo's default, and the one that rounds the sum of exact amounts.
        cls.company.tax_calculation_rounding_method = "round_globally"
        cls.device = cls._device("A1", opening=cls.OPENING)

    def _invoice(self, tax):
        """Return the invoice of 2,917 mono and 135 colour pages.

        36.4625 and 11.8125 exactly: 48.275, which is 36.46 and 11.81 by line.
        """
        product = self.env.ref("meter_billing.product_pages").copy(
            {"taxes_id": [Command.set(tax.ids)]}
        )
        contract = self._contract(
            [
                self._usage("mono", price=0.0125, product_id=product.id),
                self._usage("colour", price=0.0875, product_id=product.id),
            ],
            self.device,
        )
        self._read(self.device, "2026-01-31", mono=2917, colour=135)
        statement = self._bill(contract, "2026-01-31")
        self.assertEqual(statement.amount_total, 48.27)
        return statement.move_ids

    def test_total_is_the_sum_of_the_lines(self):
        invoice = self._invoice(self.percent_tax(15))
        self.assertRecordValues(
            invoice.invoice_line_ids,
            [
                {"quantity": 2917, "price_unit": 0.0125, "price_subtotal": 36.46},
                {"quantity": 135, "price_unit": 0.0875, "price_subtotal": 11.81},
            ],
        )
        # 15 % of 48.27 is 7.2405.
        self.assertRecordValues(
            invoice,
            [{"amount_untaxed": 48.27, "amount_tax": 7.24, "amount_total": 55.51}],
        )

    def test_credit_note_takes_back_the_same(self):
        invoice = self._invoice(self.percent_tax(15))
        credit = invoice._reverse_moves(cancel=True)
        self.assertRecordValues(
            credit,
            [{"amount_untaxed": 48.27, "amount_tax": 7.24, "amount_total": 55.51}],
        )
        self.assertEqual(invoice.payment_state, "reversed")

    def test_tax_on_each_page_sees_the_pages(self):
        tax = self.env["account.tax"].create(
            {"name": "Paper levy", "amount_type": "fixed", "amount": 0.01}
        )
        invoice = self._invoice(tax)
        self.assertEqual(invoice.amount_tax, 30.52)

    # === Taxes that are included in prices === #

    def _included(self, percent, **values):
        return self.percent_tax(
            percent, price_include_override="tax_included", **values
        )

    def test_prices_of_a_contract_are_before_an_included_tax(self):
        for method in ("round_globally", "round_per_line"):
            with self.subTest(method=method):
                self.company.tax_calculation_rounding_method = method
                invoice = self._invoice(self._included(20))
                self.assertEqual(
                    invoice.invoice_line_ids.mapped("price_subtotal"), [36.46, 11.81]
                )
                # 7.292 and 2.362
                self.assertEqual(invoice.amount_untaxed, 48.27)
                self.assertEqual(invoice.amount_tax, 9.65)
                self.device = self._device(f"B-{method}", opening=self.OPENING)

    def test_included_and_excluded_taxes_together(self):
        taxes = self._included(20) | self.percent_tax(5)
        invoice = self._invoice(taxes)
        self.assertEqual(invoice.amount_untaxed, 48.27)
        self.assertEqual(invoice.amount_total, 60.33)  # 9.65 and 2.41
        invoice.button_draft()
        invoice.invoice_date = "2026-02-02"
        invoice.action_post()
        self.assertEqual((invoice.amount_untaxed, invoice.amount_total), (48.27, 60.33))

    def test_company_whose_prices_include_taxes(self):
        self.company.account_price_include = "tax_included"
        invoice = self._invoice(self.percent_tax(20))
        self.assertEqual((invoice.amount_untaxed, invoice.amount_tax), (48.27, 9.65))
        credit = invoice._reverse_moves(cancel=True)
        self.assertEqual((credit.amount_untaxed, credit.amount_tax), (48.27, 9.65))
