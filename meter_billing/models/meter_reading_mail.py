# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Mails with readings: each is a delivery, kept at once and read in the background."""

import email.parser
import email.policy
import logging
import re
from ast import literal_eval
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize
from odoo.tools.mail import unfold_references

_logger = logging.getLogger(__name__)

#: A clock that is further behind is wrong: the mail counts as sent when it came.
OLDEST_DAYS = 31
#: Mails that one run of the scheduled action reads.
BATCH = 500
# Headers that only programs write which answer by themselves.
_ANSWERING = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Autoreply-From")
_DAEMON = re.compile(r"^(mailer-daemon|postmaster)@", re.I)
_MOST_REFERENCES = 32
OPEN_STATES = ("waiting", "failed")


class MeterReadingImport(models.Model):
    _inherit = "meter.reading.import"

    mail_from = fields.Char(string="From", readonly=True)
    mail_email = fields.Char(readonly=True, index="btree_not_null")
    mail_date = fields.Datetime(
        string="Sent on", readonly=True, help="When its readings were made."
    )
    mail_partner_id = fields.Many2one(
        "res.partner", string="Sender", readonly=True, ondelete="set null"
    )
    mail_sign = fields.Char(
        string="Written by a Program",
        readonly=True,
        help="What shows that no person wrote it: it is never answered.",
    )
    is_auto_reply = fields.Boolean(
        readonly=True, help="An answer that a program gave: it is not read."
    )
    is_sender_unknown = fields.Boolean(readonly=True)
    is_sender_accepted = fields.Boolean(
        readonly=True, copy=False, help="Somebody decided to take its readings."
    )
    request_id = fields.Many2one(
        "meter.reading.request",
        string="Answers the Request",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        copy=False,
    )
    is_request_sure = fields.Boolean(
        readonly=True, help="The mail has the secret reference of the request."
    )
    device_id = fields.Many2one(
        "meter.device",
        string="About the Device",
        ondelete="set null",
        check_company=True,
        copy=False,
        help="Who reads the mail knows which device it is about.",
    )
    repeat_count = fields.Integer(
        string="Came Again", readonly=True, help="Times that the same mail came again."
    )
    is_confirmed = fields.Boolean(readonly=True, copy=False)

    # === Coming in === #

    @api.model
    def _adapt_mail_routes(self, message, message_dict, routes):
        """Return the routes of a mail, with a delivery for what is about readings.

        :param message: email.message.EmailMessage
        :param dict message_dict: see ``mail.thread.message_parse``
        :param list routes: (model, id, values, user id, alias)
        """
        if message_dict.get("is_bounce"):
            alias = self._find_mail_alias(message_dict)
            if alias:
                # The request was told already; what came to this address is kept.
                defaults = literal_eval(alias.alias_defaults)
                routes = [(self._name, 0, defaults, self.env.uid, alias)]
        adapted = []
        for model, thread_id, values, user_id, alias in routes:
            if model in (self._name, "meter.reading.request") and not (
                thread_id and self._is_colleague(message_dict)
            ):
                model, thread_id = self._name, 0
                sign, is_reply = self._find_mail_sign(message, message_dict)
                values = {
                    **(values or {}),
                    "mail_sign": sign,
                    "is_auto_reply": is_reply,
                }
            adapted.append((model, thread_id, values, user_id, alias))
        return adapted

    @api.model
    def _is_colleague(self, message_dict):
        """Tell whether a user writes, e.g. into the discussion of a request."""
        user = self.env["mail.thread"]._mail_find_user_for_gateway(
            message_dict["email_from"]
        )
        return bool(user) and user._is_internal()

    @api.model
    def _find_mail_alias(self, message_dict):
        """Return the alias of this model that a mail was sent to."""
        addresses = re.split(
            r"[,\s<>]+", (message_dict.get("recipients") or "").lower()
        )
        # sudo: the gateway looks up where mails go
        return (
            self.env["mail.alias"]
            .sudo()
            .search(
                [
                    ("alias_full_name", "in", addresses),
                    ("alias_model_id.model", "=", self._name),
                ],
                limit=1,
            )
        )

    @api.model
    def _find_mail_sign(self, message, message_dict):
        """Return what shows that a program wrote a mail, and whether as an answer.

        :return: (text or False, bool). Devices write by themselves as well: their
            mails are read, but not answered.
        """
        _ = self.env._
        sender = email_normalize(message_dict.get("email_from") or "") or ""
        if message_dict.get("is_bounce") or _DAEMON.match(sender):
            return _("It is the report of a mail that did not arrive."), True
        if self.env["mail.alias.domain"].sudo()._find_aliases([sender]):
            return _("It came from one of our own addresses."), True
        if (message.get("Return-Path") or "").strip() == "<>":
            return _("It has no sender to answer to (Return-Path: <>)."), False
        for name in _ANSWERING:
            if message.get(name):
                return f"{name}: {message[name]}", True
        precedence = (message.get("Precedence") or "").strip().lower()
        if precedence == "auto_reply":
            return f"Precedence: {precedence}", True
        submitted = (message.get("Auto-Submitted") or "").strip().lower()
        if submitted and submitted.partition(";")[0].strip() != "no":
            return f"Auto-Submitted: {submitted}", submitted.startswith("auto-replied")
        if precedence in ("bulk", "list", "junk"):
            return f"Precedence: {precedence}", False
        if message.get("X-Auto-Response-Suppress"):
            suppress = message["X-Auto-Response-Suppress"]
            return f"X-Auto-Response-Suppress: {suppress}", False
        return False, False

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Keep a mail as a delivery that is read in the background.

        :param dict msg_dict: see ``mail.thread.message_new``
        :param dict custom_values: of the alias and of the route
        :return: the delivery; that of the first time where the mail came again
        """
        values = self._prepare_mail(msg_dict, custom_values or {})
        known = self.search(
            [(name, "=", values[name]) for name in ("company_id", "source", "key")]
        )
        if known:
            return known
        delivery = super().message_new(msg_dict, values)
        # sudo: the gateway has it read, whoever the mail is from
        self.env.ref("meter_billing.ir_cron_meter_reading_mail").sudo()._trigger()
        return delivery

    @api.model
    def _prepare_mail(self, msg_dict, values):
        """Return the values of the delivery that a mail becomes."""
        request, is_sure = self._find_mail_request(msg_dict)
        address = email_normalize(msg_dict.get("email_from") or "")
        return {
            **values,
            "name": msg_dict.get("subject") or self.env._("Mail without a subject"),
            "source": "mail",
            "state": "queued",
            "key": msg_dict["message_id"],
            "company_id": request.company_id.id
            or values.get("company_id")
            or self.env.company.id,
            "mail_from": msg_dict.get("email_from"),
            "mail_email": address,
            "mail_date": self._get_mail_date(msg_dict),
            "request_id": request.id,
            "is_request_sure": is_sure,
        }

    @api.model
    def _get_mail_date(self, msg_dict):
        """Return when a mail was sent; when it came where its clock is wrong."""
        now = fields.Datetime.now()
        date = fields.Datetime.to_datetime(msg_dict.get("date")) or now
        return date if now - timedelta(days=OLDEST_DAYS) <= date <= now else now

    @api.model
    def _find_mail_request(self, msg_dict):
        """Return the request that a mail answers, and whether its secret says so."""
        Request = self.env["meter.reading.request"]
        for text in (msg_dict.get("subject"), msg_dict.get("body")):
            request = Request._find_by_reference(text)
            if request:
                return request, True
        references = [
            reference.strip()
            for reference in unfold_references(msg_dict.get("references") or "")
            + [msg_dict.get("in_reply_to") or ""]
        ]
        # sudo: the gateway looks up what a mail is about
        message = (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("message_id", "in", references[-_MOST_REFERENCES:]),
                    ("model", "in", (Request._name, self._name)),
                ],
                order="id desc",
                limit=1,
            )
        )
        if message.model == self._name:
            return self.sudo().browse(message.res_id).exists().request_id, False
        return Request.sudo().browse(message.res_id or []).exists(), False

    @api.model
    def _note_mail_again(self, content):
        """Count that a mail came again, which changes nothing."""
        if isinstance(content, str):
            content = content.encode()
        if not isinstance(content, bytes):
            content = bytes(content.data)  # as XML-RPC hands it over
        headers = email.parser.BytesHeaderParser(policy=email.policy.SMTP).parsebytes(
            content
        )
        key = (headers.get("Message-Id") or "").strip()
        # sudo: the gateway
        known = self.sudo().search([("source", "=", "mail"), ("key", "=", key)])
        for delivery in known if key else ():
            delivery.repeat_count += 1

    # === Working them off === #

    @api.model
    def _cron_read_mails(self):
        """Read the mails that came, each on its own."""
        domain = [("source", "=", "mail"), ("state", "=", "queued")]
        mails = self.search(domain, order="id", limit=BATCH)
        mails._read_mails(left=self.search_count(domain))

    def _read_mails(self, left):
        """Read these mails, committing each; one that breaks waits with its reason."""
        commit_progress = self.env["ir.cron"]._commit_progress
        has_time = commit_progress(remaining=left)
        for delivery in self:
            if not has_time:
                return
            try:
                if delivery.try_lock_for_update() and delivery.state == "queued":
                    delivery.with_company(delivery.company_id)._read_mail()
            except Exception as error:  # noqa: BLE001 - one mail's failure is its own
                self.env.cr.rollback()
                self.env.invalidate_all()
                _logger.exception("Mail %s could not be read", delivery.id)
                delivery._settle_mail("failed", str(error) or repr(error))
            has_time = commit_progress(1)

    def _settle_mail(self, state, reason=False):
        """Note what becomes of a mail, and tell somebody where it waits."""
        self.ensure_one()
        self.write({"state": state, "reason": reason})
        if state in OPEN_STATES:
            self._tell_of_waiting_mail()
        else:
            self._close_mail_activities()

    # === By hand === #

    def _read_mail_again(self):
        for delivery in self:
            if delivery.source != "mail" or delivery.state in ("queued", "running"):
                raise UserError(self.env._("Only mails that were read are read again."))
            if not delivery.try_lock_for_update():
                raise UserError(
                    self.env._("Somebody else reads this mail right now. Try it again.")
                )
            delivery._read_mail()

    def action_read_mail(self):
        """Read these mails again, e.g. for the request or device that was chosen."""
        self.check_access("write")
        self._read_mail_again()

    def action_accept_mail(self):
        """Take the readings of these mails, whoever sent them."""
        self.check_access("write")
        self.is_sender_accepted = True
        self._read_mail_again()

    def action_allow_sender(self):
        """Take the readings of this mail, and those of its sender from now on."""
        self.ensure_one()
        self.check_access("write")
        if not self.env.user.has_group("meter_billing.group_meter_billing_manager"):
            raise UserError(
                self.env._("Only a manager decides whose mails are always taken.")
            )
        if not self.mail_email:
            raise UserError(self.env._("The mail has no sender."))
        # sudo: a setting of the company that managers of readings decide about
        company = self.company_id.sudo()
        known = (company.meter_mail_senders or "").rstrip()
        company.meter_mail_senders = f"{known}\n{self.mail_email}".strip()
        self._read_mail_again()

    def action_dismiss_mail(self):
        """Set these mails aside: they have no readings that are needed."""
        self.check_access("write")
        for delivery in self:
            if delivery.source != "mail" or delivery.state not in OPEN_STATES:
                raise UserError(self.env._("Only mails that wait can be set aside."))
            delivery.line_ids.filtered(
                lambda row: row.status in ("unknown", "refused")
            ).action_dismiss()
            delivery._settle_mail(
                "dismissed",
                self.env._("Set aside by %(user)s.", user=self.env.user.name),
            )


class MeterReadingQuarantine(models.Model):
    _inherit = "meter.reading.quarantine"

    def _set_results(self, verdicts):
        result = super()._set_results(verdicts)
        # The device or meter that a mail waited for has come: it is read as a whole.
        mails = self.import_id.filtered(
            lambda delivery: delivery.source == "mail" and delivery.state == "waiting"
        )
        if mails and any(row.status in ("taken", "dismissed") for row in self):
            mails.write({"state": "queued"})
            # sudo: whoever adds the device has the mail read
            self.env.ref("meter_billing.ir_cron_meter_reading_mail").sudo()._trigger()
        return result
