# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From contract records to the plain terms that the rating engine takes."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import rating
from ..tools import to_decimal


class MeterContract(models.Model):
    _inherit = "meter.contract"

    @api.model
    def _set_terms(self, chains):
        """Give each period the charges in force at its start, as the engine's terms.

        :param chains: lists of BillingPeriod
        :raises UserError: a contract whose terms cannot be rated, with the reason
        """
        terms = {}
        meter_types = self._get_rating_types()
        for period in (period for chain in chains for period in chain):
            period.charges = period.contract._get_charges(period.start)
            next_day = fields.Date.add(period.end, days=1)
            charges_ahead = period.contract._get_charges(next_day)
            key = (period.contract, period.charges, charges_ahead)
            if key not in terms:
                terms[key] = period.contract._get_rating_terms(
                    period.charges, meter_types, charges_ahead
                )
            period.terms = terms[key]

    @api.model
    def _get_rating_types(self):
        """Return all meter types as the engine knows them."""
        meter_types = self.env["meter.type"].with_context(active_test=False).search([])
        return tuple(meter_type._prepare_rating_type() for meter_type in meter_types)

    def _get_rating_terms(self, charges, meter_types, charges_ahead=None):
        """Return charges of this contract as rating.Terms.

        Charges are known to the engine by the id of their first version as text, meter
        types by their code, payers by their partner id (None: the invoice address).

        :param charges_ahead: the charges of the period after (None: the same)
        :raises UserError: the terms cannot be rated, with the reason
        """
        self.ensure_one()
        try:
            return rating.Terms(
                meter_types=meter_types,
                charges=tuple(
                    charge._prepare_rating_charge(
                        charges, charges if charges_ahead is None else charges_ahead
                    )
                    for charge in charges
                ),
                rounding=to_decimal(self.currency_id.rounding).normalize(),
            )
        except rating.TermsError as error:
            reason = str(error)
            for charge in charges:
                reason = reason.replace(
                    f"charge {charge._get_rating_code()}:", f"{charge.name}:"
                )
            raise UserError(
                self.env._(
                    "%(contract)s cannot be billed: %(reason)s",
                    contract=self.name,
                    reason=reason,
                )
            ) from error


class MeterType(models.Model):
    _inherit = "meter.type"

    def _prepare_rating_type(self):
        """Return this meter type as the engine knows it."""
        return rating.MeterType(
            code=self.code,
            weight=to_decimal(self.weight).normalize(),
            add=tuple(self.add_type_ids.mapped("code")),
            subtract=tuple(self.subtract_type_ids.mapped("code")),
        )


class MeterContractCharge(models.Model):
    _inherit = "meter.contract.charge"

    def _get_rating_code(self):
        """Return what the engine knows the charge by, in all its versions."""
        return str(self.root_id.id)

    def _prepare_rating_charge(self, charges, charges_ahead):
        """Return this charge as the engine knows it.

        :param charges: the charges that it is rated with
        :param charges_ahead: those of the period after
        """
        self.ensure_one()
        prepare = {
            "usage": self._prepare_rating_usage,
            "fixed": self._prepare_rating_fixed,
            "minimum_amount": self._prepare_rating_minimum,
            "maximum_amount": self._prepare_rating_maximum,
        }
        return prepare[self.kind](charges, charges_ahead)

    def _prepare_rating_usage(self, _charges, _charges_ahead):
        minimum = prepaid = None
        if self.minimum_quantity:
            minimum = rating.Minimum(
                quantity=Decimal(self.minimum_quantity),
                price=to_decimal(self.minimum_price),
                clawback_periods=self.clawback_periods,
            )
        if self.prepaid_block:
            prepaid = rating.Prepaid(
                block=Decimal(self.prepaid_block),
                price=to_decimal(self.prepaid_price),
                opening_balance=Decimal(self.prepaid_opening),
                expires_periods=(
                    self.prepaid_expires_periods if self.prepaid_expires else None
                ),
            )
        return rating.UsageCharge(
            code=self._get_rating_code(),
            meters=tuple(self.meter_type_ids.mapped("code")),
            pricing=self._prepare_rating_pricing(),
            pool=self.pooling,
            included=Decimal(self.included),
            carry_over_periods=self.carry_over_periods,
            minimum=minimum,
            prepaid=prepaid,
            every=self.every,
            payer=self.payer_id.id or None,
            places=self._get_rating_places(),
        )

    def _prepare_rating_pricing(self):
        if self.pricing == "per_unit":
            return rating.PerUnit(to_decimal(self.price))
        if self.pricing == "package":
            return rating.Package(Decimal(self.package_size), to_decimal(self.price))
        tiers = tuple(
            rating.Tier(
                up_to=Decimal(tier.up_to) if tier.up_to else None,
                price=to_decimal(tier.price),
                flat=to_decimal(tier.flat),
            )
            for tier in self.tier_ids.sorted(lambda t: (t.is_last, t.up_to))
        )
        model = rating.Graduated if self.pricing == "graduated" else rating.Volume
        return model(tiers)

    def _prepare_rating_fixed(self, _charges, charges_ahead):
        ahead = charges_ahead.filtered(lambda charge: charge.root_id == self.root_id)
        return rating.FixedCharge(
            code=self._get_rating_code(),
            amount=to_decimal(self.amount),
            per=self.per,
            timing=self.timing,
            every=self.every,
            payer=self.payer_id.id or None,
            next_amount=to_decimal(ahead.amount),
            places=self._get_rating_places(),
        )

    def _prepare_rating_minimum(
        self, charges, _charges_ahead, kind=rating.MinimumAmount
    ):
        # A covered charge may have another version by now.
        covered = self.covered_charge_ids.root_id
        return kind(
            code=self._get_rating_code(),
            amount=to_decimal(self.amount),
            charges=tuple(
                charge._get_rating_code()
                for charge in charges
                if charge.root_id in covered
            ),
            payer=self.payer_id.id or None,
        )

    def _prepare_rating_maximum(self, charges, charges_ahead):
        return self._prepare_rating_minimum(
            charges, charges_ahead, rating.MaximumAmount
        )
