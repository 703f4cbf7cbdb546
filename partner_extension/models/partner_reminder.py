# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a customer was reminded of, or will be once somebody has looked at it."""

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import email_normalize

#: Reminders whose mails are made and committed together.
BATCH = 50
#: Who sends reminders.
SENDER = "account.group_account_invoice"
#: Days after which a mail that a server refused is given up.
RETRY_DAYS = 3


class PartnerReminder(models.Model):
    """One mail to one customer, with all that is open. Prepared, then sent once."""

    _name = "partner.reminder"
    _description = "Payment Reminder"
    _order = "date desc, days_overdue desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, string="Customer", ondelete="restrict"
    )
    contact_id = fields.Many2one(
        "res.partner", string="Goes To", ondelete="restrict", required=True
    )
    email = fields.Char(related="contact_id.email")
    level_id = fields.Many2one(
        "partner.reminder.level", required=True, ondelete="restrict"
    )
    date = fields.Date(required=True, index=True)
    state = fields.Selection(
        [
            ("draft", "To Review"),
            ("ready", "Being Sent"),
            ("sent", "Sent"),
            ("skipped", "Skipped"),
            ("failed", "Not Sent"),
        ],
        default="draft",
        required=True,
        readonly=True,
    )
    problem = fields.Char(string="Why Not Sent", readonly=True)
    mail_id = fields.Many2one("mail.mail", readonly=True, index="btree_not_null")
    mail_state = fields.Selection(related="mail_id.state", string="Mail State")
    failure = fields.Text(related="mail_id.failure_reason")
    line_ids = fields.One2many("partner.reminder.line", "reminder_id", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_due = fields.Monetary(
        string="Balance Due",
        readonly=True,
        help="What is due on this day, less credit notes and payments not matched yet.",
    )
    amount_open = fields.Monetary(
        string="Open", readonly=True, help="All that is open, due or not."
    )
    days_overdue = fields.Integer(string="Days Late", readonly=True)
    preview = fields.Html(
        string="Mail Text",
        compute="_compute_preview",
        sanitize=False,
        help="What the customer reads; once it was sent, what it read.",
    )

    _one_open = models.UniqueIndex(
        "(company_id, partner_id) WHERE state IN ('draft', 'ready')",
        "There is a reminder of this customer already that was not sent yet.",
    )

    @api.depends("partner_id", "level_id")
    @api.depends_context("to_customer")
    def _compute_display_name(self):
        for reminder in self:
            # The head of a mail: what a level is called is ours to know.
            reminder.display_name = (
                reminder.company_id.name
                if self.env.context.get("to_customer")
                else f"{reminder.partner_id.name or ''}: {reminder.level_id.name or ''}"
            )

    @api.depends("mail_id", "level_id", "contact_id", "line_ids")
    def _compute_preview(self):
        for reminder in self:
            if reminder.mail_id:
                # sudo: whoever sees a reminder sees what was sent
                reminder.preview = reminder.sudo().mail_id.mail_message_id.body
                continue
            template = reminder.level_id.template_id.sudo()
            try:
                made = template._generate_template(reminder.ids, ("body_html",))
                reminder.preview = made[reminder.id]["body_html"]
            except (UserError, ValueError) as error:
                reminder.preview = str(error)

    # === Buttons === #

    def action_prepare(self):
        """Look for what is due now: the list shows what would be sent to whom.

        Of all customers of the user's companies, whichever records it is called on.
        """
        reminders = self._as_sender()
        count = sum(len(reminders._prepare(company)) for company in self.env.companies)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._("%(count)s reminders to review.", count=count)
                if count
                else self.env._("Nobody has to be reminded today."),
                "type": "info",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_send(self):
        """Send these reminders: few at once, many in the background."""
        reminders = self._as_sender()
        waiting = reminders.filtered(lambda r: r.state in ("draft", "failed"))
        waiting.write({"state": "ready", "problem": False})
        if len(waiting) > BATCH:
            self.env.ref("partner_extension.ir_cron_partner_reminder").sudo()._trigger()
        else:
            waiting._send()

    def action_skip(self):
        """Leave this level out: the customer hears of these items at the next one."""
        reminders = self._as_sender()
        reminders.filtered(lambda r: r.state in ("draft", "failed")).state = "skipped"

    def _as_sender(self):
        """Return these reminders with the right to change them, for who may send.

        Nobody writes them otherwise: they are the record of what customers were told.

        :raises AccessError: for who is no accountant or does not see one of them
        """
        if not self.env.su and not self.env.user.has_group(SENDER):
            raise AccessError(self.env._("Only accountants send payment reminders."))
        self.check_access("read")
        return self.sudo()

    def action_open_partner(self):
        """Open the customer."""
        self.ensure_one()
        return self.partner_id._get_records_action()

    # === Sending === #

    def _send(self):
        """Make the mails of these reminders; Odoo's mail queue sends them.

        What was paid since it was prepared is left out, and who paid all gets nothing.
        The caller has checked that the user may.
        """
        locked = self.try_lock_for_update().filtered(lambda r: r.state == "ready")
        for company, reminders in locked.grouped("company_id").items():
            reminders = reminders.with_company(company)
            reminders._refresh()._send_current()

    def _send_current(self):
        reachable = self.browse()
        blocked = set(
            # sudo: who may send may know whom not to
            self.env["mail.blacklist"]
            .sudo()
            .search([("email", "in", self.mapped("contact_id.email_normalized"))])
            .mapped("email")
        )
        for reminder in self:
            address = email_normalize(reminder.contact_id.email or "")
            name = reminder.contact_id.display_name
            if not address:
                reminder._fail(
                    self.env._("%(contact)s has no e-mail address.", contact=name)
                )
            elif address in blocked:
                reminder._fail(
                    self.env._("%(contact)s does not want mails.", contact=name)
                )
            else:
                reachable |= reminder
        for (template, lang), reminders in reachable.grouped(
            lambda r: (r.level_id.template_id, r.contact_id.lang)
        ).items():
            # The frame is in the sender's language where a template names none.
            reminders._send_by(template.with_context(lang=lang or self.env.lang))

    def _send_by(self, template):
        # sudo: whoever may send reminders may have the mails made; the templates are
        # chosen by the manager
        try:
            with self.env.cr.savepoint():
                sender = template.sudo().with_context(to_customer=True)
                mails = sender.send_mail_batch(
                    self.ids,
                    force_send=False,
                    email_layout_xmlid="mail.mail_notification_light",
                    email_values={"auto_delete": False},
                )
                self._after_mails({mail.res_id: mail for mail in mails})
        except OperationalError:
            raise  # the database's, e.g. to be tried again: not about a text
        except Exception as error:
            # Whatever a text of one's own raises: one customer's concerns that one.
            if len(self) > 1:
                for reminder in self:
                    reminder._send_by(template)
            else:
                self._fail(
                    self.env._("The text could not be made: %(error)s", error=error)
                )

    def _after_mails(self, mails):
        for reminder in self:
            mail = mails[reminder.id]
            reminder.write({"state": "sent", "mail_id": mail.id})
            if reminder.level_id.attach_invoices:
                # sudo: the customer may see its invoices
                invoices = reminder.sudo().line_ids.filtered("level_id").move_id
                mail.attachment_ids |= invoices.invoice_pdf_report_id
            if reminder.level_id.tell_responsible:
                reminder._tell_responsible(
                    self.env._("Call about payment"),
                    self.env._(
                        "%(customer)s owes %(amount)s, the oldest for %(days)s days.",
                        customer=reminder.partner_id.display_name,
                        amount=reminder.currency_id.format(reminder.amount_due),
                        days=reminder.days_overdue,
                    ),
                )
        # Without amounts: who sees the customer does not have to see those.
        self.partner_id._message_log_batch(
            {
                reminder.partner_id.id: self.env._(
                    "Reminder “%(level)s” to %(email)s of %(items)s.",
                    level=reminder.level_id.name,
                    email=reminder.contact_id.email,
                    items=", ".join(
                        reminder.line_ids.filtered("level_id").mapped("name")
                    ),
                )
                for reminder in self
            }
        )

    def _fail(self, problem):
        """Note why this reminder did not go out, and tell the responsible once."""
        self.ensure_one()
        self.write({"state": "failed", "problem": problem})
        self._tell_responsible(self.env._("Reminder not sent"), problem)

    def _tell_responsible(self, summary, note):
        self.ensure_one()
        partner = self.partner_id
        user = (
            partner._get_responsible()
            or self.company_id.partner_reminder_user_id
            or self.env.user
        )
        # sudo: the responsible is told of a partner that may not be the sender's
        partner.sudo().activity_schedule(
            "mail.mail_activity_data_call",
            user_id=user.id,
            summary=summary,
            note=note,
        )

    @api.model
    def _retry_failed(self, company):
        """Let refused mails go out again for some days, then hand them to a person."""
        failed = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "sent"),
                ("mail_id.state", "=", "exception"),
            ]
        )
        until = fields.Date.subtract(fields.Date.context_today(self), days=RETRY_DAYS)
        recent = failed.filtered(lambda r: r.date >= until)
        recent.mail_id.mark_outgoing()
        for reminder in failed - recent:
            reminder._fail(
                self.env._(
                    "The mail server refused: %(reason)s",
                    reason=reminder.failure or "?",
                )
            )

    # === What the mail shows === #

    def _mail_get_partner_fields(self, introspect_fields=False):
        """Who reads the mail, in whose language it is where a template names none."""
        return ["contact_id"]

    def _get_items_html(self):
        """Return the table of open items, in the language of the environment."""
        self.ensure_one()
        return self.env["ir.qweb"]._render(
            "partner_extension.reminder_items",
            {
                # sudo: the customer may see its own items
                "reminder": self.sudo(),
                "lines": self.sudo().line_ids,
                "totals": self._get_totals(),
            },
        )

    def _get_totals(self):
        """Return the sum of the items that are due, by currency."""
        sums = {}
        for line in self.line_ids.filtered(lambda x: x.days_overdue >= 0):
            sums[line.currency_id] = sums.get(line.currency_id, 0) + line.amount
        return sums

    def _get_sender(self):
        """Return the address that this reminder comes from."""
        company = self.company_id
        return company.partner_reminder_user_id.email_formatted or (
            company.email_formatted
        )


class PartnerReminderLine(models.Model):
    """An open item as it was when the customer was told of it."""

    _name = "partner.reminder.line"
    _description = "Item of a Payment Reminder"
    _order = "date_due, id"

    reminder_id = fields.Many2one(
        "partner.reminder", required=True, index=True, ondelete="cascade"
    )
    move_line_id = fields.Many2one(
        "account.move.line", index="btree_not_null", ondelete="set null"
    )
    move_id = fields.Many2one(related="move_line_id.move_id", string="Entry")
    name = fields.Char(string="Number", required=True)
    date = fields.Date(string="Dated")
    date_due = fields.Date(required=True)
    days_overdue = fields.Integer(string="Days Late")
    currency_id = fields.Many2one("res.currency", required=True)
    amount = fields.Monetary(string="Open Amount")
    level_id = fields.Many2one(
        "partner.reminder.level",
        ondelete="restrict",
        help="The level that this item reached. Empty: it is only listed.",
    )

    _once = models.UniqueIndex(
        "(move_line_id, level_id) WHERE level_id IS NOT NULL",
        "The customer was reminded of this item at this level already.",
    )
