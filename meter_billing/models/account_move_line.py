# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    meter_statement_charge_id = fields.Many2one(
        "meter.statement.charge",
        string="Statement Charge",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    meter_site_id = fields.Many2one(
        "res.partner",
        string="Site",
        copy=False,
        readonly=True,
        ondelete="restrict",
        help="Where the devices stand whose pages the line charges. Empty: everywhere.",
    )

    def _copy_data_extend_business_fields(self, values):
        """Keep the statement on credit and debit notes, not on plain duplicates.

        A credit note is about the same pages as its invoice, so that the statement
        shows both. A duplicated invoice bills nothing that was read.
        """
        result = super()._copy_data_extend_business_fields(values)
        values["meter_statement_charge_id"] = self.meter_statement_charge_id.id
        values["meter_site_id"] = self.meter_site_id.id
        return result
