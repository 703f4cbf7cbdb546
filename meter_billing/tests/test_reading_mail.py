# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Mails become readings: through Odoo's own gateway, from the raw mail on."""

import email
import email.policy
from pathlib import Path

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import meter_reading_mail_read
from .common import MeterBillingCommon

MAILS = Path(__file__).parent / "mails"
ADDRESS = "meter-readings@dealer.example"


class MailCommon(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-06-15 10:00:00"))
        cls.env["mail.alias.domain"].search([]).unlink()
        cls.domain = cls.env["mail.alias.domain"].create({"name": "dealer.example"})
        cls.company.alias_domain_id = cls.domain
        cls.company.meter_alias_id = cls.env.ref(
            "meter_billing.mail_alias_meter_reading"
        )
        cls.company.meter_alias_id.write(
            {
                "alias_domain_id": cls.domain.id,
                "alias_defaults": str({"company_id": cls.company.id}),
            }
        )
        cls.clerk = cls._user(
            "clerk",
            "base.group_user",
            "meter_billing.group_meter_billing_user",
            email="clerk@dealer-office.example",
        )
        cls.company.meter_mail_user_id = cls.clerk
        cls.customer.write({"email": "office@harbour.example", "name": "Jane Harbour"})
        cls.device = cls._device("SN-1", opening={"mono": 100, "colour": 10})
        cls.second = cls._device("SN-2", opening={"mono": 0})
        cls.Delivery = cls.env["meter.reading.import"]

    @classmethod
    def _ask(cls, *devices):
        """Ask for readings of devices; return the request and the mail that asks."""
        requests = cls.env["meter.reading.request"]
        requests._ask_now(cls.env["meter.device"].union(*devices))
        request = requests.search([], order="id desc", limit=1)
        return request, request.reminder_ids.mail_id

    def _content(self, name, headers="", **words):
        """Return a raw mail with its @@placeholders@@ filled in.

        :param str headers: lines that are put before it
        """
        content = (MAILS / f"{name}.eml").read_bytes()
        for key, text in words.items():
            content = content.replace(f"@@{key}@@".encode(), text.encode())
        return headers.encode() + content

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def _deliver(self, name, headers="", **words):
        """Hand a raw mail to the gateway; return the delivery it became, not read."""
        before = self.Delivery.search([])
        self.env["mail.thread"].message_process(
            None, self._content(name, headers, **words)
        )
        return self.Delivery.search([]) - before

    def _receive(self, name, headers="", **words):
        """As :meth:`_deliver`, and let the scheduled action read it."""
        delivery = self._deliver(name, headers, **words)
        self._work()
        return delivery

    def _work(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "meter_billing.ir_cron_meter_reading_mail"
            ).method_direct_trigger()

    def _values(self, delivery):
        """Return {(serial, code): value} of the readings that a mail brought."""
        readings = self.env["meter.reading"].search([("import_id", "=", delivery.id)])
        return {
            (r.device_id.serial_number, r.meter_id.type_id.code): r.value
            for r in readings
        }

    def _confirmations(self, delivery):
        """Return the mails that answer a mail."""
        mails = self.env["mail.mail"].search(
            [("model", "=", delivery._name), ("res_id", "=", delivery.id)]
        )
        return mails.filtered(lambda mail: "auto-replied" in (mail.headers or ""))


BOTH = {("SN-1", "mono"): 12345, ("SN-1", "colour"): 678}


@tagged("post_install", "-at_install")
class TestReplies(MailCommon):
    # === Answers to a request === #

    def test_replies_of_all_kinds(self):
        for name in (
            "reply_plain",
            "reply_outlook_turkish",
            "reply_html_spanish",
            "broken",
        ):
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                request, _mail = self._ask(self.device)
                delivery = self._receive(name, reference=request._get_reference())
                self.assertEqual(delivery.state, "done", delivery.reason)
                self.assertEqual(self._values(delivery), BOTH)
                self.assertEqual(delivery.request_id, request)
                self.assertEqual(request.state, "answered")
                readings = self.env["meter.reading"].search(
                    [("import_id", "=", delivery.id)]
                )
                self.assertEqual(set(readings.mapped("source")), {"mail"})
                self.assertIn("office@harbour.example", readings[0].note)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_the_reading_is_of_when_the_mail_was_sent(self):
        request, _mail = self._ask(self.device)
        delivery = self._receive("reply_plain", reference=request._get_reference())
        readings = self.env["meter.reading"].search([("import_id", "=", delivery.id)])
        self.assertEqual(
            {str(reading.read_at) for reading in readings}, {"2026-06-15 09:00:00"}
        )
        # "yesterday at noon" is no date: then it is of when it came.
        request.with_user(self.clerk).action_close()
        broken = self._deliver("broken", reference=request._get_reference())
        self.assertEqual(str(broken.mail_date), "2026-06-15 10:00:00")

    def test_a_clock_that_is_wrong_does_not_date_a_reading(self):
        for year, moment in (
            ("2036", "2026-06-15 10:00:00"),
            ("2000", "2026-06-15 10:00:00"),
            ("2026", "2026-06-15 09:00:00"),
        ):
            content = self._content(
                "konica_minolta",
                message_id=f"{year}@printer.example",
                **{"from": "office@harbour.example"},
            ).replace(b"Jun 2026", f"Jun {year}".encode())
            with mute_logger("odoo.addons.mail.models.mail_thread"):
                self.env["mail.thread"].message_process(None, content)
            delivery = self.Delivery.search([], limit=1)
            self.assertEqual(str(delivery.mail_date), moment)

    def test_the_original_stays_with_its_attachments(self):
        delivery = self._receive("many_attachments")
        (message,) = delivery.message_ids.filtered(lambda m: m.message_type == "email")
        self.assertIn("Sayaç raporu ektedir", message.body)
        self.assertEqual(
            set(message.attachment_ids.mapped("name")),
            {"logo.png", "sayaç.csv", "sharp.txt", "report.pdf"},
        )

    def test_several_devices_by_serial(self):
        request, _mail = self._ask(self.device, self.second)
        delivery = self._receive(
            "reply_two_devices", reference=request._get_reference()
        )
        self.assertEqual(self._values(delivery), {**BOTH, ("SN-2", "mono"): 99})
        self.assertEqual(request.state, "answered")

    def test_replies_without_the_reference_are_known_by_what_they_answer(self):
        request, mail = self._ask(self.device)
        delivery = self._receive("reply_latin5", in_reply_to=mail.message_id)
        self.assertEqual(delivery.request_id, request)
        self.assertFalse(delivery.is_request_sure)
        self.assertEqual((delivery.name, delivery.state), ("Sayaç değerleri", "done"))
        self.assertEqual(self._values(delivery), BOTH)

    def test_without_the_reference_others_cannot_answer(self):
        _request, mail = self._ask(self.device)
        self.customer.email = "someone.else@harbour.example"
        delivery = self._receive("reply_latin5", in_reply_to=mail.message_id)
        self.assertEqual(delivery.state, "waiting")
        self.assertIn("without its reference", delivery.reason)
        self.assertIn("office@harbour.example", delivery.reason)
        self.assertFalse(self._values(delivery))
        self.assertFalse(self._confirmations(delivery))
        # Somebody decides.
        delivery.with_user(self.clerk).action_accept_mail()
        self.assertEqual((delivery.state, self._values(delivery)), ("done", BOTH))

    def test_a_forged_reference_is_none(self):
        request, _mail = self._ask(self.device)
        forged = f"[MR-{request.id}-000000000000]"
        self.customer.email = "someone.else@harbour.example"
        delivery = self._receive("reply_plain", reference=forged)
        self.assertFalse(delivery.request_id)
        self.assertEqual(delivery.state, "waiting")
        self.assertFalse(self._values(delivery))

    def test_replies_sent_to_the_catchall_are_taken_too(self):
        _request, mail = self._ask(self.device)
        content = self._content("reply_latin5", in_reply_to=mail.message_id)
        content = content.replace(ADDRESS.encode(), b"catchall@dealer.example")
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, content)
        self._work()
        delivery = self.Delivery.search([("source", "=", "mail")])
        self.assertEqual(self._values(delivery), BOTH)

    def test_a_correction_answers_the_confirmation(self):
        request, _mail = self._ask(self.device)
        first = self._receive("reply_plain", reference=request._get_reference())
        (confirmation,) = self._confirmations(first)
        second = self._receive(
            "reply_any",
            headers=f"In-Reply-To: {confirmation.message_id}\n",
            subject="Re: Meters",
            message_id="second@harbour.example",
            body="Sorry, black 12350",
            **{"from": "office@harbour.example"},
        )
        self.assertEqual(second.request_id, request)
        self.assertEqual(second.state, "waiting")  # the same moment, another value
        self.assertIn("12,345", second.reason)
        self.assertEqual(second.open_count, 1)

    def test_a_colleague_hands_a_reply_on(self):
        request, _mail = self._ask(self.device)
        self._user("sam", "base.group_user", email="sam@dealer-office.example")
        delivery = self._receive("forwarded", reference=request._get_reference())
        self.assertEqual((delivery.state, self._values(delivery)), ("done", BOTH))

    def test_a_colleagues_note_stays_in_the_discussion(self):
        request, mail = self._ask(self.device)
        delivery = self._deliver(
            "reply_any",
            headers=f"In-Reply-To: {mail.message_id}\n",
            subject="I called them",
            message_id="note@dealer-office.example",
            body="They read 200 pages tomorrow",
            **{"from": "clerk@dealer-office.example"},
        )
        # It was sent to the address of readings: a mail of its own, not a note.
        self.assertEqual(len(delivery), 1)
        content = self._content(
            "reply_any",
            headers=f"In-Reply-To: {mail.message_id}\n",
            subject="I called them",
            message_id="note2@dealer-office.example",
            body="They read 200 pages tomorrow",
            **{"from": "clerk@dealer-office.example"},
        ).replace(ADDRESS.encode(), b"catchall@dealer.example")
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, content)
        self.assertIn("tomorrow", request.message_ids[0].body)

    def test_a_devices_own_page_answers_a_request(self):
        request, _mail = self._ask(self.device)
        # Read as an answer, the last line would be unclear.
        delivery = self._receive(
            "reply_any",
            subject=f"Re: {request._get_reference()}",
            message_id="page@harbour.example",
            body="Serial Number: SN-1\nTotal Counter: 13023\n"
            "Total Color Counter: 678\nTotal Black Counter: 12345\n"
            "Total Scan/Fax Counter: 14858",
            **{"from": "office@harbour.example"},
        )
        self.assertEqual((delivery.state, self._values(delivery)), ("done", BOTH))
        self.assertEqual(request.state, "answered")
        self.assertEqual(len(self._confirmations(delivery)), 1)

    def test_a_contact_writes_unasked(self):
        words = {"subject": "Counters", "message_id": "unasked@harbour.example"}
        delivery = self._receive(
            "reply_any",
            body="SN-1 black 12345 colour 678",
            **words,
            **{"from": "office@harbour.example"},
        )
        self.assertEqual((delivery.state, self._values(delivery)), ("done", BOTH))
        self.assertFalse(delivery.request_id)

    # === What cannot be read === #

    def test_what_is_unclear_waits_with_its_reason(self):
        request, _mail = self._ask(self.device)
        reference = request._get_reference()
        for name, words in {
            "reply_no_numbers": "No counters were found",
            "reply_unclear": "not clear which number",
        }.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                delivery = self._receive(name, reference=reference)
                self.assertEqual(delivery.state, "waiting")
                self.assertIn(words, delivery.reason)
                self.assertFalse(self._values(delivery))
                self.assertEqual(request.state, "open")
                savepoint.rollback()
                self.env.invalidate_all()

    def test_each_bad_input_has_its_message(self):
        request, _mail = self._ask(self.device)
        known = {"subject": f"Re: Meters {request._get_reference()}"}
        for number, (body, words) in enumerate(
            (
                ("12345", "which counter"),
                ("black 12345 12346", "not clear which number"),
                ("black 123.45", "a number that is not whole"),
                ("black 12345\nblack 12346", "Two values"),
                ("Serial number ZZ-9999: black 5", "ZZ-9999 is none of the devices"),
                ("fax 12345", "has no meter"),
                ("black 99999999999999999999", "too large for this counter"),
            )
        ):
            with self.subTest(body), self.env.cr.savepoint() as savepoint:
                delivery = self._receive(
                    "reply_any",
                    body=body,
                    message_id=f"bad{number}@harbour.example",
                    **known,
                    **{"from": "office@harbour.example"},
                )
                self.assertEqual(delivery.state, "waiting")
                self.assertIn(words, delivery.reason)
                self.assertFalse(self._values(delivery))
                savepoint.rollback()
                self.env.invalidate_all()

    def test_part_of_a_mail_is_taken_the_rest_waits(self):
        request, _mail = self._ask(self.device)
        delivery = self._receive(
            "reply_any",
            subject=f"Re: {request._get_reference()}",
            body="black 12345\ncolour 5.5",
            message_id="part@harbour.example",
            **{"from": "office@harbour.example"},
        )
        self.assertEqual(self._values(delivery), {("SN-1", "mono"): 12345})
        self.assertEqual((delivery.state, request.state), ("waiting", "open"))

    # === The confirmation === #

    def test_the_sender_is_told_once(self):
        request, _mail = self._ask(self.device)
        delivery = self._receive("reply_plain", reference=request._get_reference())
        (mail,) = self._confirmations(delivery)
        self.assertIn("office@harbour.example", mail.email_to)
        self.assertIn("12,345", mail.body_html)
        self.assertIn("taken", mail.body_html)
        self.assertNotIn("could not read", mail.body_html)
        self.assertIn("'X-Auto-Response-Suppress': 'All'", mail.headers)
        self.assertEqual(mail.references, "<reply@harbour.example>")
        delivery.write({"state": "waiting"})
        delivery.with_user(self.clerk).action_read_mail()
        self.assertEqual(self._confirmations(delivery), mail)
        self.assertEqual((delivery.state, delivery.duplicate_count), ("done", 0))
        self.assertEqual(delivery.created_count, 2)

    def test_what_is_held_and_not_read_is_told(self):
        request, _mail = self._ask(self.device)
        self._read(self.device, "2026-06-10", mono=20000)
        delivery = self._receive(
            "reply_any",
            subject=f"Re: {request._get_reference()}",
            body="black 12345\ncolour 5.5",
            message_id="held@harbour.example",
            **{"from": "office@harbour.example"},
        )
        self.assertEqual(delivery.hold_count, 1)
        (mail,) = self._confirmations(delivery)
        self.assertIn("we look at it before it is billed", mail.body_html)
        self.assertIn("20,000", mail.body_html)
        self.assertIn("“colour 5.5” has a number that is not whole", mail.body_html)
        self.assertIn("/meter/read?token=", mail.body_html)

    def test_the_sender_is_told_in_their_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.customer.lang = "es_ES"
        template = self.env.ref("meter_billing.mail_template_reading_mail")
        template.with_context(lang="es_ES").subject = "Gracias por su correo"
        request, _mail = self._ask(self.device)
        delivery = self._receive("reply_plain", reference=request._get_reference())
        self.assertEqual(self._confirmations(delivery).subject, "Gracias por su correo")

    def test_one_address_is_not_answered_for_ever(self):
        answers = 0
        for number in range(8):
            delivery = self._receive(
                "reply_any",
                subject="Counters",
                body=f"SN-2 black {100 + number}",
                message_id=f"flood{number}@harbour.example",
                **{"from": "office@harbour.example"},
            )
            answers += len(self._confirmations(delivery))
        self.assertEqual(answers, 5)

    # === Programs === #

    def test_answers_of_programs_are_filed_and_not_answered(self):
        request, _mail = self._ask(self.device)
        reference = request._get_reference()
        for name, headers, words in (
            ("vacation", "", "auto-replied"),
            ("vacation_exchange", "", "auto-generated"),
            ("reply_plain", "Precedence: auto_reply\n", "auto_reply"),
            ("reply_plain", "Precedence: bulk\n", "bulk"),
            ("reply_plain", "X-Autoreply: yes\n", "X-Autoreply"),
            ("reply_plain", "X-Auto-Response-Suppress: OOF\n", "Suppress"),
            ("reply_plain", "Return-Path: <>\n", "Return-Path"),
        ):
            with self.subTest(words), self.env.cr.savepoint() as savepoint:
                delivery = self._receive(name, headers, reference=reference)
                self.assertEqual(delivery.state, "dismissed")
                self.assertIn(words, delivery.reason)
                self.assertFalse(self._values(delivery))
                self.assertFalse(self._confirmations(delivery))
                self.assertEqual(request.state, "open")
                self.assertFalse(delivery.activity_ids)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_our_own_address_is_not_answered(self):
        delivery = self._receive(
            "reply_any",
            subject="Counters",
            body="SN-1 black 12345",
            message_id="own@dealer.example",
            **{"from": ADDRESS},
        )
        self.assertEqual(delivery.state, "dismissed")
        self.assertIn("our own addresses", delivery.reason)

    def test_a_bounce_is_shown_on_its_request(self):
        request, mail = self._ask(self.device)
        words = {"to": "bounce@dealer.example", "in_reply_to": mail.message_id}
        self.assertFalse(self._receive("bounce", **words))
        self.assertIn("office@harbour.example did not arrive", request.problem)
        self.assertEqual(len(request.activity_ids), 1)

    def test_a_bounce_to_the_address_of_readings_is_filed(self):
        request, mail = self._ask(self.device)
        delivery = self._receive("bounce", to=ADDRESS, in_reply_to=mail.message_id)
        self.assertEqual(delivery.state, "dismissed")
        self.assertIn("did not arrive", delivery.reason)
        self.assertIn("did not arrive", request.problem)
        self.assertFalse(self._confirmations(delivery))

    # === Again === #

    def test_the_same_mail_again_changes_nothing(self):
        request, _mail = self._ask(self.device)
        reference = request._get_reference()
        delivery = self._receive("reply_plain", reference=reference)
        count = self.env["meter.reading"].search_count([])
        self.assertFalse(self._receive("reply_plain", reference=reference))
        self.assertEqual(delivery.repeat_count, 1)
        self.assertEqual(self.env["meter.reading"].search_count([]), count)
        self.assertEqual(len(self._confirmations(delivery)), 1)


@tagged("post_install", "-at_install")
class TestDeviceMails(MailCommon):
    def _konica(self, sender="office@harbour.example", number=1, **words):
        return self._receive(
            "konica_minolta",
            message_id=f"device{number}@printer.example",
            **words,
            **{"from": sender},
        )

    def test_a_devices_mail_is_taken_and_not_answered(self):
        delivery = self._konica()
        self.assertEqual(delivery.state, "done", delivery.reason)
        self.assertEqual(self._values(delivery), BOTH)
        self.assertFalse(self._confirmations(delivery))
        self.assertEqual(delivery.ignored_count, 0)

    def test_attachments(self):
        self.company.meter_mail_senders = "harbour.example"
        for name, values in {
            "ricoh_csv": {**BOTH, ("SN-2", "mono"): 99},
            "hp_xml": BOTH,
            "many_attachments": {**BOTH, ("SN-2", "mono"): 99},
        }.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                delivery = self._receive(name)
                self.assertEqual(delivery.state, "done", delivery.reason)
                self.assertEqual(self._values(delivery), values)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_xml_without_a_declaration(self):
        content = self._content("hp_xml").replace(
            b'<?xml version="1.0" encoding="UTF-8"?>\n', b""
        )
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, content)
        self.company.meter_mail_senders = "harbour.example"
        self._work()
        delivery = self.Delivery.search([], limit=1)
        self.assertEqual((delivery.state, self._values(delivery)), ("done", BOTH))

    def test_moments_of_devices(self):
        self.company.meter_mail_senders = "harbour.example"
        readings = self.env["meter.reading"]
        for name, moments in {
            "hp_xml": {"2026-06-14 22:03:21"},  # with its time zone
            "many_attachments": {"2026-06-14 12:00:00", "2026-06-15 09:00:00"},
            "ricoh_csv": {"2026-06-15 09:00:00"},  # when it was sent
        }.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                delivery = self._receive(name)
                found = readings.search([("import_id", "=", delivery.id)])
                self.assertEqual({str(r.read_at) for r in found}, moments)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_lines_that_look_like_the_head_of_a_mail_are_read(self):
        delivery = self._receive(
            "reply_any",
            headers="Auto-Submitted: auto-generated\nReturn-Path: <>\n",
            subject="Counter",
            body="From: MFP-01\nDate: 06/15/2026\nSerial: SN-2\nTotal Counter: 99",
            message_id="head@harbour.example",
            **{"from": "office@harbour.example"},
        )
        self.assertEqual(self._values(delivery), {("SN-2", "mono"): 99})

    def test_all_pages_of_a_mono_device_are_mono(self):
        mono = self._device("SN-9")
        delivery = self._receive(
            "reply_any",
            subject="Status",
            body="SERIAL NUMBER: SN-9\nTotal Count = 6,600",
            message_id="sharp@harbour.example",
            **{"from": "office@harbour.example"},
        )
        self.assertEqual(self._values(delivery), {("SN-9", "mono"): 6600})
        (reading,) = self.env["meter.reading"].search([("device_id", "=", mono.id)])
        self.assertIn("Worked out: Total.", reading.note)

    def test_the_dealers_own_names(self):
        self.mono.other_names = "109: Total (Black 2)"
        delivery = self._receive(
            "reply_any",
            subject="Status",
            body="Serial No: SN-2\n108: Total (Black 1): 40\n109: Total (Black 2): 44",
            message_id="canon@harbour.example",
            **{"from": "office@harbour.example"},
        )
        self.assertEqual(self._values(delivery), {("SN-2", "mono"): 44})

    # === Who may === #

    def test_a_stranger_waits_until_somebody_decides(self):
        delivery = self._konica("scanner@elsewhere.example")
        self.assertEqual(delivery.state, "waiting")
        self.assertIn("readings of SN-1 were not taken", delivery.reason)
        self.assertTrue(delivery.is_sender_unknown)
        self.assertFalse(self._values(delivery))
        self.assertFalse(self.env["meter.reading.quarantine"].search([]))
        reader = self._user("reader", "meter_billing.group_meter_billing_reader")
        with self._refused(AccessError):
            delivery.with_user(reader).action_accept_mail()
        with self._refused(UserError, "Only a manager"):
            delivery.with_user(self.clerk).action_allow_sender()
        delivery.with_user(self.clerk).action_accept_mail()
        self.assertEqual((delivery.state, self._values(delivery)), ("done", BOTH))
        # It was for this mail alone.
        self.assertEqual(self._konica("scanner@elsewhere.example", 2).state, "waiting")

    def test_a_strangers_unknown_device_is_not_even_kept(self):
        self.device.serial_number = "SN-1X"
        delivery = self._konica("scanner@elsewhere.example")
        self.assertEqual((delivery.state, delivery.open_count), ("waiting", 0))
        self.assertTrue(delivery.is_sender_unknown)
        # A device of that number later does not change who sent it.
        self._device("SN-1")
        self._work()
        self.assertEqual((delivery.state, self._values(delivery)), ("waiting", {}))

    def test_a_sender_can_be_taken_from_now_on(self):
        delivery = self._konica("scanner@elsewhere.example")
        delivery.action_allow_sender()
        self.assertEqual((delivery.state, self._values(delivery)), ("done", BOTH))
        self.assertEqual(self.company.meter_mail_senders, "scanner@elsewhere.example")
        with freeze_time("2026-06-16 10:00:00"):
            self.assertEqual(self._konica("scanner@elsewhere.example", 2).state, "done")

    def test_listed_senders_by_address_and_domain(self):
        for listed, state in (
            ("scanner@elsewhere.example", "done"),
            ("elsewhere.example", "done"),
            ("@ELSEWHERE.example, other.example", "done"),
            ("where.example", "waiting"),
            ("scanner@", "waiting"),
        ):
            with self.subTest(listed), self.env.cr.savepoint() as savepoint:
                self.company.meter_mail_senders = listed
                delivery = self._konica("scanner@elsewhere.example")
                self.assertEqual(delivery.state, state)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_a_customer_does_not_report_the_devices_of_another(self):
        other = self.env["res.partner"].create(
            {"name": "Mill", "email": "office@mill.example"}
        )
        delivery = self._konica("office@mill.example")
        self.assertEqual(delivery.mail_partner_id, other)
        self.assertEqual(delivery.state, "waiting")
        self.assertFalse(self._values(delivery))

    # === Unknown devices === #

    def test_an_unknown_device_is_read_when_it_comes(self):
        self.device.serial_number = "SN-1-OLD"
        delivery = self._konica()
        self.assertEqual((delivery.state, delivery.open_count), ("waiting", 3))
        self.assertIn("No device has the serial number SN-1", delivery.reason)
        self.assertEqual(delivery.activity_ids.user_id, self.clerk)
        # A mono device: the counters of the mail are read for what it has.
        new = self._device("sn-1", opening={"mono": 0})
        self._work()
        self.assertEqual(delivery.state, "done", delivery.reason)
        self.assertEqual(self._values(delivery), {("sn-1", "mono"): 12345})
        self.assertEqual(new.meter_ids.last_value, 12345)
        self.assertFalse(delivery.activity_ids)
        self.assertEqual(delivery.open_count, 0)

    def test_a_mail_is_put_to_a_device_by_hand(self):
        self.device.serial_number = "SN-1X"
        delivery = self._konica()
        self.assertEqual(delivery.state, "waiting")
        delivery.device_id = self.device
        delivery.with_user(self.clerk).action_read_mail()
        self.assertEqual(delivery.state, "done", delivery.reason)
        self.assertEqual(
            self._values(delivery),
            {("SN-1X", "mono"): 12345, ("SN-1X", "colour"): 678},
        )
        self.assertEqual(delivery.open_count, 0)

    def test_a_mail_is_put_to_a_request_by_hand(self):
        request, _mail = self._ask(self.device)
        self.customer.email = "moved@harbour.example"
        delivery = self._receive("reply_plain", reference="")
        self.assertEqual((delivery.state, delivery.request_id.id), ("waiting", False))
        delivery.request_id = request
        delivery.with_user(self.clerk).action_accept_mail()
        self.assertEqual((delivery.state, request.state), ("done", "answered"))
        self.assertEqual(self._values(delivery), BOTH)

    # === What is no reading === #

    def test_programs_without_counters_of_ours_wait_or_are_filed(self):
        delivery = self._receive("newsletter")
        # It has counters of a device: a stranger's, so somebody has to look.
        self.assertEqual(delivery.state, "waiting")
        plain = self._receive(
            "reply_any",
            headers="Precedence: list\n",
            subject="News",
            body="Buy toner",
            message_id="list@shop.example",
            **{"from": "news@shop.example"},
        )
        self.assertEqual(plain.state, "dismissed")
        self.assertIn("Precedence: list", plain.reason)

    def test_contradictions_and_bad_files_have_their_message(self):
        self.company.meter_mail_senders = "harbour.example"
        doubtful = self._receive(
            "reply_any",
            subject="Status",
            body="Serial: SN-1\nTotal: 5\nTotal Counter: 6",
            message_id="doubt@harbour.example",
            **{"from": "office@harbour.example"},
        )
        self.assertIn("several values for total (5, 6)", doubtful.reason)
        useless = self._receive(
            "reply_any",
            subject="Status",
            body="Serial: SN-1\nTotal: 5",
            message_id="useless@harbour.example",
            **{"from": "office@harbour.example"},
        )
        self.assertIn("SN-1: it tells total, which says nothing", useless.reason)
        content = self._content("many_attachments").replace(
            b"many@harbour", b"dates@harbour"
        )
        raw = email.message_from_bytes(content, policy=email.policy.SMTP)
        for part in raw.iter_attachments():
            if part.get_content_type() == "text/csv":
                part.set_content(
                    b"Serial,Date,Total\nSN-1,01/02/2026,5\n",
                    maintype="text",
                    subtype="csv",
                    filename="dates.csv",
                )
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, raw.as_bytes())
        self._work()
        dates = self.Delivery.search([("key", "=", "<dates@harbour.example>")])
        self.assertEqual(dates.state, "waiting")
        self.assertIn("day first or month first", dates.reason)
        self.assertEqual(self._values(dates), {("SN-2", "mono"): 99})

    def test_a_mail_of_many_devices_costs_no_query_for_each(self):
        self.company.meter_mail_senders = "harbour.example"
        counts = []
        for number, size in enumerate((5, 105)):
            for index in range(size):
                self._device(f"Q{number}-{index}")
            rows = "".join(f"\nQ{number}-{index},5" for index in range(size))
            content = self._content("ricoh_csv").replace(
                b"ricoh@harbour", f"size{number}@harbour".encode()
            )
            raw = email.message_from_bytes(content, policy=email.policy.SMTP)
            (part,) = raw.iter_attachments()
            part.set_content(
                f"Serial Number,Mono{rows}\n".encode(),
                maintype="text",
                subtype="csv",
                filename="all.csv",
            )
            with mute_logger("odoo.addons.mail.models.mail_thread"):
                self.env["mail.thread"].message_process(None, raw.as_bytes())
            delivery = self.Delivery.search([], limit=1)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            delivery._read_mail()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual((delivery.state, delivery.created_count), ("done", size))
        self.assertLess(counts[1], counts[0] + 10, counts)

    def test_what_is_too_long_for_a_mail_is_a_file_to_import(self):
        self.patch(meter_reading_mail_read, "MOST_ROWS", 2)
        self.company.meter_mail_senders = "harbour.example"
        delivery = self._receive("ricoh_csv")  # five counters
        self.assertEqual((delivery.state, self._values(delivery)), ("waiting", {}))
        self.assertIn("Import the attached file", delivery.reason)

    def test_many_reasons_are_told_in_short(self):
        lines = "".join(f"\nSerial: XX-{n:03}\nTotal: {n}" for n in range(1, 13))
        delivery = self._receive(
            "reply_any",
            subject="Counters",
            body=lines,
            message_id="long@harbour.example",
            **{"from": "office@harbour.example"},
        )
        self.assertEqual((delivery.state, delivery.open_count), ("waiting", 12))
        self.assertIn("XX-005", delivery.reason)
        self.assertNotIn("XX-006", delivery.reason)
        self.assertIn("And 7 more.", delivery.reason)

    # === The queue === #

    def test_fifty_mails_make_one_activity(self):
        for number in range(50):
            self._deliver(
                "konica_minolta",
                message_id=f"many{number}@printer.example",
                **{"from": "scanner@elsewhere.example"},
            )
        self._work()
        waiting = self.Delivery.search([("state", "=", "waiting")])
        self.assertEqual(len(waiting), 50)
        self.assertEqual(len(waiting.activity_ids), 1)
        self.assertEqual(waiting.activity_ids.user_id, self.clerk)
        waiting[:49].with_user(self.clerk).action_dismiss_mail()
        self.assertEqual(len(waiting.activity_ids), 1)
        waiting[49:].with_user(self.clerk).action_dismiss_mail()
        self.assertFalse(waiting.activity_ids)
        self.assertEqual(waiting[0].state, "dismissed")
        with self._refused(UserError, "Only mails that wait"):
            waiting[0].action_dismiss_mail()

    @mute_logger("odoo.addons.meter_billing.models.meter_reading_mail")
    def test_one_that_breaks_does_not_stop_the_others(self):
        first = self._deliver(
            "konica_minolta",
            message_id="a@printer.example",
            **{"from": "office@harbour.example"},
        )
        second = self._deliver("ricoh_csv")
        self.company.meter_mail_senders = "harbour.example"
        original = type(self.Delivery)._read_contents

        def _read_contents(this, message):
            if this == first:
                raise ValueError("out of paper")
            return original(this, message)

        self.patch(type(self.Delivery), "_read_contents", _read_contents)
        self._work()
        self.assertEqual((first.state, first.reason), ("failed", "out of paper"))
        self.assertEqual(len(first.activity_ids), 1)
        self.assertEqual(second.state, "done")
        self.patch(type(self.Delivery), "_read_contents", original)
        first.with_user(self.clerk).action_read_mail()
        # The same device read the same in the same moment.
        self.assertEqual((first.state, first.duplicate_count), ("done", 2))

    def test_mails_of_a_company_stay_in_it(self):
        company = self.env["res.company"].create({"name": "Second dealer"})
        company.alias_domain_id = self.domain
        company.meter_alias_name = "second-readings"
        self.assertEqual(
            company._get_mail_reply_to(),
            '"Second dealer" <second-readings@dealer.example>',
        )
        content = self._content(
            "konica_minolta",
            message_id="second@printer.example",
            **{"from": "office@harbour.example"},
        ).replace(ADDRESS.encode(), b"second-readings@dealer.example")
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, content)
        self._work()
        delivery = self.Delivery.search([("company_id", "=", company.id)])
        # The other company has no such device.
        self.assertEqual(delivery.state, "waiting")
        self.assertFalse(self._values(delivery))
        with self._refused(AccessError):
            delivery.with_user(self.clerk).read(["name"])

    # === Settings === #

    def test_the_request_asks_for_replies_to_the_address(self):
        request, mail = self._ask(self.device)
        self.assertIn(ADDRESS, mail.reply_to)
        self.assertIn(request._get_reference(), mail.body_html)
        self.company.meter_alias_name = "counters"
        with freeze_time("2026-06-16 10:00:00"):
            second, mail = self._ask(self.second)
        self.assertEqual(self.company.meter_alias_id.alias_name, "counters")
        self.assertIn("counters@dealer.example", mail.reply_to)
        self.company.meter_alias_id = False
        self.assertIn("@", second._get_reply_to())

    def test_settings(self):
        settings = self.env["res.config.settings"].create(
            {"meter_alias_name": "zaehler", "meter_mail_user_id": self.clerk.id}
        )
        settings.execute()
        self.assertEqual(self.company.meter_alias_id.alias_name, "zaehler")
        self.assertEqual(self.company.meter_alias_name, "zaehler")
        self.assertEqual(self.company.meter_mail_user_id, self.clerk)

    def test_somebody_is_told_without_a_setting(self):
        self.company.meter_mail_user_id = False
        manager = self._user(
            "boss",
            "meter_billing.group_meter_billing_manager",
            company_ids=[Command.set(self.company.ids)],
        )
        delivery = self._konica("scanner@elsewhere.example")
        self.assertIn(
            delivery.activity_ids.user_id,
            manager
            | self.env.ref("meter_billing.group_meter_billing_manager").user_ids,
        )
