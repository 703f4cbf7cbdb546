# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a charge says, in one line of the dealer's words."""

from odoo import api, fields, models
from odoo.tools import formatLang

from ..tools import format_exact


class MeterContractCharge(models.Model):
    _inherit = "meter.contract.charge"

    summary = fields.Char(compute="_compute_summary", string="Terms")

    @api.depends(
        "kind",
        "every",
        "meter_type_ids.name",
        "pricing",
        "price",
        "package_size",
        "tier_ids.up_to",
        "tier_ids.price",
        "tier_ids.flat",
        "pooling",
        "included",
        "carry_over_periods",
        "minimum_quantity",
        "minimum_price",
        "prepaid_block",
        "prepaid_price",
        "amount",
        "currency_id",
        "per",
        "timing",
        "covered_charge_ids.name",
    )
    @api.depends_context("lang")
    def _compute_summary(self):
        for charge in self:
            charge.summary = ", ".join(charge._get_summary_parts())

    def _get_summary_parts(self):
        """Return what the charge says, part by part. Meant to be extended."""
        self.ensure_one()
        summarise = {
            "usage": self._summarise_usage,
            "fixed": self._summarise_fixed,
            "minimum_amount": self._summarise_limit,
            "maximum_amount": self._summarise_limit,
        }
        parts = summarise[self.kind]() if self.kind else []
        if self.every > 1:
            parts.append(
                self.env._("charged every %(count)s periods", count=self.every)
            )
        return parts

    # === Pages === #

    def _summarise_usage(self):
        parts = [self._summarise_price()]
        each = self.pooling == "device"
        if self.included:
            text = (
                self.env._("%(pages)s included for each device")
                if each
                else self.env._("%(pages)s included")
            )
            parts.append(text % {"pages": self._say_pages(self.included)})
        if self.included and self.carry_over_periods:
            parts.append(
                self.env._(
                    "unused ones usable for %(count)s more periods",
                    count=self.carry_over_periods,
                )
            )
        if self.minimum_quantity:
            text = (
                self.env._("at least %(pages)s for each device, missing ones at %(price)s")
                if each
                else self.env._("at least %(pages)s, missing ones at %(price)s")
            )
            parts.append(
                text
                % {
                    "pages": self._say_pages(self.minimum_quantity),
                    "price": self._say_price(self.minimum_price),
                }
            )
        return parts

    def _summarise_price(self):
        _ = self.env._
        if self.prepaid_block:
            return _(
                "prepaid in blocks of %(pages)s at %(price)s per page",
                pages=self._say_pages(self.prepaid_block),
                price=self._say_price(self.prepaid_price),
            )
        if self.pricing == "package":
            return _(
                "%(price)s for each started %(pages)s pages",
                price=self._say_price(self.price),
                pages=self._say_pages(self.package_size),
            )
        if self.pricing == "per_unit":
            return _("%(price)s per page", price=self._say_price(self.price))
        tiers = "; ".join(
            self._summarise_tier(tier)
            for tier in self.tier_ids.sorted(lambda t: (not t.up_to, t.up_to))
        )
        if self.pricing == "volume":
            return _("all pages at the tier reached: %(tiers)s", tiers=tiers)
        return tiers

    def _summarise_tier(self, tier):
        price = self._say_price(tier.price)
        if tier.up_to:
            text = self.env._(
                "%(price)s up to %(pages)s",
                price=price,
                pages=self._say_pages(tier.up_to),
            )
        else:
            text = self.env._("%(price)s above", price=price)
        if tier.flat:
            text += " " + self.env._("(+ %(fee)s)", fee=self._say_price(tier.flat))
        return text

    # === Amounts === #

    def _summarise_fixed(self):
        amount = self._say_amount()
        parts = [
            self.env._("%(amount)s for each device", amount=amount)
            if self.per == "device"
            else amount
        ]
        if self.timing == "advance":
            parts.append(self.env._("in advance"))
        return parts

    def _summarise_limit(self):
        text = (
            self.env._("at least %(amount)s for %(charges)s")
            if self.kind == "minimum_amount"
            else self.env._("at most %(amount)s for %(charges)s")
        )
        covered = ", ".join(self.covered_charge_ids.mapped("name"))
        return [text % {"amount": self._say_amount(), "charges": covered or "…"}]

    # === Numbers === #

    def _say_pages(self, pages):
        return format_exact(self.env, pages)

    def _say_price(self, price):
        return format_exact(self.env, price, min_digits=2)

    def _say_amount(self):
        return formatLang(self.env, self.amount, currency_obj=self.currency_id)
