# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from .common import PartnerExtensionCommon


class TestAlarm(PartnerExtensionCommon):
    """What needs a look is told once, and closed when it is over. Today: 15 June."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alarms = cls.env["partner.alarm"].sudo()
        cls.partner.write({"customer_rank": 1, "responsible_id": cls.editor.id})
        cls.env.company.sudo().partner_silence_days = 90
        cls._age(cls.partner, "2026-01-01")

    @classmethod
    def _age(cls, partner, day):
        """Have a partner created on a day, and nothing said since."""
        partner.message_ids.sudo().unlink()
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE res_partner SET create_date = %s WHERE id = %s", [day, partner.id]
        )
        cls.env.invalidate_all()

    def _watch(self):
        """Return the open alarms of the partner after a look, by kind."""
        self.alarms._watch()
        alarms = self.alarms.search(
            [("partner_id", "=", self.partner.id), ("state", "=", "open")]
        )
        return {alarm.kind: alarm for alarm in alarms}

    def _set_document(self, until, number="1"):
        kind = self.env["partner.document.kind"].sudo()
        kind = kind.search([("name", "=", "Licence")]) or kind.create(
            {"name": "Licence", "remind_days": False}
        )
        return (
            self.env["partner.document"]
            .sudo()
            .create(
                {
                    "partner_id": self.partner.id,
                    "kind_id": kind.id,
                    "number": number,
                    "valid_until": until,
                }
            )
        )

    def test_a_subsidiary_is_told_of_and_a_contact_is_not(self):
        subsidiary, contact = self.env["res.partner"].create(
            [
                {"name": "Branch", "parent_id": self.partner.id, "is_company": True},
                {"name": "Ann", "parent_id": self.partner.id},
            ]
        )
        subsidiary._set_conflict("Another name")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET verification_state = 'conflict' WHERE id = %s",
            [contact.id],
        )
        self.env.invalidate_all()
        self.alarms._watch()
        alarms = self.alarms.search([("kind", "=", "conflict")])
        self.assertEqual(alarms.partner_id & (subsidiary | contact), subsidiary)

    # === No contact === #

    def test_silence_is_told_once_to_the_responsible(self):
        alarm = self._watch()["silence"]
        self.assertEqual(alarm.reason, "No contact since 2026-01-01")
        self.assertEqual(alarm.user_id, self.editor)
        self.assertEqual(alarm.activity_id.res_id, self.partner.id)
        self.assertEqual(self.partner.activity_ids, alarm.activity_id)
        self.assertEqual(self._watch()["silence"], alarm)
        self.assertEqual(len(self.partner.activity_ids), 1)

    def test_whatever_is_contact_ends_it(self):
        def say():
            self.partner.message_post(body="Hello", message_type="comment")

        def invoice():
            self._create_invoice_one_line(
                price_unit=1.0, tax_ids=[], partner_id=self.partner, post=True
            )

        def pay():
            payment = self.env["account.payment"].create(
                {
                    "partner_id": self.partner.id,
                    "amount": 5.0,
                    "payment_type": "inbound",
                }
            )
            payment.action_post()

        def contact():
            ann = self.env["res.partner"].create(
                {"name": "Ann", "parent_id": self.partner.id}
            )
            ann.message_post(body="Hello", message_type="email")

        for event in (say, invoice, pay, contact):
            with self.subTest(event.__name__), self.env.cr.savepoint() as savepoint:
                alarm = self._watch()["silence"]
                activity = alarm.activity_id
                event()
                self.assertFalse(self._watch())
                self.assertEqual(alarm.state, "closed")
                self.assertFalse(activity.exists())
                savepoint.rollback()

    def test_a_done_activity_is_contact(self):
        alarm = self._watch()["silence"]
        alarm.activity_id.with_user(self.editor).action_feedback("I called them.")
        self.assertTrue(alarm.is_done)
        self.assertFalse(self._watch())
        self.assertEqual(alarm.state, "closed")
        self.assertTrue(alarm.activity_id, "What was done stays on record")

    def test_the_day_counts_and_what_is_noted_does_not(self):
        self._age(self.partner, "2026-03-18")  # 89 days ago
        self.assertFalse(self._watch())
        with freeze_time("2026-06-16 10:00:00"):
            self.partner._message_log(body="A note of the system is no contact.")
            self.assertEqual(list(self._watch()), ["silence"])

    def test_only_customers_and_suppliers_of_companies_that_ask(self):
        self.partner.customer_rank = 0
        self.assertFalse(self._watch())
        self.partner.supplier_rank = 1
        self.assertTrue(self._watch())
        self.env.company.sudo().partner_silence_days = 0
        self.assertFalse(self._watch())

    # === Documents, conflicts, reviews === #

    def test_documents_that_expire_until_there_is_a_newer_one(self):
        self.env.company.sudo().partner_silence_days = 0
        self._set_document("2026-07-16")
        self.assertFalse(self._watch())
        with freeze_time("2026-06-16 10:00:00"):
            alarm = self._watch()["document"]
            self.assertIn("Licence 1 expires on 2026-07-16", alarm.reason)
            self.assertEqual(alarm.activity_id.user_id, self.editor)
            self._set_document("2027-07-15", "2").write(
                {"decision": "refused", "decision_date": fields.Datetime.now()}
            )
            self.assertEqual(self._watch()["document"], alarm)
            self._set_document("2027-07-16", "3")
            self.assertFalse(self._watch())
        self.assertEqual(alarm.state, "closed")

    def test_what_the_document_tells_already_is_not_told_again(self):
        self.env.company.sudo().partner_silence_days = 0
        document = self._set_document("2026-06-20")
        document._tell_responsible(is_told=False)
        alarm = self._watch()["document"]
        activity = document.activity_ids
        self.assertTrue(activity)
        self.assertEqual(alarm.activity_id, activity)
        self.assertFalse(self.partner.activity_ids)
        self._set_document("2027-06-20", "2")
        self.assertFalse(self._watch())
        self.assertEqual(alarm.state, "closed")
        self.assertEqual(document.activity_ids, activity, "It is the document's own")

    def test_conflicts_and_reviews(self):
        self.env.company.sudo().partner_silence_days = 0
        self.partner.sudo()._set_conflict("The name differs")
        alarm = self._watch()["conflict"]
        self.assertEqual(alarm.reason, "The name differs")
        self.partner.sudo()._set_verification("verified")
        self.assertFalse(self._watch())
        self.partner.sudo()._set_to_review("Another address")
        self.assertEqual(self._watch()["review"].reason, "Another address")

    # === Who is told, who sees === #

    def test_nobody_responsible(self):
        self.partner.responsible_id = False
        alarm = self._watch()["silence"]
        self.assertFalse(alarm.user_id)
        self.assertFalse(alarm.activity_id)
        alarm.unlink()
        self.env.company.sudo().partner_alarm_user_id = self.manager
        self.assertEqual(self._watch()["silence"].activity_id.user_id, self.manager)

    def test_who_becomes_responsible_later_is_told_then(self):
        self.partner.responsible_id = False
        alarm = self._watch()["silence"]
        self.partner.responsible_id = self.editor
        self.assertEqual(self._watch()["silence"], alarm)
        self.assertEqual(alarm.user_id, self.editor)
        self.assertEqual(alarm.activity_id.user_id, self.editor)
        alarm.activity_id.unlink()
        self._watch()
        self.assertFalse(self.partner.activity_ids, "Not again what somebody took away")

    def test_it_says_what_is_the_matter_now(self):
        self.env.company.sudo().partner_silence_days = 0
        self._set_document("2026-06-20")
        alarm = self._watch()["document"]
        other = self.env["partner.document.kind"].sudo().create({"name": "Permit"})
        self._set_document("2026-06-25", "2").kind_id = other
        self.assertEqual(self._watch()["document"], alarm)
        for text in (alarm.reason, alarm.activity_id.summary):
            self.assertIn("Permit 2 expires on 2026-06-25", text)
        self.assertEqual(len(self.partner.activity_ids), 1)

    def test_a_responsible_who_does_not_see_the_partner_is_not_told(self):
        other = self._create_company(name="Other Company")
        other.sudo().partner_silence_days = 90
        self.partner.sudo().with_context(tracking_disable=True).company_id = other
        alarm = self._watch()["silence"]
        self.assertFalse(alarm.user_id)
        self.assertFalse(
            self.env["partner.alarm"]
            .with_user(self.reader)
            .search([])
            .filtered(lambda a: a == alarm)
        )

    def test_the_database_refuses_a_second_one(self):
        alarm = self._watch()["silence"]
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
        ):
            alarm.copy()
            self.env.flush_all()

    def test_readers_read_only(self):
        alarm = self._watch()["silence"]
        self.assertEqual(self.partner.with_user(self.reader).alarm_count, 1)
        with self.assertRaises(AccessError):
            alarm.with_user(self.employee).read(["reason"])
        with self.assertRaises(AccessError):
            alarm.with_user(self.manager).write({"state": "closed"})

    def test_who_sees_own_partners_only_hears_of_those(self):
        self._watch()
        alarms = self.env["partner.alarm"]
        for user in (self.reader, self.editor):
            user.group_ids |= self.env.ref(
                "partner_extension.group_partner_extension_own"
            )
        mine = [("partner_id", "=", self.partner.id)]
        self.assertFalse(alarms.with_user(self.reader).search(mine))
        self.assertTrue(alarms.with_user(self.editor).search(mine))

    def test_the_scheduled_action(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "partner_extension.ir_cron_partner_alarm"
            ).method_direct_trigger()
        self.assertTrue(self.partner.with_user(self.reader).alarm_ids)
