# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""When customers are reminded of what they owe, and in which words."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PartnerReminderLevel(models.Model):
    """One step of reminding: so many days after the due day, with this template."""

    _name = "partner.reminder.level"
    _description = "Reminder Level"
    _order = "delay, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        help="Empty: for every company that has no levels of its own.",
    )
    delay = fields.Integer(
        string="Days",
        required=True,
        help="Days after the due day, with a minus before it. An item is reminded of "
        "level by level, as many days apart as the levels are here.",
    )
    template_id = fields.Many2one(
        "mail.template",
        required=True,
        ondelete="restrict",
        domain=[("model", "=", "partner.reminder")],
        help="Is written in the customer's language; its text may be translated.",
    )
    attach_invoices = fields.Boolean(
        help="Attach the PDF of the invoices that are due, where one was made."
    )
    tell_responsible = fields.Boolean(
        string="Ask for a Call",
        help="The person responsible for the customer gets an activity as well.",
    )

    _one_a_day = models.UniqueIndex(
        "(COALESCE(company_id, 0), delay) WHERE active",
        "There is a level for this number of days already.",
    )

    @api.constrains("delay")
    def _check_delay(self):
        for level in self:
            if not -60 <= level.delay <= 730:
                raise ValidationError(
                    self.env._(
                        "%(level)s: the days of a level lie between -60 and 730.",
                        level=level.name,
                    )
                )

    @api.model
    def _get_for(self, company):
        """Return the levels of a company in their order: its own, else the shared."""
        levels = self.search([("company_id", "in", (company.id, False))])
        return levels.filtered("company_id") or levels


class ResCompany(models.Model):
    _inherit = "res.company"

    partner_reminder_mode = fields.Selection(
        [
            ("off", "Do not remind"),
            ("review", "Prepare reminders, somebody looks and sends them"),
            ("auto", "Send reminders without asking"),
        ],
        string="Customer Reminders",
        default="off",
        required=True,
    )
    partner_reminder_gap = fields.Integer(
        string="Days Between Two Reminders",
        default=5,
        help="A customer gets no reminder within these days after the last one.",
    )
    partner_reminder_minimum = fields.Monetary(
        string="Not Below",
        help="Customers who owe less than this in all are not reminded.",
    )
    partner_reminder_user_id = fields.Many2one(
        "res.users",
        string="Reminders Come From",
        domain=[("share", "=", False)],
        help="Answers go to this person. Empty: the company's address.",
    )
    partner_bill_user_id = fields.Many2one(
        "res.users",
        string="Tell of Due Bills",
        domain=[("share", "=", False)],
        help="Gets one mail with the bills that fall due. Empty: nobody.",
    )
    partner_bill_days = fields.Integer(
        string="Days Before a Bill Is Due",
        default=3,
    )

    _partner_reminder_days_positive = models.Constraint(
        "CHECK (partner_reminder_gap >= 0 AND partner_reminder_minimum >= 0 "
        "AND partner_bill_days >= 0)",
        "Days and amounts of reminders are not negative.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    partner_reminder_mode = fields.Selection(
        related="company_id.partner_reminder_mode", readonly=False, required=True
    )
    partner_reminder_gap = fields.Integer(
        related="company_id.partner_reminder_gap", readonly=False
    )
    partner_reminder_minimum = fields.Monetary(
        related="company_id.partner_reminder_minimum", readonly=False
    )
    partner_reminder_user_id = fields.Many2one(
        related="company_id.partner_reminder_user_id", readonly=False
    )
    partner_bill_user_id = fields.Many2one(
        related="company_id.partner_bill_user_id", readonly=False
    )
    partner_bill_days = fields.Integer(
        related="company_id.partner_bill_days", readonly=False
    )
