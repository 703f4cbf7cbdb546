# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal
from fractions import Fraction

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..fields import ClickPrice
from ..rating import round_half_up
from ..tools import format_exact, to_decimal


class MeterPriceRevision(models.TransientModel):
    """New prices for contracts from a day on: by percent, then edited one by one."""

    _name = "meter.price.revision"
    _description = "Revise Prices"

    contract_ids = fields.Many2many("meter.contract", required=True, readonly=True)
    contract_count = fields.Integer(compute="_compute_contract_count")
    date_from = fields.Date(
        string="Effective from",
        compute="_compute_date_from",
        store=True,
        readonly=False,
        help="The new prices apply to periods that begin on this day or later. Periods "
        "that are billed stay as they are.",
    )
    percent = ClickPrice(string="Change in Percent", help="Negative: prices go down.")
    decimals = fields.Integer(
        string="Decimals of Prices",
        default=6,
        required=True,
        help="New prices per page are rounded half-up to 1 to 6 decimals. Amounts are "
        "rounded to the currency.",
    )
    revise_pages = fields.Boolean(string="Prices of Pages", default=True)
    revise_fixed = fields.Boolean(string="Fixed Amounts", default=True)
    revise_limits = fields.Boolean(string="Minimum and Maximum Amounts", default=True)
    line_ids = fields.One2many(
        "meter.price.revision.line",
        "revision_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )

    _decimals_range = models.Constraint(
        "CHECK (decimals BETWEEN 1 AND 6)", "Choose 1 to 6 decimals."
    )
    _not_below_nothing = models.Constraint(
        "CHECK (percent >= -100)", "Prices cannot fall by more than 100 percent."
    )

    @api.depends("contract_ids")
    def _compute_contract_count(self):
        for revision in self:
            revision.contract_count = len(revision.contract_ids)

    @api.depends("contract_ids")
    def _compute_date_from(self):
        for revision in self:
            days = [
                contract._origin._get_first_open_day()
                for contract in revision.contract_ids
            ]
            revision.date_from = max(days, default=False)

    @api.depends(
        "contract_ids",
        "date_from",
        "percent",
        "decimals",
        "revise_pages",
        "revise_fixed",
        "revise_limits",
    )
    def _compute_line_ids(self):
        for revision in self:
            revision.line_ids = [Command.clear()] + [
                Command.create(
                    {
                        "charge_id": price.charge.id,
                        "tier_id": price.tier.id,
                        "field_name": price.field_name,
                        "new_value": revision._get_new_value(price),
                    }
                )
                for charge in revision._get_charges()
                for price in charge._get_prices()
            ]

    def _get_charges(self):
        """Return the charges that are in force on the day and to be revised."""
        chosen = {
            "usage": self.revise_pages,
            "fixed": self.revise_fixed,
            "minimum_amount": self.revise_limits,
            "maximum_amount": self.revise_limits,
        }
        charges = self.env["meter.contract.charge"]
        if self.date_from:
            for contract in self.contract_ids._origin:
                charges |= contract._get_charges(self.date_from)
        return charges.filtered(lambda charge: chosen[charge.kind])

    def _get_new_value(self, price):
        """Return a price changed by the percentage, rounded half-up."""
        factor = 1 + Fraction(to_decimal(self.percent)) / 100
        new = Fraction(to_decimal(price.value)) * factor
        if price.is_amount:
            unit = to_decimal(price.charge.currency_id.rounding).normalize()
        else:
            unit = Decimal(1).scaleb(-min(max(self.decimals, 1), 6))
        return float(round_half_up(new, unit))

    def action_confirm(self):
        """Let new versions of the charges take over, in all contracts or in none.

        :raises UserError: a contract that is billed beyond the day, or that has other
            prices from a later day on
        """
        self.ensure_one()
        self.contract_ids.check_access("write")
        changed = self._get_changed_lines()
        if not changed:
            raise UserError(
                self.env._("No price changes: enter a percentage or new prices.")
            )
        for contract in self.contract_ids:
            self._check_contract(contract, changed.charge_id)
        for charge, lines in changed.grouped("charge_id").items():
            lines._apply(charge._get_next_start(self.date_from))
        for contract, lines in changed.grouped(
            lambda line: line.charge_id.contract_id
        ).items():
            contract.message_post(body=lines._get_log())
        return {"type": "ir.actions.act_window_close"}

    def _get_changed_lines(self):
        """Return the lines whose price becomes another one."""
        return self.line_ids.filtered(lambda line: line.new_value != line.old_value)

    def _check_contract(self, contract, charges):
        """Raise where prices would be retroactive, or others are planned already."""
        if contract.state == "closed":
            raise UserError(
                self.env._("%(contract)s is closed.", contract=contract.name)
            )
        first = contract._get_first_open_day()
        if self.date_from < first:
            raise UserError(
                self.env._(
                    "%(contract)s: new prices can apply from %(first)s on, not from "
                    "%(date)s. What is billed stays as it is.",
                    contract=contract.name,
                    first=format_date(self.env, first),
                    date=format_date(self.env, self.date_from),
                )
            )
        for charge in charges.filtered(lambda c: c.contract_id == contract):
            later = charge.next_ids or charge
            if later.date_from and later.date_from >= self.date_from:
                raise UserError(
                    self.env._(
                        "%(contract)s: %(charge)s has new prices from %(date)s on "
                        "already. Change those, or choose a later day.",
                        contract=contract.name,
                        charge=charge.name,
                        date=format_date(self.env, later.date_from),
                    )
                )


class MeterPriceRevisionLine(models.TransientModel):
    _name = "meter.price.revision.line"
    _description = "New Price of a Charge"

    revision_id = fields.Many2one(
        "meter.price.revision", required=True, ondelete="cascade"
    )
    charge_id = fields.Many2one(
        "meter.contract.charge", required=True, readonly=True, ondelete="cascade"
    )
    contract_id = fields.Many2one(related="charge_id.contract_id")
    tier_id = fields.Many2one(
        "meter.contract.charge.tier", readonly=True, ondelete="cascade"
    )
    field_name = fields.Char(required=True, readonly=True)
    label = fields.Char(compute="_compute_label", string="What")
    date_from = fields.Date(
        compute="_compute_date_from",
        string="From",
        help="A charge in advance, or of several periods, changes with the first one "
        "that is not charged yet.",
    )
    old_value = ClickPrice(compute="_compute_old_value", string="Old Price")
    new_value = ClickPrice(string="New Price", required=True)

    _not_negative = models.Constraint(
        "CHECK (field_name = 'amount' OR new_value >= 0)",
        "A price per page cannot be negative.",
    )

    @api.depends("charge_id", "tier_id", "field_name")
    def _compute_label(self):
        for line in self:
            field = (line.tier_id or line.charge_id)._fields.get(line.field_name)
            label = field._description_string(self.env) if field else ""
            if line.tier_id.up_to:
                label = self.env._(
                    "%(price)s up to %(pages)s", price=label, pages=line.tier_id.up_to
                )
            elif line.tier_id:
                label = self.env._("%(price)s, last tier", price=label)
            line.label = label

    @api.depends("charge_id", "tier_id", "field_name")
    def _compute_old_value(self):
        for line in self:
            record = line.tier_id or line.charge_id
            line.old_value = record[line.field_name] if line.field_name else 0

    @api.depends("charge_id", "revision_id.date_from")
    def _compute_date_from(self):
        for line in self:
            day = line.revision_id.date_from
            line.date_from = day and line.charge_id._get_next_start(day)

    def _apply(self, day):
        """Let a version of the charge with these prices take over.

        :param date day: its first day
        """
        charge = self.charge_id.ensure_one()
        values = {line.field_name: line.new_value for line in self if not line.tier_id}
        by_tier = self.filtered("tier_id").grouped("tier_id")
        if by_tier:
            values["tier_ids"] = [
                Command.create(
                    {
                        "up_to": tier.up_to,
                        "price": tier.price,
                        "flat": tier.flat,
                        **{
                            line.field_name: line.new_value
                            for line in by_tier.get(tier, self.browse())
                        },
                    }
                )
                for tier in charge.tier_ids
            ]
        charge._add_version(day, values)

    def _get_log(self):
        """Return what changes in words, for the contract's history."""
        lines = [
            self.env._(
                "%(charge)s, %(what)s: %(old)s → %(new)s from %(date)s",
                charge=line.charge_id.name,
                what=line.label,
                old=format_exact(self.env, line.old_value, min_digits=2),
                new=format_exact(self.env, line.new_value, min_digits=2),
                date=format_date(self.env, line.date_from),
            )
            for line in self
        ]
        return Markup("<br/>").join([self.env._("Prices revised:"), *lines])
