# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from ..hooks import pre_init_hook
from .common import PartnerExtensionCommon


class DuplicateCommon(PartnerExtensionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.belgium = cls.env.ref("base.be")
        cls.address = {
            "street": "Stationsstraat 12",
            "zip": "9000",
            "city": "Gent",
            "country_id": cls.belgium.id,
        }
        cls.first = cls._create("Papier en Inkt BV", **cls.address)

    @classmethod
    def _create(cls, name, **values):
        return cls.env["res.partner"].create(
            {"name": name, "is_company": True, **values}
        )

    def _find(self):
        self.env["partner.duplicate"]._find()
        return self.env["partner.duplicate"].search(
            ["|", ("partner_id", "=", self.first.id), ("other_id", "=", self.first.id)]
        )


class TestDuplicates(DuplicateCommon):
    def test_each_reason(self):
        self.first.write(
            {
                "vat": "BE0477472701",
                "email": "Info@Papier.be",
                "phone": "+32 9 233 44 55",
                "bank_ids": [(0, 0, {"acc_number": "BE71096123456769"})],
            }
        )
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": self._create("Bank twin").id}
        )
        self.env["res.partner.bank"].create(
            {"acc_number": "BE71 0961 2345 6769", "partner_id": contact.id}
        )
        twins = {
            "same_vat": self._create("Vat twin", vat="0477472701", **self.address),
            "same_email": self._create("Mail twin", email="info@papier.be"),
            "same_phone": self._create(
                "Phone twin", phone="09 233 44 55", country_id=self.belgium.id
            ),
            "same_iban": contact.parent_id,
            "similar_name": self._create("Papier & Inkt", **self.address),
        }
        pairs = self._find()
        self.assertEqual(len(pairs), 5)
        for reason, twin in twins.items():
            pair = pairs.filtered(lambda p, t=twin: p.other_id == t)
            self.assertEqual(pair.partner_id, self.first, reason)
            found = [name for name in twins if pair[name]]
            self.assertEqual(found, [reason])
        self.assertEqual(self.first.duplicate_count, 5)
        self.assertEqual(twins["same_vat"].duplicate_count, 1)

    def test_several_reasons_are_one_pair(self):
        self.first.email = "info@papier.be"
        self._create("Papier en Inkt", email="info@papier.be", **self.address)
        pair = self._find()
        self.assertEqual(pair.reasons, "E-mail, Name and address")

    def test_what_is_no_duplicate(self):
        self.first.write({"email": "info@papier.be", "company_id": self.company.id})
        sister = self.env["res.company"].create({"name": "Sister"})
        self._create("Sister's", email="info@papier.be", company_id=sister.id)
        self._create("Archived", email="info@papier.be", active=False)
        self._create("Contact", email="info@papier.be", parent_id=self.first.id).write(
            {"is_company": False}
        )
        self._create("Papier en Inkt BV", zip="1000", country_id=self.belgium.id)
        self._create("Toner Shop", **self.address)
        self.company.partner_id.email = "info@papier.be"
        self.assertFalse(self._find())

    def test_what_very_many_share_means_nothing(self):
        self.first.email = "unknown@papier.be"
        for n in range(19):
            self._create(f"Other {n}", email="unknown@papier.be")
        self.assertEqual(len(self._find()), 19)
        self._create("One more", email="unknown@papier.be")
        self.assertFalse(self._find())

    def test_dismissed_until_they_share_more(self):
        self.first.email = "info@papier.be"
        twin = self._create("Twin", email="info@papier.be")
        pair = self._find()
        with self.assertRaises(AccessError):
            pair.with_user(self.editor).action_dismiss()
        pair.with_user(self.verifier).action_dismiss()
        self.assertFalse(self.first.duplicate_count)
        self.assertTrue(self._find().is_dismissed)
        self.assertEqual(pair.dismissed_user_id, self.verifier)
        twin.phone = self.first.phone = "+32 9 233 44 55"
        self.assertEqual(self._find(), pair)
        self.assertFalse(pair.is_dismissed, "now the phone as well")
        twin.write({"phone": False, "email": "other@papier.be"})
        self.assertFalse(self._find())

    @mute_logger("odoo.sql_db")
    def test_a_pair_is_there_once(self):
        self.first.email = "info@papier.be"
        self._create("Twin", email="info@papier.be")
        pair = self._find().sudo()
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            pair.copy()
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            pair.write({"partner_id": pair.other_id.id, "other_id": pair.partner_id.id})
            self.env.flush_all()

    def test_who_sees_them(self):
        self.first.email = "info@papier.be"
        self._create("Twin", email="info@papier.be")
        pair = self._find()
        self.assertEqual(pair.with_user(self.editor).reasons, "E-mail")
        for user in (self.reader, self.employee):
            with self.assertRaises(AccessError):
                pair.with_user(user).read(["reasons"])
        for attempt in (
            pair.with_user(self.editor).action_find,
            pair.with_user(self.editor).action_keep_older,
            lambda: pair.with_user(self.verifier).write({"is_dismissed": True}),
            lambda: pair.with_user(self.manager).unlink(),
        ):
            with self.assertRaises(AccessError):
                attempt()
        sister = self.env["res.company"].create({"name": "Sister"})
        pair.other_id.company_id = sister
        with self.assertRaises(AccessError):
            pair.with_user(self.verifier).action_keep_older()

    def test_statements_do_not_grow_with_partners(self):
        def count():
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["partner.duplicate"]._find()
            return self.env.cr.sql_log_count - before

        few = count()
        self.env["res.partner"].create(
            [{"name": f"P {n}", "email": f"p{n // 2}@many.be"} for n in range(200)]
        )
        self.assertEqual(count(), few)


class TestMerge(DuplicateCommon):
    """A merge loses nothing."""

    def test_history_follows(self):
        kind = self.env["partner.document.kind"].create({"name": "Trade licence"})
        self.first.email = "info@papier.be"
        twin = self._create("Inkt Handel", email="info@papier.be", phone="+32 9 1")
        third = self._create("Third", email="info@papier.be")
        document = self.env["partner.document"].create(
            {
                "partner_id": twin.id,
                "kind_id": kind.id,
                "valid_until": date(2027, 1, 1),
            }
        )
        answer = (
            self.env["partner.registry.answer"]
            .sudo()
            .create(
                {
                    "partner_id": twin.id,
                    "registry": "VIES",
                    "tax_id": "BE0477472701",
                    "asked_on": "2026-01-01 10:00:00",
                }
            )
        )
        twin.message_post(body="They pay late")
        invoice = self.init_invoice(
            "out_invoice", partner=twin, products=self.product_a, post=True
        )
        pairs = self._find()
        self.env["partner.duplicate"].search(
            [("partner_id", "=", twin.id), ("other_id", "=", third.id)]
        ).action_dismiss()
        self.first.action_verify()
        pair = pairs.filtered(lambda p: p.other_id == twin)
        result = pair.with_user(self.verifier).action_keep_older()
        self.assertEqual(result["res_id"], self.first.id)
        self.assertFalse(twin.exists())
        self.assertEqual(document.partner_id, self.first)
        self.assertEqual(answer.partner_id, self.first)
        self.assertEqual(invoice.partner_id, self.first)
        bodies = "".join(self.first.message_ids.mapped("body"))
        self.assertIn("They pay late", bodies)
        self.assertIn(f"Inkt Handel, ID {twin.id}, info@papier.be", bodies)
        self.assertEqual(self.first.verification_state, "review", "the phone is new")
        rest = self._find()
        self.assertEqual(rest.other_id, third)
        self.assertTrue(rest.is_dismissed, "what was decided of the other")

    def test_the_verification_of_the_one_that_stays(self):
        self.first.email = "info@papier.be"
        twin = self._create("Inkt Handel", email="info@papier.be", **self.address)
        twin.action_verify()
        self._find().action_keep_older()
        self.assertEqual(self.first.verification_state, "new")
        self.assertFalse(self.first.verified_date)

    def test_a_selection_of_three_that_are_one(self):
        self.first.email = "info@papier.be"
        self._create("Twin", email="info@papier.be")
        self._create("Third", email="info@papier.be")
        self._find()
        self.env["partner.duplicate"].search(
            self.first._get_duplicate_domain()
        ).action_keep_older()
        self.assertEqual(
            self.env["res.partner"].search([("email", "=", "info@papier.be")]),
            self.first,
        )


class TestTrigrams(PartnerExtensionCommon):
    @mute_logger("odoo.sql_db")
    def test_who_may_not_create_the_extension_is_told_what_to_do(self):
        """Installing as a database user without that right, and without pg_trgm."""
        execute = self.env.cr.execute
        execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not self.env.cr.fetchone()[0]:
            self.skipTest("Only a superuser of PostgreSQL can try as another user.")
        pre_init_hook(self.env)  # it is there
        execute("DROP EXTENSION pg_trgm CASCADE")
        execute("CREATE ROLE partner_extension_limited")
        execute("SET LOCAL ROLE partner_extension_limited")
        with self.assertRaises(UserError) as caught:
            pre_init_hook(self.env)
        self.assertIn("permission denied", str(caught.exception))
        self.assertIn("CREATE EXTENSION pg_trgm;", str(caught.exception))
        execute("RESET ROLE")
        pre_init_hook(self.env)
        execute("SELECT similarity('toner', 'toner')")
        self.assertEqual(self.env.cr.fetchone()[0], 1)
