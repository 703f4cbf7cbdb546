# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import AccessError, ValidationError
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

    def test_who_lacked_it_before_is_asked_when_it_is_worked_on(self):
        partner = self.Partner.create(
            {
                "name": "Old",
                "is_company": True,
                "is_customer": True,
                "country_id": self.belgium.id,
            }
        )
        self._ask_vat()
        same = {"name": "Old Ltd", "country_id": self.belgium.id, "is_customer": True}
        partner.write(same)
        result = self.Partner.load(
            [".id", "name", "country_id/.id", "is_customer"],
            [[str(partner.id), "Old BV", str(self.belgium.id), "True"]],
        )
        self.assertEqual(result["ids"], partner.ids, result["messages"])
        for values in (
            {"country_id": self.env.ref("base.fr").id},
            {"is_supplier": True},
        ):
            with self.assertRaisesRegex(ValidationError, "Old BV: Tax ID"):
                partner.write(values)
        partner.write({"vat": VAT, "is_supplier": True})
        with self.assertRaisesRegex(ValidationError, "Old BV: Tax ID"):
            partner.vat = False

    def test_old_ones_are_merged(self):
        old, twin = self.Partner.create(
            [
                {"name": name, "is_company": True, "is_customer": True}
                for name in ("Old", "Twin")
            ]
        )
        twin.country_id = self.belgium
        self._ask_vat()
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo()
        wizard._merge((old | twin).ids, old.sudo(), extra_checks=False)
        self.env.invalidate_all()
        self.assertFalse(twin.exists())
        self.assertEqual(old.country_id, self.belgium)

    def test_the_partners_own_company_asks(self):
        other = self.env["res.company"].sudo().create({"name": "Other"})
        values = {"name": "New", "is_company": True, "is_customer": True}
        self._ask_vat()
        Partner = self.env["res.partner"].sudo()
        theirs = Partner.create({**values, "company_id": other.id})
        with self.assertRaisesRegex(ValidationError, "New: Tax ID"):
            Partner.with_company(other).create(
                {**values, "company_id": self.company.id}
            )
        with self.assertRaisesRegex(ValidationError, "New: Tax ID"):
            theirs.company_id = self.company

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

    def test_posting_asks_by_what_the_partner_is_there(self):
        """A customer of whom only suppliers' data is missing can be invoiced."""
        both = self.env["res.partner"].create({"name": "Both", "is_company": True})
        cases = {"customer": "out_invoice", "supplier": "in_invoice"}
        for role, other in (("customer", "supplier"), ("supplier", "customer")):
            with self.subTest(role=role):
                both.write({"customer_rank": 0, "supplier_rank": 0})
                policy = self._ask(role=role)
                both.write({f"{other}_rank": 1})
                moves = {
                    name: self.init_invoice(
                        move_type, partner=both, products=self.product_a
                    )
                    for name, move_type in cases.items()
                }
                moves[other].action_post()
                self.assertEqual(moves[other].state, "posted")
                with self.assertRaisesRegex(ValidationError, "Both: Phone"):
                    moves[role].action_post()
                policy.unlink()

    def test_posting_asks_a_partner_that_has_the_other_role_already(self):
        supplier = self.env["res.partner"].create(
            {"name": "Supplier", "is_supplier": True}
        )
        self._ask(role="supplier", field_name="ref")
        self.init_invoice(
            "out_invoice", partner=supplier, products=self.product_a, post=True
        )
        self.assertEqual(supplier.customer_rank, 1)

    def test_drafts_tell_what_is_missing(self):
        self._ask(field_name="phone", severity="warn", role="customer")
        self._ask(field_name="ref", severity="block", role="supplier")
        self._ask(field_name="website", severity="note")
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": self.partner.id}
        )
        invoice, bill, credit = (
            self.init_invoice(move_type, partner=contact, products=self.product_a)
            for move_type in ("out_invoice", "in_invoice", "out_refund")
        )
        entry = self.env["account.move"].create({"partner_id": self.partner.id})
        told = "Paper & Co is incomplete. Missing: "
        self.assertRecordValues(
            invoice | bill | credit | entry,
            [
                {"partner_missing_warning": f"{told}Phone."},
                {
                    "partner_missing_warning": "Paper & Co: posting is refused "
                    "without Reference."
                },
                {"partner_missing_warning": f"{told}Phone."},
                {"partner_missing_warning": False},
            ],
        )
        action = invoice.action_open_commercial_partner()
        self.assertEqual(action["res_id"], self.partner.id)
        invoice.action_post()
        self.assertFalse(invoice.partner_missing_warning, "it is done")
        self.partner.phone = "+32470123456"
        self.env.invalidate_all()
        self.assertFalse(credit.partner_missing_warning)
        with Form(
            self.env["account.move"].with_context(default_move_type="in_invoice")
        ) as form:
            form.partner_id = contact
            self.assertIn("Reference", form.partner_missing_warning)

    def test_the_banner_of_many_drafts_costs_no_query_each(self):
        self._ask(severity="warn")
        partners = self.env["res.partner"].create(
            [{"name": f"P{n}"} for n in range(20)]
        )
        moves = self.env["account.move"].create(
            [
                {"move_type": "out_invoice", "partner_id": partner.id}
                for partner in partners
            ]
        )
        self.env.flush_all()
        counts = []
        for some in (moves[:1], moves[:2], moves):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertTrue(all(some.mapped("partner_missing_warning")))
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2], "the first one warms caches up")

    def test_a_warning_does_not_stop(self):
        self._ask_vat(severity="warn")
        partner = self.Partner.create(
            {"name": "New", "is_company": True, "is_customer": True}
        )
        self.assertIn("Tax ID", partner.missing_text)
        self.init_invoice(
            "out_invoice", partner=partner.sudo(), products=self.product_a, post=True
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
