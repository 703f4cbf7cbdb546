# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From contract records to the plain terms that the rating engine takes."""

from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError

from .. import rating
from ..tools import to_decimal


class MeterContract(models.Model):
    _inherit = "meter.contract"

    def _get_rating_terms(self):
        """Return ``{contract: rating.Terms}``.

        Charges are known to the engine by their record id as text, meter types by
        their code, payers by their partner id (None: the invoice address).

        :raises UserError: a contract whose terms cannot be rated, with the reason
        """
        meter_types = tuple(
            meter_type._prepare_rating_type()
            for meter_type in self.env["meter.type"]
            .with_context(active_test=False)
            .search([])
        )
        terms = {}
        for contract in self:
            try:
                terms[contract] = rating.Terms(
                    meter_types=meter_types,
                    charges=tuple(
                        charge._prepare_rating_charge()
                        for charge in contract.charge_ids
                    ),
                    rounding=to_decimal(contract.currency_id.rounding).normalize(),
                )
            except rating.TermsError as error:
                raise UserError(
                    self.env._(
                        "%(contract)s cannot be billed: %(reason)s",
                        contract=contract.name,
                        reason=contract._name_charges(str(error)),
                    )
                ) from error
        return terms

    def _name_charges(self, message):
        """Return the engine's message with the charges' names in place of ids."""
        for charge in self.charge_ids:
            message = message.replace(f"charge {charge.id}:", f"{charge.name}:")
        return message


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

    def _prepare_rating_charge(self):
        """Return this charge as the engine knows it."""
        self.ensure_one()
        prepare = {
            "usage": self._prepare_rating_usage,
            "fixed": self._prepare_rating_fixed,
            "minimum_amount": self._prepare_rating_minimum,
            "maximum_amount": self._prepare_rating_maximum,
        }
        return prepare[self.kind]()

    def _prepare_rating_usage(self):
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
            code=str(self.id),
            meters=tuple(self.meter_type_ids.mapped("code")),
            pricing=self._prepare_rating_pricing(),
            pool=self.pooling,
            included=Decimal(self.included),
            carry_over_periods=self.carry_over_periods,
            minimum=minimum,
            prepaid=prepaid,
            every=self.every,
            payer=self.payer_id.id or None,
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

    def _prepare_rating_fixed(self):
        return rating.FixedCharge(
            code=str(self.id),
            amount=to_decimal(self.amount),
            per=self.per,
            timing=self.timing,
            every=self.every,
            payer=self.payer_id.id or None,
        )

    def _prepare_rating_minimum(self, kind=rating.MinimumAmount):
        return kind(
            code=str(self.id),
            amount=to_decimal(self.amount),
            charges=tuple(str(charge.id) for charge in self.covered_charge_ids),
            payer=self.payer_id.id or None,
        )

    def _prepare_rating_maximum(self):
        return self._prepare_rating_minimum(rating.MaximumAmount)
