# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    meter_statement_ids = fields.Many2many(
        "meter.statement",
        compute="_compute_meter_statement_ids",
        compute_sudo=True,
        string="Meter Statements",
        help="The statements that this document bills or credits.",
    )
    meter_statement_count = fields.Integer(
        compute="_compute_meter_statement_ids", compute_sudo=True
    )

    @api.depends("invoice_line_ids.meter_statement_charge_id")
    def _compute_meter_statement_ids(self):
        # In sudo: an accountant sees which statement an invoice is for, no more.
        for move in self:
            statements = move.invoice_line_ids.meter_statement_charge_id.statement_id
            move.meter_statement_ids = statements
            move.meter_statement_count = len(statements)

    def _get_meter_annexes(self):
        """Return (statement, its lines) for the annex of readings.

        A payer sees the meters that its own invoice charges, and those that they are
        derived from. Whoever may print the invoice may print its annex.
        """
        self.ensure_one()
        # sudo: accountants and customers print it without any right on statements
        lines = self.sudo().invoice_line_ids
        charges, sites = lines.meter_statement_charge_id, lines.meter_site_id
        annexes = []
        for statement, billed in charges.grouped("statement_id").items():
            shown = statement.line_ids.filtered(
                lambda line, billed=billed: (
                    line.charge_id in billed.charge_id
                    and (not sites or line.location_id in sites)
                )
            )
            devices = shown.device_id
            shown |= statement.line_ids.filtered(
                lambda line, devices=devices: (
                    not line.charge_id and line.device_id in devices
                )
            )
            if shown:
                annexes.append((statement, shown._sort_for_reader()))
        return annexes

    def _send_meter_invoices(self):
        """Hand these invoices over to Odoo's own sending in the background.

        Billing is over and committed when they are sent: a mail server that refuses
        leaves its error on the invoice and undoes nothing. Where a payer has no address
        to send to, the responsible is told.
        """
        for move in self:
            user = move.invoice_user_id or self.env.user
            move.sending_data = {
                "author_user_id": user.id,
                "author_partner_id": user.partner_id.id,
            }
            methods = self.env["account.move.send"]._get_default_sending_methods(move)
            if "email" in methods and not move.partner_id.email:
                responsible = move.company_id._find_meter_user(move.invoice_user_id)
                move.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=responsible.id,
                    summary=self.env._(
                        "%(payer)s has no e-mail address: send this invoice yourself",
                        payer=move.partner_id.display_name,
                    ),
                )
        # sudo: whoever may bill with sending may start the sender
        self.env.ref("account.ir_cron_account_move_send").sudo()._trigger()

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
