# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import models

from ..groups import VERIFIER

ACTIVITY = "partner_extension.mail_activity_type_decide"


class PartnerWaiting(models.AbstractModel):
    """What waits for a decision: told once as an activity, closed when decided."""

    _name = "partner.waiting"
    _description = "What Waits for a Decision"
    _inherit = "mail.activity.mixin"

    def _tell_waiting(self):
        """Have whoever decides on these told, each of them once."""
        # sudo: who asked (a partner on the portal) tells, and does not see activities
        records = self.sudo()
        told = set(records.activity_search([ACTIVITY]).mapped("res_id"))
        to_tell = defaultdict(records.browse)
        for record, user in records._find_deciders().items():
            if user and record.id not in told:
                to_tell[user] |= record
        for user, theirs in to_tell.items():
            theirs.activity_schedule(ACTIVITY, user_id=user.id)

    def _close_waiting(self):
        """Close the activities that told of these."""
        # sudo: whoever decides closes what somebody else was told
        self.sudo().activity_unlink([ACTIVITY])

    def _find_deciders(self):
        """Return {record: user who is told, or none}.

        Told is who looks after it, else whom the company names for alarms; who may
        decide comes before who may only look at it.
        """
        users = {record: record._get_waiting_users() for record in self}
        seen = {
            user: self.with_user(user)
            .with_context(allowed_company_ids=user.company_ids.ids)
            ._filtered_access("read")
            for user in self.env["res.users"].union(*users.values())
        }
        deciders = {}
        for record in self:
            seeing = users[record].filtered(lambda u, r=record: r.id in seen[u].ids)
            able = seeing.filtered(lambda user: user.has_group(VERIFIER))
            deciders[record] = (able or seeing)[:1]
        return deciders

    def _get_waiting_users(self):
        """Return the users to tell, the first that may see it is told."""
        self.ensure_one()
        company = self.company_id or self.env.company
        return (
            self.partner_id._get_responsible() | company.partner_alarm_user_id
        ).filtered("active")
