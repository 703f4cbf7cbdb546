# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class PartnerSupplierCategory(models.Model):
    """What suppliers deliver: a tree that a manager keeps."""

    _name = "partner.supplier.category"
    _description = "Supplier Category"
    _parent_store = True
    _order = "complete_name, id"
    _rec_name = "complete_name"

    name = fields.Char(required=True, translate=True)
    complete_name = fields.Char(
        compute="_compute_complete_name", store=True, recursive=True
    )
    parent_id = fields.Many2one(
        "partner.supplier.category",
        string="Part of",
        index=True,
        ondelete="restrict",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("partner.supplier.category", "parent_id")
    active = fields.Boolean(default=True)

    _name_unique = models.UniqueIndex(
        "(COALESCE(parent_id, 0), name)",
        "There is a supplier category of this name already.",
    )

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for category in self:
            parts = [category.parent_id.complete_name, category.name]
            category.complete_name = " / ".join(filter(None, parts))
