# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the buttons of a contract do."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date


class MeterContract(models.Model):
    _inherit = "meter.contract"

    # === From draft to closed === #

    def action_start(self):
        """Let the contract be billed."""
        for contract in self:
            if not contract.charge_ids:
                raise UserError(
                    self.env._(
                        "%(contract)s has no charges: say what its pages cost.",
                        contract=contract.name,
                    )
                )
        meter_types = self._get_rating_types()
        for contract in self:
            contract._get_rating_terms(
                contract._get_charges(contract.date_start), meter_types
            )
        self.state = "running"

    def action_close(self):
        """Stop billing. What is billed stays."""
        self.state = "closed"

    def action_reopen(self):
        """Take a closed contract up again."""
        return self.action_start()

    # === Billing === #

    def action_bill_now(self):
        """Bill the next period, which must be over, and open its statement.

        A contract that waits or fails says why, as after a billing run.

        :raises UserError: there is no period to bill
        """
        self.ensure_one()
        self._check_due()
        run = self.env["meter.billing.run"].create(
            {
                "company_id": self.company_id.id,
                "through": self.next_period_end,
                "contract_ids": self.ids,
            }
        )
        run.action_bill()
        if statement := run.line_ids.statement_id:
            return statement.get_formview_action()
        reason = self.billing_issue_short or self.env._(
            "Somebody else is billing it right now."
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("%(contract)s is not billed", contract=self.name),
                "message": reason,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_preview(self):
        """Show what billing the next period would come to; nothing is billed.

        :raises UserError: there is no period to bill
        """
        self.ensure_one()
        self._check_due()
        run = self.env["meter.billing.run"].create(
            {
                "company_id": self.company_id.id,
                "through": self.next_period_end,
                "contract_ids": self.ids,
            }
        )
        run.action_preview()
        return run.get_formview_action()

    def _check_due(self):
        """Raise unless this contract has a period that is over.

        :raises UserError: with what to do
        """
        if self.state != "running":
            raise UserError(
                self.env._("%(contract)s is not running.", contract=self.name)
            )
        if not self.next_period_end:
            raise UserError(
                self.env._("%(contract)s is billed to its end.", contract=self.name)
            )
        if self.next_period_end > self.company_id._meter_today():
            raise UserError(
                self.env._(
                    "The period from %(first)s to %(last)s is not over yet: bill it "
                    "from its last day on.",
                    first=format_date(self.env, self.next_period_start),
                    last=format_date(self.env, self.next_period_end),
                )
            )

    def action_bill_selected(self):
        """Open a new billing run for these contracts."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Billing Run"),
            "res_model": "meter.billing.run",
            "view_mode": "form",
            "context": {"default_contract_ids": self.ids},
        }

    def action_update_meters(self):
        """Open the grid of the customer's meters, to enter what billing waits for."""
        self.ensure_one()
        return self.commercial_partner_id.action_update_meters()

    def action_skip_period(self):
        """Bill nothing for the next period; the one after it covers both."""
        for contract in self:
            if contract.next_period_end:
                contract.skipped_through = contract.next_period_end

    # === What belongs to it === #

    def action_view_devices(self):
        """Open the devices that are or were in this contract."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_device"
        )
        action["domain"] = [("assignment_ids.contract_id", "=", self.id)]
        action["context"] = {"default_partner_id": self.partner_id.id}
        return action

    def action_view_statements(self):
        """Open this contract's statements."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_statement"
        )
        action["domain"] = [("contract_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_view_invoices(self):
        """Open this contract's invoices and credit notes."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        action["domain"] = [("id", "in", self.statement_ids.move_ids.ids)]
        action["context"] = {"create": False}
        return action
