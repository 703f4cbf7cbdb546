# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""When no contact is an alarm, and who hears of partners that nobody looks after."""

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    partner_silence_days = fields.Integer(
        string="No Contact for (Days)",
        help="Customers and suppliers without a message, activity, invoice or payment "
        "for so many days are an alarm; 0: never.",
    )
    partner_alarm_user_id = fields.Many2one(
        "res.users",
        string="Else Told",
        domain=[("share", "=", False)],
        help="Gets the alarms of partners that nobody is responsible for.",
    )

    _partner_silence_days_positive = models.Constraint(
        "CHECK (partner_silence_days >= 0)",
        "Days without contact cannot be negative.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    partner_silence_days = fields.Integer(
        related="company_id.partner_silence_days", readonly=False
    )
    partner_alarm_user_id = fields.Many2one(
        related="company_id.partner_alarm_user_id", readonly=False
    )
