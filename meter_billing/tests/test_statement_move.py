# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Invoices created with all their lines are those that Odoo itself creates."""

from odoo.fields import Command
from odoo.tests import tagged

from .common import MeterBillingCommon

# What differs between any two records, or is drawn by chance.
OTHER_EACH_TIME = {"id", "access_token", "create_date", "write_date"}


@tagged("post_install", "-at_install")
class TestStatementMove(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = cls._device("SN-1", opening={"mono": 0, "colour": 0})
        cls._read(cls.device, "2026-01-31", mono=2917, colour=135)

    def setUp(self):
        super().setUp()
        self.tax = self.percent_tax(20)
        self.product = self.env.ref("meter_billing.product_pages").copy(
            {"taxes_id": [Command.set(self.tax.ids)]}
        )

    def _charges(self, **values):
        return [
            self._usage("mono", price=0.0125, product_id=self.product.id),
            self._usage("colour", price=0.0875, product_id=self.product.id),
            {
                "name": "Rental",
                "kind": "fixed",
                "amount": 39.99,
                "product_id": self.product.id,
                **values,
            },
        ]

    def _statement(self, charges=None, **values):
        """Return a statement whose invoices were deleted again."""
        contract = self._contract(
            charges or self._charges(), self.device, invoice_mode="draft", **values
        )
        statement = self._bill(contract, "2026-01-31")
        statement.move_ids.unlink()
        return statement

    def _snapshot(self, moves):
        """Return every stored field of invoices and their lines."""
        self.env.flush_all()
        self.env.invalidate_all()
        return [
            (self._fields_of(move), [self._fields_of(line) for line in move.line_ids])
            for move in moves
        ]

    def _fields_of(self, record):
        return {
            name: record._fields[name].convert_to_write(record[name], record)
            for name, field in record._fields.items()
            if field.store
            and name not in OTHER_EACH_TIME
            and field.type not in ("one2many",)
            # Of each other and of what posting makes of them
            and field.comodel_name
            not in (
                "account.move",
                "account.move.line",
                "account.full.reconcile",
                "ir.attachment",
            )
        }

    def _create(self, statements, is_complete):
        """Return what is created one way, in draft and posted, and undo it."""
        moves = self.env["account.move"].sudo().with_company(self.company)
        values = [
            statements._prepare_invoice(payer, parts)
            for (_company, payer, _key), parts in (
                statements._group_invoice_parts().items()
            )
        ]
        savepoint = self.env.cr.savepoint()
        if is_complete:
            self.assertTrue(all(statements._is_plain(v, self.company) for v in values))
            created = statements._create_complete(moves, values)
        else:
            created = moves.create(values)
        draft = self._snapshot(created)
        created.action_post()
        found = draft, self._snapshot(created)
        savepoint.close(rollback=True)
        self.env.invalidate_all()
        return found

    def _assert_same(self, statements):
        self.maxDiff = None
        ours = self._create(statements, is_complete=True)
        odoos = self._create(statements, is_complete=False)
        for when, own, other in zip(("draft", "posted"), ours, odoos, strict=True):
            self.assertTrue(own)
            for (move, lines), (odoo_move, odoo_lines) in zip(own, other, strict=True):
                with self.subTest(when=when, move=move["name"]):
                    self.assertEqual(move, odoo_move)
                    self.assertGreater(len(lines), 1)
                    self.assertEqual(lines, odoo_lines)

    # === Taxes === #

    def test_one_tax(self):
        statement = self._statement()
        for method in ("round_globally", "round_per_line"):
            self.company.tax_calculation_rounding_method = method
            with self.subTest(method=method):
                self._assert_same(statement)

    def test_no_tax(self):
        self.product.taxes_id = False
        self._assert_same(self._statement())

    def test_several_taxes_accounts_and_tags(self):
        accounts = self.company_data["default_account_tax_sale"]
        other = self.copy_account(accounts)
        tags = self.env["account.account.tag"].create(
            [
                {"name": name, "applicability": "taxes"}
                for name in ("base", "tax", "second")
            ]
        )
        for kind in ("invoice", "refund"):
            lines = self.tax[f"{kind}_repartition_line_ids"]
            base = lines.filtered(lambda line: line.repartition_type == "base")
            base.tag_ids = tags[0]
            (lines - base).write(
                {"factor_percent": 40, "tag_ids": tags[1].ids, "account_id": accounts}
            )
            (lines - base).copy(
                {
                    "factor_percent": 60,
                    "tag_ids": tags[2].ids,
                    "account_id": other.id,
                    "tax_id": self.tax.id,
                }
            )
        group = self.env["account.tax"].create(
            {
                "name": "Both",
                "amount_type": "group",
                "children_tax_ids": [
                    Command.set((self.percent_tax(3) | self.percent_tax(1.5)).ids)
                ],
            }
        )
        self.product.taxes_id = self.tax | group
        self._assert_same(self._statement())

    def test_levy_on_each_page_and_included_taxes(self):
        levy = self.env["account.tax"].create(
            {
                "name": "Levy",
                "amount_type": "fixed",
                "amount": 0.01,
                "include_base_amount": True,
                "sequence": 1,
            }
        )
        included = self.percent_tax(
            10, price_include_override="tax_included", sequence=2
        )
        self.product.taxes_id = levy | included | self.tax
        self._assert_same(self._statement())

    def test_fiscal_position(self):
        position = self.env["account.fiscal.position"].create({"name": "Export"})
        self.percent_tax(7).write(
            {"fiscal_position_ids": position.ids, "original_tax_ids": self.tax.ids}
        )
        self.customer.property_account_position_id = position
        self._assert_same(self._statement())

    # === Amounts === #

    def test_credit_note(self):
        self._read(self.device, "2026-02-28", mono=1000)._accept("Checked")
        self._read(self.device, "2026-02-28", colour=135)
        contract = self._contract(self._charges()[:2], self.device)
        self._bill(contract, "2026-01-31")
        contract.invoice_mode = "draft"
        statement = self._bill(contract, "2026-02-28")
        self.assertEqual(statement.move_ids.move_type, "out_refund")
        statement.move_ids.unlink()
        self._assert_same(statement)

    def test_instalments(self):
        self.customer.property_payment_term_id = self.pay_terms_b
        self._assert_same(self._statement())

    def test_accounts_of_the_customer_and_the_product(self):
        receivable = self.copy_account(self.company_data["default_account_receivable"])
        self.customer.property_account_receivable_id = receivable
        self.product.property_account_income_id = self.copy_account(
            self.company_data["default_account_revenue"]
        )
        self._assert_same(self._statement())

    def test_analytic_distribution(self):
        plan = self.env["account.analytic.plan"].create({"name": "Areas"})
        account = self.env["account.analytic.account"].create(
            {"name": "North", "plan_id": plan.id}
        )
        self.env["account.analytic.distribution.model"].create(
            {
                "partner_id": self.customer.id,
                "analytic_distribution": {str(account.id): 100},
            }
        )
        self.tax.analytic = True
        self._assert_same(self._statement())

    # === Whose === #

    def test_two_payers(self):
        leasing = self.env["res.partner"].create(
            {"name": "Leasing", "property_payment_term_id": self.pay_terms_a.id}
        )
        self._assert_same(self._statement(self._charges(payer_id=leasing.id)))

    def test_several_contracts_on_one_invoice(self):
        first = self._statement(invoice_grouping="customer")
        contract = self._contract(
            self._charges(), invoice_grouping="customer", invoice_mode="draft"
        )
        second = self._bill(contract, "2026-01-31")
        second.move_ids.unlink()
        self._assert_same(first | second)

    def test_by_site(self):
        branch = self.env["res.partner"].create(
            {"name": "Branch", "parent_id": self.customer.id, "type": "delivery"}
        )
        self.device.location_id = branch
        self._assert_same(self._statement(invoice_grouping="site"))

    # === What goes Odoo's own way === #

    def test_not_certain(self):
        currency = self.setup_other_currency("EUR")
        statement = self._statement()
        ((key, parts),) = statement._group_invoice_parts().items()
        values = statement._prepare_invoice(key[1], parts)
        self.assertTrue(statement._is_plain(values, self.company))
        self.assertFalse(
            statement._is_plain({**values, "currency_id": currency.id}, self.company)
        )
        self.customer.property_payment_term_id = self.env[
            "account.payment.term"
        ].create({"name": "2 % soon", "early_discount": True})
        self.assertFalse(statement._is_plain(values, self.company))
