# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import datetime, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .common import TODAY, PartnerExtensionCommon

NOW = datetime.fromisoformat(f"{TODAY} 10:00:00")


class TestVerificationState(PartnerExtensionCommon):
    """Who may say that a partner is who it claims to be, and what undoes it."""

    def _verified(self, **values):
        partner = self.env["res.partner"].create(
            {
                "name": "Toner GmbH",
                "is_company": True,
                "street": "Hafenstr. 1",
                "phone": "+32 2 555 12 34",
                "email": "office@toner.example",
                **values,
            }
        )
        partner.with_user(self.verifier).action_verify()
        return partner

    def test_from_new_to_verified(self):
        self.env.cr.flush()  # what is created meanwhile is not tracked
        self.assertEqual(self.partner.verification_state, "new")
        with self.assertRaises(AccessError):
            self.partner.with_user(self.reader).action_ask_verification()
        self.partner.with_user(self.editor).action_ask_verification()
        self.assertEqual(self.partner.verification_state, "to_verify")
        with self.assertRaises(AccessError):
            self.partner.with_user(self.editor).action_verify()
        self.partner.with_user(self.verifier).with_context(
            tracking_disable=False, mail_notrack=False
        ).action_verify()
        self.assertRecordValues(
            self.partner,
            [
                {
                    "verification_state": "verified",
                    "verification_user_id": self.verifier.id,
                    "verification_date": NOW,
                    "verified_date": NOW,
                }
            ],
        )
        self.env.cr.flush()
        self.env.invalidate_all()
        values = self.partner.message_ids.sudo().tracking_value_ids
        tracked = values.mapped("new_value_char")
        self.assertIn("Verified", tracked)

    def test_a_refusal_has_a_reason(self):
        decision = (
            self.env["partner.verification.decision"]
            .with_user(self.verifier)
            .create({"partner_ids": self.partner.ids, "reason": "Letterbox company"})
        )
        with self.assertRaises(AccessError):
            decision.with_user(self.editor).action_decide()
        decision.action_decide()
        self.assertEqual(self.partner.verification_state, "refused")
        self.assertEqual(self.partner.verification_reason, "Letterbox company")
        self.partner._set_conflict("VIES")
        self.assertEqual(self.partner.verification_state, "refused")

    def test_nobody_writes_it_past_the_buttons(self):
        Partner = self.env["res.partner"]
        for user in (self.editor, self.verifier, self.manager):
            partner = self.partner.with_user(user)
            partners = Partner.with_user(user)
            forged = {"verification_state": "verified", "verified_date": NOW}
            for attempt in (
                lambda p=partner, v=forged: p.write(v),
                lambda p=partner: p.write({"verification_user_id": self.env.uid}),
                lambda p=partners, v=forged: p.create({"name": "Forged", **v}),
                lambda p=partners: p.with_context(
                    default_verification_state="refused"
                ).create({"name": "Forged"}),
            ):
                with self.assertRaises(AccessError):
                    attempt()
            partner.with_context(partner_merge=True).write(forged)
            self.assertEqual(partner.verification_state, "new")
            result = partners.load(
                ["name", "verification_state"], [["Forged", "Verified"]]
            )
            self.assertFalse(result["ids"])
        self.assertEqual(self._verified().copy().verification_state, "new")

    @mute_logger("odoo.sql_db")
    def test_the_database_wants_to_know_when(self):
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env.cr.execute(
                "UPDATE res_partner SET verification_state = 'verified' WHERE id = %s",
                [self.partner.id],
            )

    def test_each_watched_change_has_it_reviewed(self):
        changes = {
            "name": "Toner AG",
            "street": "Kaistr. 9",
            "zip": "20457",
            "city": "Hamburg",
            "country_id": self.env.ref("base.de").id,
            "phone": "+32 2 555 12 35",
            "email": "mail@toner.example",
            "vat": "BE0477472701",
        }
        for field, value in changes.items():
            partner = self._verified()
            partner.with_user(self.editor).write({field: value})
            self.assertEqual(partner.verification_state, "review", field)
            self.assertEqual(partner.verification_user_id, self.editor)
            self.assertIn(
                partner._fields[field]._description_string(self.env),
                partner.verification_reason,
            )
            self.assertEqual(partner.verified_date, NOW)

    def test_what_is_written_otherwise_only_is_no_change(self):
        partner = self._verified(vat="BE0477472701")
        partner.write(
            {
                "name": "Toner  GmbH",
                "phone": "+3225551234",
                "vat": "BE 0477.472.701",
                "email": "Office@Toner.example",
                "street": "Hafenstr. 1",
                "comment": "Calls back",
            }
        )
        self.assertEqual(partner.verification_state, "verified")

    def test_contacts_do_not_put_their_company_to_review(self):
        partner = self._verified()
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": partner.id, "phone": "+32 2 1"}
        )
        contact.phone = "+32 2 2"
        self.assertEqual(partner.verification_state, "verified")

    def test_bank_accounts(self):
        def account(**values):
            return self.env["res.partner.bank"].create(
                {"acc_number": "BE68539007547034", **values}
            )

        partner = self._verified()
        bank = account(partner_id=partner.id)
        for change in (
            lambda: bank.write({"acc_number": "BE71096123456769"}),
            lambda: bank.write({"acc_holder_name": "Somebody Else"}),
            lambda: bank.action_archive(),
            lambda: bank.unlink(),
        ):
            self.assertEqual(partner.verification_state, "review")
            partner.action_verify()
            change()
        self.assertEqual(partner.verification_reason, "Bank account removed")

        partner, other = self._verified(), self._verified()
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": partner.id}
        )
        bank = account(partner_id=contact.id)
        self.assertEqual(partner.verification_state, "review", "a contact's account")
        partner.action_verify()
        bank.acc_number = "BE68 5390 0754 7034"
        self.assertEqual(partner.verification_state, "verified", "only written apart")
        bank.partner_id = other
        self.assertEqual((partner | other).mapped("verification_state"), ["review"] * 2)

    def test_who_must_hold_documents_is_not_verified_without(self):
        kind = self.env["partner.document.kind"].create({"name": "Trade licence"})
        self.partner.document_kind_ids = kind
        with self.assertRaisesRegex(UserError, "Paper & Co: Trade licence"):
            self.partner.action_verify()
        document = self.env["partner.document"].create(
            {"partner_id": self.partner.id, "kind_id": kind.id}
        )
        with self.assertRaisesRegex(UserError, "Paper & Co: Trade licence"):
            self.partner.action_verify()
        document.action_verify()
        self.partner.action_verify()
        self.assertEqual(self.partner.verification_state, "verified")


class TestPeriodicReview(PartnerExtensionCommon):
    def _review_on(self, day):
        with freeze_time(f"{day} 10:00:00"), self.enter_registry_test_mode():
            self.env["res.partner"].flush_model()
            self.env.ref(
                "partner_extension.ir_cron_partner_review"
            ).method_direct_trigger()

    def test_by_the_interval_of_the_company(self):
        other = self.env["res.company"].create({"name": "Sister"})
        shared, own, foreign = self.env["res.partner"].create(
            [
                {"name": "Shared", "company_id": False},
                {"name": "Own", "company_id": self.company.id},
                {"name": "Foreign", "company_id": other.id},
            ]
        )
        partners = shared | own | foreign
        partners.sudo().action_verify()
        self._review_on("2036-01-01")
        self.assertEqual(partners.mapped("verification_state"), ["verified"] * 3)
        self.company.partner_review_months = 12
        self.assertEqual(shared.review_date, fields.Date.to_date("2027-06-15"))
        self.assertFalse(foreign.sudo().review_date)
        self._review_on("2027-06-14")
        self.assertEqual(own.verification_state, "verified")
        self._review_on("2027-06-15")
        self.assertRecordValues(
            partners.sudo(),
            [
                {"verification_state": "review"},
                {"verification_state": "review"},
                {"verification_state": "verified"},
            ],
        )
        self.assertEqual(own.verification_reason, "Last verified 12 months ago")

    def test_a_document_that_expires_puts_its_holder_to_review(self):
        kind = self.env["partner.document.kind"].create(
            {"name": "Trade licence", "required_of": "supplier"}
        )
        self.partner.is_supplier = True
        bystander = self.env["res.partner"].create({"name": "No supplier"})
        document = self.env["partner.document"].create(
            {
                "partner_id": self.partner.id,
                "kind_id": kind.id,
                "valid_until": NOW.date() + timedelta(days=1),
            }
        )
        document.action_verify()
        (self.partner | bystander).action_verify()
        self._review_on("2026-06-16")
        self.assertEqual(self.partner.verification_state, "verified")
        self._review_on("2026-06-17")
        self.assertEqual(self.partner.verification_state, "review")
        self.assertEqual(
            self.partner.verification_reason,
            "Trade licence is missing, expired or not verified",
        )
        self.assertEqual(bystander.verification_state, "verified")

    def test_a_document_that_nobody_looked_at_yet_is_no_evidence(self):
        kind = self.env["partner.document.kind"].create(
            {"name": "Trade licence", "required_of": "supplier"}
        )
        self.partner.is_supplier = True
        document = self.env["partner.document"].create(
            {"partner_id": self.partner.id, "kind_id": kind.id, "number": "1"}
        )
        document.action_verify()
        self.partner.action_verify()
        self._review_on("2026-06-16")
        self.assertEqual(self.partner.verification_state, "verified")
        document.number = "2"
        self._review_on("2026-06-16")
        self.assertEqual(self.partner.verification_state, "review")


class TestUnverifiedPolicy(PartnerExtensionCommon):
    """Nothing is blocked until a company says so, and then for its documents only."""

    def _move(self, move_type):
        return self.init_invoice(
            move_type, partner=self.partner, products=self.product_a
        )

    def test_nothing_is_blocked_by_default(self):
        for move_type in ("out_invoice", "in_invoice"):
            move = self._move(move_type)
            self.assertFalse(move.partner_verification_warning)
            move.action_post()
            self.assertEqual(move.state, "posted")

    def test_warned(self):
        self.company.partner_unverified_invoice = "warn"
        move = self._move("out_invoice")
        self.assertEqual(
            move.partner_verification_warning, "Paper & Co is not verified (New)"
        )
        self.assertFalse(self._move("in_invoice").partner_verification_warning)
        move.action_post()
        self.assertEqual(move.state, "posted")
        self.assertFalse(move.partner_verification_warning)

    def test_blocked_until_verified(self):
        for policy, move_type, other in (
            ("partner_unverified_invoice", "out_invoice", "in_invoice"),
            ("partner_unverified_bill", "in_invoice", "out_invoice"),
        ):
            self.company.partner_unverified_invoice = "off"
            self.company.partner_unverified_bill = "off"
            self.company[policy] = "block"
            move = self._move(move_type)
            self._move(other).action_post()
            self._move(move_type.replace("invoice", "refund")).action_post()
            with self.assertRaisesRegex(UserError, "Paper & Co is not verified"):
                move.action_post()
            self.assertEqual(move.state, "draft")
            contact = self.env["res.partner"].create(
                {"name": "Ann", "parent_id": self.partner.id}
            )
            move.partner_id = contact
            with self.assertRaisesRegex(UserError, "Paper & Co is not verified"):
                move.action_post()
            self.partner.action_verify()
            move.action_post()
            self.assertEqual(move.state, "posted")
            self.partner.phone = f"+32 2 555 00 {len(policy)}"
            with self.assertRaisesRegex(UserError, "Due for Review: Changed: Phone"):
                self._move(move_type).action_post()

    def test_other_companies_are_not_concerned(self):
        other = self.env["res.company"].create({"name": "Sister"})
        other.partner_unverified_invoice = "block"
        move = self._move("out_invoice")
        move.action_post()
        self.assertEqual(move.state, "posted")

    def test_our_own_people_need_no_verification(self):
        """Users, companies and employees who hand in receipts are no suppliers."""
        self.company.partner_unverified_bill = "block"
        sister = self.env["res.company"].create({"name": "Sister"})
        staff = self.env["res.partner"].create({"name": "Driver", "employee": True})
        for partner, move_type in (
            (self.employee.partner_id, "in_invoice"),
            (self.employee.partner_id, "in_receipt"),
            (sister.partner_id, "in_invoice"),
            (staff, "in_receipt"),
        ):
            with self.subTest(partner=partner.name, move_type=move_type):
                move = self.init_invoice(
                    move_type, partner=partner, products=self.product_a
                )
                self.assertFalse(move.partner_verification_warning)
                move.action_post()
                self.assertEqual(move.state, "posted")
        for partner, move_type in (
            (staff, "in_invoice"),
            (self.partner, "in_receipt"),
        ):
            with self.subTest(partner=partner.name, move_type=move_type):
                move = self.init_invoice(
                    move_type, partner=partner, products=self.product_a
                )
                self.assertTrue(move.partner_verification_warning)
                with self.assertRaisesRegex(UserError, "is not verified"):
                    move.action_post()
