# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which mails no person wrote: told by their headers, while those are at hand."""

import re

from odoo import api, models
from odoo.tools import email_normalize

_DAEMON = re.compile(r"^(mailer-daemon|postmaster|no-?reply|do-?not-?reply)@", re.I)
# Headers that only programs write which answer by themselves.
_ANSWERING = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Autoreply-From")


class PartnerInquiry(models.Model):
    _inherit = "partner.inquiry"

    @api.model
    def _find_sign(self, message, message_dict):
        """Return what shows that a program wrote a mail, in words; False if nothing.

        :param message: email.message.EmailMessage
        :param dict message_dict: see ``mail.thread.message_parse``
        """
        _ = self.env._
        sender = email_normalize(message_dict.get("email_from") or "") or ""
        if not sender:
            return _("It has no sender to answer to.")
        if message_dict.get("is_bounce") or _DAEMON.match(sender):
            return _("It was sent by the mail program %(sender)s.", sender=sender)
        if self._is_own_address(sender):
            return _("It came from one of our own addresses.")
        if (message.get("Return-Path") or "").strip() == "<>":
            return _("It has no sender to answer to (Return-Path: <>).")
        for name in (*_ANSWERING, "X-Auto-Response-Suppress", "List-Id"):
            if message.get(name):
                return f"{name}: {message[name]}"
        submitted = (message.get("Auto-Submitted") or "").partition(";")[0].strip()
        if submitted and submitted.lower() != "no":
            return f"Auto-Submitted: {submitted}"
        precedence = (message.get("Precedence") or "").strip().lower()
        if precedence in ("auto_reply", "bulk", "list", "junk"):
            return f"Precedence: {precedence}"
        return False

    @api.model
    def _is_own_address(self, address):
        # sudo: the gateway looks up which addresses are ours
        companies = self.env["res.company"].sudo().search([("email", "!=", False)])
        own = {email_normalize(email) for email in companies.mapped("email")}
        own |= {
            server.lower()
            for server in self.env["ir.mail_server"]
            .sudo()
            .search([])
            .mapped("smtp_user")
            if server
        }
        return address in own or bool(
            self.env["mail.alias.domain"].sudo()._find_aliases([address])
        )

    @api.model
    def _get_mail_lang(self, message):
        """Return the installed language that a mail says it is in, or False."""
        named = (message.get("Content-Language") or "").split(",")[0].strip()
        named = named.replace("-", "_")
        if not named:
            return False
        codes = [code for code, _name in self.env["res.lang"].get_installed()]
        return next(
            (
                code
                for code in codes
                if code.lower() == named.lower()
                or code.partition("_")[0] == named.lower()
            ),
            False,
        )


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_route(
        self, message, message_dict, model=None, thread_id=None, custom_values=None
    ):
        """Tell inquiries apart that a program wrote, while the headers are at hand."""
        routes = super().message_route(
            message,
            message_dict,
            model=model,
            thread_id=thread_id,
            custom_values=custom_values,
        )
        inquiries = self.env["partner.inquiry"]
        adapted = []
        for name, thread, values, user_id, alias in routes or []:
            if name == inquiries._name:
                sign = inquiries._find_sign(message, message_dict)
                if sign:
                    # An automatic reply to an answer is no question about it.
                    thread = 0
                values = {
                    **(values or {}),
                    "sign": sign,
                    "lang": inquiries._get_mail_lang(message),
                }
            adapted.append((name, thread, values, user_id, alias))
        return adapted
