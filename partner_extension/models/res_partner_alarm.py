# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The alarms of a partner, and who is told of them."""

from odoo import fields, models

from ..groups import READER


class ResPartner(models.Model):
    _inherit = "res.partner"

    alarm_ids = fields.One2many(
        "partner.alarm", "partner_id", string="Alarms", groups=READER
    )
    alarm_count = fields.Integer(
        compute="_compute_alarm_count", string="Open Alarms", groups=READER
    )

    def _compute_alarm_count(self):
        counts = dict(
            self.env["partner.alarm"]._read_group(
                [("partner_id", "in", self.ids), ("state", "=", "open")],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.alarm_count = counts.get(partner, 0)

    def _get_alarm_users(self):
        """Return who is told of each partner's alarms: a user who sees it, or none."""
        users = {}
        otherwise = {
            company: company.partner_alarm_user_id
            for company in self.env["res.company"].search([])
        }
        first = next(
            (user for user in otherwise.values() if user), self.env["res.users"]
        )
        for partner in self:
            users[partner] = partner._get_responsible() or (
                otherwise[partner.company_id] if partner.company_id else first
            )
        seen = self.browse()
        for user in {user for user in users.values() if user}:
            theirs = self.filtered(lambda p, user=user: users[p] == user)
            seen |= theirs.with_user(user)._filtered_access("read").with_env(self.env)
        return {p: users[p] if p in seen else users[p].browse() for p in self}

    def action_open_alarms(self):
        """Open the alarms about this partner."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_extension.action_partner_alarm"
        )
        action["domain"] = [("partner_id", "=", self.id)]
        return action
