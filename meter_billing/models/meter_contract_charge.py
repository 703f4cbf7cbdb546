# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..fields import ClickPrice

PRODUCT_BY_KIND = {
    "usage": "meter_billing.product_pages",
    "fixed": "meter_billing.product_rental",
    "minimum_amount": "meter_billing.product_minimum",
    "maximum_amount": "meter_billing.product_minimum",
}


class MeterContractCharge(models.Model):
    """One thing that a contract charges: pages, a fixed amount, a minimum."""

    _name = "meter.contract.charge"
    _description = "Contract Charge"
    _order = "contract_id, sequence, root_id.id, id"
    _check_company_auto = True

    contract_id = fields.Many2one(
        "meter.contract", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    sequence = fields.Integer(default=10)
    name = fields.Char(
        required=True,
        translate=True,
        help="What the invoice calls it, e.g. Mono pages.",
    )
    kind = fields.Selection(
        [
            ("usage", "Pages"),
            ("fixed", "Fixed amount"),
            ("minimum_amount", "Minimum amount"),
            ("maximum_amount", "Maximum amount"),
        ],
        required=True,
        default="usage",
    )
    product_id = fields.Many2one(
        "product.product",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        check_company=True,
        ondelete="restrict",
        help="Decides account and taxes.",
    )
    payer_id = fields.Many2one(
        "res.partner",
        string="Billed to",
        check_company=True,
        ondelete="restrict",
        help="Another payer, e.g. a leasing company: gets an invoice of its own. "
        "Empty: the contract's invoice address.",
    )
    every = fields.Integer(
        string="Every (Periods)",
        default=1,
        required=True,
        help="Charged each nth period, for all periods since the last time.",
    )

    # === Versions === #
    date_from = fields.Date(
        copy=False,
        help="Applies to periods that begin on this day or later. Empty: from the "
        "contract's start.",
    )
    date_to = fields.Date(
        copy=False, help="Applies to periods that begin until this day."
    )
    previous_id = fields.Many2one(
        "meter.contract.charge",
        string="Follows",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The charge that this one replaces with other prices.",
    )
    root_id = fields.Many2one(
        "meter.contract.charge",
        compute="_compute_root_id",
        store=True,
        recursive=True,
        help="The first version of the charge.",
    )

    # === Pages === #
    meter_type_ids = fields.Many2many("meter.type", string="Meters")
    pricing = fields.Selection(
        [
            ("per_unit", "Price per page"),
            ("graduated", "Graduated: each tier at its price"),
            ("volume", "Volume: all pages at the reached tier's price"),
            ("package", "Package: each started package"),
        ],
        default="per_unit",
        required=True,
    )
    price = ClickPrice(help="Per page, or per package. Up to 6 decimals.")
    package_size = fields.Integer(default=1000)
    tier_ids = fields.One2many("meter.contract.charge.tier", "charge_id", copy=True)
    pooling = fields.Selection(
        [("contract", "All devices together"), ("device", "Each device on its own")],
        default="contract",
        required=True,
        help="What included pages, tiers and minimum apply to.",
    )
    included = fields.Integer(
        string="Included Pages", help="Free pages in each period."
    )
    carry_over_periods = fields.Integer(
        help="Unused included pages stay usable for this many further periods."
    )
    minimum_quantity = fields.Integer(
        string="Minimum Pages", help="Fewer pages are charged up to this number."
    )
    minimum_price = ClickPrice(help="Price of each page short of the minimum.")
    clawback_periods = fields.Integer(
        help="Pages above the minimum in this many further periods take back the "
        "shortfall that was charged."
    )
    prepaid_block = fields.Integer(
        help="Pages are bought ahead in blocks of this size. 0: not prepaid."
    )
    prepaid_price = ClickPrice(help="Price of a prepaid page.")
    prepaid_opening = fields.Integer(
        string="Prepaid Pages at Start",
        help="Paid pages that the contract starts with.",
    )
    prepaid_expires = fields.Boolean(string="Prepaid Pages Expire")
    prepaid_expires_periods = fields.Integer(
        help="Pages of a block are lost this many periods after it was bought."
    )

    # === Fixed amount, minimum, maximum === #
    amount = fields.Monetary(help="For each full period.")
    per = fields.Selection(
        [("contract", "Contract"), ("device", "Device")],
        default="contract",
        required=True,
    )
    timing = fields.Selection(
        [("arrears", "For the period billed"), ("advance", "For the period ahead")],
        default="arrears",
        required=True,
    )
    covered_charge_ids = fields.Many2many(
        "meter.contract.charge",
        "meter_contract_charge_cover_rel",
        "charge_id",
        "covered_id",
        string="Covers",
        domain="[('contract_id', '=', contract_id), "
        "('kind', 'in', ('usage', 'fixed'))]",
        copy=False,  # a duplicate covers its own charges: see meter.contract.copy
        help="The charges that the minimum or maximum applies to.",
    )
    has_statements = fields.Boolean(
        compute="_compute_has_statements", help="A period was billed by this charge."
    )

    _every_positive = models.Constraint(
        "CHECK (every >= 1)", "A charge is billed every period or more rarely."
    )
    _price_decimals = models.Constraint(
        "CHECK (price = round(price, 6) AND minimum_price = round(minimum_price, 6) "
        "AND prepaid_price = round(prepaid_price, 6))",
        "A price per page has at most 6 decimals.",
    )
    _not_negative = models.Constraint(
        "CHECK (price >= 0 AND minimum_price >= 0 AND prepaid_price >= 0 "
        "AND included >= 0 AND minimum_quantity >= 0 AND carry_over_periods >= 0 "
        "AND clawback_periods >= 0 AND prepaid_block >= 0 AND prepaid_opening >= 0 "
        "AND prepaid_expires_periods >= 0)",
        "Prices, pages and periods of a charge cannot be negative.",
    )
    _package_size_positive = models.Constraint(
        "CHECK (pricing <> 'package' OR package_size > 0)",
        "A package has at least one page.",
    )

    @api.depends("previous_id.root_id")
    def _compute_root_id(self):
        for charge in self:
            charge.root_id = charge.previous_id.root_id or charge._origin

    @api.depends("kind")
    def _compute_product_id(self):
        for charge in self:
            charge.product_id = self.env.ref(
                PRODUCT_BY_KIND[charge.kind], raise_if_not_found=False
            )

    @api.constrains("kind", "meter_type_ids", "pricing", "tier_ids")
    def _check_usage(self):
        for charge in self.filtered(lambda c: c.kind == "usage"):
            if not charge.meter_type_ids:
                raise ValidationError(
                    self.env._(
                        "Charge %(charge)s: choose the meters whose pages it charges.",
                        charge=charge.name,
                    )
                )
            if charge.pricing in ("graduated", "volume"):
                charge.tier_ids._check_sequence(charge)

    @api.constrains("kind", "covered_charge_ids")
    def _check_covered(self):
        if self.env.context.get("meter_contract_copying"):
            return
        for charge in self.filtered(lambda c: c.kind.endswith("_amount")):
            covered = charge.covered_charge_ids
            if not covered:
                raise ValidationError(
                    self.env._(
                        "Charge %(charge)s: choose the charges that it covers.",
                        charge=charge.name,
                    )
                )
            if covered.contract_id != charge.contract_id or any(
                kind not in ("usage", "fixed") for kind in covered.mapped("kind")
            ):
                raise ValidationError(
                    self.env._(
                        "Charge %(charge)s covers charges for pages and fixed amounts "
                        "of its own contract only.",
                        charge=charge.name,
                    )
                )


class MeterContractChargeTier(models.Model):
    _name = "meter.contract.charge.tier"
    _description = "Price Tier"
    _order = "charge_id, is_last, up_to, id"

    charge_id = fields.Many2one(
        "meter.contract.charge", required=True, index=True, ondelete="cascade"
    )
    up_to = fields.Integer(help="Last page of the tier. 0: no limit, the last tier.")
    is_last = fields.Boolean(compute="_compute_is_last", store=True)
    price = ClickPrice(string="Price per Page", required=True)
    flat = ClickPrice(
        string="Flat Fee", help="Charged once in a period that reaches the tier."
    )

    _price_decimals = models.Constraint(
        "CHECK (price >= 0 AND price = round(price, 6) "
        "AND flat >= 0 AND flat = round(flat, 6))",
        "A tier's price has at most 6 decimals and is not negative.",
    )

    @api.depends("up_to")
    def _compute_is_last(self):
        for tier in self:
            tier.is_last = not tier.up_to

    def _check_sequence(self, charge):
        """Raise unless the tiers have different limits and end with an open one."""
        limits = self.mapped("up_to")
        if limits.count(0) != 1 or len(set(limits)) < len(limits) or min(limits) < 0:
            raise ValidationError(
                self.env._(
                    "Charge %(charge)s: give each tier a limit of its own and the last "
                    "one none.",
                    charge=charge.name,
                )
            )

    @api.constrains("up_to")
    def _check_tiers(self):
        for charge in self.charge_id:
            charge.tier_ids._check_sequence(charge)
