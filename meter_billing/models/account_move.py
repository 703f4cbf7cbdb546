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

    def _get_meter_annexes(self):
        """Return (statement, its lines) for the annex of readings.

        A payer sees the meters that its own invoice charges, and those that they are
        derived from. Whoever may print the invoice may print its annex.
        """
        self.ensure_one()
        # sudo: accountants and customers print it without any right on statements
        charges = self.sudo().invoice_line_ids.meter_statement_charge_id
        annexes = []
        for statement, billed in charges.grouped("statement_id").items():
            shown = statement.line_ids.filtered(
                lambda line, billed=billed: line.charge_id in billed.charge_id
            )
            devices = shown.device_id
            shown |= statement.line_ids.filtered(
                lambda line, devices=devices: not line.charge_id
                and line.device_id in devices
            )
            if shown:
                annexes.append((statement, shown._sort_for_reader()))
        return annexes

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
