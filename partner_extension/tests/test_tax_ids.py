# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from psycopg2.errors import ExclusionViolation

from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from .common import PartnerExtensionCommon

BELGIAN = "BE0477472701"


class TestTaxIdNormalized(PartnerExtensionCommon):
    def test_one_way_of_writing(self):
        for country, entered, normalized in (
            ("be", "BE 0477.472.701", BELGIAN),
            ("be", "0477472701", BELGIAN),
            ("be", "be0477472701", BELGIAN),
            (None, "BE0477472701", BELGIAN),
            ("gr", "EL 094259216", "EL094259216"),
            ("gr", "094259216", "EL094259216"),
            ("ch", "CHE-107.787.577 MWST", "CHE107787577"),
            ("ch", "CHE-107.787.577 TVA", "CHE107787577"),
            ("no", "NO 995 525 828 MVA", "NO995525828"),
            ("us", "12-3456789", "US123456789"),
            ("fr", "EU826012345", "EU826012345"),
            ("uk", "XI 980 7806 84", "XI980780684"),
            ("uk", "980780684", "GB980780684"),
            (None, "/", False),
            (None, False, False),
        ):
            partner = (
                self.env["res.partner"]
                .with_context(no_vat_validation=True)
                .create(
                    {
                        "name": "X",
                        "vat": entered,
                        "country_id": country
                        and self.env.ref(
                            f"base.{'uk' if country == 'gb' else country}"
                        ).id,
                    }
                )
            )
            self.assertEqual(partner.vat_normalized, normalized, (country, entered))


class TestTaxIdUnique(PartnerExtensionCommon):
    """By company: allowed, warned of, or blocked by the database itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_vat_unique = "block"
        cls.belgium = cls.env.ref("base.be")
        cls.first = cls._create(vat=BELGIAN)
        cls.sister = cls.env["res.company"].sudo().create({"name": "Sister"})

    @classmethod
    def _create(cls, **values):
        return (
            cls.env["res.partner"]
            .sudo()
            .create({"name": "Twin", "country_id": cls.belgium.id, **values})
        )

    def test_refused_however_it_is_written(self):
        for vat in (BELGIAN, "0477472701", "BE 0477.472.701"):
            with self.assertRaises(ValidationError) as caught:
                self._create(vat=vat)
            self.assertIn("Twin has it already", str(caught.exception))
        other = self._create()
        with self.assertRaises(ValidationError):
            other.vat = BELGIAN
        archived = self._create(vat=BELGIAN, active=False)
        with self.assertRaises(ValidationError):
            archived.active = True

    def test_the_refusal_tells_no_more_than_its_reader_may_know(self):
        """Constraints run with all rights; names and numbers are told by those of the
        user."""
        portal = self.env["res.users"].create(
            {
                "name": "Customer",
                "login": "partner_customer",
                "group_ids": [(6, 0, self.env.ref("base.group_portal").ids)],
            }
        )
        archived = self._create(name="Other", vat=BELGIAN, active=False)
        with self.assertRaises(ValidationError) as caught:
            archived.with_user(portal).sudo().active = True
        self.assertNotIn("Twin", str(caught.exception))
        self.assertIn("a partner that you do not see", str(caught.exception))
        self.env["res.config.settings"].sudo().create(
            {"group_partner_sensitive": False}
        ).execute()
        self.env.invalidate_all()
        with self.assertRaises(ValidationError) as caught:
            archived.with_user(self.editor).active = True
        self.assertIn("Twin has it already", str(caught.exception))
        self.assertNotIn("0477472701", str(caught.exception))

    def test_two_in_one_batch(self):
        with self.assertRaises(ValidationError):
            self.env["res.partner"].create(
                [
                    {"name": "A", "vat": "BE0428759497"},
                    {"name": "B", "vat": "BE0428759497"},
                ]
            )

    def test_contacts_of_one_company_share_it(self):
        contact = self._create(parent_id=self.first.id)
        self.assertEqual(contact.vat, BELGIAN)
        self.assertFalse(contact.vat_unique)

    def test_other_companies_are_free(self):
        self.first.company_id = self.company
        twin = self._create(vat=BELGIAN, company_id=self.sister.id)
        self.assertEqual(twin.vat_normalized, BELGIAN)
        self.sister.partner_vat_unique = "block"
        self.assertEqual(
            (self.first | twin).mapped("vat_unique"), [BELGIAN, BELGIAN], "each its own"
        )
        with self.assertRaises(ValidationError):
            self._create(vat=BELGIAN)  # of all companies

    @mute_logger("odoo.sql_db")
    def test_the_database_guards_what_python_cannot_see(self):
        other = self._create()
        self.env.flush_all()
        with self.assertRaises(ExclusionViolation), self.env.cr.savepoint():
            self.env.cr.execute(
                "UPDATE res_partner SET vat_unique = %s WHERE id = %s",
                [BELGIAN, other.id],
            )
        with self.assertRaises(ExclusionViolation), self.env.cr.savepoint():
            self.env.cr.execute(
                "UPDATE res_partner SET vat_unique = %s, company_id = %s WHERE id = %s",
                [BELGIAN, self.company.id, other.id],
            )

    def test_what_was_double_before_stays_and_gets_no_third(self):
        self.company.partner_vat_unique = "warn"
        self.assertFalse(self.first.vat_unique)
        second = self._create(vat=BELGIAN)
        self.assertEqual(self.first.same_vat_partner_id, second)
        self.company.partner_vat_unique = "block"
        self.assertEqual(
            (self.first | second).mapped("vat_unique"), [BELGIAN, False], "the older"
        )
        second.phone = "+32 2 1"
        with self.assertRaises(ValidationError):
            self._create(vat=BELGIAN)
        self.company.partner_vat_unique = "off"
        self.assertFalse(self.first.vat_unique)
        self.first.invalidate_recordset()
        self.assertFalse(self.first.same_vat_partner_id, "nor warned of")

    def test_merged_partners_keep_it(self):
        other = self._create(name="Other")
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo()
        wizard._merge([self.first.id, other.id], other)
        self.assertEqual(other.vat, BELGIAN)
        self.assertEqual(other.vat_unique, BELGIAN)
