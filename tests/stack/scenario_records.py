# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The records of a scenario in Odoo: meter types, devices and the contract."""

from dataclasses import dataclass

from odoo.fields import Command

from .scenario import CUSTOMER, FixedCharge, UsageCharge

#: Before the codes of a scenario's meter types, which may be those of the database.
PREFIX = "scenario "


@dataclass
class Records:
    """The records made for a scenario, by the names that the file has for them."""

    contract: object
    partners: dict
    devices: dict
    charges: dict


def create_records(env, scenario):
    """Create what a scenario needs before its first period; the contract runs.

    :param env: a billing manager's environment; its company has a chart of accounts
    """
    partners = {
        name: env["res.partner"].create({"name": name, "is_company": True})
        for name in (CUSTOMER, *scenario.payers)
    }
    meter_types = _create_meter_types(env, scenario)
    devices = _create_devices(env, scenario, meter_types, partners[CUSTOMER])
    contract = env["meter.contract"].create(
        {
            "partner_id": partners[CUSTOMER].id,
            "partner_invoice_id": partners[CUSTOMER].id,
            "date_start": scenario.contract.start,
            "period_months": scenario.contract.period_months,
            "first_period_end": scenario.periods[0].through,
            "prorate": "days" if scenario.contract.prorate else "none",
            "invoice_mode": "post",
            # The file says what is estimated.
            "estimate_max": 0,
            # A replacement joins when the device before it is removed.
            "assignment_ids": [
                Command.create({"device_id": devices[device.serial].id})
                for device in scenario.devices
                if device.replaces is None
            ],
        }
    )
    charges = _create_charges(env, scenario, contract, meter_types, partners)
    # A last period that is cut short ends the contract.
    through = scenario.periods[-1].through
    if through < contract._get_period_end(len(scenario.periods) - 1):
        contract.date_end = through
    contract.action_start()
    return Records(contract, partners, devices, charges)


def _create_meter_types(env, scenario):
    meter_types = {
        kind.code: env["meter.type"].create(
            {
                "name": kind.code,
                "code": PREFIX + kind.code,
                "weight": float(kind.weight),
            }
        )
        for kind in scenario.meter_types
    }
    for kind in scenario.meter_types:
        if kind.add:
            meter_types[kind.code].write(
                {
                    "add_type_ids": [meter_types[code].id for code in kind.add],
                    "subtract_type_ids": [
                        meter_types[code].id for code in kind.subtract
                    ],
                }
            )
    return meter_types


def _create_devices(env, scenario, meter_types, customer):
    manufacturer = env["meter.manufacturer"].create({"name": "Scenario"})
    model = env["meter.device.model"].create(
        {"name": "Scenario", "manufacturer_id": manufacturer.id}
    )
    return {
        device.serial: env["meter.device"].create(
            {
                "serial_number": device.serial,
                "model_id": model.id,
                "partner_id": customer.id,
                "install_date": device.installed,
                "meter_ids": [
                    Command.create(
                        {
                            "type_id": meter_types[meter].id,
                            "opening_value": value,
                            "digits": device.digits.get(meter, 0),
                        }
                    )
                    for meter, value in device.opening.items()
                ],
            }
        )
        for device in scenario.devices
    }


def _create_charges(env, scenario, contract, meter_types, partners):
    # Amounts of a scenario are without tax, so that its product has none.
    product = env["product.product"].create(
        {"name": "Scenario", "type": "service", "taxes_id": [Command.clear()]}
    )
    charges = {}
    for sequence, charge in enumerate(scenario.contract.charges):
        values = {
            "contract_id": contract.id,
            "sequence": sequence,
            "name": charge.code,
            "product_id": product.id,
        }
        if charge.bill_to != CUSTOMER:
            values["payer_id"] = partners[charge.bill_to].id
        if isinstance(charge, UsageCharge):
            values |= _usage_values(charge, meter_types)
        elif isinstance(charge, FixedCharge):
            values |= {
                "kind": "fixed",
                "amount": float(charge.amount),
                "per": charge.per,
                "timing": charge.timing,
                "every": charge.every,
            }
        charges[charge.code] = values
    # A minimum names charges that have to be there before it.
    records = {
        code: env["meter.contract.charge"].create(values)
        for code, values in charges.items()
        if "kind" in values
    }
    for charge in scenario.contract.charges:
        if charge.code not in records:
            values = {
                "kind": "minimum_amount",
                "amount": float(charge.amount),
                "covered_charge_ids": [records[code].id for code in charge.charges],
            }
            records[charge.code] = env["meter.contract.charge"].create(
                charges[charge.code] | values
            )
    return {code: records[code] for code in charges}


def _usage_values(charge, meter_types):
    pricing, minimum, prepaid = charge.pricing, charge.minimum, charge.prepaid
    values = {
        "kind": "usage",
        "meter_type_ids": [meter_types[code].id for code in charge.meters],
        "pricing": pricing.model,
        "pooling": charge.pool,
        "included": charge.included,
        "carry_over_periods": charge.carry_over_periods,
        "every": charge.every,
    }
    if pricing.tiers:
        values["tier_ids"] = [
            Command.create(
                {
                    "up_to": tier.up_to or 0,
                    "price": float(tier.price),
                    "flat": float(tier.flat),
                }
            )
            for tier in pricing.tiers
        ]
    else:
        values["price"] = float(pricing.price)
    if pricing.size:
        values["package_size"] = pricing.size
    if minimum:
        values |= {
            "minimum_quantity": minimum.quantity,
            "minimum_price": float(minimum.price),
            "clawback_periods": minimum.clawback_periods,
        }
    if prepaid:
        values |= {
            "prepaid_block": prepaid.block,
            "prepaid_price": float(prepaid.price),
            "prepaid_opening": prepaid.opening_balance,
            "prepaid_expires": prepaid.expires_periods is not None,
            "prepaid_expires_periods": prepaid.expires_periods or 0,
        }
    return values
