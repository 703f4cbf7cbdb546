# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .common import PartnerExtensionCommon
from .mail_server import MailServerCase


class TestReminder(MailServerCase, PartnerExtensionCommon):
    """Customers hear of what is due once a level, until it is paid. Today: 15 June."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.sudo().group_ids |= cls.env.ref(
            "partner_extension.group_partner_extension_manager"
        )
        cls.Reminder = cls.env["partner.reminder"].sudo()
        cls.company.write(
            {"partner_reminder_mode": "review", "email": "us@dealer.example"}
        )
        cls.first = cls.env.ref("partner_extension.reminder_level_first")
        cls.second = cls.env.ref("partner_extension.reminder_level_second")
        cls.last = cls.env.ref("partner_extension.reminder_level_last")
        cls.accountant = new_test_user(
            cls.env,
            "partner_accountant",
            groups="account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
            email="books@dealer.example",
        )

    def _invoice(
        self, due, amount=100.0, partner=None, move_type="out_invoice", **values
    ):
        return self._create_invoice_one_line(
            price_unit=amount,
            tax_ids=[],
            partner_id=partner or self.partner,
            move_type=move_type,
            invoice_date=values.pop("invoice_date", "2026-01-01"),
            invoice_date_due=due,
            invoice_payment_term_id=False,
            post=True,
            **values,
        )

    def _prepare(self):
        return self.Reminder._prepare(self.company)

    def _send(self):
        drafts = self._prepare()
        drafts.action_send()
        return drafts.exists()

    # === Whom, of what === #

    def test_an_item_is_reminded_of_level_by_level(self):
        self._invoice("2026-06-08")
        sent = []
        for day in range(15, 31):
            with freeze_time(f"2026-06-{day}"):
                sent += [(day, r.level_id) for r in self._send()]
        for day in range(1, 31):
            with freeze_time(f"2026-07-{day:02}"):
                sent += [(30 + day, r.level_id) for r in self._send()]
        self.assertEqual(sent, [(15, self.first), (29, self.second), (43, self.last)])

    def test_nothing_is_due_yet(self):
        self._invoice("2026-06-09")
        self.assertFalse(self._prepare())

    def test_what_is_very_late_begins_at_the_first_level_and_keeps_its_distance(self):
        self._invoice("2026-01-31")
        self.assertEqual(self._send().level_id, self.first)
        with freeze_time("2026-06-28"):
            self.assertFalse(self._prepare())
        with freeze_time("2026-06-29"):
            self.assertEqual(self._send().level_id, self.second)

    def test_what_falls_due_is_announced_where_the_level_is_on(self):
        self.env.ref("partner_extension.reminder_level_announce").active = True
        self._invoice("2026-06-18", partner=self.partner_a)
        self._invoice("2026-06-19", partner=self.partner_b)
        self.partner_a.email = "a@customer.example"
        reminder = self._send()
        self.assertEqual(reminder.partner_id, self.partner_a)
        self.assertEqual(reminder.level_id.delay, -3)
        self.assertEqual((reminder.amount_due, reminder.amount_open), (0.0, 100.0))

    def test_what_is_overdue_is_not_announced_any_more(self):
        announce = self.env.ref("partner_extension.reminder_level_announce")
        announce.active = True
        self._invoice("2026-06-01")
        self.assertEqual(self._send().level_id, self.first)
        early = announce.copy({"delay": -10})
        self._invoice("2026-06-25", partner=self.partner_a)
        self.assertEqual(self._prepare().level_id, early)
        self.assertTrue(self._send())
        with freeze_time("2026-07-02"):
            drafts = self._prepare().grouped("partner_id")
        self.assertEqual(drafts[self.partner_a].level_id, self.first)

    def test_instalments_are_items_of_their_own(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Half now, half in 60 days",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (0, 60)
                ],
            }
        )
        self._create_invoice_one_line(
            price_unit=300.0,
            tax_ids=[],
            partner_id=self.partner,
            invoice_date="2026-06-01",
            invoice_payment_term_id=term,
            post=True,
        )
        reminder = self._prepare()
        self.assertRecordValues(
            reminder.line_ids,
            [
                {
                    "amount": 150.0,
                    "date_due": date(2026, 6, 1),
                    "level_id": self.first.id,
                },
                {"amount": 150.0, "date_due": date(2026, 7, 31), "level_id": False},
            ],
        )
        self.assertEqual((reminder.amount_due, reminder.amount_open), (150.0, 300.0))

    def test_credit_notes_and_payments_count(self):
        self._invoice("2026-06-01", 100.0)
        self._invoice("2026-06-01", 30.0, move_type="out_refund")
        reminder = self._prepare()
        self.assertEqual(reminder.amount_due, 70.0)
        self.assertEqual(len(reminder.line_ids), 2)
        self._invoice("2026-06-01", 70.0, move_type="out_refund")
        self.assertFalse(self._prepare(), "A customer who owes nothing is not reminded")

    def test_a_payment_that_is_not_matched_yet_counts(self):
        self._invoice("2026-06-01", 100.0)
        journal = self.company_data["default_journal_bank"]
        method = journal.inbound_payment_method_line_ids[:1]
        method.payment_account_id = self.env["account.account"].create(
            {
                "name": "Outstanding",
                "code": "OUTST1",
                "account_type": "asset_current",
                "reconcile": True,
            }
        )
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.partner.id,
                "amount": 40.0,
                "payment_type": "inbound",
                "journal_id": journal.id,
                "payment_method_line_id": method.id,
                "date": "2026-06-10",
            }
        )
        payment.action_post()
        self.assertEqual(self._prepare().amount_due, 60.0)

    def test_who_owes_little_is_not_reminded(self):
        self.company.partner_reminder_minimum = 50
        self._invoice("2026-06-01", 49.99)
        self.assertFalse(self._prepare())
        self._invoice("2026-06-01", 0.01)
        self.assertEqual(self._prepare().amount_due, 50.0)

    def test_what_is_excluded_in_accounting_is_left_out(self):
        self._invoice("2026-06-01").no_followup = True
        self.assertFalse(self._prepare())
        self._invoice("2026-06-01").action_toggle_block_payment()
        self.assertFalse(self._prepare(), "A disputed one is nobody's to remind of")
        self._invoice("2026-06-01").button_draft()
        self.assertFalse(self._prepare(), "A draft is owed by nobody")

    def test_a_pause_holds_to_its_last_day_and_in_its_company(self):
        self._invoice("2026-05-01")
        with self.assertRaisesRegex(ValidationError, "Say why"):
            self.partner.reminder_pause_until = "2026-06-15"
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.partner.with_context(tracking_disable=False, mail_notrack=False).write(
            {
                "reminder_pause_until": "2026-06-15",
                "reminder_pause_reason": "pays by instalments",
            }
        )
        self.assertFalse(self._prepare())
        self.env.flush_all()
        self.env.cr.precommit.run()
        tracked = self.partner.message_ids.sudo().tracking_value_ids
        self.assertIn("pays by instalments", tracked.mapped("new_value_char"))
        for user, sees in ((self.accountant, True), (self.editor, False)):
            seen = tracked._filter_has_field_access(self.env(user=user, su=False))
            self.assertEqual(
                "pays by instalments" in seen.mapped("new_value_char"), sees
            )
        other = self._create_company(name="Other Company")
        self.assertFalse(self.partner.with_company(other).reminder_pause_until)
        with freeze_time("2026-06-16"):
            self.assertTrue(self._prepare())

    def test_companies_are_apart(self):
        self._invoice("2026-05-01")
        other = self._create_company(name="Other Company")
        self.assertFalse(self.Reminder._prepare(other))
        theirs = self.first.copy({"company_id": other.id, "delay": 1})
        levels = self.env["partner.reminder.level"]
        self.assertEqual(levels._get_for(other), theirs)
        self.assertNotIn(theirs, levels._get_for(self.company))

    def test_a_reminder_of_another_company_is_no_reason_to_wait(self):
        invoice = self._invoice("2026-05-01")
        other = self._create_company(name="Other Company")
        theirs = self.Reminder.create(
            {
                "company_id": other.id,
                "partner_id": self.partner.id,
                "contact_id": self.partner.id,
                "level_id": self.first.id,
                "date": "2026-06-14",
                "state": "draft",
            }
        )
        mine = self._prepare()
        self.assertEqual(mine.line_ids.move_id, invoice)
        self.assertNotIn(theirs, mine)
        self.assertTrue(theirs.exists(), "Theirs is for their company to look at")
        theirs.state = "sent"
        self.assertEqual(self._prepare(), mine)

    def test_each_company_sends_as_it_has_chosen(self):
        self._invoice("2026-06-01")
        draft = self._prepare()
        other = self._create_company(name="Other Company")
        other.partner_reminder_mode = "auto"
        cron = self.env.ref("partner_extension.ir_cron_partner_reminder")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(draft.state, "draft", "Ours wants to look first")

    def test_contacts_of_a_customer_are_one_customer(self):
        invoicing, asked = self.env["res.partner"].create(
            [
                {
                    "name": "Invoices",
                    "parent_id": self.partner.id,
                    "type": "invoice",
                    "email": "invoices@paper.example",
                },
                {
                    "name": "Accounts",
                    "parent_id": self.partner.id,
                    "email": "accounts@paper.example",
                },
            ]
        )
        self._invoice("2026-06-01")
        self._invoice("2026-06-01", partner=invoicing)
        reminder = self._prepare()
        self.assertEqual(len(reminder.line_ids), 2)
        self.assertEqual(reminder.contact_id, invoicing)
        self.partner.reminder_contact_id = asked
        self.assertEqual(self._prepare().contact_id, asked)

    # === Once === #

    def test_preparing_again_keeps_the_draft_and_follows_the_facts(self):
        invoice = self._invoice("2026-06-01")
        draft = self._prepare()
        self._invoice("2026-06-02", 11.0)
        self.assertEqual(self._prepare(), draft)
        self.assertEqual(draft.amount_due, 111.0)
        self._register_payment(invoice, payment_date="2026-06-15")
        self.assertEqual(self._prepare().amount_due, 11.0)

    def test_what_was_paid_after_the_preview_is_not_mailed(self):
        invoice = self._invoice("2026-06-01")
        draft = self._prepare()
        self._register_payment(invoice, payment_date="2026-06-15")
        draft.action_send()
        self.assertFalse(draft.exists())

    def test_the_same_day_again_sends_nothing(self):
        self._invoice("2026-06-01")
        self.assertTrue(self._send())
        self.assertFalse(self._send())
        self._invoice("2026-06-02")
        self.assertFalse(self._prepare(), "Not within the days between two mails")
        with freeze_time("2026-06-20"):
            self.assertEqual(
                self._prepare().line_ids.filtered("level_id").date_due,
                date(2026, 6, 2),
            )

    def test_the_database_refuses_a_second_time(self):
        self._invoice("2026-06-01")
        sent = self._send()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
        ):
            sent.copy({"state": "sent"}).line_ids = [
                Command.create(sent.line_ids.copy_data()[0])
            ]
            self.env.flush_all()
        self._invoice("2026-06-01", partner=self.partner_a)
        draft = self._prepare()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
        ):
            draft.copy({"state": "draft"})
            self.env.flush_all()

    def test_what_was_skipped_comes_at_the_next_level(self):
        self._invoice("2026-06-01")
        draft = self._prepare()
        draft.action_skip()
        self.assertFalse(self._prepare())
        with freeze_time("2026-06-29"):
            self.assertEqual(self._prepare().level_id, self.second)

    # === Mails === #

    def test_mails_in_the_language_of_the_customer_with_the_items(self):
        self._start_mail_server()
        self.env["res.lang"]._activate_lang("es_ES")
        self.first.template_id.with_context(
            lang="es_ES"
        ).subject = "{{ object.company_id.name }}: recordatorio de pago"
        self.partner.lang = "es_ES"
        invoice = self._invoice("2026-06-01", 1234.5)
        self._invoice("2026-06-30", 20.0)
        reminder = self._send()
        self._send_mails()
        (mail,) = self.inbox.to("office@paper.example")
        self.assertIn("recordatorio de pago", mail["subject"])
        self.assertIn("us@dealer.example", mail["from"])
        text = self._text(mail)
        for part in (invoice.name, "01/06/2026", "1.234,50", "/my/invoices/"):
            self.assertIn(part, text)
        self.assertNotIn("Friendly", text, "The name of a level is ours to know")
        self.assertEqual(reminder.mail_state, "sent")
        self.assertIn(invoice.name, reminder.preview)
        logged = self.partner.message_ids[0].body
        self.assertIn("Friendly reminder", logged)
        self.assertIn(invoice.name, logged)
        self.assertNotIn("1,234.50", logged, "Whoever sees the customer reads this")

    def test_who_reads_it_has_the_say_about_its_language(self):
        """Not who sends it, nor its company: and all of it, the frame included."""
        self._start_mail_server()
        self.env["res.lang"]._activate_lang("tr_TR")
        template = self.first.template_id.with_context(lang="tr_TR")
        template.subject = "{{ object.company_id.name }}: ödeme hatırlatması"
        reminders = self.env["ir.model"]._get("partner.reminder").sudo()
        reminders.with_context(lang="tr_TR").name = "Ödeme Hatırlatması"
        contact = self.env["res.partner"].create(
            {
                "name": "Ayşe",
                "parent_id": self.partner.id,
                "email": "ayse@paper.example",
                "lang": "tr_TR",
            }
        )
        self.partner.write({"lang": "en_US", "reminder_contact_id": contact.id})
        self.env.user.lang = "en_US"
        self._invoice("2026-06-01", 1234.5)
        # A template of one's own may not say in whose language it is.
        for day, lang in (("2026-06-15", template.lang), ("2026-06-29", False)):
            self.first.template_id.lang = lang
            with self.subTest(lang=lang), freeze_time(f"{day} 10:00:00"):
                self._send()
                self._send_mails()
                ((_to, mail),) = self.inbox.mails
                self.inbox.mails.clear()
                self.assertIn("ödeme hatırlatması", mail["subject"])
                self.assertIn("1.234,50", self._text(mail))
                self.assertIn("Ödeme Hatırlatması", self._text(mail))

    def test_who_wants_no_mails_gets_none_and_a_person_is_told(self):
        self.partner.email = "Office@Paper.example"
        self.partner.user_id = self.accountant
        self.env["mail.blacklist"].sudo()._add("office@paper.example")
        self.partner_a.email = "a@customer.example"
        self._invoice("2026-06-01")
        self._invoice("2026-06-01", partner=self.partner_a)
        by_partner = self._send().grouped("partner_id")
        unwanted = by_partner[self.partner]
        self.assertEqual(unwanted.state, "failed")
        self.assertIn("does not want mails", unwanted.problem)
        self.assertFalse(unwanted.mail_id)
        self.assertEqual(self.partner.activity_ids.user_id, self.accountant)
        self.assertEqual(by_partner[self.partner_a].state, "sent")

    def test_the_scheduled_action_sends_by_itself_only_where_told(self):
        self._start_mail_server()
        self._invoice("2026-06-01")
        cron = self.env.ref("partner_extension.ir_cron_partner_reminder")
        for mode, count in (("off", 0), ("review", 0), ("auto", 1), ("auto", 1)):
            self.company.partner_reminder_mode = mode
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self._send_mails()
            self.assertEqual(len(self.inbox.mails), count, mode)

    @mute_logger(
        "odoo.addons.mail.models.mail_mail", "odoo.addons.base.models.ir_mail_server"
    )
    def test_a_refusing_mail_server_costs_only_the_mail(self):
        self._start_mail_server()
        self.partner_a.email = "a@customer.example"
        self._invoice("2026-06-01")
        self._invoice("2026-06-01", partner=self.partner_a)
        self.inbox.refuse = {"office@paper.example"}
        reminders = self._send()
        self._send_mails()
        self.assertEqual(len(self.inbox.to("a@customer.example")), 1)
        refused = reminders.filtered(lambda r: r.partner_id == self.partner)
        self.assertEqual((refused.state, refused.mail_state), ("sent", "exception"))
        self.inbox.refuse = set()
        with freeze_time("2026-06-16"):
            self.Reminder._retry_failed(self.company)
            self._send_mails()
        self.assertEqual(len(self.inbox.to("office@paper.example")), 1)
        self.assertEqual(len(self.inbox.to("a@customer.example")), 1)

    @mute_logger(
        "odoo.addons.mail.models.mail_mail", "odoo.addons.base.models.ir_mail_server"
    )
    def test_a_mail_that_is_refused_for_days_goes_to_a_person(self):
        self._start_mail_server()
        self.partner.user_id = self.accountant
        self._invoice("2026-06-01")
        self.inbox.refuse = {"office@paper.example"}
        reminder = self._send()
        self._send_mails()
        with freeze_time("2026-06-19"):
            self.Reminder._retry_failed(self.company)
            self.Reminder._retry_failed(self.company)
        self.assertEqual(reminder.state, "failed")
        self.assertIn("no such mailbox", reminder.problem)
        self.assertEqual(self.partner.activity_ids.user_id, self.accountant)
        self.assertEqual(len(self.partner.activity_ids), 1)

    def test_without_an_address_a_person_is_told_and_others_are_reminded(self):
        self.partner_a.email = "a@customer.example"
        self.partner_b.email = False
        self._invoice("2026-06-01", partner=self.partner_a)
        self._invoice("2026-06-01", partner=self.partner_b)
        by_partner = self._send().grouped("partner_id")
        self.assertEqual(by_partner[self.partner_a].state, "sent")
        failed = by_partner[self.partner_b]
        self.assertEqual(failed.state, "failed")
        self.assertIn("no e-mail address", failed.problem)
        self.assertEqual(len(self.partner_b.activity_ids), 1)
        self.assertFalse(self._prepare(), "It waits, it does not come up every day")
        self.partner_b.email = "b@customer.example"
        failed.action_send()
        self.assertEqual(failed.state, "sent")

    def test_a_text_that_fails_for_one_customer_costs_that_one(self):
        self.first.template_id.subject = "{{ 1 / (object.amount_due - 13) }}"
        self.partner_a.email = "a@customer.example"
        self._invoice("2026-06-01", 13.0)
        self._invoice("2026-06-01", 12.0, partner=self.partner_a)
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            by_partner = self._send().grouped("partner_id")
        self.assertEqual(by_partner[self.partner].state, "failed")
        self.assertIn("text", by_partner[self.partner].problem)
        self.assertEqual(by_partner[self.partner_a].state, "sent")

    def test_many_are_sent_in_the_background(self):
        self._invoice("2026-06-01")
        draft = self._prepare()
        cron = self.env.ref("partner_extension.ir_cron_partner_reminder")
        triggers = self.env["ir.cron.trigger"].sudo()
        asked = triggers.search_count([("cron_id", "=", cron.id)])
        with patch("odoo.addons.partner_extension.models.partner_reminder.BATCH", 0):
            draft.action_send()
        self.assertEqual(draft.state, "ready")
        self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), asked + 1)
        self.company.partner_reminder_mode = "off"
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(draft.state, "sent")

    def test_the_last_level_attaches_invoices_and_asks_for_a_call(self):
        invoice = self._invoice("2026-05-01")
        invoice.invoice_pdf_report_id = self.env["ir.attachment"].create(
            {
                "name": "invoice.pdf",
                "raw": b"%PDF-1.4",
                "res_model": "account.move",
                "res_id": invoice.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        (self.first | self.second).active = False
        self.assertIn("still open", self._prepare().preview)
        reminder = self._send()
        self.assertEqual(reminder.level_id, self.last)
        self.assertEqual(
            reminder.mail_id.attachment_ids.mapped("name"), ["invoice.pdf"]
        )
        self.assertEqual(self.partner.activity_ids.summary, "Call about payment")

    # === Who may === #

    def test_accountants_send_and_others_see_nothing(self):
        self._invoice("2026-06-01")
        self.Reminder.with_user(self.accountant).sudo(False).action_prepare()
        draft = self.Reminder.search([])
        draft.with_user(self.accountant).sudo(False).action_send()
        self.assertEqual(draft.state, "sent")
        with self.assertRaises(AccessError):
            # What customers were told is nobody's to rewrite.
            draft.with_user(self.accountant).sudo(False).write({"date": "2026-01-01"})
        for user in (self.employee, self.editor):
            with self.assertRaises(AccessError):
                self.Reminder.with_user(user).sudo(False).action_prepare()
            with self.assertRaises(AccessError):
                draft.with_user(user).sudo(False).action_skip()
            with self.assertRaises(AccessError):
                draft.with_user(user).sudo(False).read(["amount_due"])
            with self.assertRaises(AccessError):
                self.partner.with_user(user).read(["reminder_pause_reason"])

    def test_reminders_of_another_company_are_not_seen(self):
        self._invoice("2026-06-01")
        draft = self._prepare()
        other = self._create_company(name="Other Company")
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="account.group_account_invoice",
            company_id=other.id,
            company_ids=other.ids,
        )
        self.assertFalse(self.Reminder.with_user(stranger).sudo(False).search([]))
        with self.assertRaises(AccessError):
            draft.with_user(stranger).sudo(False).action_send()

    # === Size === #

    def test_a_hundred_customers_cost_no_more_statements_than_two(self):
        partners = self.env["res.partner"].create(
            [{"name": f"C{i}", "email": f"c{i}@c.example"} for i in range(20)]
        )
        for partner in partners:
            self._invoice("2026-06-01", partner=partner)
        plan = self.Reminder._plan
        few, many = (partners[:2].ids, partners.ids)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        plan(self.company, few)
        first = self.env.cr.sql_log_count - before
        self.env.invalidate_all()
        with self.assertQueryCount(first):
            self.assertEqual(len(plan(self.company, many)), 20)

    # === Bills === #

    def test_due_bills_are_told_once_and_again_when_late(self):
        self._start_mail_server()
        self.company.partner_bill_user_id = self.accountant
        digests = self.env["partner.bill.digest"].sudo()
        bill = self._invoice("2026-06-18", 77.0, move_type="in_invoice", ref="B-1")
        self._invoice("2026-06-30", 55.0, move_type="in_invoice", ref="B-2")
        self.assertTrue(digests._tell(self.company))
        self.assertFalse(digests._tell(self.company))
        self._send_mails()
        (mail,) = self.inbox.to("books@dealer.example")
        self.assertIn("1 bills", mail["subject"])
        self.assertIn(bill.name, self._text(mail))
        self.assertNotIn("B-2", self._text(mail))
        days = []
        for day in range(16, 31):
            with freeze_time(f"2026-06-{day}"):
                if digests._tell(self.company):
                    days.append(day)
        # Late on the 19th; the second one is due within three days on the 27th.
        self.assertEqual(days, [19, 27])
        self._register_payment(bill, payment_date="2026-06-30")
        with freeze_time("2026-07-01"):
            late = digests._tell(self.company)
            self.assertNotIn(bill.name, late._get_items_html())

    def test_one_mail_a_day_about_bills(self):
        self.company.partner_bill_user_id = self.accountant
        digests = self.env["partner.bill.digest"].sudo()
        self._invoice("2026-06-15", move_type="in_invoice", ref="B-1")
        self.assertTrue(digests._tell(self.company))
        later = self._invoice("2026-06-15", move_type="in_invoice", ref="B-2")
        self.assertFalse(digests._tell(self.company), "Tomorrow is soon enough")
        with freeze_time("2026-06-16"):
            told = digests._tell(self.company)
        self.assertIn(later, told.line_ids.move_line_id.move_id)

    def test_what_is_not_owed_is_no_due_bill(self):
        self.company.partner_bill_user_id = self.accountant
        digests = self.env["partner.bill.digest"].sudo()
        self._invoice("2026-06-01", move_type="in_refund", ref="R-1")
        self._invoice("2026-06-01", move_type="in_invoice").no_followup = True
        self._invoice(
            "2026-06-01", move_type="in_invoice"
        ).action_toggle_block_payment()
        paid, reversed_bill, asked = (
            self._invoice("2026-06-01", move_type="in_invoice", ref=f"B-{number}")
            for number in range(3)
        )
        self._register_payment(paid, payment_date="2026-06-15")
        refund = self._invoice("2026-06-01", move_type="in_refund", ref="R-2")
        (reversed_bill | refund).line_ids.filtered(
            lambda line: line.account_type == "liability_payable"
        ).reconcile()
        # Where accounting is complete a payment has no entry before the bank has it.
        journal = self.company_data["default_journal_bank"]
        journal.outbound_payment_method_line_ids.payment_account_id = False
        with patch.object(
            self.registry["account.move"],
            "_get_invoice_in_payment_state",
            lambda _moves: "in_payment",
        ):
            self._register_payment(asked, payment_date="2026-06-15")
            self.assertEqual(
                (asked.payment_state, asked.amount_residual), ("in_payment", 100.0)
            )
        self.assertFalse(digests._tell(self.company))

    def test_bills_of_another_company_are_not_told(self):
        bill = self._invoice("2026-06-01", move_type="in_invoice", ref="B-1")
        other = self._create_company(name="Other Company")
        (self.company | other).partner_bill_user_id = self.accountant
        digests = self.env["partner.bill.digest"].sudo()
        self.assertFalse(digests._tell(other))
        self.assertEqual(digests._tell(self.company)._get_due().move_id, bill)
