# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A contact that is not saved yet can be filled in by whoever sees all of its form."""

from odoo.tests import Form, new_test_user

from .common import GROUP, PartnerExtensionCommon

VALUES = {"company_type": "company", "vat": "BE0477472701", "lang": "en_US"}
BY_TYPE = {
    "boolean": True,
    "char": "X1",
    "date": "2026-07-01",
    "float": 1.0,
    "html": "<p>X</p>",
    "integer": 1,
    "monetary": 1.0,
    "text": "X",
}


class TestNewPartner(PartnerExtensionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env,
            "partner_accountant",
            groups=f"base.group_user,account.group_account_manager,{GROUP}manager",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )
        cls.Partner = cls.env["res.partner"].with_user(cls.accountant)

    def test_it_is_filled_in_and_saved(self):
        """The form has what is never there before it is saved: the company it is of."""
        with Form(self.Partner) as form:
            self.assertIn("commercial_partner_id", form._view["fields"])
            form.email = "new@paper.example"
            form.country_id = self.env.ref("base.be")
            form.company_type = "company"
            form.is_customer = True
            form.name = "New"
        self.assertEqual(form.record.completeness, 29)
        missing = "Phone, Street, Zip, City, Tax ID"
        self.assertEqual(form.record.missing_text, missing)

    def test_each_field_is_set_once(self):
        form = Form(self.Partner)
        done = 0
        for name, info in list(form._view["fields"].items()):
            if (
                name == "id"
                or info["type"] == "one2many"
                or form._get_modifier(name, "readonly")
                or form._get_modifier(name, "invisible")
            ):
                continue
            value = VALUES.get(name, BY_TYPE.get(info["type"]))
            if info["type"] == "selection" and not value:
                value = info["selection"][0][0]
            elif info["type"] in ("many2one", "many2many"):
                value = self.env[info["relation"]].search([], limit=1)
            if value:
                with self.subTest(field=name):
                    form[name] = value
                    done += 1
        self.assertGreater(done, 30)
