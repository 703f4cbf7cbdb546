# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What customers read: the statement, the invoice's annex, and all digits of prices."""

from lxml import html

from odoo.tests import tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestReports(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leasing = cls.env["res.partner"].create({"name": "Capital Leasing"})
        cls.devices = cls._device("SN-2", opening={"mono": 1000}) | cls._device(
            "SN-1", opening={"mono": 500, "colour": 20}, place="Copy room"
        )
        cls.contract = cls._contract(
            [
                cls._usage(name="Mono pages", price=0.00451, included=100),
                cls._usage("colour", name="Colour pages", price=0.012),
                {
                    "name": "Rental",
                    "kind": "fixed",
                    "amount": 50,
                    "payer_id": cls.leasing.id,
                },
            ],
            cls.devices,
        )
        cls._read(cls.devices[0], "2026-01-31", mono=13345)
        cls._read(cls.devices[1], "2026-01-31", kind="estimated", mono=900, colour=520)
        cls.statement = cls._run("2026-01-31", cls.contract).line_ids.statement_id
        cls.invoice, cls.leasing_invoice = (
            cls.statement.move_ids.filtered_domain([("partner_id", "=", payer.id)])
            for payer in (cls.customer, cls.leasing)
        )

    def _render(self, report, record):
        """Return the text of a report's page, blanks made one, and its tree."""
        content, _type = self.env["ir.actions.report"]._render_qweb_html(
            report, record.ids
        )
        tree = html.fromstring(content)
        return " ".join(tree.text_content().split()), tree

    def _rows(self, tree):
        """Return the cells of each meter in the table of readings."""
        return [
            [" ".join(cell.text_content().split()) for cell in row]
            for row in tree.xpath("//table//table//tr")
        ]

    def test_invoice_has_all_digits_and_an_annex(self):
        text, tree = self._render("account.report_invoice_with_payments", self.invoice)
        self.assertIn("0.00451", text)
        self.assertIn("0.012", text)
        self.assertIn(f"statement {self.statement.name}", text)
        mono, estimated, colour = "Mono", "Mono (est.)", "Colour (est.)"
        day_1, day_2 = "01/01/2026", "01/31/2026"
        rows = self._rows(tree)
        # SN-1 comes first: sorted by place and serial number.
        self.assertEqual(
            [row[:6] for row in rows],
            [
                [estimated, day_1, "500", day_2, "900", "400"],
                [colour, day_1, "20", day_2, "520", "500"],
                [mono, day_1, "1,000", day_2, "13,345", "12,345"],
            ],
        )
        self.assertEqual(rows[1][6:9], ["0", "500", "0.012"])
        self.assertEqual(rows[2][8], "0.00451")

    def test_annex_shows_a_payer_what_it_pays_for_only(self):
        text, tree = self._render(
            "account.report_invoice_with_payments", self.leasing_invoice
        )
        self.assertNotIn("SN-1", text)
        self.assertFalse(self._rows(tree))

    def test_annex_shows_where_derived_pages_come_from(self):
        device = self._device("SN-9", opening={"mono": 0, "total": 0})
        contract = self._contract([self._usage("colour_from_total", price=0.1)], device)
        self._read(device, "2026-01-31", mono=60, total=100)
        statement = self._bill(contract, "2026-01-31")
        _text, tree = self._render(
            "account.report_invoice_with_payments", statement.move_ids
        )
        self.assertEqual(
            {row[0]: (row[5], row[-1]) for row in self._rows(tree)},
            {
                "Colour (total less mono)": ("40", "$ 4.00"),
                "Mono": ("60", "basis of a derived meter"),
                "Total": ("100", "basis of a derived meter"),
            },
        )

    def test_statement_shows_charges_and_the_same_readings(self):
        text, tree = self._render(
            "meter_billing.report_meter_statement", self.statement
        )
        invoice_tree = self._render(
            "account.report_invoice_with_payments", self.invoice
        )[1]
        self.assertEqual(self._rows(tree), self._rows(invoice_tree))
        for words in ("Rental", "Capital Leasing", "Copy room", self.statement.name):
            self.assertIn(words, text)
        self.assertEqual(
            self.statement._get_report_base_filename(),
            f"Statement {self.statement.name}",
        )

    def test_customer_reads_its_own_number_format(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.customer.lang = "de_DE"
        text, tree = self._render(
            "meter_billing.report_meter_statement", self.statement
        )
        self.assertEqual(
            self._rows(tree)[2][1:6],
            ["01.01.2026", "1.000", "31.01.2026", "13.345", "12.345"],
        )
        self.assertIn("0,00451", text)

    def test_narrow_portal_page_shows_prices(self):
        _text, tree = self._render("account.report_invoice_with_payments", self.invoice)
        (head,) = tree.xpath("//th[@name='th_priceunit']")
        self.assertNotIn("d-none", head.get("class"))
        plain = self.init_invoice("out_invoice", amounts=[10], post=True)
        _text, tree = self._render("account.report_invoice_with_payments", plain)
        (head,) = tree.xpath("//th[@name='th_priceunit']")
        self.assertIn("d-none", head.get("class"))
