# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From each record to what belongs to it: the buttons on top of the forms."""

from odoo import fields, models
from odoo.fields import Domain

ACTIONS = {
    "account.move": "account.action_move_out_invoice_type",
    "meter.contract": "meter_billing.action_meter_contract",
    "meter.device": "meter_billing.action_meter_device",
    "meter.reading": "meter_billing.action_meter_reading",
    "meter.statement": "meter_billing.action_meter_statement",
}


def open_records(env, model, domain):
    """Return the action that opens records: the form of a single one, else the list.

    :param str model: a key of ACTIONS
    :param domain: which of those that the user may see
    """
    action = env["ir.actions.actions"]._for_xml_id(ACTIONS[model])
    action.update(domain=domain, context={"create": False})
    found = env[model].search(domain, limit=2)
    if len(found) == 1 and model != "meter.reading":
        action.update(views=[(False, "form")], res_id=found.id)
    return action


class MeterDevice(models.Model):
    _inherit = "meter.device"

    def action_view_contracts(self):
        """Open the contracts that this device is or was in."""
        self.ensure_one()
        domain = [("assignment_ids.device_id", "=", self.id)]
        return open_records(self.env, "meter.contract", domain)

    def action_view_statements(self):
        """Open the statements that bill this device."""
        self.ensure_one()
        domain = [("line_ids.device_id", "=", self.id)]
        return open_records(self.env, "meter.statement", domain)

    def action_view_invoices(self):
        """Open the invoices and credit notes that bill this device."""
        self.ensure_one()
        statements = self.env["meter.statement"].search(
            [("line_ids.device_id", "=", self.id)]
        )
        domain = [("id", "in", statements.move_ids.ids)]
        return open_records(self.env, "account.move", domain)


class MeterReading(models.Model):
    _inherit = "meter.reading"

    statement_count = fields.Integer(
        compute="_compute_statement_count",
        string="Statements",
        groups="meter_billing.group_meter_billing_reader",
    )

    def _compute_statement_count(self):
        counts = dict(
            self.env["meter.statement.line"]._read_group(
                [("end_reading_id", "in", self.ids)],
                ["end_reading_id"],
                ["statement_id:count_distinct"],
            )
        )
        for reading in self:
            reading.statement_count = counts.get(reading, 0)

    def action_view_statements(self):
        """Open the statements that bill pages up to this reading."""
        self.ensure_one()
        domain = [("line_ids.end_reading_id", "=", self.id)]
        return open_records(self.env, "meter.statement", domain)

    def action_view_contracts(self):
        """Open the contract that the device was in on the day of this reading."""
        self.ensure_one()
        domain = Domain(
            "assignment_ids",
            "any",
            Domain("device_id", "=", self.device_id.id)
            & Domain("date_start", "<=", self.date)
            & (Domain("date_end", "=", False) | Domain("date_end", ">=", self.date)),
        )
        return open_records(self.env, "meter.contract", domain)

    def action_view_invoices(self):
        """Open the invoices and credit notes that bill pages up to this reading."""
        self.ensure_one()
        statements = self.env["meter.statement"].search(
            [("line_ids.end_reading_id", "=", self.id)]
        )
        domain = [("id", "in", statements.move_ids.ids)]
        return open_records(self.env, "account.move", domain)

    def action_view_device(self):
        """Open the device."""
        self.ensure_one()
        return self.device_id.get_formview_action()


class MeterContract(models.Model):
    _inherit = "meter.contract"

    def action_view_readings(self):
        """Open the readings of the devices that are or were in this contract."""
        self.ensure_one()
        domain = [("device_id", "in", self.assignment_ids.device_id.ids)]
        return open_records(self.env, "meter.reading", domain)


class MeterStatement(models.Model):
    _inherit = "meter.statement"

    device_count = fields.Integer(compute="_compute_device_count", string="Devices")

    def _compute_device_count(self):
        for statement in self:
            statement.device_count = len(statement.line_ids.device_id)

    def action_view_contract(self):
        """Open the contract."""
        self.ensure_one()
        return self.contract_id.get_formview_action()

    def action_view_devices(self):
        """Open the devices that this statement bills."""
        self.ensure_one()
        domain = [("id", "in", self.line_ids.device_id.ids)]
        return open_records(self.env, "meter.device", domain)

    def action_view_readings(self):
        """Open the readings that this statement bills pages up to."""
        self.ensure_one()
        domain = [("id", "in", self.line_ids.end_reading_id.ids)]
        return open_records(self.env, "meter.reading", domain)


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_view_meter_statements(self):
        """Open this customer's statements."""
        self.ensure_one()
        domain = [("partner_id", "child_of", self.commercial_partner_id.id)]
        return open_records(self.env, "meter.statement", domain)


class AccountMove(models.Model):
    _inherit = "account.move"

    def action_view_meter_contracts(self):
        """Open the contracts that this document bills or credits."""
        self.ensure_one()
        domain = [("id", "in", self.meter_statement_ids.contract_id.ids)]
        return open_records(self.env, "meter.contract", domain)

    def _get_meter_lines(self):
        """Return the statement lines that the annex of this document shows."""
        self.ensure_one()
        lines = self.env["meter.statement.line"]
        for _statement, shown in self._get_meter_annexes():
            lines |= shown.sudo(False)
        return lines

    def action_view_meter_devices(self):
        """Open the devices that this document bills pages of."""
        domain = [("id", "in", self._get_meter_lines().device_id.ids)]
        return open_records(self.env, "meter.device", domain)

    def action_view_meter_readings(self):
        """Open the readings that this document bills pages up to."""
        domain = [("id", "in", self._get_meter_lines().end_reading_id.ids)]
        return open_records(self.env, "meter.reading", domain)
