# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Spreadsheets: typed cells, a frozen header, totals, and nothing that is run."""

import io
from datetime import datetime

from openpyxl import load_workbook

from odoo.tests import tagged

from .common import MeterBillingCommon

FORMULA = '=HYPERLINK("http://example.com","Click")'
# What spreadsheets run, or ran, where it begins a cell.
INJECTIONS = ("=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1")


@tagged("post_install", "-at_install")
class TestXlsx(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.name = FORMULA
        cls.device = cls._device("007", opening={"mono": 1000, "colour": 0})
        cls.contract = cls._contract(
            [
                cls._usage("mono", name="Mono", price=0.00451, included=100),
                cls._usage("colour", name="Colour", price=0.05),
            ],
            cls.device,
        )
        cls._read(cls.device, "2026-01-31", mono=2100, colour=40)
        cls._read(cls.device, "2026-02-28", mono=3100, colour=60)
        cls._run("2026-02-28", cls.contract)
        cls.statements = cls.contract.statement_ids

    def _book(self, report, records, formulas=True):
        """Return a rendered spreadsheet, as a program that opens it sees it."""
        content, kind = self.env["ir.actions.report"]._render_xlsx(
            report, records.ids, data={}
        )
        self.assertEqual(kind, "xlsx")
        return load_workbook(io.BytesIO(content), data_only=not formulas)

    def _rows(self, sheet):
        return [[cell.value for cell in row] for row in sheet.rows]

    def _columns(self, sheet):
        """Return ``{title: its cells below}``."""
        return {column[0].value: column[1:] for column in sheet.columns}

    def test_statements_have_typed_cells(self):
        book = self._book("meter_billing.statement_xlsx", self.statements)
        self.assertEqual(book.sheetnames, ["Statements", "Meters", "Charges"])
        sheet = book["Statements"]
        self.assertEqual(sheet.freeze_panes, "B2")
        self.assertEqual(sheet.auto_filter.ref, "A1:K3")
        columns = self._columns(sheet)
        # February first: 1020 pages, 900 x 0.00451 + 20 x 0.05 = 5.06 (5.059)
        self.assertEqual(
            [cell.value for cell in columns["Total"][:2]],
            [5.06, 6.51],  # 1000 x 0.00451 + 40 x 0.05
        )
        self.assertEqual(columns["Pages"][0].value, 1020)
        self.assertEqual(columns["Pages"][0].data_type, "n")
        self.assertEqual(columns["To"][0].value, datetime(2026, 2, 28))
        self.assertTrue(columns["To"][0].is_date)
        self.assertEqual(columns["State"][0].value, "Confirmed")

    def test_serial_numbers_stay_text(self):
        sheet = self._book("meter_billing.statement_xlsx", self.statements)["Meters"]
        cell = self._columns(sheet)["Serial Number"][0]
        self.assertEqual((cell.value, cell.data_type), ("007", "s"))

    def test_prices_keep_their_digits(self):
        sheet = self._book("meter_billing.statement_xlsx", self.statements)["Charges"]
        cell = self._columns(sheet)["Price"][0]
        self.assertEqual(cell.value, 0.00451)
        self.assertEqual(cell.number_format, "#,##0.00####")

    def test_no_text_becomes_a_formula(self):
        book = self._book("meter_billing.statement_xlsx", self.statements)
        cell = self._columns(book["Statements"])["Customer"][0]
        self.assertEqual((cell.value, cell.data_type), (FORMULA, "s"))
        self.assertIsNone(cell.hyperlink)
        formulas = {
            cell.value
            for sheet in book
            for row in sheet.rows
            for cell in row
            if cell.data_type == "f"
        }
        self.assertTrue(formulas)
        for formula in formulas:
            self.assertRegex(formula, r"^=SUBTOTAL\(109,[A-Z]+2:[A-Z]+\d+\)$")

    def test_totals_are_there_before_anything_is_calculated(self):
        book = self._book(
            "meter_billing.statement_xlsx", self.statements, formulas=False
        )
        total = self._rows(book["Statements"])[-1]
        self.assertEqual((total[0], total[6], total[7]), ("Total", 2160, 11.57))

    def test_the_user_reads_its_own_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        number = self.env["ir.model.fields"]._get("meter.statement", "name")
        number.with_context(lang="es_ES").field_description = "Número"
        self.env = self.env(context={**self.env.context, "lang": "es_ES"})
        book = self._book("meter_billing.statement_xlsx", self.statements)
        self.assertEqual(book.worksheets[0]["A1"].value, "Número")

    def test_usage_and_profit(self):
        self.env["meter.usage"]._update()
        usage = self.env["meter.usage.report"].search([("type_id", "=", self.mono.id)])
        sheet = self._book("meter_billing.usage_xlsx", usage)["Usage"]
        self.assertEqual(
            [cell.value for cell in self._columns(sheet)["Pages"]],
            [1000, 1100, "=SUBTOTAL(109,K2:K3)"],
        )
        self.env["meter.page.cost"].create(
            {"model_id": self.model.id, "type_id": self.mono.id, "cost": 0.002}
        )
        profit = self.env["meter.profit.report"].search([])
        book = self._book("meter_billing.profit_xlsx", profit, formulas=False)
        columns = self._columns(book["Profitability"])
        self.assertEqual(columns["Pages"][-1].value, 2160)
        self.assertEqual(columns["Revenue"][-1].value, 11.57)
        self.assertEqual(columns["Cost"][-1].value, 4.2)
        self.assertEqual(columns["Customer"][0].value, FORMULA)

    def test_exceptions_are_those_of_the_user_s_companies(self):
        self.contract.write({"reading_plan": "monthly", "reading_day": 31})
        self._read(self.device, "2026-05-30", mono=4000)
        lower = self._row(self.device, "2026-06-10", 10)
        self.env["meter.reading"]._ingest([lower], source="import")
        self.env["meter.reading"]._ingest_serials(
            [{"serial": FORMULA, "meter": "mono", "moment": "2026-06-01", "value": 5}],
            "api",
            self.company,
        )
        sheets = self._book(
            "meter_billing.exception_xlsx", self.env["meter.reading"].browse()
        )
        self.assertEqual(
            sheets.sheetnames, ["On Hold", "Rejected", "Not Taken", "Missing"]
        )
        held = self._columns(sheets["On Hold"])
        self.assertEqual([cell.value for cell in held["Value"][:-1]], [10])
        refused = self._columns(sheets["Not Taken"])["Serial Number"][0]
        self.assertEqual((refused.value, refused.data_type), (FORMULA, "s"))
        missing = self._columns(sheets["Missing"])
        # Of colour nothing came since February: March waits for it.
        self.assertEqual(missing["Serial Number"][0].value, "007")
        self.assertEqual(missing["Due on"][0].value, datetime(2026, 3, 31))
        other = self.setup_other_company()["company"]
        sheets = self.env(context={"allowed_company_ids": other.ids})
        book = sheets["ir.actions.report"]._render_xlsx(
            "meter_billing.exception_xlsx", [], data={}
        )
        for sheet in load_workbook(io.BytesIO(book[0])):
            self.assertEqual(sheet.max_row, 1, sheet.title)

    def test_a_technician_gets_no_statement(self):
        user = self._user("technician", "meter_billing.group_meter_billing_technician")
        with self._refused(Exception, "Statement"):
            self.env(user=user)["ir.actions.report"]._render_xlsx(
                "meter_billing.statement_xlsx", self.statements.ids, data={}
            )

    # === All of them === #

    def _books(self):
        """Return every spreadsheet of the module."""
        everything = {
            "statement": self.statements,
            "usage": self.env["meter.usage.report"].search([]),
            "profit": self.env["meter.profit.report"].search([]),
            "performance": self.env["meter.device.performance"].search([]),
            "exception": self.env["meter.reading"].browse(),
        }
        return {
            name: self._book(f"meter_billing.{name}_xlsx", records)
            for name, records in everything.items()
        }

    def _fill(self):
        """Let each sheet of each spreadsheet have rows."""
        self.env["meter.usage"]._update()
        self.contract.write({"reading_plan": "monthly", "reading_day": 31})
        self._read(self.device, "2026-05-30", mono=4000)
        rows = [self._row(self.device, f"2026-06-{day}", 10) for day in (10, 11)]
        held, refused = self.env["meter.reading"]._ingest(rows, source="import")
        self.env["meter.reading"].browse(refused["reading_id"])._reject("Wrong")
        self.env["meter.reading"]._ingest_serials(
            [
                {"serial": text, "meter": "mono", "moment": "2026-06-01", "value": 5}
                for text in ("X-1", *INJECTIONS)
            ],
            "api",
            self.company,
        )
        self.assertEqual(held["status"], "hold")

    def test_every_sheet_has_a_frozen_header_a_filter_and_totals(self):
        self._fill()
        for name, book in self._books().items():
            for sheet in book:
                with self.subTest(book=name, sheet=sheet.title):
                    self.assertEqual(sheet.freeze_panes, "B2")
                    end = f"{sheet.cell(1, sheet.max_column).column_letter}"
                    self.assertEqual(
                        sheet.auto_filter.ref, f"A1:{end}{sheet.max_row - 1}"
                    )
                    *_rows, last = sheet.rows
                    self.assertEqual(last[0].value, "Total")
                    self.assertTrue([c for c in last if c.data_type == "f"])

    def test_every_cell_has_the_type_of_its_column(self):
        self._fill()
        kinds = set()
        for name, book in self._books().items():
            for sheet in book:
                for head, *cells in sheet.columns:
                    types = {
                        "d" if cell.is_date else cell.data_type
                        for cell in cells[:-1]
                        if cell.value is not None
                    }
                    kinds |= types
                    self.assertLess(len(types), 2, (name, sheet.title, head.value))
        self.assertEqual(kinds, {"d", "n", "s"})

    def test_no_name_is_run_by_any_spreadsheet(self):
        self._fill()
        for text in INJECTIONS:
            self.customer.name = text
            self.model.name = text
            self.contract.charge_ids[:1].name = text
            for name, book in self._books().items():
                cells = [cell for sheet in book for row in sheet.rows for cell in row]
                self.assertTrue(
                    [cell for cell in cells if str(cell.value).strip() == text.strip()],
                    (name, text),
                )
                for cell in cells:
                    self.assertIsNone(cell.hyperlink)
                    if cell.data_type == "f":
                        self.assertRegex(
                            cell.value, r"^=SUBTOTAL\(10[39],[A-Z]+2(:[A-Z]+\d+)?\)$"
                        )
