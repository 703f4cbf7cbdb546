# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Reminders of due readings: before, on and after the day, then to a person."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize, split_every

#: Requests whose mails are made and committed together.
BATCH = 50
#: Devices that are looked at together.
DEVICES = 5_000
#: Days after which a mail that a server refused is given up.
RETRY_DAYS = 3


class MeterReadingReminder(models.Model):
    """One mail of one request. Unique by round, so that none goes twice."""

    _name = "meter.reading.reminder"
    _description = "Reminder of a Reading"
    _order = "request_id, offset"

    request_id = fields.Many2one(
        "meter.reading.request", required=True, index=True, ondelete="cascade"
    )
    offset = fields.Integer(
        string="Days", readonly=True, help="Days after the due day, negative before it."
    )
    mail_id = fields.Many2one("mail.mail", readonly=True, ondelete="set null")
    mail_state = fields.Selection(related="mail_id.state", string="Mail State")
    failure = fields.Text(related="mail_id.failure_reason")

    _once = models.UniqueIndex(
        '(request_id, "offset")', "This reminder was sent already."
    )


class MeterReadingRequest(models.Model):
    _inherit = "meter.reading.request"

    @api.model
    def _cron_remind(self):
        """Ask for what is due, remind of what is missing, tell who has to know."""
        commit_progress = self.env["ir.cron"]._commit_progress
        for company in self.env["res.company"].search([]):
            requests = self.with_company(company)
            requests._ask_for_due(company)
            commit_progress()
            requests._retry_failed(company)
            pending = requests._find_to_remind(company)
            for part in split_every(BATCH, pending, list):
                by_offset = {}
                for request_id, offset in part:
                    by_offset.setdefault(offset, []).append(request_id)
                for offset, ids in by_offset.items():
                    requests.browse(ids)._remind(offset)
                if not commit_progress(len(part)):
                    return
            requests._escalate(company)
            commit_progress()

    @api.model
    def _ask_for_due(self, company):
        """Create requests for the devices of a company that are due."""
        today, rounds = company._meter_today(), company._get_meter_rounds()
        lead = max(-min(rounds), 0)
        devices = self.env["meter.device"].search(
            [("company_id", "=", company.id), ("state", "=", "installed")]
        )
        for first in range(0, len(devices), DEVICES):
            due = devices[first : first + DEVICES]._get_due(today, lead)
            # What is over for longer than anybody is reminded is not asked for.
            latest = fields.Date.subtract(today, days=max(rounds))
            self._ask_for({key: day for key, day in due.items() if day[0] >= latest})

    @api.model
    def _find_to_remind(self, company):
        """Return (id, days after the due day) of requests to remind of today.

        Of several rounds that were missed, the last one only.
        """
        today = company._meter_today()
        pending = []
        for request in self.search(
            [("company_id", "=", company.id), ("state", "=", "open")], order="id"
        ):
            passed = [
                offset
                for offset in request._get_rounds()
                if fields.Date.add(request.due_date, days=offset) <= today
            ]
            made = request.reminder_ids.mapped("offset")
            if passed and max(passed) > max(made, default=-1000):
                pending.append((request.id, max(passed)))
        return pending

    @api.model
    def _retry_failed(self, company):
        """Let mails that a server refused go out again, while they are of use."""
        failed = (
            self.env["meter.reading.reminder"]
            .sudo()
            .search(
                # sudo: mails are the system's; what they are about was checked
                [
                    ("request_id.company_id", "=", company.id),
                    ("request_id.state", "=", "open"),
                    ("mail_id.state", "=", "exception"),
                    (
                        "create_date",
                        ">=",
                        fields.Datetime.subtract(
                            fields.Datetime.now(), days=RETRY_DAYS
                        ),
                    ),
                ]
            )
        )
        failed.mail_id.mark_outgoing()

    def _get_rounds(self):
        """Return the days before and after the due day that this contact is mailed."""
        self.ensure_one()
        own = self.partner_id.meter_reminder_days
        return _parse_rounds(own) if own else self.company_id._get_meter_rounds()

    def _remind(self, offset):
        """Make one mail for each of these requests; Odoo's mail queue sends them.

        :param int offset: days after the due day
        """
        Reminder = self.env["meter.reading.reminder"].sudo()
        # sudo: whoever may ask may have the mail made; it is Odoo's template
        template = self.env.ref("meter_billing.mail_template_reading_request").sudo()
        blocked = set(
            self.env["mail.blacklist"]
            .sudo()
            .search([("email", "in", self.mapped("contact_id.email_normalized"))])
            .mapped("email")
        )
        reachable = self.browse()
        for request in self:
            address = email_normalize(request.contact_id.email or "")
            if not address:
                request._report_problem(
                    self.env._(
                        "%(contact)s has no e-mail address.",
                        contact=request.contact_id.display_name,
                    )
                )
            elif address in blocked:
                request._report_problem(
                    self.env._(
                        "%(contact)s does not want mails.",
                        contact=request.contact_id.display_name,
                    )
                )
            else:
                reachable |= request
        mails = {}
        if reachable:
            created = template.send_mail_batch(reachable.ids, force_send=False)
            mails = {mail.res_id: mail.id for mail in created}
        Reminder.create(
            [
                {
                    "request_id": request.id,
                    "offset": offset,
                    "mail_id": mails.get(request.id),
                }
                for request in self
            ]
        )

    def _report_problem(self, text):
        """Note why nobody could be asked, and tell the responsible once."""
        self.ensure_one()
        if not self.problem:
            self._tell_responsible(self.env._("Ask for the readings yourself"), text)
        self.problem = text

    def _tell_responsible(self, summary, note):
        self.ensure_one()
        contract = self.line_ids.device_id.contract_id[:1]
        user = self.company_id._find_meter_user(
            self.partner_id.user_id, contract.user_id
        )
        self.activity_schedule(
            "mail.mail_activity_data_todo", user_id=user.id, summary=summary, note=note
        )

    @api.model
    def _escalate(self, company):
        """Hand requests that stayed open to whoever is responsible, once."""
        today = company._meter_today()
        overdue = fields.Date.subtract(today, days=company.meter_escalate_days)
        for request in self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "open"),
                ("due_date", "<=", overdue),
            ]
        ):
            request._tell_responsible(
                self.env._("Readings are overdue"),
                self.env._(
                    "%(customer)s was asked for readings of %(date)s and gave none of "
                    "%(devices)s.",
                    customer=request.partner_id.display_name,
                    date=request.due_date,
                    devices=", ".join(
                        request.line_ids.filtered(lambda x: not x.is_answered).mapped(
                            "device_id.serial_number"
                        )
                    ),
                ),
            )
            request.state = "escalated"


def _parse_rounds(text):
    """Return the days of a text like "-3, 0, 7", in their order."""
    return sorted({int(part) for part in text.replace(" ", "").split(",") if part})


def check_rounds(env, text):
    """Raise unless a text names the days of reminders."""
    try:
        days = _parse_rounds(text or "")
    except ValueError:
        days = []
    if not days or not -27 <= days[0] <= days[-1] <= 60:
        raise ValidationError(
            env._(
                "Write the days of reminders as numbers from -27 to 60, e.g. -3, 0, 3, "
                "7: three days before the due day, on it, three and seven days after."
            )
        )


class ResCompany(models.Model):
    _inherit = "res.company"

    meter_reminder_days = fields.Char(
        string="Remind on Days",
        default="-3, 0, 3, 7",
        help="Days after the day that readings are due; before it with a minus.",
    )
    meter_escalate_days = fields.Integer(
        string="Tell the Account Manager After (Days)", default=10
    )

    @api.constrains("meter_reminder_days")
    def _check_meter_reminder_days(self):
        for company in self:
            check_rounds(self.env, company.meter_reminder_days)

    def _get_meter_rounds(self):
        self.ensure_one()
        return _parse_rounds(self.meter_reminder_days)


class ResPartner(models.Model):
    _inherit = "res.partner"

    meter_reminders = fields.Selection(
        [("on", "Ask for readings"), ("off", "Never ask")],
        default="on",
        string="Meter Readings",
    )
    meter_contact_id = fields.Many2one(
        "res.partner",
        string="Contact for Meter Readings",
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        help="Is asked for readings. Empty: the customer itself. Devices may have "
        "their own.",
    )
    meter_reminder_days = fields.Char(
        string="Own Days of Reminders",
        help="Empty: as in the settings. E.g. 0, 5: on the due day and five days "
        "after.",
    )

    @api.constrains("meter_reminder_days")
    def _check_meter_reminder_days(self):
        for partner in self.filtered("meter_reminder_days"):
            check_rounds(self.env, partner.meter_reminder_days)

    def action_ask_for_readings(self):
        """Ask this customer for readings of all its devices now."""
        self.ensure_one()
        self.env["meter.reading.request"].check_access("create")
        devices = self.env["meter.device"].search(
            [("commercial_partner_id", "=", self.commercial_partner_id.id)]
        )
        return self.env["meter.reading.request"]._ask_now(devices)


class MeterDevice(models.Model):
    _inherit = "meter.device"

    def _get_reading_contact(self):
        """Return who is asked for readings of this device."""
        self.ensure_one()
        customer = self.commercial_partner_id
        return self.reading_contact_id or customer.meter_contact_id or customer


class MeterContract(models.Model):
    _inherit = "meter.contract"

    def action_ask_for_readings(self):
        """Ask for readings of the devices of this contract now."""
        self.ensure_one()
        self.env["meter.reading.request"].check_access("create")
        return self.env["meter.reading.request"]._ask_now(self.assignment_ids.device_id)


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    meter_reminder_days = fields.Char(
        related="company_id.meter_reminder_days", readonly=False
    )
    meter_escalate_days = fields.Integer(
        related="company_id.meter_escalate_days", readonly=False
    )
