# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .common import GROUP, PartnerExtensionCommon


class TestLinks(PartnerExtensionCommon):
    """Stored once, seen and found from both sides, never twice at a time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplies = cls.env.ref("partner_extension.link_kind_supplies")
        cls.works = cls.env.ref("partner_extension.link_kind_works")
        cls.customer = cls.env["res.partner"].create({"name": "Print Shop"})
        cls.link = cls._link(date_from="2026-01-01", date_to="2026-12-31")

    @classmethod
    def _link(cls, **values):
        values = {
            "partner_id": cls.partner.id,
            "kind_id": cls.supplies.id,
            "other_partner_id": cls.customer.id,
            **values,
        }
        return cls.env["partner.link"].with_user(cls.editor).create(values)

    def _assert_refused(self, **values):
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self._link(**values)
            self.env.flush_all()

    def test_seen_from_both_sides(self):
        for partner, text, other in (
            (self.partner, "supplies", self.customer),
            (self.customer, "is supplied by", self.partner),
        ):
            with self.subTest(partner=partner.name):
                partner = partner.with_user(self.reader)
                self.assertEqual(partner.link_count, 1)
                action = partner.action_open_links()
                links = (
                    self.env["partner.link"]
                    .with_user(self.reader)
                    .with_context(**action["context"])
                    .search(action["domain"])
                )
                self.assertEqual(links, self.link)
                self.assertEqual(links.side_text, text)
                self.assertEqual(links.side_partner_id, other)

    def test_found_by_the_others_name(self):
        Partner = self.env["res.partner"].with_user(self.reader)
        ours = [("id", "in", (self.partner | self.customer).ids)]
        for name, found in (("Print Sh", self.partner), ("Paper", self.customer)):
            with self.subTest(name=name):
                self.assertEqual(
                    Partner.search([("linked_partner_ids", "ilike", name), *ours]),
                    found,
                )
        self.assertEqual(
            Partner.search([("linked_partner_ids", "in", self.customer.ids)]),
            self.partner,
        )
        self.assertEqual(self.partner.sudo().linked_partner_ids, self.customer)

    def test_not_twice_at_a_time(self):
        self._assert_refused()
        self._assert_refused(date_from="2026-12-31")
        self._assert_refused(date_from="2025-01-01", date_to="2026-01-01")
        self._link(date_from="2027-01-01")
        self._link(kind_id=self.works.id)
        # The other supplies as well: another link.
        self._link(partner_id=self.customer.id, other_partner_id=self.partner.id)

    def test_the_same_from_both_sides_is_the_same(self):
        self._link(kind_id=self.works.id)
        self._assert_refused(
            kind_id=self.works.id,
            partner_id=self.customer.id,
            other_partner_id=self.partner.id,
        )

    def test_what_cannot_be(self):
        self._assert_refused(other_partner_id=self.partner.id)
        self._assert_refused(date_from="2028-02-01", date_to="2028-01-01")

    def test_current_ones(self):
        over = self._link(date_from="2024-01-01", date_to="2025-12-31")
        Link = self.env["partner.link"].with_user(self.reader)
        ours = [("id", "in", (over | self.link).ids)]
        self.assertEqual(Link.search([("is_current", "=", True), *ours]), self.link)
        self.assertEqual(Link.search([("is_current", "=", False), *ours]), over)
        self.assertTrue(self.link.is_current)
        self.assertFalse(over.is_current)

    def test_rights(self):
        with self.assertRaises(AccessError):
            self.link.with_user(self.reader).note = "x"
        with self.assertRaises(AccessError):
            self.link.with_user(self.employee).read(["note"])
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(self.employee).search(
                [("linked_partner_ids", "ilike", "Print")]
            )
        seller = new_test_user(
            self.env,
            "partner_seller",
            groups=f"base.group_user,{GROUP}editor,{GROUP}own",
        )
        Link = self.env["partner.link"].with_user(seller)
        self.assertFalse(Link.search([]))
        with self.assertRaises(AccessError):
            Link.browse(self.link.id).read(["note"])
        self.customer.responsible_id = seller
        self.assertEqual(Link.search([]), self.link)
        self._assert_names_are_told(Link.browse(self.link.id))

    def _assert_names_are_told(self, link):
        """Who sees one side's link sees to whom it is, but no more of that one."""
        seller = link.env.user
        self.env.invalidate_all()
        self.assertEqual(link.display_name, "Paper & Co supplies Print Shop")
        spec = {"display_name": {}}
        for side in ("partner_id", "other_partner_id", "side_partner_id"):
            spec[side] = {"fields": {"display_name": {}}}
        told = link.web_read(spec)[0]
        self.assertEqual(told["partner_id"]["display_name"], "Paper & Co")
        html = (
            self.env["ir.actions.report"]
            .with_user(seller)
            ._render_qweb_html("partner_extension.report_partner", self.customer.ids)
        )[0]
        self.assertIn("Paper &amp; Co", html.decode())
        with self.assertRaises(AccessError):
            link.partner_id.read(["email"])
        # To link any partner would tell its name.
        secret = self.env["res.partner"].create({"name": "Secret Ltd"})
        values = {"kind_id": self.works.id, "partner_id": self.customer.id}
        with self.assertRaises(AccessError):
            link.create({**values, "other_partner_id": secret.id})
        own = link.create(
            {**values, "other_partner_id": self.env.company.partner_id.id}
        )
        with self.assertRaises(AccessError):
            own.other_partner_id = secret
