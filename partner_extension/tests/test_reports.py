# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Reports of customers and suppliers: complete, as far as the reader may see them."""

import io
from datetime import datetime

from openpyxl import load_workbook

from odoo.tests import new_test_user

from .common import PartnerExtensionCommon

FORMULA = '=HYPERLINK("http://example.com","Click")'
PDF, XLSX = "partner_extension.report_partner", "partner_extension.partner_xlsx"


class TestPartnerReports(PartnerExtensionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner.write(
            {"name": FORMULA, "street": "Dock 4", "city": "Porto", "customer_rank": 1}
        )
        kind = cls.env["partner.document.kind"].sudo().create({"name": "Trade licence"})
        cls.env["partner.document"].sudo().create(
            {
                "partner_id": cls.partner.id,
                "kind_id": kind.id,
                "number": "TL-77",
                "valid_until": "2026-12-31",
            }
        )
        kind = (
            cls.env["partner.link.kind"]
            .sudo()
            .create({"name": "is paid by", "inverse_name": "pays for"})
        )
        cls.env["partner.link"].sudo().create(
            {
                "partner_id": cls.partner_a.id,
                "kind_id": kind.id,
                "other_partner_id": cls.partner.id,
            }
        )
        for date, amount, move_type in (
            ("2026-05-01", 1234.5, "out_invoice"),
            ("2025-05-01", 100.0, "in_invoice"),
        ):
            cls._create_invoice_one_line(
                price_unit=amount,
                tax_ids=[],
                partner_id=cls.partner,
                move_type=move_type,
                invoice_date=date,
                invoice_date_due=date,
                invoice_payment_term_id=False,
                post=True,
            )
        cls.accountant = new_test_user(
            cls.env,
            "partner_accountant",
            groups="account.group_account_invoice,"
            "partner_extension.group_partner_extension_reader",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )

    def _html(self, user, partners=None):
        content, _kind = (
            self.env["ir.actions.report"]
            .with_user(user)
            ._render_qweb_html(PDF, (partners or self.partner).ids)
        )
        return content.decode()

    def _book(self, user, partners=None):
        content, _kind = (
            self.env["ir.actions.report"]
            .with_user(user)
            ._render_xlsx(XLSX, (partners or self.partner).ids, data={})
        )
        return load_workbook(io.BytesIO(content))

    def _columns(self, sheet):
        return {column[0].value: column[1:] for column in sheet.columns}

    def test_the_report_tells_all(self):
        text = self._html(self.accountant)
        for part in (
            "HYPERLINK",
            "Dock 4",
            "Porto",
            "office@paper.example",
            "Customer, Supplier",
            "1,234.50",
            "1,134.50",  # what the customer owes less what we owe
            "TL-77",
            "12/31/2026",
            "2025",
            "pays for",
        ):
            self.assertIn(part, text)

    def test_it_is_a_pdf(self):
        content, kind = (
            self.env["ir.actions.report"]
            .with_user(self.accountant)
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf(PDF, self.partner.ids)
        )
        self.assertEqual(kind, "pdf")
        self.assertEqual(content[:5], b"%PDF-")

    def test_who_sees_no_invoices_reads_no_amounts(self):
        text = self._html(self.reader)
        self.assertIn("TL-77", text)
        for part in ("1,234.50", "Open Items", "Turnover"):
            self.assertNotIn(part, text)
        book = self._book(self.reader)
        self.assertEqual(book.sheetnames, ["Partners"])
        self.assertNotIn("Overdue", self._columns(book["Partners"]))

    def test_spreadsheet_has_typed_cells_and_totals(self):
        book = self._book(self.accountant, self.partner | self.partner_a)
        self.assertEqual(book.sheetnames, ["Partners", "Open Items", "Turnover"])
        sheet = book["Partners"]
        self.assertEqual(sheet.freeze_panes, "B2")
        overdue = self._columns(sheet)["Overdue"]
        self.assertEqual([cell.value for cell in overdue[:2]], [1234.5, 0])
        self.assertTrue(overdue[2].value.startswith("=SUBTOTAL(109,"))
        items = self._columns(book["Open Items"])
        self.assertEqual(items["Due"][1].value, datetime(2026, 5, 1))
        self.assertEqual([cell.value for cell in items["Open"][:2]], [-100.0, 1234.5])
        years = self._columns(book["Turnover"])
        self.assertEqual(
            [cell.value for cell in years["Purchases"][:2]],
            [0, 100.0],
        )

    def test_what_others_entered_is_never_a_formula(self):
        for sheet in self._book(self.accountant):
            for row in sheet.iter_rows(max_row=sheet.max_row - 1):
                for cell in row:
                    self.assertNotEqual(cell.data_type, "f")
        name = self._columns(self._book(self.accountant)["Partners"])["Display Name"][0]
        self.assertEqual((name.value, name.data_type), (FORMULA, "s"))
