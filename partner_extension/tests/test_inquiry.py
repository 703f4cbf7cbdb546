# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Real raw mails come in, answers go out through a real mail server."""

from email.message import EmailMessage
from email.utils import make_msgid

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tools import mute_logger

from .common import PartnerExtensionCommon
from .mail_server import MailServerCase

SENDER = "office@paper.example"


class TestInquiry(MailServerCase, PartnerExtensionCommon):
    """Today: 15 June. The address of questions: questions@dealer.example."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(su=True)
        domain = cls.env["mail.alias.domain"].create({"name": "dealer.example"})
        cls.company = cls.company.with_env(cls.env)
        cls.company.write(
            {
                "alias_domain_id": domain.id,
                "email": "us@dealer.example",
                "partner_inquiry_user_id": cls.manager.id,
            }
        )
        cls.company.partner_inquiry_alias_name = "questions"
        cls.Inquiry = cls.env["partner.inquiry"]
        cls.partner = cls.partner.with_env(cls.env)
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Toner",
                "model_id": cls.env["ir.model"]._get_id("partner.inquiry"),
                "subject": "Re: {{ object.name }}",
                "email_from": "us@dealer.example",
                "lang": "{{ object.lang }}",
                "body_html": "<p>Toner comes by itself.</p>",
            }
        )
        cls.rule = cls._rule("Toner", "toner\nink")

    @classmethod
    def _rule(cls, name, words, **values):
        return cls.env["partner.inquiry.rule"].create(
            {"name": name, "words": words, "template_id": cls.template.id, **values}
        )

    def _mail(self, subject="Toner, please", text="Hello", sender=SENDER, **headers):
        """Have a mail come in; return its inquiry, answered as far as it is."""
        message = EmailMessage()
        message["From"] = f"Ann <{sender}>"
        message["To"] = "questions@dealer.example"
        message["Subject"] = subject
        message["Message-Id"] = make_msgid(domain="paper.example")
        message.set_content(text)  # takes away what is said of the content before
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        before = self.Inquiry.search([])
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(False, message.as_bytes())
        inquiry = self.Inquiry.search([]) - before
        inquiry._answer_by_rule()
        self.last_message = message
        return inquiry

    # === Answers === #

    def test_an_answer_goes_out_marked_and_logged(self):
        self._start_mail_server()
        inquiry = self._mail(text="We are out of TONER.")
        self.assertEqual((inquiry.state, inquiry.rule_id), ("answered", self.rule))
        self.assertEqual(inquiry.partner_id, self.partner)
        self._send_mails()
        ((recipient, mail),) = self.inbox.mails
        self.assertEqual(recipient, SENDER)
        self.assertIn("Toner comes by itself", self._text(mail))
        self.assertEqual(mail["Auto-Submitted"], "auto-replied")
        self.assertEqual(mail["X-Auto-Response-Suppress"], "All")
        self.assertEqual(mail["Precedence"], "auto_reply")
        self.assertIn(self.last_message["Message-Id"], mail["References"])
        self.assertEqual(inquiry.answer_ids.mail_state, "sent")
        self.assertIn("Automatic answer “Toner”", self.partner.message_ids[0].body)
        self.assertFalse(inquiry.activity_ids)

    def test_the_scheduled_action_answers(self):
        inquiry = self._mail()
        inquiry.write({"state": "new"})
        inquiry.answer_ids.unlink()
        with self.enter_registry_test_mode():
            cron = self.env.ref("partner_extension.ir_cron_partner_inquiry")
            cron.method_direct_trigger()
        self.assertEqual(inquiry.state, "answered")

    def test_what_no_rule_matches_waits_for_the_responsible(self):
        self.partner.responsible_id = self.editor
        inquiry = self._mail("Hello", "We drink a lot.")  # “ink” is no word of it
        self.assertEqual(inquiry.state, "waiting")
        self.assertEqual(inquiry.activity_ids.user_id, self.editor)
        unknown = self._mail("Hello", sender="who@nowhere.example")
        self.assertFalse(unknown.partner_id)
        self.assertEqual(unknown.activity_ids.user_id, self.manager)

    def test_once_a_day_for_sender_and_rule(self):
        self._start_mail_server()
        hours = self._rule("Hours", "hours")
        self.assertEqual(self._mail().state, "answered")
        again = self._mail()
        self.assertEqual(again.state, "waiting")
        self.assertIn("today already", again.sign)
        self.assertEqual(self._mail("Your hours?").rule_id, hours)
        self.assertEqual(self._mail(sender="bob@mill.example").state, "answered")
        with freeze_time("2026-06-16 10:00:00"):
            self.assertEqual(self._mail().state, "answered")
        self._send_mails()
        self.assertEqual(len(self.inbox.to(SENDER)), 3)

    def test_the_database_refuses_a_second_answer_of_a_day(self):
        answer = self._mail().answer_ids
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
        ):
            answer.copy()
            self.env.flush_all()

    def test_a_text_that_fails_leaves_the_mail_waiting(self):
        self.template.body_html = '<p t-out="1 / 0"/>'
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            inquiry = self._mail()
        self.assertEqual(inquiry.state, "waiting")
        self.assertIn("could not be answered", inquiry.sign)
        self.assertFalse(inquiry.answer_ids)
        self.assertEqual(inquiry.activity_ids.user_id, self.manager)

    @mute_logger(
        "odoo.addons.mail.models.mail_mail", "odoo.addons.base.models.ir_mail_server"
    )
    def test_a_refusing_mail_server_costs_only_the_answer(self):
        self._start_mail_server()
        self.inbox.refuse = {SENDER}
        inquiry = self._mail()
        other = self._mail(sender="bob@mill.example")
        self._send_mails()
        self.assertEqual(inquiry.answer_ids.mail_state, "exception")
        self.assertEqual(other.answer_ids.mail_state, "sent")

    # === Rules === #

    def test_rules_match_in_their_order(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.rule.active = False
        spanish = self.env.ref("base.lang_es")
        rules = {
            "regex": self._rule("R", r"contract\s+\d+", mode="regex", sequence=1),
            "all": self._rule("A", "price\nlist", mode="all", sequence=2),
            "domain": self._rule(
                "D", "help", sender_domains="mill.example", sequence=3
            ),
            "lang": self._rule("L", "hola", lang_id=spanish.id, sequence=4),
            "subject": self._rule("S", "urgent", where="subject", sequence=5),
        }
        for name, subject, text, headers in (
            ("regex", "About Contract  77", "", {}),
            ("all", "List", "your price?", {}),
            (None, "List", "", {}),
            ("domain", "Help", "", {"sender": "a@sub.mill.example"}),
            (None, "Help", "", {"sender": "a@windmill.example"}),
            ("lang", "Hola", "", {"sender": "x@y.example", "Content_Language": "es"}),
            (None, "Hola", "", {"sender": "z@y.example", "Content_Language": "en-US"}),
            ("subject", "Urgent", "", {}),
            (None, "Hello", "urgent", {}),
        ):
            with self.subTest(subject=subject, text=text, **headers):
                found = self._mail(subject, text or "-", **headers).rule_id
                self.assertEqual(found, rules.get(name, found.browse()))

    def test_a_rule_for_every_mail_may_leave_it_to_a_person(self):
        self._rule("Receipt", False, mode="always", is_final=False, sequence=99)
        inquiry = self._mail("Anything")
        self.assertTrue(inquiry.answer_ids)
        self.assertEqual(inquiry.state, "waiting")
        self.assertTrue(inquiry.activity_ids)

    def test_rules_are_checked_when_saved(self):
        with self.assertRaisesRegex(ValidationError, "no regular expression"):
            self._rule("Wrong", "(unclosed", mode="regex")
        with self.assertRaisesRegex(ValidationError, "which words"):
            self._rule("Empty", " ")

    # === Programs === #

    def test_programs_are_never_answered(self):
        for headers in (
            {"Auto_Submitted": "auto-replied"},
            {"Auto_Submitted": "auto-generated; why=vacation"},
            {"Precedence": "bulk"},
            {"Precedence": "list"},
            {"Precedence": "Junk"},
            {"Precedence": "auto_reply"},
            {"X_Auto_Response_Suppress": "OOF, AutoReply"},
            {"Return_Path": "<>"},
            {"X_Autoreply": "yes"},
            {"List_Id": "<news.paper.example>"},
            {"sender": "noreply@paper.example"},
            {"sender": "us@dealer.example"},
            {"sender": "questions@dealer.example"},
        ):
            with self.subTest(**headers):
                inquiry = self._mail(**headers)
                self.assertEqual(inquiry.state, "ignored")
                self.assertTrue(inquiry.sign)
                self.assertFalse(inquiry.answer_ids)
                self.assertFalse(inquiry.activity_ids)
        self.assertEqual(self._mail(Auto_Submitted="no").state, "answered")

    def test_mailer_daemon_makes_no_answer(self):
        mails = self.env["mail.mail"].search_count([])
        inquiry = self._mail(sender="mailer-daemon@paper.example")
        self.assertFalse(inquiry.answer_ids)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_two_answering_programs_do_not_loop(self):
        """An automatic reply to our answer ends there, marked or not."""
        self._start_mail_server()
        inquiry = self._mail()
        self._send_mails()
        ((_to, answer),) = self.inbox.mails
        self.inbox.mails.clear()
        for headers in (
            {"In_Reply_To": answer["Message-Id"], "Auto_Submitted": "auto-replied"},
            {"Auto_Submitted": "auto-replied"},
            {},  # a program that does not say so: not again on this day
        ):
            self._mail("Toner: out of office", "toner", **headers)
        self._send_mails()
        self.assertFalse(self.inbox.to(SENDER))
        self.assertEqual(inquiry.state, "answered")

    # === Going on by hand === #

    def test_a_reply_comes_to_the_same_question_and_to_a_person(self):
        self._start_mail_server()
        inquiry = self._mail()
        self._send_mails()
        ((_to, answer),) = self.inbox.mails
        self.assertFalse(
            self._mail(
                "Re: Toner", "No, it does not.", In_Reply_To=answer["Message-Id"]
            )
        )
        self.assertEqual(inquiry.state, "waiting")
        self.assertEqual(len(inquiry.answer_ids), 1)
        self.assertEqual(inquiry.activity_ids.user_id, self.manager)

    def test_whoever_answers_has_settled_it(self):
        inquiry = self._mail("Hello")
        by_editor = inquiry.with_user(self.editor)
        by_editor.message_post(body="A note", subtype_xmlid="mail.mt_note")
        self.assertEqual(inquiry.state, "waiting")
        by_editor.message_post(
            body="We open at nine.",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertEqual(inquiry.state, "closed")
        self.assertFalse(inquiry.activity_ids)

    def test_rights(self):
        inquiry = self._mail("Hello")
        with self.assertRaises(AccessError):
            inquiry.with_user(self.employee).read(["text"])
        with self.assertRaises(AccessError):
            inquiry.with_user(self.reader).action_close()
        inquiry.with_user(self.editor).action_close()
        self.assertEqual(inquiry.state, "closed")
        with self.assertRaises(AccessError):
            self.rule.with_user(self.verifier).write({"words": "all"})
        self.rule.with_user(self.manager).write({"words": "all"})
