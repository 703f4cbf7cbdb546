# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""One field finds a partner by anything, and tells nobody what is not theirs."""

from odoo.tests import new_test_user

from .common import PartnerExtensionCommon

IBAN = "ES9121000418450200051332"


class TestSearch(PartnerExtensionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner.write(
            {
                "country_id": cls.env.ref("base.es").id,
                "vat": "ESA12345674",
                "phone": "+34 912 34 56 78",
                "ref": "C-0815",
            }
        )
        cls.env["res.partner.bank"].sudo().create(
            {"partner_id": cls.partner.id, "acc_number": IBAN}
        )
        kind = cls.env["partner.document.kind"].sudo().create({"name": "Licence"})
        cls.env["partner.document"].sudo().create(
            {"partner_id": cls.partner.id, "kind_id": kind.id, "number": "LIC/99-X"}
        )
        cls.invoice = cls._create_invoice_one_line(
            price_unit=1.0, tax_ids=[], partner_id=cls.partner, post=True
        )
        cls.sensitive = "partner_extension.group_partner_extension_sensitive"

    def _find(self, text, user=None):
        partners = self.env["res.partner"].with_user(user or self.env.user)
        return partners.search([("search_everything", "ilike", text)])

    def test_anything_finds(self):
        user = new_test_user(
            self.env,
            "clerk",
            groups="account.group_account_invoice,"
            "partner_extension.group_partner_extension_reader",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        for text in (
            "paper &",
            "office@paper",
            "ESA12345674",
            "ES A-123.456.74",
            "C-0815",
            "+34 912 34 56 78",
            "0034912345678",
            "912-345 678",
            "0912 34 56 78",
            IBAN,
            "es91 2100 0418 4502 0005 1332",
            "LIC/99",
            self.invoice.name,
        ):
            self.assertEqual(self._find(text, user), self.partner, text)
        for text in ("LIC/98", "999 999 999", "ES91 9999", "nobody"):
            self.assertFalse(self._find(text, user), text)

    def test_where_a_partner_is_chosen_numbers_find_it(self):
        partners = self.env["res.partner"]
        for text in ("912 34 56 78", "ES91 2100 0418", "paper &"):
            found = [partner_id for partner_id, _name in partners.name_search(text)]
            self.assertEqual(found, self.partner.ids, text)
        self.assertFalse(partners.name_search("000 999 777 888"))
        self.assertFalse(
            partners.search([("display_name", "ilike", "912345678"), ("id", "=", 0)])
        )

    def test_links_find_from_both_sides(self):
        other = self.env["res.partner"].create({"name": "Quarry Bank"})
        kind = (
            self.env["partner.link.kind"]
            .sudo()
            .create({"name": "is paid by", "inverse_name": "pays for"})
        )
        self.env["partner.link"].sudo().create(
            {
                "partner_id": self.partner.id,
                "kind_id": kind.id,
                "other_partner_id": other.id,
                "note": "contract LEASE-5",
            }
        )
        both = self.partner | other
        for text in ("quarry", "paper &", "LEASE-5"):
            self.assertEqual(self._find(text, self.reader), both, text)
        self.assertEqual(self._find("quarry", self.employee), other)
        self.assertFalse(self._find("LEASE-5", self.employee))

    def test_contacts_come_with_their_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": self.partner.id}
        )
        self.assertEqual(self._find(IBAN), self.partner | contact)

    def test_what_is_not_seen_does_not_find(self):
        # Documents are the readers', invoices the accountants'.
        self.assertTrue(self._find("LIC/99", self.reader))
        self.assertFalse(self._find("LIC/99", self.employee))
        self.assertFalse(self._find(self.invoice.name, self.reader))
        partners = self.env["res.partner"]
        if not partners._has_field_access(partners._fields["vat"], "read"):
            self.assertFalse(self._find("ESA12345674"))

    def test_accounts_need_rights_to_accounts(self):
        """Whoever may not read bank accounts does not find by them."""
        self.env["ir.model.access"].sudo().search(
            [("model_id.model", "=", "res.partner.bank")]
        ).group_id = self.env.ref("base.group_system")
        self.assertFalse(self._find(IBAN, self.reader))
        self.assertTrue(self._find("paper &", self.reader))

    def test_a_field_with_a_group_does_not_find_for_others(self):
        field = self.env["res.partner"]._fields["vat"]
        self.addCleanup(setattr, field, "groups", field.groups)
        field.groups = "base.group_system"
        for text in ("ESA12345674", "ES A-123.456.74"):
            self.assertFalse(self._find(text, self.reader), text)
        self.assertTrue(self._find("paper &", self.reader))

    def test_the_search_view_has_it_first(self):
        arch = self.env["res.partner"].get_view(view_type="search")["arch"]
        self.assertLess(
            arch.index('name="search_everything"'), arch.index('name="name"')
        )
