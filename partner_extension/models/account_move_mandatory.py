# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class AccountMove(models.Model):
    """Posting makes a partner a customer or a supplier: then it must be complete.

    It is judged as what the invoice or bill has it be, whatever else it is.
    """

    _inherit = "account.move"

    partner_missing_warning = fields.Char(compute="_compute_partner_missing_warning")

    def _get_partner_role(self):
        """Return the role of the partner here: "customer", "supplier" or None."""
        self.ensure_one()
        if self.is_sale_document(include_receipts=True):
            return "customer"
        if self.is_purchase_document(include_receipts=True):
            return "supplier"
        return None

    @api.depends_context("lang")
    @api.depends("commercial_partner_id", "move_type", "state", "company_id")
    def _compute_partner_missing_warning(self):
        self.partner_missing_warning = False
        drafts = self.filtered(lambda m: m.state == "draft" and m.commercial_partner_id)
        by_company_and_role = drafts.grouped(
            lambda move: (move.company_id, move._get_partner_role())
        )
        for (company, role), moves in by_company_and_role.items():
            if role:
                partners = moves.commercial_partner_id
                asked = partners._filter_asked(company, {role})
                texts = {
                    partner.id: partner._tell_missing(company, {role})
                    for partner in asked
                }
                for move in moves:
                    move.partner_missing_warning = texts.get(
                        move.commercial_partner_id.id
                    )

    def action_open_commercial_partner(self):
        """Open the company or person that the banner tells of."""
        self.ensure_one()
        return self.commercial_partner_id._get_records_action()

    def _post(self, soft=True):
        by_company_and_role = self.grouped(
            lambda move: (move.company_id, move._get_partner_role())
        )
        for (company, role), moves in by_company_and_role.items():
            if role:
                partners = moves.commercial_partner_id.with_company(company)
                partners._check_mandatory({role})
        return super()._post(soft)
