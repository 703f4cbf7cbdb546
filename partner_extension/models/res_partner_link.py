# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A partner's links to others, found from both sides."""

from odoo import api, fields, models
from odoo.fields import Domain

from ..groups import READER


class ResPartner(models.Model):
    _inherit = "res.partner"

    link_ids = fields.One2many(
        "partner.link", "partner_id", string="Links to Others", groups=READER
    )
    reverse_link_ids = fields.One2many(
        "partner.link", "other_partner_id", string="Links from Others", groups=READER
    )
    linked_partner_ids = fields.Many2many(
        "res.partner",
        string="Linked Partners",
        compute="_compute_linked_partner_ids",
        search="_search_linked_partner_ids",
        groups=READER,
        help="Who this partner is linked to, in either direction.",
    )
    link_count = fields.Integer(compute="_compute_link_count", groups=READER)

    @api.depends("link_ids.other_partner_id", "reverse_link_ids.partner_id")
    def _compute_linked_partner_ids(self):
        for partner in self:
            partner.linked_partner_ids = (
                partner.link_ids.other_partner_id | partner.reverse_link_ids.partner_id
            )

    @api.model
    def _search_linked_partner_ids(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        return Domain("link_ids.other_partner_id", operator, value) | Domain(
            "reverse_link_ids.partner_id", operator, value
        )

    def _get_link_family(self):
        """Return the partner and the contacts that belong to it."""
        # sudo: only says which side of a link is looked from
        family = self.sudo().with_context(active_test=False)
        return family.search([("id", "child_of", self.ids)]) if self else self

    def _get_link_domain(self):
        """Return the links of the partner and its contacts, from both sides."""
        return Domain("partner_id", "child_of", self.ids) | Domain(
            "other_partner_id", "child_of", self.ids
        )

    @api.depends("link_ids", "reverse_link_ids")
    def _compute_link_count(self):
        Link = self.env["partner.link"]
        sides = {}
        for side in ("partner_id", "other_partner_id"):
            groups = Link._read_group(
                [(side, "in", self.ids)], [side], ["id:recordset"]
            )
            for partner, links in groups:
                sides[partner] = sides.get(partner, Link) | links
        for partner in self:
            partner.link_count = len(sides.get(partner._origin, Link))

    def action_open_links(self):
        """Show the partner's links, told from its side."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_extension.action_partner_link"
        )
        return dict(
            action,
            domain=list(self._get_link_domain()),
            context={
                "link_side_id": self.id,
                "default_partner_id": self.id,
                "hide_sides": True,
            },
        )
