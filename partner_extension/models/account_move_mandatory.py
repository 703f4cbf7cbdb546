# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class AccountMove(models.Model):
    """Posting makes a partner a customer or a supplier: then it must be complete."""

    _inherit = "account.move"

    def _post(self, soft=True):
        for company, moves in self.grouped("company_id").items():
            for role in ("customer", "supplier"):
                is_sale = role == "customer"
                partners = moves.filtered(
                    lambda move, is_sale=is_sale: (
                        move.is_sale_document(True)
                        if is_sale
                        else move.is_purchase_document(True)
                    )
                ).commercial_partner_id
                partners.with_company(company)._check_mandatory({role})
        return super()._post(soft)
