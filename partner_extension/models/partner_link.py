# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class PartnerLink(models.Model):
    """One partner linked to another: who supplies, owns, finances or pays whom.

    Stored once, seen from both sides: which one looks is `link_side_id` in the context.
    """

    _name = "partner.link"
    _description = "Partner Link"
    _inherit = ["mail.thread"]
    _order = "date_from desc, id desc"

    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="cascade", tracking=True
    )
    kind_id = fields.Many2one(
        "partner.link.kind", required=True, ondelete="restrict", tracking=True
    )
    other_partner_id = fields.Many2one(
        "res.partner",
        string="Linked To",
        required=True,
        index=True,
        ondelete="cascade",
        tracking=True,
    )
    date_from = fields.Date(string="From", tracking=True)
    date_to = fields.Date(string="Until", tracking=True)
    note = fields.Text(string="Notes")
    is_symmetric = fields.Boolean(related="kind_id.is_symmetric", store=True)
    is_current = fields.Boolean(
        string="Current", compute="_compute_is_current", search="_search_is_current"
    )
    side_text = fields.Char(string="Link", compute="_compute_side")
    side_partner_id = fields.Many2one(
        "res.partner", string="With", compute="_compute_side"
    )

    _no_self = models.Constraint(
        "CHECK (partner_id != other_partner_id)",
        "A partner cannot be linked to itself.",
    )
    _dates = models.Constraint(
        "CHECK (date_from <= date_to)", "A link ends after it begins."
    )
    # Where a kind is the same from both sides, A to B is also B to A. Ranges of one
    # element need no extension for equality in a gist index.
    _once_at_a_time = models.Constraint(
        """EXCLUDE USING gist (
            int4range(kind_id, kind_id, '[]') WITH &&,
            (CASE WHEN is_symmetric
                THEN int4range(LEAST(partner_id, other_partner_id),
                               LEAST(partner_id, other_partner_id), '[]')
                ELSE int4range(partner_id, partner_id, '[]') END) WITH &&,
            (CASE WHEN is_symmetric
                THEN int4range(GREATEST(partner_id, other_partner_id),
                               GREATEST(partner_id, other_partner_id), '[]')
                ELSE int4range(other_partner_id, other_partner_id, '[]') END) WITH &&,
            daterange(date_from, date_to, '[]') WITH &&
        )""",
        "These partners are linked in this way already at that time.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_sides(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_sides([vals])
        return super().write(vals)

    @api.model
    def _check_sides(self, vals_list):
        """Refuse to link what the user does not see: the link tells its name.

        :raises AccessError: if the user may not read one of the partners
        """
        ids = {
            vals[side]
            for vals in vals_list
            for side in ("partner_id", "other_partner_id")
            if vals.get(side)
        }
        self.env["res.partner"].browse(ids).check_access("read")

    @api.depends("partner_id", "kind_id", "other_partner_id")
    def _compute_display_name(self):
        # sudo: who sees the link of a partner sees to whom, if not more of that one
        for link in self.sudo():
            link.display_name = " ".join(
                filter(
                    None,
                    (
                        link.partner_id.display_name,
                        link.kind_id.name,
                        link.other_partner_id.display_name,
                    ),
                )
            )

    @api.depends("date_from", "date_to")
    def _compute_is_current(self):
        today = fields.Date.context_today(self)
        for link in self:
            link.is_current = (not link.date_from or link.date_from <= today) and (
                not link.date_to or link.date_to >= today
            )

    @api.model
    def _search_is_current(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        domain = fields.Domain("date_from", "=", False)
        domain |= fields.Domain("date_from", "<=", today)
        domain &= fields.Domain("date_to", "=", False) | fields.Domain(
            "date_to", ">=", today
        )
        return domain if True in value else ~domain

    @api.depends("partner_id", "kind_id", "other_partner_id")
    @api.depends_context("link_side_id", "lang")
    def _compute_side(self):
        side = self.env["res.partner"].browse(self.env.context.get("link_side_id"))
        family = side._get_link_family()
        for link in self:
            is_inverse = (
                link.other_partner_id in family and link.partner_id not in family
            )
            if is_inverse:
                link.side_partner_id = link.partner_id
                link.side_text = link.kind_id.inverse_name or link.kind_id.name
            else:
                link.side_partner_id = link.other_partner_id
                link.side_text = link.kind_id.name
