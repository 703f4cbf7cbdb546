# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class PartnerLinkKind(models.Model):
    """How two partners are linked, told from either side."""

    _name = "partner.link.kind"
    _description = "Kind of Partner Link"
    _order = "name, id"

    name = fields.Char(
        string="Is", required=True, translate=True, help="As in: A “supplies” B."
    )
    inverse_name = fields.Char(
        string="The Other Is",
        translate=True,
        help="As in: B “is supplied by” A. Empty: it is the same from both sides.",
    )
    is_symmetric = fields.Boolean(
        string="Same from Both Sides", compute="_compute_is_symmetric", store=True
    )
    active = fields.Boolean(default=True)

    _name_unique = models.UniqueIndex(
        "(name)", "There is a kind of link of this name already."
    )

    @api.depends("inverse_name")
    def _compute_is_symmetric(self):
        for kind in self:
            kind.is_symmetric = not kind.inverse_name
