# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Only their own partners: what others look after is neither seen nor counted."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user

from .common import GROUP, PartnerExtensionCommon


class TestOwnPartners(PartnerExtensionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(
            cls.env,
            "partner_seller",
            groups=f"base.group_user,{GROUP}editor,{GROUP}own,base.group_allow_export",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )
        cls.mine, cls.sold, cls.other = cls.env["res.partner"].create(
            [
                {
                    "name": "Mine Corp",
                    "is_company": True,
                    "responsible_id": cls.seller.id,
                    "child_ids": [Command.create({"name": "Mine's Ann"})],
                },
                {"name": "Sold Corp", "is_company": True, "user_id": cls.seller.id},
                {
                    "name": "Others Corp",
                    "is_company": True,
                    "responsible_id": cls.editor.id,
                    "user_id": cls.seller.id,
                    "email": "secret@others.example",
                    "child_ids": [Command.create({"name": "Others' Bob"})],
                },
            ]
        )
        cls.hidden = cls.other | cls.other.child_ids | cls.partner
        cls.env.flush_all()

    def _partners(self):
        self.env.invalidate_all()
        return self.env["res.partner"].with_user(self.seller)

    def test_they_see_their_own(self):
        Partner = self._partners()
        seen = self.mine | self.mine.child_ids | self.sold
        seen |= self.company.partner_id | self.seller.partner_id
        seen |= self.editor.partner_id
        self.assertEqual(Partner.search([("id", "in", (seen | self.hidden).ids)]), seen)
        self.assertEqual(len(seen.with_user(self.seller).read(["name", "email"])), 6)

    def test_they_do_not_find_the_others(self):
        Partner = self._partners()
        hidden = [("id", "in", self.hidden.ids)]
        self.assertFalse(Partner.search(hidden, order="email"))
        self.assertEqual(Partner.search_count(hidden), 0)
        self.assertFalse(Partner.search([("email", "=", "secret@others.example")]))
        self.assertFalse(Partner.name_search("Others"))
        self.assertFalse(Partner._read_group(hidden, ["name"]))
        self.assertFalse(Partner.formatted_read_group(hidden, ["name"], ["__count"]))
        self.assertFalse(
            Partner.search([*hidden, ("parent_id.email", "=", "secret@others.example")])
        )
        self.assertFalse(
            self.env["res.users"]
            .with_user(self.seller)
            .search([("partner_id", "in", self.hidden.ids)])
        )

    def test_they_neither_read_nor_change_the_others(self):
        for partner in self.hidden:
            partner = self._partners().browse(partner.id)
            with self.subTest(partner=partner.id):
                with self.assertRaises(AccessError):
                    partner.read(["name"])
                with self.assertRaises(AccessError):
                    partner.export_data(["name"])
                with self.assertRaises(AccessError):
                    partner.write({"responsible_id": self.seller.id})
                with self.assertRaises(AccessError):
                    partner.unlink()
                with self.assertRaises(AccessError):
                    partner.copy()

    def test_nor_through_what_belongs_to_them(self):
        """A contact of another's company would show the company."""
        with self.assertRaises(AccessError):
            self._partners().create({"name": "Spy", "parent_id": self.other.id})
        with self.assertRaises(AccessError):
            self._partners().browse(self.mine.id).write({"parent_id": self.other.id})

    def test_neither_by_mentioning_nor_through_invoices(self):
        Partner = self._partners()
        found = str(Partner.get_mention_suggestions("Others"))
        self.assertNotIn("Others Corp", found)
        self.assertNotIn("secret@others.example", found)
        with self.assertRaises(AccessError):
            self.env["account.move"].with_user(self.seller).search(
                [("partner_id.email", "=", "secret@others.example")]
            )
        self.seller.group_ids += self.env.ref("account.group_account_invoice")
        self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.other.id}
        )
        self.env.invalidate_all()
        Move = self.env["account.move"].with_user(self.seller)
        self.assertFalse(
            Move.search([("partner_id.email", "=", "secret@others.example")])
        )

    def test_another_groups_rights_do_not_open_it(self):
        self.seller.group_ids += self.env.ref("account.group_account_manager")
        self.assertFalse(self._partners().search([("id", "in", self.hidden.ids)]))

    def test_what_they_create_is_theirs(self):
        with Form(self._partners()) as form:
            form.name = "New"
        self.assertEqual(form.record.responsible_id, self.seller)
        form.record.message_post(body="Hello")
        self.assertTrue(form.record.message_ids.read(["author_id"]))

    def test_without_the_group_all_are_seen(self):
        Partner = self.env["res.partner"].with_user(self.editor)
        self.assertEqual(
            Partner.search([("id", "in", self.hidden.ids)]).sorted("id"),
            self.hidden.sorted("id"),
        )
