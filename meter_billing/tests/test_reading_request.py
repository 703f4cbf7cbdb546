# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Customers are asked for readings until they come, and answer without a login."""

import re

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged

from .common import MeterBillingCommon


class RequestCommon(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write({"email": "office@harbour.example"})
        cls.manager = cls._user("account.manager", "base.group_user")
        cls.customer.user_id = cls.manager
        cls.device = cls._device("SN-1", opening={"mono": 100})
        cls.contract = cls._contract([cls._usage(price=0.01)], cls.device)
        cls.contract.write({"reading_plan": "monthly", "reading_day": 31})
        cls.Request = cls.env["meter.reading.request"]

    def _work(self, day):
        """Let the scheduled action work on a day; return the mails made."""
        before = self.env["meter.reading.reminder"].search([])
        with freeze_time(f"{day} 06:00:00"), self.enter_registry_test_mode():
            self.env.ref(
                "meter_billing.ir_cron_meter_reading_request"
            ).method_direct_trigger()
        return (self.env["meter.reading.reminder"].search([]) - before).mail_id


@tagged("post_install", "-at_install")
class TestReadingRequest(RequestCommon):
    # === What is due === #

    def test_a_device_follows_its_own_plan_else_its_contracts(self):
        self.assertEqual(str(self.device.next_due_date), "2026-06-30")
        self.device.write({"reading_plan": "weekly", "reading_day": 5})
        self.assertEqual(str(self.device.next_due_date), "2026-06-19")
        self.contract.reading_plan = False
        self.device.reading_plan = False
        self.assertFalse(self.device.next_due_date)
        with self._refused(ValidationError, "1 to 7"):
            self.device.write({"reading_plan": "weekly", "reading_day": 8})

    # === Rounds === #

    def test_before_on_and_after_the_day_then_a_person(self):
        sent = {}
        for day in range(15, 31):
            sent[f"06-{day}"] = len(self._work(f"2026-06-{day}"))
        for day in range(1, 15):
            sent[f"07-{day:02}"] = len(self._work(f"2026-07-{day:02}"))
        self.assertEqual(
            {day: count for day, count in sent.items() if count},
            {"06-27": 1, "06-30": 1, "07-03": 1, "07-07": 1},
        )
        request = self.Request.search([("due_date", "=", "2026-06-30")])
        self.assertEqual(request.state, "escalated")
        self.assertEqual(request.activity_ids.user_id, self.manager)
        self.assertIn("SN-1", request.activity_ids.note)
        self.assertEqual(len(request.activity_ids), 1)

    def test_it_stops_when_the_reading_comes(self):
        (mail,) = self._work("2026-06-27")
        with freeze_time("2026-06-28 10:00:00"):
            self._read(self.device, "2026-06-28", mono=200)
        request = self.Request.search([])
        self.assertEqual(request.state, "answered")
        self.assertEqual(mail.state, "cancel")  # was not sent yet
        self.assertFalse(self._work("2026-06-30"))

    def test_a_reading_on_hold_is_an_answer_an_estimate_is_none(self):
        self._work("2026-06-27")
        request = self.Request.search([])
        with freeze_time("2026-06-28 10:00:00"):
            self._read(self.device, "2026-06-28", kind="estimated", mono=200)
            self.assertEqual(request.state, "open")
            row = self._row(self.device, "2026-06-27", 50)
            (verdict,) = self.env["meter.reading"]._ingest([row], "mail")
        self.assertEqual((verdict["status"], request.state), ("hold", "answered"))

    def test_each_round_once_and_the_last_of_those_missed(self):
        self.assertEqual(len(self._work("2026-06-27")), 1)
        self.assertFalse(self._work("2026-06-27"))
        # The scheduler did not run for a week: one mail, not two.
        self.assertEqual(len(self._work("2026-07-04")), 1)
        request = self.Request.search([])
        self.assertEqual(request.reminder_ids.mapped("offset"), [-3, 3])

    def test_contacts_that_are_merged_were_both_asked(self):
        other = self.env["res.partner"].create(
            {"name": "Harbour", "is_company": True, "email": "other@harbour.example"}
        )
        device = self._device("SN-2", opening={"mono": 0}, partner_id=other.id)
        device.write({"reading_plan": "monthly", "reading_day": 31})
        self.assertEqual(len(self._work("2026-06-27")), 2)
        requests = self.Request.search([])
        tokens = [request._get_link().partition("token=")[2] for request in requests]
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (self.customer | other).ids, self.customer, extra_checks=False
        )
        self.env.invalidate_all()
        self.assertEqual(requests.contact_id, self.customer)
        self.assertEqual(requests.line_ids.device_id, self.device | device)
        self.assertEqual(
            [self.Request._find_by_token(token) for token in tokens],
            [request.sudo() for request in requests],
        )
        self.assertEqual(len(self._work("2026-06-30")), 2)
        self.assertEqual(self.Request.search([]), requests, "nobody is asked anew")

    def test_days_of_the_customer(self):
        self.customer.meter_reminder_days = "0"
        self.assertFalse(self._work("2026-06-27"))
        self.assertEqual(len(self._work("2026-06-30")), 1)
        self.assertFalse(self._work("2026-07-07"))
        with self._refused(ValidationError, "-27 to 60"):
            self.customer.meter_reminder_days = "soon"

    def test_customers_that_do_not_want_to_be_asked(self):
        self.customer.meter_reminders = "off"
        self.assertFalse(self._work("2026-06-27"))
        self.assertFalse(self.Request.search([]))
        with self._refused(UserError, "do not want to be asked"):
            self.customer.action_ask_for_readings()

    def test_who_cannot_be_reached_is_listed_and_told(self):
        self.customer.email = False
        self.assertFalse(self._work("2026-06-27"))
        request = self.Request.search([])
        self.assertIn("no e-mail address", request.problem)
        self.assertEqual(request.activity_ids.user_id, self.manager)
        self._work("2026-06-30")
        self.assertEqual(len(request.activity_ids), 1)
        self.customer.email = "office@harbour.example"
        self.env["mail.blacklist"]._add("office@harbour.example")
        self.assertFalse(self._work("2026-07-03"))
        self.assertIn("does not want mails", request.problem)

    # === Who is asked, and how === #

    def test_contacts_and_their_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        clerk, caretaker = self.env["res.partner"].create(
            [
                {
                    "name": name,
                    "email": f"{name}@harbour.example",
                    "parent_id": self.customer.id,
                    "lang": lang,
                }
                for name, lang in (("ana", "es_ES"), ("joe", "en_US"))
            ]
        )
        self.customer.meter_contact_id = clerk
        second = self._device(
            "SN-2", reading_contact_id=caretaker.id, reading_plan="monthly"
        )
        mails = self._work("2026-06-27")
        by_contact = {mail.recipient_ids or mail.partner_ids: mail for mail in mails}
        self.assertEqual(set(by_contact), {clerk, caretaker})
        self.assertIn("SN-1", by_contact[clerk].body_html)
        self.assertNotIn("SN-2", by_contact[clerk].body_html)
        self.assertIn(second.serial_number, by_contact[caretaker].body_html)
        self.assertIn("30/06/2026", by_contact[clerk].subject)
        self.assertIn("06/30/2026", by_contact[caretaker].subject)
        self.assertEqual(
            self.Request._find_by_reference(
                f"RE: {by_contact[clerk].subject}"
            ).contact_id,
            clerk,
        )

    def test_asked_by_hand(self):
        action = self.customer.action_ask_for_readings()
        request = self.Request.search(action["domain"])
        self.assertEqual(
            (str(request.due_date), len(request.reminder_ids)), ("2026-06-15", 1)
        )
        with self._refused(UserError, "asked today already"):
            self.contract.action_ask_for_readings()
        # A clerk without any other right than to bill
        clerk = self._user("clerk", "meter_billing.group_meter_billing_user")
        device = self._device("SN-7", reading_contact_id=self.manager.partner_id.id)
        self.manager.partner_id.email = "boss@dealer.example"
        action = self.env["meter.reading.request"].with_user(clerk)._ask_now(device)
        asked = self.Request.search(action["domain"])
        self.assertEqual(
            (len(asked), asked.reminder_ids.mail_id.state), (1, "outgoing")
        )
        with self._refused(AccessError):
            asked.with_user(clerk).read(["nonce"])
        asked.with_user(clerk).action_revoke()
        reader = self._user("reader", "meter_billing.group_meter_billing_reader")
        with self._refused(AccessError):
            self.customer.with_user(reader).action_ask_for_readings()

    def test_a_thousand_devices_cost_no_query_each(self):
        def ask(count, prefix):
            customers = self.env["res.partner"].create(
                [
                    {"name": f"{prefix}{n}", "email": f"{prefix}{n}@x.example"}
                    for n in range(count)
                ]
            )
            devices = self.env["meter.device"].create(
                [
                    {
                        "serial_number": f"{prefix}-{n}",
                        "model_id": self.model.id,
                        "partner_id": customer.id,
                        "install_date": "2026-01-01",
                        "reading_plan": "monthly",
                        "meter_ids": [
                            (0, 0, {"type_id": self.mono.id, "opening_value": 0})
                        ],
                    }
                    for n, customer in enumerate(customers)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with freeze_time("2026-06-28"):
                requests = self.Request._ask_for(
                    devices._get_due(self.company._meter_today(), 3)
                )
                self.env.flush_all()
            self.assertEqual(len(requests), count)
            return self.env.cr.sql_log_count - before

        few, many = ask(10, "few"), ask(300, "many")
        self.assertLess(many - few, 30)

    # === Tokens === #

    def test_forged_and_revoked_tokens_find_nothing(self):
        self._work("2026-06-27")
        request = self.Request.search([])
        token = request._get_link().partition("token=")[2]
        self.assertEqual(self.Request._find_by_token(token), request)
        for forged in (
            "",
            None,
            "x",
            token[:-2],
            token[:-1] + "A",
            "é",
            "AQ",
            token * 2,
        ):
            with self.subTest(token=forged):
                self.assertFalse(self.Request._find_by_token(forged))
        reference = request._get_reference()
        self.assertEqual(self.Request._find_by_reference(reference), request)
        wrong = re.sub(r"-[0-9a-f]{12}", "-0123456789ab", reference)
        self.assertFalse(self.Request._find_by_reference(wrong))
        self.assertFalse(self.Request._find_by_reference("[MR-999999-0123456789ab]"))
        with freeze_time("2026-09-30"):
            self.assertFalse(self.Request._find_by_token(token))
        request.action_revoke()
        self.assertFalse(self.Request._find_by_token(token))
        self.assertFalse(self.Request._find_by_reference(reference))


@tagged("post_install", "-at_install")
class TestReadingRequestPage(RequestCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.stranger = self._device("SN-9", opening={"mono": 5})
        self.customer.action_ask_for_readings()
        self.request = self.Request.search([])
        self.request.line_ids.filtered(
            lambda line: line.device_id == self.stranger
        ).sudo().unlink()
        self.link = self.request._get_link().replace(self.request.get_base_url(), "")
        self.meter = self._meter(self.device)

    def _post(self, **values):
        page = self.url_open(self.link).text
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', page)
        return self.url_open(
            "/meter/read",
            data={
                "token": self.link.partition("token=")[2],
                "csrf_token": csrf[1] if csrf else "",
                **values,
            },
        )

    def _readings(self):
        return self.env["meter.reading"].search([("source", "=", "portal")])

    def test_it_shows_what_is_asked_for_and_nothing_else(self):
        page = self.url_open(self.link)
        self.assertEqual(page.status_code, 200)
        for text in ("SN-1", "Mono", "100", "Harbour Office"):
            self.assertIn(text, page.text)
        self.assertNotIn("SN-9", page.text)
        self.assertIn("no-store", page.headers["Cache-Control"])

    def test_a_value_is_saved_and_answers(self):
        page = self._post(**{f"meter_{self.meter.id}": "250"})
        self.assertIn("Thank you", page.text)
        reading = self._readings()
        self.assertRecordValues(
            reading, [{"meter_id": self.meter.id, "value": 250, "state": "valid"}]
        )
        self.assertIn("Given by Harbour Office", reading.note)
        self.request.invalidate_recordset()
        self.assertEqual(self.request.state, "answered")
        self.assertIn("Nothing is left to do", self.url_open(self.link).text)

    def test_what_no_browser_sends(self):
        """Programs send what browsers do not: it is answered, not failed on."""
        meter = f"meter_{self.meter.id}"
        self.assertEqual(self.url_open("/meter/read?token=%00").status_code, 404)
        page = self.url_open(self.link).text
        form = {
            "csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page)[1],
            "token": self.link.partition("token=")[2],
        }
        file = ("a.txt", b"text")
        for files, values in (
            ({meter: file}, form),
            ({"note": file}, {**form, meter: "\0"}),
            ({"x": file}, {**form, meter: "9" * 5000}),
        ):
            page = self.url_open("/meter/read", data=values, files=files)
            self.assertEqual(page.status_code, 200)
        self.assertFalse(self._readings())
        del form["token"]
        page = self.url_open("/meter/read", data=form, files={"token": file})
        self.assertEqual(page.status_code, 404)
        self._post(**{meter: "25\x000", "note": "\0"})
        self.assertEqual(self._readings().value, 250)

    def test_what_is_wrong_is_said_and_nothing_saved(self):
        page = self._post(**{f"meter_{self.meter.id}": "abc"})
        self.assertIn("not a whole number", page.text)
        self.assertIn('value="abc"', page.text)
        self.assertIn("Enter at least one value", self._post().text)
        self.assertFalse(self._readings())

    def test_what_is_unusual_is_confirmed_with_a_note_and_held(self):
        name = f"meter_{self.meter.id}"
        page = self._post(**{name: "50"})
        self.assertIn("lower than before", page.text)
        self.assertNotRegex(page.text, r"<fieldset[^>]*disabled")  # it is asked
        self.assertFalse(self._readings())
        device = self.meter.device_id.id
        page = self._post(
            **{
                name: "50",
                f"confirmed_{device}": "1",
                f"note_{device}": "<b>new board</b>",
            }
        )
        self.assertIn("We check it before it counts", page.text)
        self.assertEqual(self._readings().state, "hold")
        self.assertIn("<b>new board</b>", self._readings().note)

    def test_meters_of_others_are_out_of_reach(self):
        theirs = self._meter(self.stranger)
        page = self._post(**{f"meter_{theirs.id}": "500"})
        self.assertIn("Enter at least one value", page.text)
        self.assertFalse(self._readings())

    def test_links_that_are_not_valid(self):
        for link in ("/meter/read", "/meter/read?token=x", self.link[:-3]):
            page = self.url_open(link)
            self.assertEqual(page.status_code, 404)
            self.assertIn("not valid any more", page.text)
            self.assertNotIn("SN-1", page.text)
        self.request.action_revoke()
        page = self.url_open(self.link)
        self.assertEqual(page.status_code, 404)

    def test_no_end_of_forms(self):
        self.request.submit_count = 200
        page = self._post(**{f"meter_{self.meter.id}": "250"})
        self.assertEqual(page.status_code, 429)
        self.assertFalse(self._readings())
