# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Tax IDs and bank accounts: each way to them is tried by who may not see them."""

import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, HttpCase, new_test_user, tagged

from .common import GROUP, PartnerExtensionCommon

VAT = "BE0477472701"
IBAN = "BE71096123456769"


@tagged("post_install", "-at_install")
class SensitiveCommon(PartnerExtensionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner.write(
            {
                "vat": VAT,
                "country_id": cls.env.ref("base.be").id,
                "company_registry": "0477472701",
                "bank_ids": [fields.Command.create({"acc_number": IBAN})],
            }
        )
        cls.bank = cls.partner.bank_ids
        cls.own_bank = cls.env["res.partner.bank"].create(
            {
                "acc_number": "DE89370400440532013000",
                "partner_id": cls.company.partner_id.id,
            }
        )
        cls.company.partner_id.vat = "US123"
        # As the settings take it from all employees.
        cls.env["res.config.settings"].sudo().create(
            {"group_partner_sensitive": False}
        ).execute()
        cls.clerk = new_test_user(
            cls.env,
            "partner_clerk",
            groups=(
                f"base.group_user,{GROUP}editor,account.group_account_invoice,"
                "base.group_allow_export"
            ),
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )
        cls.seer = new_test_user(
            cls.env,
            "partner_seer",
            groups=f"base.group_user,{GROUP}editor,{GROUP}sensitive",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )

    def test_a_copy_leaves_out_what_its_maker_may_not_see(self):
        helper = new_test_user(
            self.env,
            "partner_helper",
            groups="base.group_user,base.group_partner_manager",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        for user in (self.clerk, helper):
            copy = self.partner.with_user(user).copy({"name": "Twin"})
            self.assertFalse(copy.sudo().vat)
            self.assertFalse(copy.sudo().company_registry)
        self.assertEqual(self.partner.with_user(self.seer).copy().sudo().vat, VAT)

    def _as(self, user, model="res.partner"):
        self.env.invalidate_all()
        return self.env[model].with_user(user)


class TestTaxIDs(SensitiveCommon):
    HIDDEN = ("vat", "company_registry", "same_vat_partner_id", "vies_valid")

    def test_everybody_has_them_until_they_are_taken(self):
        self.env["res.config.settings"].sudo().create(
            {"group_partner_sensitive": True}
        ).execute()
        self.assertEqual(self._as(self.clerk).browse(self.partner.id).vat, VAT)

    def test_who_is_given_them_sees_them(self):
        partner = self._as(self.seer).browse(self.partner.id)
        self.assertEqual(partner.vat, VAT)
        self.assertEqual(partner.bank_ids.sanitized_acc_number, IBAN)
        self.assertEqual(self._as(self.verifier).browse(self.partner.id).vat, VAT)

    def test_read(self):
        partner = self._as(self.clerk).browse(self.partner.id)
        for name in self.HIDDEN:
            with self.subTest(name=name):
                with self.assertRaises(AccessError):
                    partner.read([name])
                with self.assertRaises(AccessError):
                    partner[name]
                with self.assertRaises(AccessError):
                    partner.web_read({name: {}})
                with self.assertRaises(AccessError):
                    partner.export_data([name])
                self.assertNotIn(name, partner.fields_get())

    def test_search_order_and_group(self):
        Partner = self._as(self.clerk)
        ours = [("id", "=", self.partner.id)]
        for name in ("vat", "company_registry"):
            with self.subTest(name=name):
                for domain in (
                    [(name, "=", VAT)],
                    [(name, "!=", False)],
                    [(name, "ilike", "0477")],
                    ["!", (name, "=", "x")],
                    [(f"parent_id.{name}", "ilike", "0477")],
                    [("child_ids", "any", [(name, "ilike", "0477")])],
                ):
                    with self.assertRaises(AccessError):
                        Partner.search(domain)
                    with self.assertRaises(AccessError):
                        Partner.search_count(domain)
                with self.assertRaises(AccessError):
                    Partner.search(ours, order=name)
                with self.assertRaises(AccessError):
                    Partner.search(ours, order=f"parent_id, {name} desc")
                with self.assertRaises(AccessError):
                    Partner._read_group(ours, [name])
                with self.assertRaises(AccessError):
                    Partner._read_group(ours, [], [f"{name}:array_agg"])
                with self.assertRaises(AccessError):
                    Partner.formatted_read_group(ours, [name], ["__count"])
                with self.assertRaises(AccessError):
                    Partner._read_group(
                        ours, ["name"], ["__count"], having=[(f"{name}:count", ">", 0)]
                    )

    def test_search_through_other_models(self):
        for model, path in (
            ("account.move", "partner_id.vat"),
            ("res.users", "partner_id.vat"),
            ("res.users", "vat"),
        ):
            with self.subTest(model=model, path=path), self.assertRaises(AccessError):
                self._as(self.clerk, model).search([(path, "ilike", "BE")])
        with self.assertRaises(AccessError):
            self._as(self.clerk, "res.users").search([], order="vat")
        with self.assertRaises(AccessError):
            self._as(self.clerk, "res.users").browse(self.editor.id).read(["vat"])

    def test_names_do_not_tell(self):
        Partner = self._as(self.clerk)
        self.assertFalse(Partner.name_search(VAT))
        self.assertFalse(Partner.name_search("0477472701"))
        self.assertFalse(Partner.search([("display_name", "ilike", "0477")]))
        self.assertFalse(Partner.search([("parent_id", "ilike", "0477")]))
        self.assertIn(
            self.partner.id, [found[0] for found in Partner.name_search("Paper & C")]
        )
        shown = Partner.with_context(show_vat=True).browse(self.partner.id)
        self.assertEqual(shown.display_name, "Paper & Co")
        move = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.partner.id}
        )
        Move = self._as(self.clerk, "account.move").with_context(show_vat=True)
        self.assertEqual(
            Move.browse(move.id).read(["partner_id"])[0]["partner_id"][1],
            "Paper & Co",
        )
        self.assertFalse(
            Move.search([("id", "=", move.id), ("partner_id", "ilike", "0477")])
        )
        seen = self._as(self.seer).with_context(show_vat=True)
        self.assertIn(VAT, seen.browse(self.partner.id).display_name)
        self.assertTrue(self._as(self.seer).name_search(VAT))

    def test_write_create_and_import(self):
        Partner = self._as(self.clerk)
        with self.assertRaises(AccessError):
            Partner.browse(self.partner.id).write({"vat": "BE0428759497"})
        with self.assertRaises(AccessError):
            Partner.create({"name": "New", "vat": "BE0428759497"})
        with self.assertRaises(AccessError):
            Partner.browse(self.partner.id).copy({"vat": "BE0428759497"})
        result = Partner.load(["name", "vat"], [["New", "BE0428759497"]])
        self.assertFalse(result["ids"])
        self.assertEqual(self.partner.vat, VAT)

    def test_views_do_not_ask_for_them(self):
        Partner = self._as(self.clerk)
        for view in ("form", "list", "search"):
            arch = Partner.get_view(view_type=view)["arch"]
            self.assertNotIn('name="vat"', arch)
            self.assertNotIn("('vat'", arch)
            self.assertNotIn("company_registry&quot;", arch)
        self.assertIn('name="vat"', self._as(self.seer).get_view()["arch"])

    def test_the_rest_still_works(self):
        """Odoo compares and copies tax IDs while something else is saved."""
        Partner = self._as(self.clerk)
        with Form(Partner) as form:
            form.name = "Branch"
            form.company_type = "company"
        branch = form.record
        contact = Partner.create({"name": "Ann", "parent_id": self.partner.id})
        self.assertEqual(contact.sudo().vat, VAT)
        branch.write({"parent_id": self.partner.id, "city": "Ghent"})
        branch.country_id = self.env.ref("base.be")
        self.assertEqual(branch.parent_id, self.partner)
        partner = Partner.browse(self.partner.id)
        partner.write({"name": "Paper and Co", "is_company": True})
        self.assertEqual(self.bank.acc_holder_name, "Paper and Co")
        self.assertEqual(self.partner.vat, VAT)
        result = Partner.load(
            ["name", "parent_id", "country_id"],
            [["Bob", "Paper and Co", "Belgium"]],
        )
        self.assertTrue(result["ids"], result["messages"])
        self.assertEqual(Partner.env.company.vat, "US123")

    def test_an_invoice_is_made_posted_and_printed(self):
        Move = self._as(self.clerk, "account.move")
        with Form(Move.with_context(default_move_type="out_invoice")) as form:
            form.partner_id = self.partner.with_user(self.clerk)
            with form.invoice_line_ids.new() as line:
                line.name = "Toner"
                line.price_unit = 10
        move = form.record
        move.action_post()
        self.assertEqual(move.state, "posted")
        html = (
            self.env["ir.actions.report"]
            .with_user(self.clerk)
            ._render_qweb_html("account.report_invoice", move.ids)[0]
        )
        self.assertIn(VAT, html.decode())
        with self.assertRaises(AccessError):
            self.env["ir.actions.report"].with_user(self.employee)._render_qweb_html(
                "account.report_invoice", move.ids
            )


class TestBankAccounts(SensitiveCommon):
    def test_they_are_not_found(self):
        Bank = self._as(self.clerk, "res.partner.bank")
        self.assertFalse(Bank.search([("partner_id", "=", self.partner.id)]))
        self.assertEqual(Bank.search([("id", "=", self.own_bank.id)]), self.own_bank)
        self.assertFalse(Bank.name_search("BE71"))
        self.assertFalse(Bank.search([("acc_number", "=", IBAN)]))
        ours = [("partner_id", "=", self.partner.id)]
        self.assertFalse(Bank._read_group(ours, ["acc_number"]))
        self.assertFalse(Bank.formatted_read_group(ours, ["partner_id"], ["__count"]))
        partner = self._as(self.clerk).browse(self.partner.id)
        self.assertFalse(partner.bank_ids)
        for path in ("bank_ids.acc_number", "bank_ids.sanitized_acc_number"):
            self.assertFalse(partner.search([(path, "ilike", "BE71")]))
        self.assertEqual(partner.export_data(["bank_ids/acc_number"])["datas"], [[""]])

    def test_they_are_neither_read_nor_changed(self):
        bank = self._as(self.clerk, "res.partner.bank").browse(self.bank.id)
        with self.assertRaises(AccessError):
            bank.read(["acc_number"])
        with self.assertRaises(AccessError):
            bank.export_data(["acc_number"])
        with self.assertRaises(AccessError):
            bank.write({"acc_number": "BE68539007547034"})
        with self.assertRaises(AccessError):
            bank.unlink()
        with self.assertRaises(AccessError):
            bank.create({"acc_number": "X1", "partner_id": self.partner.id})
        with self.assertRaises(AccessError):
            self._as(self.clerk).browse(self.partner.id).write(
                {"bank_ids": [fields.Command.create({"acc_number": "X1"})]}
            )

    def test_a_bill_does_not_tell_the_account(self):
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.partner.id,
                "partner_bank_id": self.bank.id,
            }
        )
        bill = self._as(self.clerk, "account.move").browse(bill.id)
        shown = bill.read(["partner_bank_id"])[0]["partner_bank_id"][1]
        self.assertEqual(shown, "•••• 6769")
        value = bill.web_read({"partner_bank_id": {"fields": {"display_name": {}}}})
        self.assertNotIn("BE71", str(value))
        self.assertFalse(
            bill.search([("id", "=", bill.id), ("partner_bank_id", "ilike", "BE71")])
        )
        with self.assertRaises(AccessError):
            bill.export_data(["partner_bank_id/acc_number"])
        seen = self._as(self.verifier, "res.partner.bank").browse(self.bank.id)
        self.assertIn("BE71 0961 2345 6769", seen.display_name)


@tagged("post_install", "-at_install")
class TestSensitiveRpc(SensitiveCommon, HttpCase):
    def _post(self, user, path, **body):
        until = fields.Datetime.now() + timedelta(days=365 * 20)
        key = self.env["res.users.apikeys"].with_user(user).sudo()
        response = self.url_open(
            f"/json/2/{path}",
            data=json.dumps(body),
            headers={
                "Authorization": f"bearer {key._generate('rpc', 'test', until)}",
                "Content-Type": "application/json",
                "X-Odoo-Database": self.env.cr.dbname,
            },
        )
        return response

    def test_over_rpc(self):
        for path, body in (
            ("res.partner/read", {"ids": self.partner.ids, "fields": ["vat"]}),
            ("res.partner/search_read", {"domain": [("vat", "=", VAT)], "fields": []}),
            ("res.partner/search_read", {"fields": ["name", "vat"]}),
            ("res.partner/search_count", {"domain": [("vat", "ilike", "BE")]}),
            ("res.partner/write", {"ids": self.partner.ids, "vals": {"vat": "x"}}),
            ("res.partner/formatted_read_group", {"groupby": ["vat"], "domain": []}),
            ("res.partner.bank/read", {"ids": self.bank.ids, "fields": ["acc_number"]}),
        ):
            with self.subTest(path=path, body=body):
                response = self._post(self.clerk, path, **body)
                self.assertEqual(response.status_code, 403, response.text)
                self.assertNotIn("0477472701", response.text)
        response = self._post(
            self.seer, "res.partner/read", ids=self.partner.ids, fields=["vat"]
        )
        self.assertEqual(response.json()[0]["vat"], VAT)

    def test_own_partners_over_rpc(self):
        seller = new_test_user(
            self.env, "partner_seller", groups=f"base.group_user,{GROUP}own"
        )
        ids = self.partner.ids
        for path, body in (
            ("res.partner/read", {"ids": ids, "fields": ["name"]}),
            ("res.partner/web_read", {"ids": ids, "specification": {"name": {}}}),
        ):
            with self.subTest(path=path):
                response = self._post(seller, path, **body)
                self.assertEqual(response.status_code, 403, response.text)
                self.assertNotIn("Paper & Co", response.text)
        domain = [("id", "in", ids)]
        for path, body, nothing in (
            ("res.partner/search_read", {"domain": domain, "fields": ["name"]}, []),
            ("res.partner/search_count", {"domain": domain}, 0),
            ("res.partner/name_search", {"name": "Paper &"}, []),
        ):
            with self.subTest(path=path):
                self.assertEqual(self._post(seller, path, **body).json(), nothing)
        self.partner.responsible_id = seller
        response = self._post(seller, "res.partner/read", ids=ids, fields=["name"])
        self.assertEqual(response.json()[0]["name"], "Paper & Co")
