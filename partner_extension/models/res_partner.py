# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Customers and suppliers: what this suite adds to every contact."""

from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    is_customer = fields.Boolean(
        compute="_compute_is_customer",
        inverse="_inverse_is_customer",
        search="_search_is_customer",
        string="Customer",
        help="Odoo's own customer rank says the same, and how often it was invoiced.",
    )
    is_supplier = fields.Boolean(
        compute="_compute_is_supplier",
        inverse="_inverse_is_supplier",
        search="_search_is_supplier",
        string="Supplier",
        help="Odoo's own supplier rank says the same, and how often it was billed.",
    )

    @api.depends("customer_rank")
    def _compute_is_customer(self):
        for partner in self:
            partner.is_customer = partner.customer_rank > 0

    @api.depends("supplier_rank")
    def _compute_is_supplier(self):
        for partner in self:
            partner.is_supplier = partner.supplier_rank > 0

    def _inverse_is_customer(self):
        self._set_rank("customer_rank", "is_customer")

    def _inverse_is_supplier(self):
        self._set_rank("supplier_rank", "is_supplier")

    def _set_rank(self, rank, role):
        """Have a rank of at least 1 where the role is set, and of 0 where it is not."""
        self.filtered(lambda p: p[role] and not p[rank])[rank] = 1
        self.filtered(lambda p: not p[role] and p[rank])[rank] = 0

    @api.model
    def _search_is_customer(self, operator, value):
        return self._search_rank("customer_rank", operator, value)

    @api.model
    def _search_is_supplier(self, operator, value):
        return self._search_rank("supplier_rank", operator, value)

    @api.model
    def _search_rank(self, rank, operator, value):
        if operator != "in":
            return NotImplemented
        return [(rank, ">", 0)] if True in value else [(rank, "=", 0)]
