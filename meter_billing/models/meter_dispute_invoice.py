# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Disputes of invoices that statements were billed by, and of their lines."""

from odoo import fields, models

from ..tools import format_exact


class MeterDispute(models.Model):
    _inherit = "meter.dispute"

    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Invoice Line",
        # A line goes where an invoice is reset to draft and changed; the rest stays.
        ondelete="set null",
    )


class AccountMove(models.Model):
    _inherit = "account.move"

    meter_dispute_ids = fields.One2many(
        "meter.dispute",
        "move_id",
        string="Disputes",
        groups="meter_billing.group_meter_billing_reader",
    )
    meter_dispute_count = fields.Integer(
        compute="_compute_meter_dispute_count",
        string="Number of Disputes",
        groups="meter_billing.group_meter_billing_reader",
    )

    def _compute_meter_dispute_count(self):
        counts = dict(
            self.env["meter.dispute"]._read_group(
                [("move_id", "in", self.ids)], ["move_id"], ["__count"]
            )
        )
        for move in self:
            move.meter_dispute_count = counts.get(move, 0)

    def action_view_meter_disputes(self):
        """Open what customers dispute of this document."""
        self.ensure_one()
        return self.env["meter.dispute"]._open_list([("move_id", "=", self.id)])

    def _get_disputable_lines(self):
        """Return what a customer can dispute of this document, line by line.

        Each meter that it charges, as its annex shows them, and each charge that is for
        no meter. Called on documents that were found with the customer's rights.

        :return: ``{key: (label, values of the dispute)}``; the key is a text that a
            form sends back
        """
        self.ensure_one()
        # sudo: whoever may read the invoice reads its annex
        billed = self.sudo().invoice_line_ids.filtered("meter_statement_charge_id")
        found, of_meters = {}, billed.browse()
        for statement, lines in self._get_meter_annexes():
            for line in lines.filtered("charge_id"):
                charging = billed.filtered(lambda each, line=line: each._charges(line))
                of_meters |= charging
                label = self.env._(
                    "%(device)s %(meter)s: %(pages)s pages",
                    device=line.device_id.serial_number,
                    meter=line.type_id.name,
                    pages=format_exact(self.env, line.pages),
                )
                found[f"meter_{line.id}"] = (
                    label,
                    {
                        "move_line_id": charging[:1],
                        "statement_id": statement,
                        "statement_line_id": line,
                        "device_id": line.device_id,
                    },
                )
        for line in billed - of_meters:
            charge = line.meter_statement_charge_id
            found[f"charge_{line.id}"] = (
                charge._get_title(),
                {
                    "move_line_id": line,
                    "statement_id": charge.statement_id,
                },
            )
        return found


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _charges(self, statement_line):
        """Tell whether this line charges the pages of a meter.statement.line."""
        self.ensure_one()
        charge = self.meter_statement_charge_id
        return (
            charge.statement_id == statement_line.statement_id
            and charge.charge_id == statement_line.charge_id
            and charge.period_end == statement_line.period_end
            and self.meter_site_id
            in (self.meter_site_id.browse(), statement_line.location_id)
        )


class MeterStatement(models.Model):
    _inherit = "meter.statement"

    dispute_count = fields.Integer(
        compute="_compute_dispute_count",
        string="Disputes",
        groups="meter_billing.group_meter_billing_reader",
    )

    def _compute_dispute_count(self):
        counts = dict(
            self.env["meter.dispute"]._read_group(
                [("statement_id", "in", self.ids)], ["statement_id"], ["__count"]
            )
        )
        for statement in self:
            statement.dispute_count = counts.get(statement, 0)

    def action_view_disputes(self):
        """Open what customers dispute of this statement."""
        self.ensure_one()
        return self.env["meter.dispute"]._open_list([("statement_id", "=", self.id)])
