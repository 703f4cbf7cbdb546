# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .common import PartnerExtensionCommon

VAT, OTHER_VAT = "BE0477472701", "BE0428759497"
IBAN = "BE71096123456769"


class TestChanges(PartnerExtensionCommon):
    """Name, tax ID and bank account change when a verifier agrees."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner.write({"country_id": cls.env.ref("base.be").id, "vat": VAT})
        cls.contact = cls.env["res.partner"].create(
            {"name": "Ann", "parent_id": cls.partner.id, "email": "ann@paper.example"}
        )
        cls.portal = new_test_user(
            cls.env, "ann@paper.example", groups="base.group_portal"
        )
        cls.portal.partner_id.parent_id = cls.partner

    def _request(self, field_name="vat", value=OTHER_VAT, user=None):
        return (
            self.env["partner.change.request"]
            .with_user(user or self.editor)
            .create(
                {
                    "partner_id": self.partner.id,
                    "field_name": field_name,
                    "new_value": value,
                }
            )
        )

    def test_what_the_portal_writes_waits(self):
        """Odoo's own portal pages write with all rights: the guard is below them."""
        partner = self.partner.with_user(self.portal).sudo()
        partner.write({"name": "Fraud & Co", "vat": OTHER_VAT, "city": "Ghent"})
        self.assertRecordValues(
            self.partner, [{"name": "Paper & Co", "vat": VAT, "city": "Ghent"}]
        )
        requests = self.partner.change_request_ids.sorted("field_name")
        self.assertRecordValues(
            requests,
            [
                {
                    "field_name": "name",
                    "old_value": "Paper & Co",
                    "new_value": "Fraud & Co",
                    "state": "pending",
                    "origin": "portal",
                    "requested_user_id": self.portal.id,
                },
                {
                    "field_name": "vat",
                    "old_value": VAT,
                    "new_value": OTHER_VAT,
                    "state": "pending",
                    "origin": "portal",
                    "requested_user_id": self.portal.id,
                },
            ],
        )
        requests.with_user(self.verifier).action_approve()
        self.assertRecordValues(
            self.partner, [{"name": "Fraud & Co", "vat": OTHER_VAT}]
        )
        self.assertEqual(requests.decision_user_id, self.verifier)

    def test_what_users_write_is_theirs_unless_the_company_wants(self):
        partner = self.partner.with_user(self.editor)
        partner.name = "Paper and Co"
        self.assertEqual(self.partner.name, "Paper and Co")
        self.company.sudo().partner_change_approval = "users"
        partner.write({"name": "Other", "vat": OTHER_VAT, "phone": "1"})
        self.assertRecordValues(
            self.partner, [{"name": "Paper and Co", "vat": VAT, "phone": "1"}]
        )
        self.assertEqual(len(self.partner.change_request_ids), 2)
        with self.assertRaisesRegex(UserError, "changed by verifiers"):
            self.env["res.partner.bank"].with_user(self.editor).create(
                {"partner_id": self.partner.id, "acc_number": IBAN}
            )
        self.partner.with_user(self.verifier).name = "Verified & Co"
        self.assertEqual(self.partner.name, "Verified & Co")

    def test_an_account_comes_first_when_approved(self):
        self.env["res.partner.bank"].create(
            {"partner_id": self.partner.id, "acc_number": "BE68539007547034"}
        )
        request = self._request("bank", IBAN)
        self.assertIn("BE68", request.sudo().old_value.replace(" ", ""))
        self.assertEqual(len(self.partner.bank_ids), 1)
        request.with_user(self.verifier).action_approve()
        self.partner.invalidate_recordset()
        self.assertEqual(self.partner.bank_ids[0].sanitized_acc_number, IBAN)
        self.assertFalse(self.partner.bank_ids[0].allow_out_payment)

    def test_refusing_needs_a_reason_and_the_partner_is_told(self):
        self.partner.with_user(self.portal).sudo().vat = OTHER_VAT
        request = self.partner.change_request_ids.with_user(self.verifier)
        with self.assertRaisesRegex(UserError, "reason"):
            request.action_refuse()
        request.reason = "It is another company's."
        request.action_refuse()
        self.assertEqual((request.state, self.partner.vat), ("refused", VAT))
        mail = self.env["mail.mail"].sudo().search([], order="id desc", limit=1)
        self.assertEqual(mail.recipient_ids, self.partner)
        self.assertIn("It is another company", mail.body_html)
        with self.assertRaisesRegex(UserError, "decided already"):
            request.action_approve()

    def test_only_verifiers_decide(self):
        request = self._request()
        for user in (self.reader, self.editor, self.employee):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    request.with_user(user).action_approve()
                with self.assertRaises(AccessError):
                    request.with_user(user).action_refuse()
                with self.assertRaises(AccessError):
                    request.with_user(user).write({"state": "approved"})
        with self.assertRaises(AccessError):
            request.with_user(self.verifier).write({"state": "approved"})
        with self.assertRaises(AccessError):
            request.with_user(self.verifier).write({"new_value": "x"})
        with self.assertRaises(AccessError):
            request.with_user(self.manager).unlink()
        made = (
            self.env["partner.change.request"]
            .with_user(self.editor)
            .create(
                {
                    "partner_id": self.partner.id,
                    "field_name": "name",
                    "new_value": "X",
                    "state": "approved",
                    "requested_user_id": self.verifier.id,
                }
            )
        )
        self.assertEqual((made.state, made.requested_user_id), ("pending", self.editor))

    def test_who_does_not_see_tax_ids_does_not_see_them_here(self):
        request = self._request()
        self.env["res.config.settings"].sudo().create(
            {"group_partner_sensitive": False}
        ).execute()
        with self.assertRaises(AccessError):
            request.with_user(self.editor).read(["new_value"])
        with self.assertRaises(AccessError):
            request.with_user(self.editor).search([("old_value", "ilike", "BE")])

    def test_the_latest_wish_counts(self):
        first = self._request()
        second = self._request(value="BE0202239951")
        self.assertEqual((first.state, second.state), ("replaced", "pending"))
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            first.sudo().state = "pending"
            self.env.flush_all()

    def test_what_cannot_be_approved_is_refused_at_once(self):
        for field_name, value in (
            ("vat", "BE0477472702"),
            ("bank", "BE71096123456768"),
            ("name", " "),
        ):
            with (
                self.subTest(field_name=field_name),
                self.assertRaises(ValidationError),
            ):
                self._request(field_name, value)

    def test_accounts_are_ibans_where_banks_have_them(self):
        belgium, usa = self.env.ref("base.be"), self.env.ref("base.us")
        for country, account, error in (
            (belgium, "BE71 0961 2345 6769", None),
            (belgium, "DE89370400440532013000", None),
            (belgium, "096-1234567-69", "in Belgium have one"),
            (belgium, "BE71096123456768", "validation check"),
            (belgium, "DE8937040044053201300", "should have entered"),
            (belgium, "hello", "in Belgium have one"),
            (usa, "021000021 / 1234-5678", None),
            (usa, "DE89370400440532013000", None),
            (usa, "DE89370400440532013001", "validation check"),
            (usa, "1234", "5 to 34"),
            (usa, "1" * 35, "5 to 34"),
            (usa, "unknown", "5 to 34"),
            (usa, "12345678; 1", "5 to 34"),
            (self.env["res.country"], "12345678", None),
            (self.env["res.country"], "BE71096123456768", "validation check"),
        ):
            with self.subTest(country=country.code, account=account):
                self.partner.country_id = country
                if error:
                    with self.assertRaisesRegex(ValidationError, error):
                        self._request("bank", account)
                else:
                    self.assertEqual(self._request("bank", account).state, "pending")
