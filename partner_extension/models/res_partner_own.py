# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whose a partner is: what the rules of every model ask for who sees only own ones."""

from odoo import api, fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    _inherit = "res.partner"

    is_own = fields.Boolean(
        string="Mine",
        compute="_compute_is_own",
        search="_search_is_own",
        exportable=False,
        help="You are responsible for it, or its salesperson where nobody is.",
    )

    @api.depends("responsible_id", "user_id", "commercial_partner_id")
    @api.depends_context("uid")
    def _compute_is_own(self):
        own = self.filtered_domain(self._get_own_domain())
        for partner in self:
            partner.is_own = partner in own

    @api.model
    def _search_is_own(self, operator, value):
        if operator != "in":
            return NotImplemented
        own = self._get_own_domain()
        return own if True in value else ~own

    @api.model
    def _get_own_domain(self):
        """Return which partners the user looks after, as `_get_responsible` has it."""
        company = "commercial_partner_id"
        nobody = Domain("responsible_id", "=", False) & Domain(
            f"{company}.responsible_id", "=", False
        )
        uid = self.env.uid
        return (
            Domain("responsible_id", "=", uid)
            | Domain(f"{company}.responsible_id", "=", uid)
            | (nobody & Domain("user_id", "=", uid))
            | (
                nobody
                & Domain("user_id", "=", False)
                & Domain(f"{company}.user_id", "=", uid)
            )
        )
