# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What each site bears of a charge, where a contract is invoiced by site.

Pages belong to the site where their device stands. Where devices of several sites
share included pages, tiers or a minimum, each site bears the part that the statement
shows for its meters; the parts add up to the charge to the cent.
"""

from fractions import Fraction

from odoo import api, fields, models

from ..rating.allocation import apportion, spread
from ..tools import to_decimal
from .meter_statement_invoice import InvoicePart


class MeterStatement(models.Model):
    _inherit = "meter.statement"

    def _get_invoice_parts(self, charges):
        """Split the charges of contracts that are invoiced by site."""
        if self.contract_id.invoice_grouping != "site":
            return super()._get_invoice_parts(charges)
        return [part for charge in charges for part in charge._split_by_site()]


class MeterStatementLine(models.Model):
    _inherit = "meter.statement.line"

    location_id = fields.Many2one(
        "res.partner",
        string="Site",
        compute="_compute_location_id",
        store=True,
        precompute=True,
        ondelete="restrict",
        help="Where the device stood when it was billed.",
    )

    @api.depends("device_id")
    def _compute_location_id(self):
        # A fact of the day of billing: not computed again when the device moves.
        for line in self:
            line.location_id = line.device_id.location_id


class MeterStatementCharge(models.Model):
    _inherit = "meter.statement.charge"

    def _split_by_site(self):
        """Return an :class:`InvoicePart` for each site that bears some of this line.

        What no meter causes, such as a fixed amount, is one part without a site.
        """
        self.ensure_one()
        sites = self._get_meter_lines().grouped("location_id")
        if not sites:
            return [InvoicePart(self, self.amount, self.quantity)]
        at_one_price = self.kind == "usage"
        quantities = [
            sum(map(to_decimal, lines.mapped("billable"))) for lines in sites.values()
        ]
        amounts = [
            sum(map(to_decimal, lines.mapped("amount"))) for lines in sites.values()
        ]
        weights = quantities if at_one_price and any(quantities) else amounts
        total = to_decimal(self.amount)
        parts = apportion(
            total,
            spread(Fraction(total), [Fraction(weight) for weight in weights]),
            to_decimal(self.currency_id.rounding).normalize(),
        )
        return [
            InvoicePart(self, float(amount), float(quantity), site)
            for site, amount, quantity in zip(sites, parts, quantities, strict=True)
            if amount or quantity
        ]

    def _get_meter_lines(self):
        """On the invoice of a site, only the meters there."""
        lines = super()._get_meter_lines()
        if site_id := self.env.context.get("meter_site_id"):
            lines = lines.filtered(lambda line: line.location_id.id == site_id)
        return lines
