# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_round, format_date

from ..fields import ClickPrice
from ..tools import format_exact, to_decimal

# A customer reads a handful of meters in the line itself; more are in the annex.
READINGS_IN_LINE_TEXT = 4
# Lines of one amount, not of so many pages or periods at a price.
AMOUNT_KINDS = ("minimum", "maximum")


class MeterStatement(models.Model):
    _inherit = "meter.statement"

    @api.model
    def _prepare_charges(self, period, result):
        """Return the values of the charge lines of a rated period.

        :param BillingPeriod period: the period that was rated
        :param rating.Result result: what it came to
        """
        records = {charge._get_rating_code(): charge for charge in period.charges}
        invoice_address = period.contract.partner_invoice_id
        return [
            {
                "period_start": period.start,
                "period_end": period.end,
                "corrected_statement_id": (period.statement or self).id,
                "charge_id": records[line.charge].id,
                "kind": line.kind,
                "tier": line.tier or 0,
                "partner_id": line.payer or invoice_address.id,
                "quantity": float(line.quantity),
                "price_unit": float(line.price),
                "amount": float(line.amount),
                "used": float(result.charges[line.charge].billed_quantity),
                "included": float(result.charges[line.charge].included),
            }
            for line in result.lines
        ]

    @api.model
    def _get_charge_differences(self, booked, rated, period):
        """Return what is to be charged so that a billed period comes to what it should.

        Who pays a charge by default is who does so now: a customer that moved gets the
        difference at its new address, and nothing is billed to it again.

        :param booked: (meter lines, charge lines) of the period until now
        :param rated: values of its charge lines as it is rated now
        :param BillingPeriod period: the period that was rated again
        :return: values of charge lines, each the difference at one price
        """
        _lines, charges = booked
        steps = {}
        for values in rated:
            step = steps.setdefault(_step_key(values), [values, Decimal(0), Decimal(0)])
            step[1] += to_decimal(values["quantity"])
            step[2] += to_decimal(values["amount"])
        for charge in charges:
            values = {
                name: charge[name]
                for name in ("kind", "tier", "price_unit", "used", "included")
            }
            values.update(
                charge_id=charge.charge_id.id, partner_id=charge.partner_id.id
            )
            step = steps.setdefault(_step_key(values), [values, Decimal(0), Decimal(0)])
            step[1] -= to_decimal(charge.quantity)
            step[2] -= to_decimal(charge.amount)
        about = {
            "period_start": period.start,
            "period_end": period.end,
            "corrected_statement_id": period.statement.id,
        }
        differences = []
        for values, quantity, amount in steps.values():
            price = values["price_unit"]
            if values["kind"] in AMOUNT_KINDS:
                # Once what it differs by, not another number of minimums.
                quantity, price = (amount > 0) - (amount < 0), float(abs(amount))
            if quantity or amount:
                differences.append(
                    {
                        **values,
                        **about,
                        "quantity": float(quantity),
                        "price_unit": price,
                        "amount": float(amount),
                    }
                )
        return differences


def _step_key(values):
    return (
        values["charge_id"],
        values["kind"],
        values["tier"],
        # Amounts of minimums differ each time: they are one step all the same.
        0 if values["kind"] in AMOUNT_KINDS else values["price_unit"],
    )


class MeterStatementCharge(models.Model):
    """A line of a statement as it goes onto the invoice."""

    _name = "meter.statement.charge"
    _description = "Statement Charge"
    _order = "statement_id, sequence, id"

    statement_id = fields.Many2one(
        "meter.statement", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="statement_id.company_id", store=True)
    currency_id = fields.Many2one(related="statement_id.currency_id")
    contract_id = fields.Many2one(related="statement_id.contract_id", store=True)
    period_start = fields.Date(required=True)
    period_end = fields.Date(required=True)
    corrected_statement_id = fields.Many2one(
        "meter.statement",
        string="Corrects",
        index="btree_not_null",
        help="The statement whose period this corrects.",
    )
    sequence = fields.Integer()
    charge_id = fields.Many2one(
        "meter.contract.charge", required=True, index=True, ondelete="restrict"
    )
    kind = fields.Selection(
        [
            ("usage", "Pages"),
            ("tier", "Pages in a tier"),
            ("flat", "Flat fee of a tier"),
            ("package", "Packages"),
            ("shortfall", "Pages short of the minimum"),
            ("clawback", "Shortfall taken back"),
            ("prepaid", "Prepaid pages"),
            ("fixed", "Fixed amount"),
            ("minimum", "Minimum amount"),
            ("maximum", "Maximum amount"),
        ],
        required=True,
    )
    tier = fields.Integer()
    partner_id = fields.Many2one(
        "res.partner", string="Billed to", required=True, ondelete="restrict"
    )
    used = fields.Float(
        digits=(16, 6), help="Weighted pages that the whole charge bills."
    )
    included = fields.Float(
        digits=(16, 6), help="Pages of them that the allowance covers."
    )
    quantity = fields.Float(digits=(16, 6))
    price_unit = ClickPrice(string="Price")
    amount = fields.Monetary(help="Without tax.")
    move_line_ids = fields.One2many(
        "account.move.line",
        "meter_statement_charge_id",
        string="Invoice Lines",
        groups="account.group_account_readonly,account.group_account_invoice",
    )

    _booked_idx = models.Index("(contract_id, period_end)")

    @api.model_create_multi
    def create(self, vals_list):
        self.env["meter.statement"]._check_booking()
        return super().create(vals_list)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("A statement stays as it was charged."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A statement is never deleted."))

    # === Invoice line === #

    def _prepare_invoice_line(self, sign, part):
        """Return the values of the invoice line. Meant to be extended.

        :param int sign: -1 on a credit note
        :param InvoicePart part: what of this line goes onto that invoice
        """
        self.ensure_one()
        charge = self
        if part.site:
            charge = self.with_context(meter_site_id=part.site.id)
        values = {
            "product_id": self.charge_id.product_id.id,
            "name": charge._get_invoice_text(),
            "quantity": sign * part.quantity,
            "price_unit": self.price_unit,
            "meter_statement_charge_id": self.id,
            "meter_site_id": part.site.id if part.site else False,
        }
        if not self._is_exact_on_invoice(part):
            values.update(quantity=sign, price_unit=part.amount)
        return values

    def _is_exact_on_invoice(self, part):
        """Tell whether Odoo's own quantity x price comes to the amount of a part.

        Odoo rounds quantities (two decimals by default), and rounds the product half
        away from zero. Weighted or prorated pages can have more decimals.
        """
        precision = self.env["decimal.precision"].precision_get("Product Unit")
        rounded = float_round(part.quantity, precision_digits=precision)
        return self.currency_id.compare_amounts(
            self.currency_id.round(rounded * self.price_unit), part.amount
        ) == 0 and to_decimal(rounded) == to_decimal(part.quantity)

    def _get_invoice_text(self):
        """Return the text of the invoice line: what, period, readings."""
        self.ensure_one()
        period = self._get_period_label()
        if self.corrected_statement_id:
            period = self.env._("Correction of %(period)s", period=period)
        parts = [self._get_title(), period]
        if self.kind in ("usage", "tier", "package", "prepaid") and self.tier <= 1:
            parts += self._get_readings_text()
        return "\n".join(parts)

    def _get_period_label(self):
        """Return the period that was charged as a text."""
        self.ensure_one()
        start, end = self.period_start, self.period_end
        return f"{format_date(self.env, start)} – {format_date(self.env, end)}"

    def _format_number(self, field_name):
        """Return a number of this line as its language writes it, no zeros added.

        :param str field_name: a quantity or the price
        """
        min_digits = 2 if field_name == "price_unit" else 0
        return format_exact(self.env, self[field_name], min_digits)

    def _get_title(self):
        """Return the charge's name with what this line of it is."""
        _ = self.env._
        name = self.charge_id.name
        if self.kind == "tier":
            return _("%(charge)s, tier %(tier)s", charge=name, tier=self.tier)
        if self.kind == "flat":
            return _(
                "%(charge)s, flat fee of tier %(tier)s", charge=name, tier=self.tier
            )
        if self.kind == "package":
            return _(
                "%(charge)s, packages of %(size)s pages",
                charge=name,
                size=format_exact(self.env, self.charge_id.package_size),
            )
        titles = {
            "shortfall": _("%(charge)s, pages short of the minimum", charge=name),
            "clawback": _("%(charge)s, shortfall taken back", charge=name),
            "prepaid": _("%(charge)s, prepaid pages", charge=name),
        }
        return titles.get(self.kind, name)

    def _get_standing_lines(self):
        """Return the invoice lines of these charges that are not cancelled."""
        # sudo: that it is invoiced counts, whoever may see the invoice
        return self.sudo().move_line_ids.filtered(
            lambda line: line.parent_state != "cancel"
        )

    def _get_meter_lines(self):
        """Return the meter lines that this line charges. Meant to be extended."""
        self.ensure_one()
        return self.statement_id.line_ids.filtered(
            lambda line: (
                line.charge_id == self.charge_id and line.period_end == self.period_end
            )
        )

    def _get_readings_text(self):
        """Return the lines of text that show the readings, or point to the annex."""
        _ = self.env._
        lines = self._get_meter_lines().filtered(
            lambda line: line.pages or not self.corrected_statement_id
        )
        if len(lines) > READINGS_IN_LINE_TEXT:
            texts = [_("%(count)s meters, see the annex of readings", count=len(lines))]
        else:
            texts = [line._get_reading_text() for line in lines]
        is_whole = not self.env.context.get("meter_site_id")
        if self.included and is_whole and not self.corrected_statement_id:
            texts.append(
                _(
                    "%(used)s pages, of which %(included)s included",
                    used=format_exact(self.env, self.used),
                    included=format_exact(self.env, self.included),
                )
            )
        return texts
