# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A request goes out, its reply comes back, and is confirmed: by a real mail server."""

import email
import email.policy
from unittest.mock import patch

from aiosmtpd.controller import Controller

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.meter_billing.tests.test_reading_mail import ADDRESS, BOTH, MailCommon

from .stack import ports
from .test_reminder_quarter import Inbox


@tagged("post_install", "-at_install")
class TestMailAnswer(MailCommon):
    def _send(self):
        """Let Odoo's mail queue send what waits; return what arrived, by address."""
        self.inbox.mails.clear()
        with patch.object(IrMail_Server, "_disable_send", return_value=False):
            self.env["mail.mail"].search([("state", "=", "outgoing")]).send()
        return dict(self.inbox.mails)

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_there_and_back(self):
        self.inbox = Inbox()
        port = ports.any_free()
        controller = Controller(self.inbox, hostname="127.0.0.1", port=port)
        controller.start()
        self.addCleanup(controller.stop)
        self.env["ir.mail_server"].search([]).active = False
        self.env["ir.mail_server"].create(
            {
                "name": "Loopback",
                "smtp_host": "127.0.0.1",
                "smtp_port": port,
                "smtp_encryption": "none",
            }
        )
        request, _mail = self._ask(self.device)
        asked = self._send()["office@harbour.example"]
        self.assertIn(ADDRESS, asked["Reply-To"])
        # The customer's mail program answers it, and quotes it.
        reply = email.message.EmailMessage(policy=email.policy.SMTP)
        reply["From"] = "Jane Harbour <office@harbour.example>"
        reply["To"] = asked["Reply-To"]
        reply["Subject"] = f"Re: {asked['Subject']}"
        reply["In-Reply-To"] = reply["References"] = asked["Message-Id"]
        reply["Message-Id"] = "<there-and-back@harbour.example>"
        quoted = asked.get_body(("html", "plain")).get_content()
        reply.set_content("Black 12345, colour 678")
        reply.add_alternative(
            "<p>Black 12345, colour 678</p>"
            f"<div>On Monday, 15 June 2026, Dealer wrote:<br>{quoted}</div>",
            subtype="html",
        )
        self.env["mail.thread"].message_process(None, reply.as_bytes())
        self._work()
        delivery = self.Delivery.search([("source", "=", "mail")])
        self.assertEqual((delivery.state, self._values(delivery)), ("done", BOTH))
        self.assertEqual(request.state, "answered")
        answer = self._send()["office@harbour.example"]
        self.assertIn(request._get_reference(), answer["Subject"])
        self.assertEqual(answer["In-Reply-To"], "<there-and-back@harbour.example>")
        self.assertEqual(answer["Auto-Submitted"], "auto-replied")
        self.assertEqual(answer["X-Auto-Response-Suppress"], "All")
        self.assertIn(ADDRESS, answer["Reply-To"])
        text = answer.get_body(("html", "plain")).get_content()
        self.assertIn("12,345", text)
        # Their absence note answers it: filed, and that is the end of it.
        note = email.message.EmailMessage(policy=email.policy.SMTP)
        note["From"] = "office@harbour.example"
        note["To"] = answer["Reply-To"]
        note["Subject"] = f"Away: {answer['Subject']}"
        note["In-Reply-To"] = answer["Message-Id"]
        note["Message-Id"] = "<away@harbour.example>"
        note["Auto-Submitted"] = "auto-replied"
        note.set_content("I am away until 22 June. Urgent matters: 12399")
        self.env["mail.thread"].message_process(None, note.as_bytes())
        self._work()
        away = self.Delivery.search([("key", "=", "<away@harbour.example>")])
        self.assertEqual((away.state, self._values(away)), ("dismissed", {}))
        self.assertFalse(self._send())
