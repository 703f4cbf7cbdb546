# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form

from .common import PartnerExtensionCommon

VAT = "BE0477472701"


class TestMandatory(PartnerExtensionCommon):
    """What a company asks of its customers and suppliers, and what is missing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.belgium = cls.env.ref("base.be")
        cls.partner.write({"country_id": cls.belgium.id, "is_supplier": True})
        cls.Partner = cls.env["res.partner"].with_user(cls.editor)

    def _ask_vat(self, of="companies", severity="block"):
        self.company.sudo().write(
            {"partner_vat_required": of, "partner_vat_severity": severity}
        )

    def _ask(self, **values):
        values = {"field_name": "phone", "severity": "block", **values}
        return self.env["partner.field.policy"].with_user(self.manager).create(values)

    def test_nothing_is_asked_until_somebody_says_so(self):
        partner = self.Partner.create(
            {"name": "New", "is_company": True, "is_customer": True}
        )
        self.assertTrue(partner.is_customer)
        with self.assertRaises(AccessError):
            self.env["partner.field.policy"].with_user(self.editor).create(
                {"field_name": "phone"}
            )

    def test_saving_is_refused(self):
        self._ask_vat()
        values = {"name": "New", "is_company": True}
        for role in ("is_customer", "is_supplier"):
            with self.subTest(role=role):
                with self.assertRaisesRegex(ValidationError, "New: Tax ID"):
                    self.Partner.create({**values, role: True})
                self.Partner.create({**values, role: True, "vat": "/"})
        complete = self.Partner.create(
            {**values, "vat": VAT, "country_id": self.belgium.id, "is_customer": True}
        )
        with self.assertRaisesRegex(ValidationError, "Tax ID"):
            complete.vat = False
        with self.assertRaises(ValidationError), Form(self.Partner) as form:
            form.name = "New"
            form.company_type = "company"
            form.is_customer = True

    def test_whom_it_does_not_concern_is_created(self):
        self._ask_vat()
        company = self.Partner.create({"name": "No role yet", "is_company": True})
        self.Partner.create({"name": "A person", "is_customer": True})
        self.Partner.create({"name": "A contact", "parent_id": company.id})
        self.partner.with_user(self.editor).phone = "+32 470 12 34 56"
        with self.assertRaisesRegex(ValidationError, "No role yet"):
            company.is_customer = True
        self._ask_vat("everyone")
        with self.assertRaises(ValidationError):
            self.Partner.create({"name": "A person", "is_customer": True})
        other = self.env["res.company"].sudo().create({"name": "Other"})
        self.env["res.partner"].sudo().with_company(other).create(
            {"name": "New", "is_company": True, "is_customer": True}
        )

    def test_only_the_role_and_country_that_are_meant(self):
        self._ask(role="supplier", country_ids=self.belgium.ids)
        self.Partner.create({"name": "A", "is_customer": True})
        self.Partner.create({"name": "B", "is_supplier": True})
        values = {"name": "C", "is_supplier": True, "country_id": self.belgium.id}
        with self.assertRaisesRegex(ValidationError, "C: Phone"):
            self.Partner.create(values)
        self.Partner.create({**values, "phone": "+32470123456"})

    def test_import_names_the_row(self):
        self._ask(field_name="email")
        rows = [["A", "a@a.example", "True"], ["B", "", "True"]]
        result = self.Partner.load(["name", "email", "is_customer"], rows)
        self.assertFalse(result["ids"])
        self.assertIn("B: Email", result["messages"][0]["message"])
        self.assertNotIn("A: ", result["messages"][0]["message"])

    def test_posting_is_refused(self):
        """Posting makes who had no role a customer or supplier."""
        self._ask_vat()
        for move_type in ("out_invoice", "in_invoice"):
            with self.subTest(move_type=move_type):
                partner = self.env["res.partner"].create(
                    {"name": "Walk-in", "is_company": True}
                )
                move = self.init_invoice(
                    move_type, partner=partner, products=self.product_a
                )
                with self.assertRaisesRegex(ValidationError, "Walk-in: Tax ID"):
                    move.action_post()
                partner.vat = "/"
                move.action_post()
                self.assertEqual(move.state, "posted")

    def test_a_warning_does_not_stop(self):
        self._ask_vat(severity="warn")
        partner = self.Partner.create(
            {"name": "New", "is_company": True, "is_customer": True}
        )
        self.assertIn("Tax ID", partner.missing_text)
        self.init_invoice(
            "out_invoice", partner=partner.sudo(), products=self.product_a, post=True
        )

    def test_completeness(self):
        """Seven are usual of a company, eight of a supplier."""
        partner = self.partner
        self.assertEqual(
            [name for name, _label in partner._find_missing()],
            ["phone", "street", "zip", "city", "vat", "bank_ids"],
        )
        self.assertEqual(partner.completeness, 25)
        partner.write({"phone": "1", "street": "S", "zip": "9000", "city": "Ghent"})
        self.assertEqual(partner.completeness, 75)
        self.assertTrue(partner.is_incomplete)
        partner.vat = VAT
        partner.bank_ids = [fields.Command.create({"acc_number": "BE71096123456769"})]
        self.assertEqual((partner.completeness, partner.missing_text), (100, ""))
        self._ask(field_name="ref", severity="note")
        self.env.invalidate_all()
        self.assertEqual(partner.completeness, 89)
        self.assertEqual(partner.missing_text, "Reference")

    def test_incomplete_ones_are_found_as_they_are_shown(self):
        self._ask(field_name="state_id", severity="note")
        self._ask(field_name="ref", role="supplier", severity="warn")
        countries = [self.belgium.id, self.env.ref("base.us").id, False]
        filled = {
            "phone": "1",
            "street": "S",
            "city": "C",
            "vat": "/",
            "email": "a@b.c",
        }
        partners = self.env["res.partner"].create(
            [
                {"name": "P", "country_id": country, role: True, **values}
                for country in countries
                for role in ("is_customer", "is_supplier", "active")
                for values in ({}, filled, {**filled, "zip": "1", "ref": "R"})
            ]
        )
        ours = [("id", "in", partners.ids)]
        found = self.Partner.search([("is_incomplete", "=", True), *ours])
        shown = partners.filtered("is_incomplete")
        self.assertEqual(found.sorted("id").ids, shown.sorted("id").ids)
        self.assertTrue(0 < len(shown) < len(partners))
        self.assertEqual(
            self.Partner.search([("is_incomplete", "=", False), *ours])
            .sorted("id")
            .ids,
            (partners - shown).sorted("id").ids,
        )

    def test_many_are_checked_at_once(self):
        self._ask_vat()
        values = [
            {"name": f"P{n}", "is_company": True, "vat": "/", "is_customer": True}
            for n in range(100)
        ]
        Partner = self.env["res.partner"]
        Partner.create(values[:2])
        self.env.flush_all()
        partners = Partner.create(values)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(12):
            partners._check_mandatory()

    def test_the_partner_is_asked(self):
        self.partner.lang = "en_US"
        self.partner.with_user(self.editor).action_ask_missing()
        mail = self.env["mail.mail"].sudo().search([], order="id desc", limit=1)
        self.assertEqual(mail.recipient_ids, self.partner)
        self.assertIn("Phone", mail.body_html)
        self.assertIn("/partner/data?token=", mail.body_html)
        self.assertTrue(self.partner.asked_date)
        self.partner.email = False
        with self.assertRaisesRegex(UserError, "no e-mail"):
            self.partner.with_user(self.editor).action_ask_missing()
        with self.assertRaises(AccessError):
            self.partner.with_user(self.reader).action_ask_missing()
