# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Mails to the address of questions: answered by rule, or kept for a person."""

from psycopg2 import OperationalError
from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.tools import email_normalize, html2plaintext, mute_logger, split_every

#: Inquiries that are answered and committed together.
BATCH = 20
#: Characters of a mail that rules look at.
LONGEST_TEXT = 20_000


class PartnerInquiry(models.Model):
    """One question of one sender, and what became of it."""

    _name = "partner.inquiry"
    _description = "Question by Mail"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _primary_email = "email_from"

    name = fields.Char(string="Subject", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    email_from = fields.Char(string="From", readonly=True)
    email_normalized = fields.Char(string="Address", readonly=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", index="btree_not_null", ondelete="set null"
    )
    message_key = fields.Char(readonly=True, help="The Message-ID of the mail.")
    text = fields.Text(readonly=True)
    lang = fields.Char(string="Language", readonly=True)
    state = fields.Selection(
        [
            ("new", "New"),
            ("waiting", "Waiting"),
            ("answered", "Answered"),
            ("closed", "Done"),
            ("ignored", "Automatic"),
        ],
        required=True,
        default="new",
        readonly=True,
        tracking=True,
        index=True,
    )
    sign = fields.Char(
        string="Remark",
        readonly=True,
        help="What shows that no person wrote it, or what kept it from being answered.",
    )
    answer_ids = fields.One2many("partner.inquiry.answer", "inquiry_id")
    rule_id = fields.Many2one(
        "partner.inquiry.rule",
        string="Answered By",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    user_id = fields.Many2one(
        "res.users", string="Responsible", domain=[("share", "=", False)]
    )

    # === Coming in === #

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Keep a mail; what is to be answered is answered in the background.

        :param dict msg_dict: see ``mail.thread.message_new``
        :param dict custom_values: of the alias and of the route
        """
        values = dict(custom_values or {})
        sign = values.pop("sign", False)
        lang = values.pop("lang", False)
        address = email_normalize(msg_dict.get("email_from") or "")
        company = self.env["res.company"].browse(
            values.get("company_id") or self.env.company.id
        )
        partner = self._find_partner(address, company)
        values.update(
            name=msg_dict.get("subject") or self.env._("Without a subject"),
            company_id=company.id,
            email_from=msg_dict.get("email_from"),
            email_normalized=address,
            partner_id=partner.id,
            message_key=msg_dict.get("message_id"),
            text=html2plaintext(msg_dict.get("body") or "")[:LONGEST_TEXT],
            lang=partner.lang or lang,
            sign=sign,
            state="ignored" if sign else "new",
        )
        inquiry = super().message_new(msg_dict, values)
        if not sign:
            # sudo: the gateway has it answered, whoever the mail is from
            cron = self.env.ref("partner_extension.ir_cron_partner_inquiry").sudo()
            cron._trigger()
        return inquiry

    def message_update(self, msg_dict, update_vals=None):
        """A reply to an inquiry is for a person, unless a program wrote it.

        Programs were told apart by the route: they make an inquiry of their own.
        """
        result = super().message_update(msg_dict, update_vals)
        for inquiry in self:
            inquiry._wait(self.env._("The sender wrote again."))
        return result

    @api.model
    def _find_partner(self, address, company):
        """Return who writes from an address: of this company, customers first."""
        if not address:
            return self.env["res.partner"]
        # sudo: the gateway looks up who writes
        return (
            self.env["res.partner"]
            .sudo()
            .search(
                [
                    ("email_normalized", "=", address),
                    ("company_id", "in", (company.id, False)),
                ],
                order="customer_rank desc, supplier_rank desc, id",
                limit=1,
            )
        )

    # === Answering === #

    @api.model
    def _cron_answer(self):
        """Answer new inquiries by rule, batch by batch."""
        commit_progress = self.env["ir.cron"]._commit_progress
        new = self.search([("state", "=", "new")], order="id")
        for part in split_every(BATCH, new.ids, list):
            self.browse(part)._answer_by_rule()
            if not commit_progress(len(part)):
                return

    def _answer_by_rule(self):
        """Answer these inquiries by the first rule that matches; others wait."""
        rules = self.env["partner.inquiry.rule"].search([])
        for inquiry in self.try_lock_for_update().filtered(lambda i: i.state == "new"):
            try:
                with self.env.cr.savepoint():
                    inquiry._answer_one(rules)
            except OperationalError:
                raise  # the database's, e.g. to be tried again: not about a mail
            except Exception as error:
                # Whatever a template or an expression raises: the mail waits.
                inquiry._wait(
                    self.env._("It could not be answered: %(error)s", error=error)
                )

    def _answer_one(self, rules):
        self.ensure_one()
        rule = rules._match(self)
        if not rule:
            self._wait(self.env._("No rule matches."))
            return
        today = fields.Date.context_today(self)
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                answer = self.env["partner.inquiry.answer"].create(
                    {
                        "inquiry_id": self.id,
                        "rule_id": rule.id,
                        "email": self.email_normalized,
                        "date": today,
                    }
                )
        except UniqueViolation:
            self._wait(
                self.env._(
                    "The sender got the answer “%(rule)s” today already.",
                    rule=rule.name,
                )
            )
            return
        answer.mail_id = self._send_answer(rule)
        self.write({"rule_id": rule.id, "state": "answered"})
        if self.partner_id:
            self.partner_id._message_log(
                body=self.env._(
                    "Automatic answer “%(rule)s” to %(inquiry)s",
                    rule=rule.name,
                    inquiry=self._get_html_link(),
                )
            )
        if not rule.is_final:
            self._wait(self.env._("It was answered, and waits for a person."))

    def _send_answer(self, rule):
        """Make the mail: to the sender alone, marked as written by a program."""
        template = rule.template_id.with_context(lang=self.lang or self.env.lang)
        # sudo: templates are the managers'; mails are the system's
        mails = template.sudo().send_mail_batch(
            self.ids,
            force_send=False,
            email_layout_xmlid="mail.mail_notification_light",
            email_values={
                "email_to": self.email_from,
                "email_cc": False,
                "recipient_ids": [],
                "auto_delete": False,
                "references": self.message_key,
                "headers": repr(
                    {
                        "Auto-Submitted": "auto-replied",
                        "X-Auto-Response-Suppress": "All",
                        "Precedence": "auto_reply",
                        "In-Reply-To": self.message_key,
                    }
                ),
            },
        )
        return mails

    def _wait(self, reason):
        """Leave an inquiry to a person, who is told once."""
        self.ensure_one()
        user = (
            self.user_id
            or (self.partner_id and self.partner_id._get_responsible())
            or self.company_id.partner_inquiry_user_id
        )
        self.write({"state": "waiting", "sign": reason, "user_id": user.id})
        kind = "mail.mail_activity_data_todo"
        if user and not self.activity_search([kind]):
            self.activity_schedule(
                kind,
                user_id=user.id,
                summary=self.env._("Answer %(sender)s", sender=self.email_from),
                note=reason,
            )

    def _message_post_after_hook(self, message, msg_values):
        """Whoever of us answers a waiting inquiry has settled it."""
        result = super()._message_post_after_hook(message, msg_values)
        author = message.author_id.user_ids[:1]
        if (
            self.state == "waiting"
            and message.message_type == "comment"
            and not message.is_internal
            and message.subtype_id == self.env.ref("mail.mt_comment")
            and author._is_internal()
        ):
            self._settle()
        return result

    def _settle(self):
        self.write({"state": "closed"})
        self.activity_unlink(["mail.mail_activity_data_todo"])

    def action_close(self):
        """Say that nothing is left to do."""
        self.check_access("write")
        self._settle()
