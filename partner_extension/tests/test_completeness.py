# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .common import TODAY, PartnerExtensionCommon

VAT = "BE0477472701"
DAY = fields.Date.to_date(TODAY)


class TestCompleteness(PartnerExtensionCommon):
    """How much there is of what is asked; the database judges as the form does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.belgium = cls.env.ref("base.be")
        cls.partner.write({"country_id": cls.belgium.id, "is_supplier": True})
        cls.Partner = cls.env["res.partner"].with_user(cls.editor)
        cls.env["partner.document.kind"].search([]).required_of = "none"
        cls.licence = cls.env["partner.document.kind"].create({"name": "Licence X"})

    def _ask(self, **values):
        values = {"field_name": "phone", "severity": "note", **values}
        return self.env["partner.field.policy"].with_user(self.manager).create(values)

    def _document(self, **values):
        return self.env["partner.document"].create(
            {"partner_id": self.partner.id, "kind_id": self.licence.id, **values}
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

    def test_required_documents_count(self):
        """Eight fields of a supplier, of which two are there; and the licence."""
        self.licence.required_of = "supplier"
        self._expect(22, "Licence X")
        document = self._document(valid_until=DAY)
        self._expect(33)
        with freeze_time("2026-06-16 10:00:00"):
            self._expect(22, "Licence X")
        document.valid_until = DAY + timedelta(days=400)
        document.reason = "Unreadable"
        document.action_refuse()
        self._expect(22, "Licence X")
        self.licence.required_of = "customer"
        self._expect(25)
        self.partner.document_kind_ids = self.licence
        self._expect(22, "Licence X")

    def _expect(self, completeness, document=None):
        """Assert what is shown, and that searching finds the same."""
        self.env.invalidate_all()
        self.assertEqual(self.partner.completeness, completeness)
        self.assertEqual("Licence X" in self.partner.missing_text, bool(document))
        found = self.Partner.search([("completeness", "=", completeness)])
        self.assertIn(self.partner, found)

    def test_documents_of_another_company_do_not_count(self):
        sister = self.env["res.company"].create({"name": "Sister"})
        self.licence.required_of = "supplier"
        self._document(company_id=sister.id)
        self._expect(22, "Licence X")
        self.licence.company_id = sister
        self._expect(25)

    def test_the_database_judges_as_the_form_does(self):
        """Roles, kinds, countries, own and properties of companies, documents."""
        sister = self.env["res.company"].create({"name": "Sister"})
        self.env.user.company_ids |= sister
        self._ask(field_name="state_id")
        self._ask(field_name="ref", role="supplier", country_ids=self.belgium.ids)
        self._ask(field_name="property_payment_term_id", role="customer")
        self.env["partner.field.policy"].create(
            {"field_name": "website", "company_id": sister.id, "severity": "note"}
        )
        self.licence.required_of = "supplier"
        other = self.licence.copy({"required_of": "both", "company_id": sister.id})
        term = self.env.ref("account.account_payment_term_30days")
        filled = {
            "phone": "1",
            "vat": "/",
            "street": "S",
            "bank_ids": [Command.create({"acc_number": "1234567890"})],
        }
        partners = self.env["res.partner"].create(
            [
                {
                    "name": "P",
                    "country_id": country,
                    "company_id": company,
                    "is_company": is_company,
                    **values,
                    **({role: True} if role else {}),
                }
                for country in (self.belgium.id, self.env.ref("base.us").id, False)
                for company in (False, self.company.id, sister.id)
                for role in ("is_customer", "is_supplier", None)
                for is_company in (False, True)
                for values in (
                    {},
                    filled,
                    {"property_payment_term_id": term.id, "zip": "1", "ref": "R"},
                )
            ]
        )
        partners |= self.env["res.partner"].create(
            {"name": "Contact", "parent_id": partners[0].id}
        )
        partners[1].bank_ids.active = False
        self.env["partner.document"].create(
            [
                {"partner_id": partner.id, "kind_id": kind.id}
                for partner in partners[::4]
                for kind in (self.licence, other)[: 2 if partner.company_id else 1]
                if kind.company_id in (partner.company_id, kind.company_id.browse())
            ]
        )
        ours = [("id", "in", partners.ids)]
        for companies in (self.company | sister, sister | self.company):
            self.env.invalidate_all()
            Partner = self.env["res.partner"].with_context(
                allowed_company_ids=companies.ids
            )
            shown = {p.id: p.completeness for p in Partner.browse(partners.ids)}
            self.assertGreater(len(set(shown.values())), 8)
            groups = Partner._read_group(ours, ["completeness"], ["id:array_agg"])
            judged = {id_: value for value, ids in groups for id_ in ids}
            self.assertEqual(judged, shown)
            ordered = Partner.search(ours, order="completeness desc, id")
            self.assertEqual(
                ordered.ids, sorted(shown, key=lambda id_: (-shown[id_], id_))
            )
            for operator, expected in (
                ("<", {i for i, value in shown.items() if value < 50}),
                (">=", {i for i, value in shown.items() if value >= 50}),
            ):
                found = Partner.search([("completeness", operator, 50), *ours])
                self.assertEqual(set(found.ids), expected)

    def test_the_list_sorts_groups_and_averages(self):
        described = self.Partner.fields_get(["completeness"])["completeness"]
        self.assertTrue(described["sortable"])
        self.assertTrue(described["groupable"])
        self.assertTrue(described["searchable"])
        self.assertEqual(described["aggregator"], "avg")
        complete = self.env["res.partner"].create({"name": "No role"})
        [group] = self.Partner.formatted_read_group(
            [("id", "in", (self.partner | complete).ids)], [], ["completeness:avg"]
        )
        self.assertEqual(group["completeness:avg"], (25 + 100) / 2)

    def test_who_sees_no_tax_ids_and_documents_sees_and_sorts_all_the_same(self):
        self.env["res.config.settings"].sudo().create(
            {"group_partner_sensitive": False}
        ).execute()
        self.licence.required_of = "supplier"
        Partner = self.env["res.partner"].with_user(self.employee)
        [values] = Partner.search_read(
            [("id", "=", self.partner.id)], ["completeness"], order="completeness"
        )
        self.assertEqual(values["completeness"], 22)

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

    def test_the_partner_is_asked_for_documents_by_name(self):
        self.licence.required_of = "supplier"
        self.partner.with_user(self.editor).action_ask_missing()
        mail = self.env["mail.mail"].sudo().search([], order="id desc", limit=1)
        self.assertIn("Licence X", mail.body_html)
        whole = {"phone": "1", "street": "S", "zip": "9000", "city": "G", "vat": "/"}
        self.partner.write(whole)
        self.partner.bank_ids = [Command.create({"acc_number": "BE71096123456769"})]
        self.partner.with_user(self.editor).action_ask_missing()
        mail = self.env["mail.mail"].sudo().search([], order="id desc", limit=1)
        self.assertIn("Licence X", mail.body_html)
        self.assertNotIn("Phone", mail.body_html)
        self._document()
        with self.assertRaisesRegex(UserError, "nothing to ask"):
            self.partner.with_user(self.editor).action_ask_missing()
