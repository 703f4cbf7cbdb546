# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .common import PartnerExtensionCommon


class TestStatistics(PartnerExtensionCommon):
    """What the books say about a partner. Today: 15 June 2026."""

    def _invoice(self, date, amount, due=None, partner=None, move_type="out_invoice"):
        return self._create_invoice_one_line(
            price_unit=amount,
            tax_ids=self.tax_sale_a.ids if move_type == "out_invoice" else [],
            partner_id=partner or self.partner,
            move_type=move_type,
            invoice_date=date,
            invoice_date_due=due or date,
            invoice_payment_term_id=False,
            post=True,
        )

    def test_sales_and_purchases_by_year_before_tax(self):
        self._invoice("2026-02-01", 100.0)
        self._invoice("2026-03-01", 30.0, move_type="out_refund")
        self._invoice("2025-12-31", 7.0)
        self._invoice("2026-01-01", 40.0, move_type="in_invoice")
        self._invoice("2026-01-02", 15.0, move_type="in_refund")
        self.assertRecordValues(
            self.partner,
            [
                {
                    "sales_this_year": 70.0,
                    "sales_last_year": 7.0,
                    "purchases_this_year": 25.0,
                    "purchases_last_year": 0.0,
                }
            ],
        )
        self.assertEqual(
            self.partner._get_turnover(),
            {self.partner: {2026: (70.0, 25.0), 2025: (7.0, 0.0)}},
        )

    def test_overdue_is_what_should_have_been_paid(self):
        self._invoice("2026-06-01", 100.0, "2026-06-14")
        self._invoice("2026-06-01", 10.0, "2026-06-15")
        self._invoice("2026-06-01", 5.0, "2026-06-01", move_type="in_invoice")
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": self.partner.id}
        )
        for partner in (self.partner, contact):
            self.assertEqual(partner.overdue_receivable, 115.0)  # 15 % tax
            self.assertEqual(partner.overdue_payable, 5.0)

    def test_days_to_pay_are_of_what_was_paid(self):
        first = self._invoice("2026-01-01", 100.0, "2026-01-31")
        second = self._invoice("2026-02-01", 100.0, "2026-02-28")
        credited = self._invoice("2026-03-01", 100.0)
        self._invoice("2026-04-01", 100.0)
        old = self._invoice("2024-01-01", 100.0)
        self._register_payment(first, payment_date="2026-01-21")  # 20 days, 10 early
        self._register_payment(second, payment_date="2026-03-13")  # 40 days, 13 late
        self._register_payment(old, payment_date="2024-12-31")
        credited._reverse_moves(cancel=True)
        self.assertAlmostEqual(self.partner.days_to_pay, 30.0)
        self.assertAlmostEqual(self.partner.days_late, 1.5)
        self.assertEqual(self.partner.payment_count, 3)
        self.assertEqual(str(self.partner.last_payment_date), "2026-03-13")

    def test_buttons_open_what_they_count(self):
        late = self._invoice("2026-05-01", 100.0)
        self._invoice("2026-06-30", 100.0)
        self._invoice("2026-05-01", 100.0, partner=self.partner_a)
        for method, count in (
            ("action_open_overdue", 1),
            ("action_open_items", 2),
            ("action_open_payments", 0),
            ("action_open_statistics", 2),
        ):
            action = getattr(self.partner, method)()
            found = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(len(found), count, method)
        self._register_payment(late, payment_date="2026-05-02")
        action = self.partner.action_open_payments()
        self.assertEqual(
            self.env[action["res_model"]].search(action["domain"]).partner_id,
            self.partner,
        )

    def test_companies_are_apart(self):
        self._invoice("2026-02-01", 100.0)
        other = self._create_company(name="Other Company")
        elsewhere = self.partner.with_company(other)
        self.assertEqual(elsewhere.sales_this_year, 0.0)
        self.assertEqual(elsewhere.overdue_receivable, 0.0)

    def test_figures_need_rights_in_accounting(self):
        self._invoice("2026-02-01", 100.0)
        for user in (self.employee, self.reader, self.manager):
            partner = self.partner.with_user(user)
            for field in ("overdue_receivable", "days_to_pay", "sales_this_year"):
                with self.assertRaises(AccessError):
                    partner.read([field])
            with self.assertRaises(AccessError):
                action = partner.action_open_statistics()
                partner.env[action["res_model"]].search(action["domain"])
        reader = new_test_user(
            self.env,
            "books",
            groups="account.group_account_readonly",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        self.assertEqual(self.partner.with_user(reader).sales_this_year, 100.0)

    def test_many_partners_cost_no_more_statements_than_one(self):
        partners = self.env["res.partner"].create(
            [{"name": f"P{i}", "customer_rank": 1} for i in range(20)]
        )
        for partner in partners:
            self._invoice("2026-02-01", 10.0, partner=partner)
        names = [
            "overdue_receivable",
            "days_to_pay",
            "sales_this_year",
            "payment_count",
        ]

        def measure(records):
            self.env.flush_all()
            self.env.invalidate_all()
            records.mapped("name")  # what is fetched before in any case
            before = self.env.cr.sql_log_count
            records.read(names)
            return self.env.cr.sql_log_count - before

        measure(partners[:1])
        self.assertLessEqual(measure(partners), measure(partners[:1]))
