# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who is told about a mail: its sender, what was taken; a user, where it waits."""

from datetime import timedelta

from odoo import fields, models

from ..tools import format_counter
from .meter_reading_mail import OPEN_STATES

#: Answers that one address gets a day: more is two programs writing to each other.
MOST_ANSWERS = 5
ACTIVITY_TYPE = "meter_billing.mail_activity_type_reading_mail"


class MeterReadingImport(models.Model):
    _inherit = "meter.reading.import"

    # === The sender === #

    def _confirm_mail(self, contents, verdicts, told):
        """Tell the sender what was taken and what was not and why, once a mail."""
        self.ensure_one()
        if self.is_confirmed or not self._may_be_answered():
            return
        self.is_confirmed = True
        self.answer = {
            "rows": self._prepare_answer_rows(contents.rows, verdicts, told),
            "problems": contents.told,
        }
        # sudo: the mail is made of the dealer's own template
        template = self.env.ref("meter_billing.mail_template_reading_mail").sudo()
        template.send_mail(
            self.id,
            force_send=False,
            email_values={
                "references": self.key,
                "headers": str(
                    {
                        "Auto-Submitted": "auto-replied",
                        "X-Auto-Response-Suppress": "All",
                        "In-Reply-To": self.key,
                    }
                ),
            },
        )
        if self.request_id:
            self.request_id._message_log(
                body=self.env._(
                    "Answered by mail: %(mail)s", mail=self._get_html_link()
                )
            )

    def _may_be_answered(self):
        """Tell whether a person sent this mail who may get an answer."""
        if not self.mail_email or self.mail_sign or self.is_auto_reply:
            return False
        since = fields.Datetime.now() - timedelta(days=1)
        answered = self.search_count(
            [
                ("mail_email", "=", self.mail_email),
                ("is_confirmed", "=", True),
                ("create_date", ">=", since),
            ]
        )
        return answered < MOST_ANSWERS

    def _get_sender_lang(self):
        """Return the language in which the sender is answered."""
        lang = self.mail_partner_id.lang or self.request_id.contact_id.lang
        return lang or self.env.lang

    def _get_told_messages(self, contents):
        """Return what the checks say about each row in the sender's language.

        Asked before the rows are stored; None where it is the user's own language.
        """
        lang = self._get_sender_lang()
        if not contents.is_reply or lang == self.env.lang:
            return None
        verdicts = (
            self.env["meter.reading"]
            .with_context(lang=lang)
            ._check_serials(contents.rows, self.company_id)
        )
        return [verdict["message"] for verdict in verdicts]

    def _prepare_answer_rows(self, rows, verdicts, told):
        """Return what became of each row, as the confirmation lists it."""
        types = {kind.code: kind.id for kind in self.env["meter.type"].search([])}
        messages = told or [verdict["message"] for verdict in verdicts]
        return [
            {
                "serial": row["serial"],
                "type_id": types.get(row["meter"], False),
                "meter": row["meter"],
                "value": row["value"],
                "status": verdict["status"],
                "message": "" if verdict["status"] == "created" else message,
            }
            for row, verdict, message in zip(rows, verdicts, messages, strict=True)
        ]

    def _get_answer_rows(self):
        """Return what the confirmation lists: (device, meter, value, what became)."""
        self.ensure_one()
        _ = self.env._
        words = {
            "created": _("taken"),
            "hold": _("taken, we look at it before it is billed"),
            "duplicate": _("we had it already"),
        }
        kinds = self.env["meter.type"]
        return [
            {
                "serial": row["serial"],
                "meter": kinds.browse(row["type_id"] or []).name or row["meter"],
                "value": format_counter(self.env, row["value"])
                if isinstance(row["value"], int)
                else row["value"],
                "result": words.get(row["status"], _("not taken")),
                "message": row["message"],
            }
            for row in (self.answer or {}).get("rows", [])
        ]

    def _get_answer_subject(self):
        """Return the subject of the confirmation: that of the mail, as a reply."""
        subject = self.name or ""
        if not subject.lower().startswith("re:"):
            subject = f"Re: {subject}"
        reference = self.request_id and self.request_id._get_reference()
        if reference and reference not in subject:
            subject = f"{subject} {reference}"
        return subject

    def _get_answer_reply_to(self):
        """Return where replies to the confirmation go."""
        self.ensure_one()
        company = self.company_id
        return company._get_mail_reply_to() or company.email_formatted

    # === A user === #

    def _tell_of_waiting_mail(self):
        """Tell the responsible that mails wait: once, however many they are."""
        self.ensure_one()
        if self._find_mail_activities():
            return
        user = self._get_mail_user()
        # sudo: the activity is for somebody who may see the mail
        self.sudo().activity_schedule(
            ACTIVITY_TYPE,
            user_id=user.id,
            summary=self.env._("Mails with readings to look at"),
            note=self.env._(
                "Readings › Mails to Look At lists all that wait, each with its reason."
            ),
        )

    def _find_mail_activities(self):
        """Return the open activities about mails of this company."""
        # sudo: they may be somebody else's
        return (
            self.sudo()
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    (
                        "activity_ids.activity_type_id",
                        "=",
                        self.env.ref(ACTIVITY_TYPE).id,
                    ),
                ]
            )
            .activity_ids.filtered(
                lambda a: a.activity_type_id == self.env.ref(ACTIVITY_TYPE)
            )
        )

    def _close_mail_activities(self):
        """Close the activity when no mail of the company waits any more."""
        waiting = self.sudo().search_count(
            [
                ("company_id", "=", self.company_id.id),
                ("source", "=", "mail"),
                ("state", "in", OPEN_STATES),
            ],
            limit=1,
        )
        if not waiting:
            self._find_mail_activities().action_feedback(
                feedback=self.env._("No mail waits any more.")
            )

    def _get_mail_user(self):
        """Return who looks at the mails that wait."""
        company = self.company_id
        if company.meter_mail_user_id:
            return company.meter_mail_user_id
        # sudo: who may manage readings is no secret here
        managers = (
            self.env.ref("meter_billing.group_meter_billing_manager")
            .sudo()
            .all_user_ids.filtered(
                lambda user: user.active and company in user.company_ids
            )
            .sorted("id")
        )
        return self.request_id.partner_id.user_id or managers[:1] or self.env.user


class MeterReadingRequest(models.Model):
    _inherit = "meter.reading.request"

    def _get_reply_to(self):
        """Return where replies to a mail about this request go."""
        self.ensure_one()
        usual = self._notify_get_reply_to(default=self.company_id.email_formatted)
        return self.company_id._get_mail_reply_to() or usual[self.id]

    def _message_receive_bounce(self, email, partner):
        """Show that the mail of a request did not arrive, and tell the responsible."""
        result = super()._message_receive_bounce(email, partner)
        for request in self:
            request._report_problem(
                self.env._("The mail to %(address)s did not arrive.", address=email)
            )
        return result
