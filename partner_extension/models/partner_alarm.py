# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What somebody should look at: told once as an activity, closed when it is over."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, split_every

#: Alarms that are raised and committed together.
BATCH = 200
#: Days before a document expires that it is an alarm.
DOCUMENT_DAYS = 30


class PartnerAlarm(models.Model):
    """One cause at one partner, from the day it was seen until it is gone."""

    _name = "partner.alarm"
    _description = "Alarm about a Partner"
    _order = "date desc, id desc"

    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, readonly=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [
            ("silence", "No Contact"),
            ("document", "Document Expires"),
            ("conflict", "In Conflict"),
            ("review", "Due for Review"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Char(readonly=True)
    date = fields.Date(string="Since", required=True, readonly=True)
    closed_date = fields.Date(string="Over Since", readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("closed", "Over")],
        required=True,
        readonly=True,
        default="open",
        index=True,
    )
    user_id = fields.Many2one("res.users", string="Responsible", readonly=True)
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, ondelete="set null", index="btree_not_null"
    )
    date_deadline = fields.Date(related="activity_id.date_deadline", string="To Do By")
    is_done = fields.Boolean(
        string="Done",
        compute="_compute_is_done",
        compute_sudo=True,
        help="Somebody did what was to be done, but the cause is still there.",
    )

    _once = models.UniqueIndex(
        "(partner_id, kind) WHERE state = 'open'",
        "There is an alarm of this kind about this partner already.",
    )

    @api.depends("kind", "partner_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for alarm in self:
            alarm.display_name = f"{alarm.partner_id.name}: {kinds.get(alarm.kind)}"

    @api.depends("activity_id.active")
    def _compute_is_done(self):
        for alarm in self:
            alarm.is_done = not alarm.activity_id or not alarm.activity_id.active

    def action_open_partner(self):
        """Open the partner."""
        self.ensure_one()
        return self.partner_id._get_records_action()

    # === Raising and closing === #

    @api.model
    def _cron_watch(self):
        """Raise what is new and close what is over, kind by kind."""
        commit_progress = self.env["ir.cron"]._commit_progress
        for kind in self._fields["kind"].get_values(self.env):
            causes = self._find(kind)
            self._close_over(kind, causes)
            self._update_known(kind, causes)
            commit_progress()
            new = self._find_new(kind, causes)
            for part in split_every(BATCH, new, list):
                self._raise(
                    kind, {partner_id: causes[partner_id] for partner_id in part}
                )
                if not commit_progress(len(part)):
                    return

    @api.model
    def _watch(self):
        """Do the same at once, without commits; for who has few partners, and tests."""
        for kind in self._fields["kind"].get_values(self.env):
            causes = self._find(kind)
            self._close_over(kind, causes)
            self._update_known(kind, causes)
            new = self._find_new(kind, causes)
            self._raise(kind, {partner_id: causes[partner_id] for partner_id in new})

    @api.model
    def _find(self, kind):
        """Return the partners with a cause of this kind, ``{partner id: reason}``."""
        return getattr(self, f"_find_{kind}")()

    @api.model
    def _find_known(self, kind, causes):
        return self.search(
            [
                ("kind", "=", kind),
                ("state", "=", "open"),
                ("partner_id", "in", list(causes)),
            ]
        )

    @api.model
    def _find_new(self, kind, causes):
        known = self._find_known(kind, causes)
        return sorted(set(causes) - set(known.partner_id.ids))

    @api.model
    def _update_known(self, kind, causes):
        """Have open alarms say what is the matter now, and tell whom nobody was.

        A second document may expire, and somebody become responsible afterwards.
        """
        known = self._find_known(kind, causes)
        for alarm in known:
            if alarm.reason != causes[alarm.partner_id.id]:
                alarm.reason = causes[alarm.partner_id.id]
                if alarm.activity_id.res_model == "res.partner":
                    alarm.activity_id.summary = alarm.reason
        untold = known.filtered(lambda a: not a.user_id and not a.activity_id)
        users = untold.partner_id._get_alarm_users()
        untold = untold.filtered(lambda a: users[a.partner_id])
        told = self._tell(kind, untold.partner_id, causes, users)
        for alarm in untold:
            alarm.user_id = users[alarm.partner_id]
            alarm.activity_id = told[alarm.partner_id]

    @api.model
    def _close_over(self, kind, causes):
        """Close the alarms whose cause is gone, with the activities still to do."""
        self.search(
            [
                ("kind", "=", kind),
                ("state", "=", "open"),
                ("partner_id", "not in", list(causes)),
            ]
        )._close()

    def _close(self):
        """Say that the causes of these alarms are gone; nothing is left to do."""
        activities = self.activity_id.filtered(
            lambda a: a.active and a.res_model == "res.partner"
        )
        self.write({"state": "closed", "closed_date": fields.Date.context_today(self)})
        activities.unlink()

    @api.model
    def _raise(self, kind, causes):
        """Create alarms and the activities of whoever looks after the partners.

        :param dict causes: reason by partner id
        """
        partners = self.env["res.partner"].browse(causes)
        users = partners._get_alarm_users()
        told = self._tell(kind, partners, causes, users)
        self.create(
            [
                {
                    "partner_id": partner.id,
                    "kind": kind,
                    "reason": causes[partner.id],
                    "date": fields.Date.context_today(self),
                    "user_id": users[partner].id,
                    "activity_id": told[partner].id if partner in told else False,
                }
                for partner in partners
            ]
        )

    @api.model
    def _tell(self, kind, partners, causes, users):
        """Return the activities that tell of partners: those there are, else new ones.

        :param dict causes: reason by partner id
        :param dict users: who is told, by partner; nobody where it is empty
        :returns: activities by partner
        """
        told = self._find_told(kind, partners)
        to_tell = [p for p in partners if users[p] and p not in told]
        kind_of_activity = self.env.ref(
            f"partner_extension.mail_activity_type_alarm_{kind}"
        )
        activities = self.env["mail.activity"].create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                    "res_id": partner.id,
                    "activity_type_id": kind_of_activity.id,
                    "summary": causes[partner.id],
                    "user_id": users[partner].id,
                    "date_deadline": fields.Date.context_today(self),
                }
                for partner in to_tell
            ]
        )
        told.update(zip(to_tell, activities, strict=True))
        return told

    @api.model
    def _find_told(self, kind, partners):
        """Return activities by partner that tell of the same thing already."""
        if kind != "document":
            return {}
        activities = self.env["mail.activity"].search(
            [
                ("res_model", "=", "partner.document"),
                (
                    "activity_type_id",
                    "=",
                    self.env.ref("partner_extension.mail_activity_type_document").id,
                ),
            ]
        )
        documents = self.env["partner.document"].browse(activities.mapped("res_id"))
        owners = {document.id: document.partner_id for document in documents.exists()}
        return {
            owners[activity.res_id]: activity
            for activity in activities
            if owners.get(activity.res_id) in partners
        }

    # === Causes === #

    @api.model
    def _find_conflict(self):
        return self._find_state("conflict", self.env._("Something does not fit"))

    @api.model
    def _find_review(self):
        return self._find_state("review", self.env._("Due for review"))

    @api.model
    def _find_state(self, state, otherwise):
        partners = self.env["res.partner"].search([("verification_state", "=", state)])
        # Subsidiaries as well, but no contacts: those go by their company.
        return {
            p.id: p.verification_reason or otherwise
            for p in partners
            if p == p.commercial_partner_id
        }

    @api.model
    def _find_document(self):
        """Documents that expire soon or are over, unless there is a newer one."""
        until = fields.Date.add(fields.Date.context_today(self), days=DOCUMENT_DAYS)
        documents = self.env["partner.document"].search(
            [
                ("decision", "!=", "refused"),
                ("valid_until", "<=", until),
                ("partner_id.active", "=", True),
            ]
        )
        causes = defaultdict(list)
        for document in documents - documents._filter_replaced():
            causes[document.partner_id.id].append(
                self.env._(
                    "%(document)s expires on %(date)s",
                    document=document.display_name,
                    date=fields.Date.to_string(document.valid_until),
                )
            )
        return {partner_id: "; ".join(texts) for partner_id, texts in causes.items()}

    @api.model
    def _find_silence(self):
        """Customers and suppliers that nobody heard of for the days of the company."""
        days = {
            company.id: company.partner_silence_days
            for company in self.env["res.company"].search(
                [("partner_silence_days", ">", 0)]
            )
        }
        if not days:
            return {}
        today = fields.Date.context_today(self)
        shortest = min(days.values())
        causes = {}
        for partner_id, company_id, last in self._fetch_last_contact(
            fields.Date.subtract(today, days=shortest)
        ):
            # A partner of all companies goes by the one that waits the shortest.
            allowed = days.get(company_id) if company_id else shortest
            if allowed and (today - last).days >= allowed:
                causes[partner_id] = self.env._(
                    "No contact since %(date)s", date=fields.Date.to_string(last)
                )
        return causes

    @api.model
    def _fetch_last_contact(self, before):
        """Return (partner id, company id, day of last contact) of whom it is long ago.

        Contact is a message to or from the partner or one of its contacts, an activity
        that was done, an invoice, a bill or a payment; at first that it was created.
        """
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                WITH contact AS (
                    SELECT partner.commercial_partner_id AS id,
                           message.date::date AS day
                      FROM mail_message message
                      JOIN res_partner partner ON partner.id = message.res_id
                     WHERE message.model = 'res.partner'
                       AND (message.message_type IN
                            ('email', 'email_outgoing', 'comment')
                            OR message.mail_activity_type_id IS NOT NULL)
                 UNION ALL
                    SELECT partner.commercial_partner_id, message.date::date
                      FROM mail_message message
                      JOIN res_partner partner ON partner.id = message.author_id
                     WHERE message.message_type IN ('email', 'comment')
                       AND partner.partner_share
                 UNION ALL
                    SELECT commercial_partner_id, COALESCE(invoice_date, date)
                      FROM account_move
                     WHERE state = 'posted' AND move_type != 'entry'
                 UNION ALL
                    SELECT partner.commercial_partner_id, payment.date
                      FROM account_payment payment
                      JOIN res_partner partner ON partner.id = payment.partner_id
                     WHERE payment.state IN ('in_process', 'paid')
                ), last AS (
                    SELECT id, MAX(day) AS day FROM contact GROUP BY id
                )
                SELECT partner.id, partner.company_id,
                       GREATEST(partner.create_date::date, last.day)
                  FROM res_partner partner
             LEFT JOIN last ON last.id = partner.id
                 WHERE partner.active
                   AND partner.commercial_partner_id = partner.id
                   AND (partner.customer_rank > 0 OR partner.supplier_rank > 0)
                   AND GREATEST(partner.create_date::date, last.day) <= %(before)s
                """,
                before=before,
            )
        )


class MailMessage(models.Model):
    _inherit = "mail.message"

    # What the look for silence reads of them, as its statement has it: each night
    # all messages would be read otherwise.
    _partner_contact_idx = models.Index(
        "(res_id, date) WHERE model = 'res.partner' AND (message_type IN "
        "('email', 'email_outgoing', 'comment') OR mail_activity_type_id IS NOT NULL)"
    )
    _partner_author_idx = models.Index(
        "(author_id, date) WHERE message_type IN ('email', 'comment')"
    )
