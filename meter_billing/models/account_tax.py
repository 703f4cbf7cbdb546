# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class AccountTax(models.Model):
    _inherit = "account.tax"

    @api.model
    def _add_tax_details_in_base_line(self, base_line, company, rounding_method=None):
        """Compute the lines of a statement from their rounded amounts before tax.

        Odoo's default is to round the sum of the exact lines. Prices of fractions of a
        cent then make the total differ from the lines above it, and from the statement.
        A contract's prices are before tax, also where a tax is included in the prices
        of products: it comes on top of what the statement says.
        """
        if not self._is_statement_line(base_line):
            return super()._add_tax_details_in_base_line(
                base_line, company, rounding_method
            )
        quantity = base_line["quantity"]
        price = base_line["price_unit"] * (1 - base_line["discount"] / 100.0)
        amount = base_line["currency_id"].round(price * quantity)
        # Only what taxes are computed from: the line keeps its price. The quantity
        # stays, for taxes on each page.
        price = amount / quantity if quantity else price
        rounded = dict(
            base_line,
            price_unit=price,
            discount=0.0,
            special_mode=base_line["special_mode"] or "total_excluded",
        )
        result = super()._add_tax_details_in_base_line(
            rounded, company, rounding_method
        )
        base_line["tax_details"] = rounded["tax_details"]
        return result

    @api.model
    def _is_statement_line(self, base_line):
        """Tell whether a base line bills a statement."""
        record = base_line.get("record")
        return (
            isinstance(record, models.Model)
            and record._name == "account.move.line"
            and bool(record.meter_statement_charge_id)
        )
