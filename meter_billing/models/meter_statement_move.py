# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Invoices created with all their lines at once.

Creating an invoice, Odoo keeps its tax and payment lines in step with every change of
every line: half of the time. Here all lines are known beforehand. Taxes and instalments
are Odoo's own computations, taken once; what comes out is the same field by field
(``tests/test_statement_move.py``). Whatever is not certain to be goes Odoo's usual way.
"""

from odoo import models
from odoo.fields import Command


class MeterStatement(models.Model):
    _inherit = "meter.statement"

    def _create_move_records(self, moves, values):
        """Create the invoices of one company. Meant to be extended.

        :param moves: account.move as superuser, with the context to create in
        :param values: values of the invoices, see :meth:`_prepare_invoice`
        :return: account.move records, in the order of the values
        """
        company = moves.env.company
        if not all(self._is_plain(vals, company) for vals in values):
            return moves.create(values)
        return self._create_complete(moves, values)

    def _is_plain(self, vals, company):
        """Tell whether an invoice has none but product, tax and payment lines."""
        if vals["currency_id"] != company.currency_id.id:
            return False
        partner = self.env["res.partner"].browse(vals["partner_id"])
        term = self.env["account.payment.term"].browse(
            vals.get("invoice_payment_term_id")
        )
        # sudo: the payment terms of the payer, whoever bills
        term = term or partner.sudo().with_company(company).property_payment_term_id
        return not term.early_discount

    def _create_complete(self, moves, values):
        unsynced = moves.with_context(skip_invoice_sync=True, check_move_validity=False)
        created = unsynced.create([self._with_balances(moves, vals) for vals in values])
        created._add_meter_tax_lines()
        created._add_meter_term_lines()
        created = created.with_env(moves.env)
        # What Odoo's own creation ends with.
        with created._check_balanced({"records": created}):
            pass
        return created

    def _with_balances(self, moves, vals):
        """Return the values with the balances of the lines, in company currency."""
        sign = 1 if vals["move_type"] == "out_refund" else -1
        currency = moves.env.company.currency_id
        commands = []
        for command, record_id, line in vals["invoice_line_ids"]:
            if "quantity" in line:
                balance = sign * currency.round(line["quantity"] * line["price_unit"])
                line = {**line, "balance": balance, "amount_currency": balance}
            commands.append((command, record_id, line))
        return {**vals, "invoice_line_ids": commands}


class AccountMove(models.Model):
    _inherit = "account.move"

    def _add_meter_tax_lines(self):
        """Add the tax lines of these draft invoices, and the tags of their lines."""
        Tax = self.env["account.tax"]
        to_create, tagged = [], {}
        for move in self:
            company = move.company_id
            base_lines, _taxes = move._get_rounded_base_and_tax_lines(False)
            Tax._add_accounting_data_in_base_lines_tax_details(
                base_lines, company, include_caba_tags=move.always_tax_exigible
            )
            results = Tax._prepare_tax_lines(base_lines, company)
            for base_line, changes in results["base_lines_to_update"]:
                tags = changes.pop("tax_tag_ids", [Command.set([])])
                line = base_line["record"]
                if tags[0][2]:
                    tagged.setdefault(tuple(tags[0][2]), []).append(line.id)
                if any(line[name] != amount for name, amount in changes.items()):
                    line.write(changes)
            to_create += [
                {**values, "display_type": "tax", "move_id": move.id}
                for values in results["tax_lines_to_add"]
            ]
        Line = self.env["account.move.line"]
        for tag_ids, line_ids in tagged.items():
            Line.browse(line_ids).write({"tax_tag_ids": [Command.set(tag_ids)]})
        Line.create(to_create)

    def _add_meter_term_lines(self):
        """Add the lines of what is due when to these draft invoices."""
        needed = self._sync_dynamic_line_needed_values(self.mapped("needed_terms"))
        self.env["account.move.line"].create(
            [
                {**key, **values, "display_type": "payment_term"}
                for key, values in needed.items()
            ]
        )
