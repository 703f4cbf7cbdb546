# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The checks of a contract's set-up; their severities are in meter_contract_lint.

Each takes a SetUp and yields a Finding for each thing that is wrong.
"""

from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError

from ..tools import format_exact
from .meter_contract_lint import Finding

# A price above this many times its siblings is rather a slip of the decimal point.
HIGH_PRICE_FACTOR = 10


class MeterContract(models.Model):
    _inherit = "meter.contract"

    def _lint_terms(self, set_up):
        """A contract without charges, or with some that cannot be rated."""
        contract = set_up.contract
        if not set_up.charges:
            message = self.env._(
                "%(contract)s has no charges: say what its pages cost.",
                contract=contract.name,
            )
            yield Finding("error", contract, message)
            return
        try:
            contract._get_rating_terms(set_up.in_force, set_up.rating_types)
        except UserError as error:
            yield Finding("error", contract, str(error))

    def _lint_no_device(self, set_up):
        """A contract without devices."""
        if not set_up.assignments:
            message = self.env._(
                "%(contract)s has no device: add those whose pages it bills.",
                contract=set_up.contract.name,
            )
            yield Finding("warning", set_up.contract, message)

    def _lint_other_customer(self, set_up):
        """A device that stands at another customer than the contract's."""
        customer = set_up.contract.commercial_partner_id
        for assignment in set_up.assignments:
            device = assignment.device_id
            if device.commercial_partner_id in (customer, customer.browse()):
                continue
            message = self.env._(
                "%(device)s stands at %(other)s, but %(contract)s bills it to "
                "%(customer)s. Correct the customer of one of them, or move the "
                "device.",
                device=device.display_name,
                other=device.commercial_partner_id.display_name,
                contract=set_up.contract.name,
                customer=customer.display_name,
            )
            yield Finding("warning", set_up.contract, message, device=device)

    def _lint_device_in_no_charge(self, set_up):
        """A device that no charge for pages, and none for each device, is about."""
        if not set_up.charges:
            return
        fixed = set_up.charges.filtered(lambda charge: charge.kind == "fixed")
        of_contract = fixed.filtered(lambda charge: charge.per == "contract")
        for assignment, pages in set_up.pages:
            own = (fixed - of_contract)._filter_charging(assignment)
            if any(pages.values()) or own:
                continue
            if not of_contract:
                severity = "error"
                message = self.env._(
                    "%(device)s is in no charge: nothing is billed for it. Add its "
                    "meters to a charge, or take it out of %(contract)s.",
                    device=assignment.device_id.display_name,
                    contract=set_up.contract.name,
                )
            elif set_up.usage_charges or fixed != of_contract:
                severity = "warning"
                message = self.env._(
                    "%(device)s is in no charge of its own: only the fixed amount of "
                    "%(contract)s covers it, whatever it prints. Add its meters to a "
                    "charge if its pages are to be billed.",
                    device=assignment.device_id.display_name,
                    contract=set_up.contract.name,
                )
            else:
                continue  # a flat rate for all devices
            yield Finding(
                severity, set_up.contract, message, device=assignment.device_id
            )

    def _lint_pages_in_no_charge(self, set_up):
        """Mono or colour pages that nothing charges, on a device that is charged."""
        for assignment, pages in set_up.pages:
            taken = {meter.type_id.category for meter in pages if pages[meter]}
            if not taken or "total" in taken:
                continue  # not charged by pages, or all of them by their total
            for category in ("mono", "colour"):
                meters = [m for m in pages if m.type_id.category == category]
                if not meters or category in taken:
                    continue
                message = self.env._(
                    "%(device)s has a meter %(meter)s that no charge takes: its pages "
                    "are not billed. Add it to a charge of %(contract)s.",
                    device=assignment.device_id.display_name,
                    meter=meters[0].type_id.name,
                    contract=set_up.contract.name,
                )
                yield Finding(
                    "warning", set_up.contract, message, device=assignment.device_id
                )

    def _lint_billed_twice(self, set_up):
        """Charges that take the same pages in full at the same time, for one payer."""
        seen = set()
        for _assignment, pages in set_up.pages:
            for meter, takes in pages.items():
                for charge, count in takes.items():
                    twice = charge.browse().union(
                        *(
                            other
                            for other in takes
                            if other.payer_id == charge.payer_id
                            and other.root_id != charge.root_id
                            and other._overlaps(charge)
                        )
                    )
                    key = (meter.type_id, charge | twice)
                    if (count < 2 and not twice) or key in seen:
                        continue
                    seen.add(key)
                    message = self.env._(
                        "%(meter)s pages are billed twice, by %(charges)s. Take the "
                        "meter out of one, unless each is a part of the price.",
                        meter=meter.type_id.name,
                        charges=", ".join((charge | twice).mapped("name")),
                    )
                    yield Finding("warning", set_up.contract, message, charge=charge)

    def _lint_colour_in_mono(self, set_up):
        """A charge that bills colour pages as if they were mono pages."""
        for charge in set_up.usage_charges:
            types = charge.meter_type_ids
            colour = types.filtered(lambda t: t.category == "colour")
            mono = types.filtered(lambda t: t.category == "mono")
            is_mono = set_up.is_called(charge, "mono") and not set_up.is_called(
                charge, "colour"
            )
            if not colour or not (mono or is_mono):
                continue
            if mono and max(colour.mapped("weight")) > max(mono.mapped("weight")):
                continue  # weighted apart on purpose
            message = self.env._(
                "Charge %(charge)s bills %(meter)s pages at the price of mono pages. "
                "Give them a charge of their own, or a higher weight.",
                charge=charge.name,
                meter=colour[0].name,
            )
            yield Finding("warning", set_up.contract, message, charge=charge)

    def _lint_zero_price(self, set_up):
        """A charge for pages that costs nothing."""
        for charge in set_up.usage_charges:
            if any(price.value for price in charge._get_prices()):
                continue
            message = self.env._(
                "Charge %(charge)s has a price of 0: its pages are billed at nothing. "
                "Enter the price of a page.",
                charge=charge.name,
            )
            yield Finding("warning", set_up.contract, message, charge=charge)

    def _lint_high_price(self, set_up):
        """A page price far above that of the same kind of pages, else of any others."""
        prices = [
            (price, price.value / (price.charge._get_pages_per_price(price)))
            for charge in set_up.usage_charges
            for price in charge._get_prices()
            if price.value and not price.is_amount
        ]
        for price, value in prices:
            others = [(o, v) for o, v in prices if o != price]
            categories = set(price.charge.meter_type_ids.mapped("category"))
            alike = [
                other_value
                for other, other_value in others
                if categories & set(other.charge.meter_type_ids.mapped("category"))
            ]
            siblings = alike or [other_value for _other, other_value in others]
            if not siblings or value <= HIGH_PRICE_FACTOR * max(siblings) * (1 + 1e-9):
                continue
            message = self.env._(
                "Charge %(charge)s has a price of %(price)s per page, more than "
                "%(factor)s times that of the others (%(other)s). Check the decimal "
                "point.",
                charge=price.charge.name,
                price=format_exact(self.env, value, min_digits=2),
                factor=HIGH_PRICE_FACTOR,
                other=format_exact(self.env, max(siblings), min_digits=2),
            )
            yield Finding("warning", set_up.contract, message, charge=price.charge)

    def _lint_unused_charge(self, set_up):
        """A charge for pages that no device counts."""
        if not set_up.assignments:
            return
        used = {
            charge
            for _assignment, pages in set_up.pages
            for takes in pages.values()
            for charge in takes
        }
        for charge in set_up.usage_charges.filtered(lambda c: c not in used):
            message = self.env._(
                "Charge %(charge)s: no device that it is for has a meter %(meters)s. "
                "Choose other meters, or add the meter to the device.",
                charge=charge.name,
                meters=", ".join(charge.meter_type_ids.mapped("name")),
            )
            yield Finding("warning", set_up.contract, message, charge=charge)


class MeterContractCharge(models.Model):
    _inherit = "meter.contract.charge"

    def _overlaps(self, other):
        """Tell whether two charges can apply to the same period."""
        return (
            not self.date_to or not other.date_from or other.date_from <= self.date_to
        ) and (
            not other.date_to or not self.date_from or self.date_from <= other.date_to
        )

    def _get_pages_per_price(self, price):
        """Return for how many pages one of the charge's prices is."""
        is_package = price.field_name == "price" and self.pricing == "package"
        return self.package_size if is_package else 1


class MeterType(models.Model):
    _inherit = "meter.type"

    def _count_read_types(self):
        """Return {read type: how often its pages are counted in these types}.

        Below 0 where they are subtracted from a derived type.
        """
        counts = defaultdict(int)
        for meter_type in self:
            if not meter_type.add_type_ids:
                counts[meter_type] += 1
            for sign, sources in (
                (1, meter_type.add_type_ids),
                (-1, meter_type.subtract_type_ids),
            ):
                for source, count in sources._count_read_types().items():
                    counts[source] += sign * count
        return counts
