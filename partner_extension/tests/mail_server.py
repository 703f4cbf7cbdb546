# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A real mail server on loopback, for tests that send mail."""

import email
import email.policy
import socket
from unittest.mock import patch

from aiosmtpd.controller import Controller

from odoo.addons.base.models.ir_mail_server import IrMail_Server


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

    def to(self, address):
        """Return the messages that came for an address."""
        return [message for found, message in self.mails if found == address]


class MailServerCase:
    """Mixed into test cases: ``self.inbox`` holds what ``_send_mails`` delivers."""

    def _start_mail_server(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.inbox = Inbox()
        controller = Controller(self.inbox, hostname="127.0.0.1", port=port)
        controller.start()
        self.addCleanup(controller.stop)
        servers = self.env["ir.mail_server"]
        servers.search([]).active = False
        self.mail_server = servers.create(
            {
                "name": "Loopback",
                "smtp_host": "127.0.0.1",
                "smtp_port": port,
                "smtp_encryption": "none",
            }
        )

    def _send_mails(self):
        """Deliver what waits in Odoo's mail queue, as its scheduled action does."""
        with patch.object(IrMail_Server, "_disable_send", return_value=False):
            mails = self.env["mail.mail"].sudo()
            waiting = mails.search([("state", "=", "outgoing")])
            waiting.send(auto_commit=False, raise_exception=False)

    @staticmethod
    def _text(message):
        """Return the text of a message as its reader sees it, in HTML."""
        return message.get_body(("html", "plain")).get_content()
