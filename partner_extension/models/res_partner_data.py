# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who looks after a partner, what it supplies, and where it is."""

from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    responsible_id = fields.Many2one(
        "res.users",
        domain=[("share", "=", False)],
        default=lambda self: self._default_responsible_id(),
        index="btree_not_null",
        tracking=True,
        help="Who looks after this partner: gets its alarms, reviews and reminders.",
    )
    supplier_category_ids = fields.Many2many(
        "partner.supplier.category",
        "res_partner_supplier_category_rel",
        "partner_id",
        "category_id",
        string="Supplier Categories",
        help="What this supplier delivers.",
    )
    area_id = fields.Many2one(
        "partner.area",
        compute="_compute_area_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        ondelete="set null",
        help="Set by the address where an area's country, states or postal codes "
        "match it; may be chosen by hand.",
    )

    @api.model
    def _default_responsible_id(self):
        """Who sees only their own partners would not see what they create."""
        own = "partner_extension.group_partner_extension_own"
        return self.env.user if self.env.user.has_group(own) else False

    @api.model_create_multi
    def create(self, vals_list):
        self._check_parents(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_parents([vals])
        return super().write(vals)

    @api.model
    def _check_parents(self, vals_list):
        """Refuse to put a contact below a partner that the user does not see.

        It would take over the address and the tax ID of it.

        :raise AccessError: if a user who sees only their own partners tries to
        """
        own = "partner_extension.group_partner_extension_own"
        if not self.env.su and self.env.user.has_group(own):
            parent_ids = [
                vals["parent_id"] for vals in vals_list if vals.get("parent_id")
            ]
            self.browse(parent_ids).check_access("read")

    @api.depends("country_id", "state_id", "zip", "company_id")
    def _compute_area_id(self):
        areas = self.env["partner.area"]
        rules = areas.sudo()._get_rules()
        for partner in self:
            found = areas._match(
                rules,
                partner.country_id.id,
                partner.state_id.id,
                partner.zip,
                partner.company_id.id,
            )
            # What was chosen by hand stays where no rule knows the address.
            partner.area_id = found or partner.area_id

    def _get_responsible(self):
        """Return who looks after this partner.

        :return: `res.users`: the partner's responsible user, else its commercial
            partner's, else the salesperson of either; empty where there is none.
        """
        self.ensure_one()
        commercial = self.commercial_partner_id
        candidates = (
            self.responsible_id,
            commercial.responsible_id,
            self.user_id,
            commercial.user_id,
        )
        return next(
            (user for user in candidates if user.active), self.responsible_id[:0]
        )
