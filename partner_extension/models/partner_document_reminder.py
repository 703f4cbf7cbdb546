# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Reminders of documents that expire: once a lead time and expiry."""

import logging

from odoo import api, fields, models
from odoo.tools import email_normalize, split_every

_logger = logging.getLogger(__name__)

#: Documents whose reminders are made and committed together.
BATCH = 100


class PartnerDocumentReminder(models.Model):
    _name = "partner.document.reminder"
    _description = "Reminder of a Document"
    _order = "document_id, valid_until, days desc"

    document_id = fields.Many2one(
        "partner.document", required=True, index=True, ondelete="cascade"
    )
    valid_until = fields.Date(required=True, readonly=True)
    days = fields.Integer(string="Days Before", required=True, readonly=True)
    mail_id = fields.Many2one("mail.mail", readonly=True, ondelete="set null")

    _once = models.UniqueIndex(
        "(document_id, valid_until, days)", "This reminder was made already."
    )


class PartnerDocument(models.Model):
    _inherit = "partner.document"

    @api.model
    def _cron_remind(self):
        """Tell of documents that expire, in batches that each stand alone."""
        commit_progress = self.env["ir.cron"]._commit_progress
        pending = self._find_to_remind()
        left = len(pending)
        commit_progress(remaining=left)
        for part in split_every(BATCH, pending.items(), list):
            self._remind(dict(part))
            left -= len(part)
            if not commit_progress(len(part), remaining=left):
                return

    @api.model
    def _find_to_remind(self):
        """Return {document: days before its expiry} to remind of today.

        Of several lead times that have passed, the shortest one only. Nobody is
        reminded of a document that a younger one of the same kind replaces.
        """
        today = fields.Date.context_today(self)
        leads = {
            kind.id: kind._get_remind_days()
            for kind in self.env["partner.document.kind"].search(
                [("remind_days", "!=", False)]
            )
        }
        longest = max((days[0] for days in leads.values() if days), default=None)
        if longest is None:
            return {}
        documents = self.search(
            [
                ("kind_id", "in", list(leads)),
                ("decision", "!=", "refused"),
                ("valid_until", ">=", today),
                ("valid_until", "<=", fields.Date.add(today, days=longest)),
                ("partner_id.active", "=", True),
            ]
        )
        made = {
            (document.id, until): days
            for document, until, days in self.env[
                "partner.document.reminder"
            ]._read_group(
                [("document_id", "in", documents.ids)],
                ["document_id", "valid_until:day"],
                ["days:min"],
            )
        }
        pending = {}
        for document in documents - documents._filter_replaced():
            passed = [d for d in leads[document.kind_id.id] if document.days_left <= d]
            last = made.get((document.id, document.valid_until))
            if passed and (last is None or min(passed) < last):
                pending[document] = min(passed)
        return pending

    def _filter_replaced(self):
        """Return those that the same company has a longer valid document instead of."""
        latest = {
            (entity, kind): until
            for entity, kind, until in self._read_group(
                [
                    ("kind_id", "in", self.kind_id.ids),
                    (
                        "partner_id.commercial_partner_id",
                        "in",
                        self.partner_id.commercial_partner_id.ids,
                    ),
                    ("decision", "!=", "refused"),
                ],
                ["partner_id.commercial_partner_id", "kind_id"],
                ["valid_until:max"],
            )
        }
        return self.filtered(
            lambda d: (
                latest[d.partner_id.commercial_partner_id, d.kind_id] > d.valid_until
            )
        )

    @api.model
    def _remind(self, pending):
        """Make the activities and mails; Odoo's mail queue sends the mails.

        :param dict pending: days before the expiry by document
        """
        documents = self.browse(document.id for document in pending)
        to_mail = documents.filtered(
            lambda d: (
                d.kind_id.remind_partner and email_normalize(d.partner_id.email or "")
            )
        )
        mails = {}
        if to_mail:
            template = self.env.ref("partner_extension.mail_template_document_expiry")
            created = template.send_mail_batch(to_mail.ids, force_send=False)
            mails = {mail.res_id: mail.id for mail in created}
        self.env["partner.document.reminder"].create(
            [
                {
                    "document_id": document.id,
                    "valid_until": document.valid_until,
                    "days": days,
                    "mail_id": mails.get(document.id),
                }
                for document, days in pending.items()
            ]
        )
        for document in documents:
            document._tell_responsible(is_told=document.id in mails)

    def _tell_responsible(self, is_told):
        """Have an activity on the document, one however often it is reminded of."""
        self.ensure_one()
        user = self._get_responsible()
        open_activities = self.activity_search(
            ["partner_extension.mail_activity_type_document"]
        )
        if not user or open_activities:
            return
        self.activity_schedule(
            "partner_extension.mail_activity_type_document",
            date_deadline=self.valid_until,
            user_id=user.id,
            summary=self.env._(
                "%(document)s of %(partner)s expires on %(date)s",
                document=self.display_name,
                partner=self.partner_id.display_name,
                date=fields.Date.to_string(self.valid_until),
            ),
            note=self.env._("The partner was told by e-mail.")
            if is_told
            else self.env._("The partner was not told: ask for a new one."),
        )

    def _get_responsible(self):
        """Return who looks after this document: the partner's, else who entered it."""
        self.ensure_one()
        return self.partner_id._get_responsible() or self.create_uid.filtered(
            lambda u: u.active and not u.share
        )
