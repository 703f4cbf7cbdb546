# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A quarter of reading requests, day by day, with a real mail server on loopback."""

import email
import email.policy
from datetime import date, timedelta
from unittest.mock import patch

from aiosmtpd.controller import Controller
from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.meter_billing.tests.common import MeterBillingCommon

from .stack import ports

FIRST, LAST = date(2026, 7, 1), date(2026, 9, 30)
#: The mail server is down on this day, and refuses this customer on that one.
DOWN = date(2026, 7, 28)
REFUSED = date(2026, 7, 3), "weekly@mill.example"


class Inbox:
    """Takes mails, as aiosmtpd asks it to; refuses whom it is told to."""

    def __init__(self):
        self.refuse = set()
        self.mails = []

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address in self.refuse:
            return "550 no such mailbox today"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        message = email.message_from_bytes(
            envelope.content, policy=email.policy.default
        )
        self.mails.append((envelope.rcpt_tos[0], message))
        return "250 OK"


@tagged("post_install", "-at_install")
class TestReminderQuarter(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("es_ES")
        partners = cls.env["res.partner"]
        cls.boss = cls._user("boss", "base.group_user", email="boss@dealer.example")
        cls.customers = {
            plan: partners.create(
                {
                    "name": name,
                    "is_company": True,
                    "email": f"{plan}@{domain}.example",
                    "lang": lang,
                    "user_id": cls.boss.id,
                    "meter_reminder_days": days,
                }
            )
            for plan, name, domain, lang, days in (
                ("monthly", "Harbour Office", "harbour", "en_US", False),
                ("quarterly", "Clínica Delmar", "delmar", "es_ES", False),
                ("weekly", "Mill Works", "mill", "en_US", "0"),
            )
        }
        cls.devices = {
            plan: cls._device(
                f"SN-{plan}",
                partner_id=customer.id,
                reading_plan=plan,
                reading_day=5 if plan == "weekly" else 31,
            )
            for plan, customer in cls.customers.items()
        }
        cls.env["ir.mail_server"].search([]).active = False

    def _run_day(self, day, port):
        """Let the two scheduled actions work on one day, and the customer answer."""
        server = self.env["ir.mail_server"].search([("name", "=", "Loopback")])
        server.smtp_port = port
        crons = ("meter_billing.ir_cron_meter_reading_request",)
        with self.enter_registry_test_mode():
            for cron in crons:
                self.env.ref(cron).method_direct_trigger()
        mails = self.env["mail.mail"].search(
            [("state", "=", "outgoing"), ("model", "=", "meter.reading.request")]
        )
        mails.send(auto_commit=False, raise_exception=False)

    def _answer(self, value):
        """Answer the open request of the monthly customer by the link of its mail."""
        asked = self.env["meter.reading.request"].search(
            [
                ("contact_id", "=", self.customers["monthly"].id),
                ("state", "=", "open"),
            ]
        )
        token = asked._get_link().partition("token=")[2]
        found = self.env["meter.reading.request"]._find_by_token(token)
        meter = self._meter(self.devices["monthly"])
        confirmed = f"confirmed_{meter.device_id.id}"
        form = {f"meter_{meter.id}": str(value), confirmed: "1"}
        result = found._take_form(form, photos={})
        self.assertEqual(len(result["readings"]), 1)
        self.assertEqual(asked.state, "answered")

    @mute_logger(
        "odoo.addons.mail.models.mail_mail",
        "odoo.addons.base.models.ir_mail_server",
    )
    def test_a_quarter(self):
        inbox = Inbox()
        port = ports.any_free()
        controller = Controller(inbox, hostname="127.0.0.1", port=port)
        controller.start()
        self.addCleanup(controller.stop)
        self.env["ir.mail_server"].create(
            {
                "name": "Loopback",
                "smtp_host": "127.0.0.1",
                "smtp_port": port,
                "smtp_encryption": "none",
            }
        )
        with freeze_time("2026-06-30 12:00:00"):
            for plan in ("monthly", "quarterly"):
                self._read(self.devices[plan], "2026-06-30", mono=10)
        arrived = []
        day = FIRST
        while day <= LAST:
            inbox.refuse = {REFUSED[1]} if day == REFUSED[0] else set()
            with (
                freeze_time(f"{day} 06:00:00"),
                patch.object(IrMail_Server, "_disable_send", return_value=False),
            ):
                # Nobody listens on port 9.
                self._run_day(day, 9 if day == DOWN else port)
                for address, message in inbox.mails:
                    if "boss" not in address:
                        arrived.append((f"{day:%m-%d}", address, message))
                inbox.mails.clear()
            if day in (date(2026, 7, 31), date(2026, 8, 31)):
                with freeze_time(f"{day} 15:00:00"):
                    self._answer(100 * day.month)
            day += timedelta(days=1)
        by_customer = {}
        for when, address, _message in arrived:
            by_customer.setdefault(address.partition("@")[0], []).append(when)
        self.assertEqual(
            by_customer,
            {
                # Down on the 28th: sent on the day after. Answered on the due day.
                "monthly": ["07-29", "07-31", "08-28", "08-31", "09-27", "09-30"],
                "quarterly": ["09-27", "09-30"],
                # On Fridays, refused once and sent on the day after.
                "weekly": [
                    "07-04",
                    "07-10",
                    "07-17",
                    "07-24",
                    "07-31",
                    "08-07",
                    "08-14",
                    "08-21",
                    "08-28",
                    "09-04",
                    "09-11",
                    "09-18",
                    "09-25",
                ],
            },
        )
        for _when, address, message in arrived:
            text = message.get_body(("html", "plain")).get_content()
            plan = address.partition("@")[0]
            self.assertIn(f"SN-{plan}", text)
            self.assertIn("/meter/read?token=", text)
            self.assertIn("[MR-", message["subject"])
            others = [serial for serial in self.devices if serial != plan]
            self.assertFalse([s for s in others if f"SN-{s}" in text])
        subjects = {
            address.partition("@")[0]: message["subject"]
            for when, address, message in arrived
            if when == "09-30"
        }
        self.assertIn("09/30/2026", subjects["monthly"])
        self.assertIn("30/09/2026", subjects["quarterly"])
        # Who never answered was handed to a person, once for each due day.
        escalated = self.env["meter.reading.request"].search(
            [("state", "=", "escalated")]
        )
        self.assertEqual(escalated.contact_id, self.customers["weekly"])
        self.assertEqual(len(escalated), 12)  # all but the last Friday
        self.assertEqual(len(escalated.activity_ids), 12)
        self.assertEqual(escalated.activity_ids.user_id, self.boss)
