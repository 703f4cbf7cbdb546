# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Charges that were billed stay as they are; other prices are a new version.

A late reading rates a billed period again, and must find the terms that it was billed
with. So what a billed charge says is never edited: a successor takes over from a period
that is not charged yet.
"""

from dataclasses import dataclass
from math import lcm

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL, format_date

# What a charge comes to in a period depends on these.
TERMS_OF_A_CHARGE = {
    "contract_id",
    "kind",
    "payer_id",
    "every",
    "date_from",
    "meter_type_ids",
    "pricing",
    "price",
    "package_size",
    "tier_ids",
    "pooling",
    "included",
    "carry_over_periods",
    "minimum_quantity",
    "minimum_price",
    "clawback_periods",
    "prepaid_block",
    "prepaid_price",
    "prepaid_opening",
    "prepaid_expires",
    "prepaid_expires_periods",
    "amount",
    "per",
    "timing",
    "covered_charge_ids",
    "place_ids",
}


@dataclass(frozen=True)
class Price:
    """One price that a charge says, of the charge itself or of one of its tiers."""

    charge: models.Model
    tier: models.Model
    field_name: str

    @property
    def value(self):
        return (self.tier or self.charge)[self.field_name]

    @property
    def is_amount(self):
        """Whether it is money to pay, not a price per page."""
        return self.field_name in ("amount", "flat")


class MeterContractCharge(models.Model):
    _inherit = "meter.contract.charge"

    next_ids = fields.One2many(
        "meter.contract.charge", "previous_id", string="Replaced by", readonly=True
    )

    # A range of one element needs no extension for equality in a gist index.
    _one_version_a_day = models.Constraint(
        "EXCLUDE USING gist (int4range(root_id, root_id, '[]') WITH &&, "
        "daterange(date_from, date_to, '[]') WITH &&) "
        "WHERE (root_id IS NOT NULL AND (date_to IS NULL OR date_from IS NULL "
        "OR date_to >= date_from))",
        "Two versions of a charge apply on the same day.",
    )

    # === What is billed === #

    def _get_billed(self):
        """Return those of these charges that a standing statement was rated with.

        A charge in advance was rated with as soon as the period before it was billed.
        """
        stored = self.filtered("id")
        if not stored:
            return stored
        self.flush_model(["contract_id", "date_from", "date_to", "timing", "kind"])
        self.env["meter.statement"].flush_model(
            ["contract_id", "state", "kind", "date_from", "date_to"]
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT charge.id
                  FROM meter_contract_charge charge
                 WHERE charge.id = ANY(%(ids)s)
                   AND EXISTS (
                        SELECT FROM meter_statement statement
                         WHERE statement.contract_id = charge.contract_id
                           AND statement.state = 'confirmed'
                           AND statement.kind = 'period'
                           AND (charge.date_to IS NULL
                                OR charge.date_to >= statement.date_from)
                           AND (charge.date_from IS NULL
                                OR charge.date_from <= statement.date_from
                                OR (charge.kind = 'fixed'
                                    AND charge.timing = 'advance'
                                    AND charge.date_from <= statement.date_to + 1)))
                """,
                ids=stored.ids,
            )
        )
        return self.browse(row[0] for row in rows)

    def _compute_has_statements(self):
        billed = self._origin._get_billed()
        for charge in self:
            charge.has_statements = charge._origin in billed

    def _check_terms_stay(self, names):
        """Raise where one of these charges was billed: its terms stay as they are.

        :param names: the fields that would change
        """
        self.contract_id._touch()
        for charge in self._get_billed():
            raise UserError(
                self.env._(
                    "Charge %(charge)s of %(contract)s has been billed: “%(field)s” "
                    "stays as it was billed. Use Revise Prices, or New Version on the "
                    "charge, to change it for coming periods.",
                    charge=charge.name,
                    contract=charge.contract_id.name,
                    field=self._fields[min(names)]._description_string(self.env),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Let a charge that joins a billed contract begin with its next period."""
        for vals in vals_list:
            contract = self.env["meter.contract"].browse(vals.get("contract_id"))
            if not contract.billed_through:
                continue
            first = fields.Date.add(contract.billed_through, days=1)
            given = fields.Date.to_date(vals.get("date_from"))
            if given and given < first:
                raise UserError(
                    self.env._(
                        "%(contract)s has been billed to %(last)s: a new charge can "
                        "apply from %(first)s on.",
                        contract=contract.name,
                        last=format_date(self.env, contract.billed_through),
                        first=format_date(self.env, first),
                    )
                )
            vals["date_from"] = given or first
        charges = super().create(vals_list)
        charges.contract_id._touch()
        return charges

    def write(self, vals):
        names = TERMS_OF_A_CHARGE & set(vals)
        if names:
            changing = self.filtered(lambda charge: charge._would_change(vals, names))
            changing._check_terms_stay(names)
        if "date_to" in vals:
            self._check_date_to(fields.Date.to_date(vals["date_to"]))
        return super().write(vals)

    def _would_change(self, vals, names):
        """Tell whether writing these values changes any of these fields."""
        self.ensure_one()
        for name in names:
            field = self._fields[name]
            if field.type == "one2many":
                return any(command[0] != Command.LINK for command in vals[name])
            if field.type == "many2many":
                new = self.new({name: vals[name]}, origin=self)[name]._origin
                if new != self[name]:
                    return True
                continue
            new = field.convert_to_cache(vals[name], self)
            if new != field.convert_to_cache(self[name], self):
                return True
        return False

    def _check_date_to(self, last_day):
        """Raise where a charge would end before what it was billed for."""
        self.contract_id._touch()
        for charge in self._get_billed():
            billed = charge.contract_id.billed_through
            was_over = charge.date_to and charge.date_to < billed
            if was_over and last_day != charge.date_to:
                charge._check_terms_stay({"date_to"})
            if last_day and last_day < billed and not was_over:
                raise UserError(
                    self.env._(
                        "Charge %(charge)s of %(contract)s has been billed to "
                        "%(last)s: it cannot end before that.",
                        charge=charge.name,
                        contract=charge.contract_id.name,
                        last=format_date(self.env, billed),
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        self.contract_id._touch()
        for charge in self._get_billed():
            raise UserError(
                self.env._(
                    "Charge %(charge)s of %(contract)s has been billed and stays. Give "
                    "it a last day instead.",
                    charge=charge.name,
                    contract=charge.contract_id.name,
                )
            )

    def unlink(self):
        """Delete charges; the version before one goes on in its stead."""
        ends = {charge.previous_id: charge.date_to for charge in self - self.next_ids}
        result = super().unlink()
        for previous, last_day in ends.items():
            if previous.exists():
                previous.date_to = last_day
        return result

    # === New versions === #

    def _get_prices(self):
        """Return each :class:`Price` that this charge uses."""
        self.ensure_one()
        no_tier = self.tier_ids.browse()
        if self.kind != "usage":
            return [Price(self, no_tier, "amount")]
        prices = []
        if self.prepaid_block:
            prices.append(Price(self, no_tier, "prepaid_price"))
        elif self.pricing in ("graduated", "volume"):
            for tier in self.tier_ids:
                prices.append(Price(self, tier, "price"))
                if tier.flat:
                    prices.append(Price(self, tier, "flat"))
        else:
            prices.append(Price(self, no_tier, "price"))
        if self.minimum_quantity:
            prices.append(Price(self, no_tier, "minimum_price"))
        return prices

    def _get_last_version(self):
        """Return the version of this charge that no other one replaces."""
        self.ensure_one()
        return self.next_ids._get_last_version() if self.next_ids else self

    def _get_next_start(self, day):
        """Return from when on other terms can apply, ``day`` or the first after it.

        What was billed, in advance or with its period, is never priced again. A charge
        of several periods, and a minimum of such, changes with its next round.
        """
        self.ensure_one()
        contract = self.contract_id
        rounds = lcm(*(self | self.covered_charge_ids).mapped("every"))
        in_advance = self.kind == "fixed" and self.timing == "advance"
        if rounds == 1 and not in_advance:
            return day
        billed = contract._get_billed_period_count() // rounds
        # In advance, the round after those that are billed is charged as well.
        number = billed + 1 if in_advance and billed else billed
        while (start := contract._get_period_start(number * rounds)) < day:
            number += 1
        return start

    def _add_version(self, day, values=None):
        """Let a successor take over from this charge.

        :param date day: its first day, see :meth:`_get_next_start`
        :param dict values: what is other in it
        :return: the successor
        """
        self.ensure_one()
        last_day = self.date_to
        self.date_to = fields.Date.subtract(day, days=1)
        # The database compares with the days that are stored: store them first.
        self.flush_recordset(["date_from", "date_to", "root_id"])
        return self.copy(
            {
                "contract_id": self.contract_id.id,
                "previous_id": self.id,
                "date_from": day,
                "date_to": last_day,
                "covered_charge_ids": [Command.set(self.covered_charge_ids.ids)],
                "place_ids": [Command.set(self.place_ids.ids)],
                **(values or {}),
            }
        )

    def action_new_version(self):
        """Open a successor that applies to what is not billed yet.

        :raises UserError: there is a later version already
        """
        self.ensure_one()
        if self.next_ids:
            raise UserError(
                self.env._(
                    "%(charge)s has a version from %(date)s on already.",
                    charge=self.name,
                    date=format_date(self.env, self.next_ids[:1].date_from),
                )
            )
        first = self.contract_id._get_first_open_day()
        return self._add_version(self._get_next_start(first)).get_formview_action()


class MeterContract(models.Model):
    _inherit = "meter.contract"

    current_charge_ids = fields.One2many(
        "meter.contract.charge",
        "contract_id",
        string="Charges in Force",
        domain=["|", ("date_to", "=", False), ("date_to", ">=", "today")],
    )
    has_past_charges = fields.Boolean(compute="_compute_has_past_charges")

    @api.depends("charge_ids.date_to")
    def _compute_has_past_charges(self):
        for contract in self:
            today = contract.company_id._meter_today()
            contract.has_past_charges = any(
                last_day and last_day < today
                for last_day in contract.charge_ids.mapped("date_to")
            )

    def copy(self, default=None):
        """Duplicate contracts: each charge once, with what it says at last."""
        copies = super().copy(default)
        for contract, duplicate in zip(self, copies, strict=True):
            twins = dict(zip(contract.charge_ids, duplicate.charge_ids, strict=True))
            for charge, twin in twins.items():
                if covered := charge.covered_charge_ids:
                    last = [twins[one._get_last_version()].id for one in covered]
                    twin.covered_charge_ids = [Command.set(last)]
            for position, charge in enumerate(contract.charge_ids.sorted(), start=1):
                twins[charge].sequence = position
            replaced = contract.charge_ids.filtered("next_ids")
            replaced.browse(twins[charge].id for charge in replaced).unlink()
        return copies

    def _get_billed_period_count(self):
        """Return how many calendar periods are billed."""
        self.ensure_one()
        count = 0
        while (
            self.billed_through and self._get_period_end(count) <= self.billed_through
        ):
            count += 1
        return count

    def _get_first_open_day(self):
        """Return the first day that other prices can apply to."""
        self.ensure_one()
        return fields.Date.add(self.billed_through or self.date_start, days=1)

    def action_view_charge_versions(self):
        """Open all charges of this contract, those that are over included."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_contract_charge"
        )
        action["domain"] = [("contract_id", "=", self.id)]
        return action

    def action_revise_prices(self):
        """Open the wizard that gives these contracts new prices."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Revise Prices"),
            "res_model": "meter.price.revision",
            "view_mode": "form",
            "target": "new",
            "context": {"default_contract_ids": self.ids},
        }


class MeterContractChargeTier(models.Model):
    _inherit = "meter.contract.charge.tier"

    @api.model_create_multi
    def create(self, vals_list):
        charges = self.env["meter.contract.charge"].browse(
            vals["charge_id"] for vals in vals_list if vals.get("charge_id")
        )
        charges._check_terms_stay({"tier_ids"})
        return super().create(vals_list)

    def write(self, vals):
        if {"up_to", "price", "flat", "charge_id"} & set(vals):
            self.charge_id._check_terms_stay({"tier_ids"})
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        self.charge_id._check_terms_stay({"tier_ids"})
