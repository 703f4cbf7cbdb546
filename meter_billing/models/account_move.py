# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    meter_statement_ids = fields.Many2many(
        "meter.statement",
        compute="_compute_meter_statement_ids",
        string="Meter Statements",
        help="The statements that this document bills or credits.",
    )
    meter_statement_count = fields.Integer(compute="_compute_meter_statement_ids")

    @api.depends("invoice_line_ids.meter_statement_charge_id")
    def _compute_meter_statement_ids(self):
        for move in self:
            # sudo: an accountant sees which statement an invoice is for, no more
            charges = move.sudo().invoice_line_ids.meter_statement_charge_id
            move.meter_statement_ids = charges.statement_id.sudo(False)
            move.meter_statement_count = len(charges.statement_id)

    def action_view_meter_statements(self):
        """Open the statements that this document bills or credits."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_statement"
        )
        action["domain"] = [("id", "in", self.meter_statement_ids.ids)]
        if len(self.meter_statement_ids) == 1:
            action["views"] = [(False, "form")]
            action["res_id"] = self.meter_statement_ids.id
        return action
