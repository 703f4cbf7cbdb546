# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .common import GROUP, TODAY, PartnerExtensionCommon

DAY = fields.Date.to_date(TODAY)


class DocumentCommon(PartnerExtensionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.licence = cls.env["partner.document.kind"].create(
            {
                "name": "Trade licence",
                "category": "licence",
                "need_number": True,
                "need_validity": True,
                "remind_days": "30, 7",
                "required_of": "supplier",
            }
        )

    def _document(self, days=100, **values):
        return self.env["partner.document"].create(
            {
                "partner_id": self.partner.id,
                "kind_id": self.licence.id,
                "number": "L-1",
                "valid_until": DAY + timedelta(days=days),
                **values,
            }
        )


class TestDocuments(DocumentCommon):
    """Licences, contracts, certificates: decided by people, expired by the day."""

    def test_state_is_of_the_day(self):
        document = self._document(days=1)
        self.assertEqual(document.state, "to_verify")
        document.action_verify()
        self.assertEqual(document.state, "verified")
        self.assertEqual(document.days_left, 1)
        with freeze_time("2026-06-16 10:00:00"):
            document.invalidate_recordset()
            self.assertEqual(document.state, "verified", "the last day is a valid one")
        with freeze_time("2026-06-17 10:00:00"):
            document.invalidate_recordset()
            self.assertEqual(document.state, "expired")

    def test_each_state_is_found(self):
        documents = {
            "to_verify": self._document(),
            "verified": self._document(),
            "refused": self._document(days=-5, reason="Unreadable"),
            "expired": self._document(days=-1),
        }
        documents["verified"].action_verify()
        documents["refused"].action_refuse()
        Document = self.env["partner.document"]
        ours = [("partner_id", "=", self.partner.id)]
        for state, document in documents.items():
            found = Document.search([("state", "=", state), *ours])
            self.assertEqual(found, document, state)
            others = Document.search([("state", "!=", state), *ours])
            self.assertEqual(len(others), 3, state)
            self.assertNotIn(document, others)

    def test_decisions_are_the_verifiers(self):
        document = self._document().with_user(self.editor)
        for attempt in (
            document.action_verify,
            document.action_refuse,
            lambda: document.write({"decision": "verified"}),
            lambda: document.write({"decision_user_id": self.editor.id}),
            lambda: document.copy({"decision": "verified"}),
        ):
            with self.assertRaises(AccessError):
                attempt()
        document.with_user(self.verifier).action_verify()
        self.assertEqual(document.decision_user_id, self.verifier)
        self.assertEqual(
            document.decision_date, fields.Datetime.to_datetime(f"{TODAY} 10:00:00")
        )
        self.assertEqual(document.copy().decision, "to_verify")

    def test_who_changes_what_was_decided_takes_the_decision_back(self):
        document = self._document()
        document.action_verify()
        document.note = "Called them"
        self.assertEqual(document.decision, "verified")
        document.with_user(self.editor).number = "L-2"
        self.assertRecordValues(
            document,
            [
                {
                    "decision": "to_verify",
                    "decision_user_id": False,
                    "decision_date": False,
                }
            ],
        )

    def test_a_document_without_what_it_must_state_is_not_verified(self):
        document = self._document(number=False)
        with self.assertRaisesRegex(ValidationError, "Number"):
            document.action_verify()
        document = self._document(reason=False)
        with self.assertRaisesRegex(UserError, "Say why"):
            document.action_refuse()

    @mute_logger("odoo.sql_db")
    def test_expiry_is_not_before_its_beginning(self):
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self._document(valid_from=DAY + timedelta(days=101))

    def test_days_are_checked(self):
        for text in ("soon", "30, x", "-3"):
            with self.assertRaises(ValidationError):
                self.licence.remind_days = text
        self.licence.remind_days = " 7,60 ,30, "
        self.assertEqual(self.licence._get_remind_days(), [60, 30, 7])


class TestMissingDocuments(DocumentCommon):
    """Who must hold what, and does not."""

    def _missing(self, partner=None):
        return (partner or self.partner)._get_missing_document_kinds()

    def test_by_role_tag_and_country(self):
        self.assertFalse(self._missing())
        self.partner.is_supplier = True
        self.assertEqual(self._missing(), self.licence)
        tag = self.env["res.partner.category"].create({"name": "Haulier"})
        self.licence.required_tag_ids = tag
        self.assertFalse(self._missing())
        self.partner.category_id = tag
        self.assertEqual(self._missing(), self.licence)
        self.licence.required_country_ids = self.env.ref("base.be")
        self.assertFalse(self._missing())
        self.partner.country_id = self.env.ref("base.be")
        self.assertEqual(self._missing(), self.licence)

    def test_asked_of_one_partner(self):
        self.partner.document_kind_ids = self.licence
        self.assertEqual(self._missing(), self.licence)

    def test_what_is_handed_in_is_not_missing_while_it_is_valid(self):
        self.partner.is_supplier = True
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": self.partner.id}
        )
        document = self._document(days=0, partner_id=contact.id)
        self.assertFalse(self._missing(), "held by a contact of the company")
        self.assertFalse(self._missing(contact))
        document.reason = "Unreadable"
        document.action_refuse()
        self.assertEqual(self._missing(), self.licence)
        document.action_verify()
        self.assertFalse(self._missing())
        with freeze_time("2026-06-16 10:00:00"):
            self.assertEqual(self._missing(), self.licence)
            self.assertEqual(self._missing(contact), self.licence)

    def test_many_partners_take_no_more_queries_than_few(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Supplier {n}", "supplier_rank": 1} for n in range(80)]
        )
        counts = []
        for some in (partners[:1], partners[:2], partners[2:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            missing = some._find_missing_document_kinds()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(set(missing.values()), {self.licence})
        self.assertEqual(counts[1], counts[2], "the first one warms caches up")


class TestDocumentReminders(DocumentCommon):
    """Once a lead time, to the responsible person and to the partner."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner.user_id = cls.editor
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.partner.lang = "fr_FR"
        template = cls.env.ref("partner_extension.mail_template_document_expiry")
        template.with_context(
            lang="fr_FR"
        ).subject = (
            "{{ object.kind_id.name }} expire le {{ format_date(object.valid_until) }}"
        )

    def _remind_on(self, day):
        with freeze_time(f"{day} 10:00:00"):
            self.env.invalidate_all()
            with self.enter_registry_test_mode():
                self.env.ref(
                    "partner_extension.ir_cron_partner_document"
                ).method_direct_trigger()

    def test_once_a_lead_time(self):
        document = self._document(days=40)  # 25 July
        for day, made in (
            ("2026-06-24", []),
            ("2026-06-25", [30]),
            ("2026-06-26", [30]),
            ("2026-07-17", [30]),
            ("2026-07-18", [30, 7]),
            ("2026-07-25", [30, 7]),
            ("2026-07-26", [30, 7]),
        ):
            self._remind_on(day)
            self.assertEqual(document.reminder_ids.mapped("days"), made, day)
        mails = document.reminder_ids.mail_id
        self.assertEqual(len(mails), 2)
        self.assertEqual(mails.recipient_ids, self.partner)
        self.assertIn("Trade licence expire le 25/07/2026", mails.mapped("subject"))
        self.assertRecordValues(
            document.activity_ids,
            [{"user_id": self.editor.id, "date_deadline": document.valid_until}],
        )

    def test_a_missed_lead_time_is_made_up_for_once(self):
        document = self._document(days=5)
        self._remind_on(TODAY)
        self.assertEqual(document.reminder_ids.mapped("days"), [7])

    def test_a_new_expiry_is_reminded_of_again(self):
        document = self._document(days=5)
        self._remind_on(TODAY)
        document.valid_until = DAY + timedelta(days=6)
        self._remind_on(TODAY)
        self.assertEqual(document.reminder_ids.mapped("days"), [7, 7])

    def test_nobody_is_reminded_of_what_is_replaced_or_refused(self):
        old = self._document(days=5)
        refused = self._document(
            days=5, kind_id=self.licence.copy().id, reason="Unreadable"
        )
        refused.action_refuse()
        new = self._document(days=400)
        self._remind_on(TODAY)
        self.assertFalse((old | refused | new).reminder_ids)

    def test_a_partner_without_an_address_leaves_it_to_the_responsible(self):
        self.partner.email = False
        document = self._document(days=5)
        self._remind_on(TODAY)
        self.assertFalse(document.reminder_ids.mail_id)
        self.assertIn("was not told", document.activity_ids.note)

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_a_second_one(self):
        document = self._document(days=5)
        self._remind_on(TODAY)
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            document.reminder_ids.sudo().copy()


class TestDocumentAccess(DocumentCommon):
    """Documents and their files are seen by who may, whichever way is tried."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.partner"].create({"name": "Rival", "is_company": True})
        cls.portal_users = {}
        for name, parent in (("paper", cls.partner), ("rival", cls.other)):
            user = new_test_user(cls.env, f"portal_{name}", groups="base.group_portal")
            user.partner_id.parent_id = parent
            cls.portal_users[name] = user
        cls.document = cls.env["partner.document"].create(
            {
                "partner_id": cls.partner.id,
                "kind_id": cls.licence.id,
                "number": "L-1",
                "valid_until": DAY,
                "file": base64.b64encode(b"secret scan"),
                "file_name": "licence.txt",
                "note": "We doubt it",
            }
        )
        cls.attachment = (
            cls.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "partner.document"),
                    ("res_id", "=", cls.document.id),
                    ("res_field", "=", "file"),
                ]
            )
        )

    def test_readers_read_and_nobody_else(self):
        self.assertEqual(self.document.with_user(self.reader).number, "L-1")
        with self.assertRaises(AccessError):
            self.document.with_user(self.reader).number = "L-9"
        with self.assertRaises(AccessError):
            self.document.with_user(self.editor).unlink()
        for user in (self.employee, self.portal_users["rival"]):
            document = self.document.with_user(user)
            with self.assertRaises(AccessError):
                document.read(["number"])
            with self.assertRaises(AccessError):
                self.attachment.with_user(user).read(["datas"])
        with self.assertRaises(AccessError):
            self.partner.with_user(self.employee).read(["document_ids"])
        self.assertEqual(
            self.attachment.with_user(self.reader).raw, b"secret scan", "by its file"
        )

    def test_portal_users_see_their_own_only(self):
        own = self.env["partner.document"].with_user(self.portal_users["paper"])
        self.assertEqual(own.search([]), self.document)
        self.assertEqual(own.search([]).read(["number"])[0]["number"], "L-1")
        rival = self.env["partner.document"].with_user(self.portal_users["rival"])
        self.assertFalse(rival.search([]))
        self.assertFalse(rival.search([("number", "=like", "L%")]))
        self.assertEqual(rival._read_group([], [], ["__count"]), [(0,)])
        for attempt in (
            lambda: own.search([]).write({"number": "X"}),
            lambda: own.create({"partner_id": self.partner.id, "kind_id": 1}),
            lambda: own.search([]).read(["note"]),
            lambda: own.search([("note", "ilike", "doubt")]),
            lambda: own.search([]).action_verify(),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_other_companies_see_nothing(self):
        company = self.env["res.company"].create({"name": "Sister"})
        self.document.company_id = company
        for user in (self.reader, self.verifier):
            with self.assertRaises(AccessError):
                self.document.with_user(user).read(["number"])
            self.assertFalse(
                self.env["partner.document"]
                .with_user(user)
                .search([("id", "=", self.document.id)])
            )
        self.reader.write({"company_ids": [Command.link(company.id)]})
        document = self.document.with_user(self.reader)
        document = document.with_context(
            allowed_company_ids=self.reader.company_ids.ids
        )
        self.assertEqual(document.number, "L-1")

    def test_a_partner_with_documents_is_not_deleted(self):
        with self.assertRaisesRegex(UserError, "Archive them instead"):
            self.partner.unlink()


class TestOwnDocuments(DocumentCommon):
    """Who sees only own partners sees only their documents and no duplicates."""

    def test_documents_of_others_are_out_of_sight(self):
        user = new_test_user(
            self.env, "partner_own", groups=f"base.group_user,{GROUP}editor,{GROUP}own"
        )
        document = self._document()
        documents = self.env["partner.document"].with_user(user)
        self.assertFalse(documents.search([("id", "=", document.id)]))
        with self.assertRaises(AccessError):
            document.with_user(user).read(["number"])
        self.partner.responsible_id = user
        self.assertEqual(documents.search([("id", "=", document.id)]), document)
        pair = (
            self.env["partner.duplicate"]
            .sudo()
            .create(
                {
                    "partner_id": self.partner.id,
                    "other_id": self.partner.copy({"name": "Rival"}).id,
                }
            )
        )
        with self.assertRaises(AccessError):
            pair.with_user(user).read(["other_id"])
