# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who of a customer is reminded, and who is left alone for a while."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

ACCOUNTING = "account.group_account_invoice,account.group_account_readonly"


class ResPartner(models.Model):
    _inherit = "res.partner"

    reminder_pause_until = fields.Date(
        string="No Reminders Until",
        company_dependent=True,
        groups=ACCOUNTING,
        tracking=True,
        help="The customer gets no payment reminders up to this day.",
    )
    reminder_pause_reason = fields.Char(
        string="Reason of the Pause",
        company_dependent=True,
        groups=ACCOUNTING,
        tracking=True,
    )
    reminder_contact_id = fields.Many2one(
        "res.partner",
        string="Contact for Reminders",
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        groups=ACCOUNTING,
        help="Gets the payment reminders. Empty: the invoice address.",
    )
    reminder_count = fields.Integer(
        compute="_compute_reminder_count", string="Reminders", groups=ACCOUNTING
    )

    def _compute_reminder_count(self):
        counts = dict(
            self.env["partner.reminder"]._read_group(
                [
                    ("partner_id", "in", self.commercial_partner_id.ids),
                    ("company_id", "in", self.env.companies.ids),
                    ("state", "!=", "skipped"),
                ],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.reminder_count = counts.get(partner.commercial_partner_id, 0)

    @api.constrains("reminder_pause_until", "reminder_pause_reason")
    def _check_reminder_pause(self):
        # sudo: a constraint looks at what it is about, whoever writes
        for partner in self.sudo():
            if partner.reminder_pause_until and not partner.reminder_pause_reason:
                raise ValidationError(
                    self.env._(
                        "Say why %(partner)s gets no reminders: the next one who looks "
                        "wants to know.",
                        partner=partner.display_name,
                    )
                )

    def _is_reminder_paused(self, today):
        """Tell whether the company of the environment leaves this customer alone."""
        self.ensure_one()
        # sudo: the sender of reminders has to respect a pause it may not see
        until = self.sudo().reminder_pause_until
        return bool(until and until >= today)

    def _get_reminder_contacts(self):
        """Return who is reminded, by customer."""
        # sudo: as above
        return {
            partner.id: partner.sudo().reminder_contact_id
            or self.browse(partner.address_get(["invoice"])["invoice"])
            for partner in self
        }

    def action_open_reminders(self):
        """Open what this customer was or will be reminded of."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_extension.action_partner_reminder"
        )
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {}
        return action

    def action_open_items(self):
        """Open the open items of this customer or supplier."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open Items"),
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "domain": [
                (
                    "partner_id.commercial_partner_id",
                    "=",
                    self.commercial_partner_id.id,
                ),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                (
                    "account_id.account_type",
                    "in",
                    ("asset_receivable", "liability_payable"),
                ),
            ],
        }
