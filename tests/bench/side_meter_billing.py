# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""This suite: a contract, a device with four meters and their readings each."""

from odoo.fields import Command

from . import dealer


def prepare(env, customers):
    """Create running contracts with readings of the month, all of them valid."""
    types = {
        code: env.ref(f"meter_billing.meter_type_{code}") for code in dealer.PRICES
    }
    devices = _create_devices(env, customers, types)
    _create_readings(env, devices)
    product = dealer.find_product(env)
    contracts = env["meter.contract"].create(
        [
            {
                "partner_id": customer.id,
                "date_start": dealer.FIRST_DAY,
                "first_period_end": dealer.LAST_DAY,
                "invoice_mode": "post",
                "charge_ids": [
                    Command.create(
                        {
                            "name": code,
                            "kind": "usage",
                            "meter_type_ids": types[code].ids,
                            "price": price,
                            "product_id": product.id,
                        }
                    )
                    for code, price in dealer.PRICES.items()
                ],
                "assignment_ids": [Command.create({"device_id": device.id})],
            }
            for customer, device in zip(customers, devices, strict=True)
        ]
    )
    contracts.action_start()


def _create_devices(env, customers, types):
    manufacturer = env["meter.manufacturer"].create({"name": "Benchmark"})
    model = env["meter.device.model"].create(
        {"name": "Benchmark", "manufacturer_id": manufacturer.id}
    )
    return env["meter.device"].create(
        [
            {
                "serial_number": customer.ref,
                "model_id": model.id,
                "partner_id": customer.id,
                "install_date": dealer.FIRST_DAY,
                "meter_ids": [
                    Command.create({"type_id": kind.id, "opening_value": 0})
                    for kind in types.values()
                ],
            }
            for customer in customers
        ]
    )


def _create_readings(env, devices):
    env["meter.reading"]._ingest_or_raise(
        [
            {
                "meter_id": meter.id,
                "date": dealer.LAST_DAY,
                "value": dealer.pages_of(device.partner_id)[meter.type_id.code],
            }
            for device in devices
            for meter in device.meter_ids
        ],
        source="manual",
    )


def plan(env, customers):
    """Return what bills the customers in a run: in the background, if it is large."""
    contracts = env["meter.contract"].search([("partner_id", "in", customers.ids)])
    run = env["meter.billing.run"].create(
        {
            "through": dealer.LAST_DAY,
            "invoice_date": dealer.INVOICE_DATE,
            "contract_ids": [Command.set(contracts.ids)],
        }
    )

    def bill():
        run.action_bill()
        run._cron_resume()

    return bill
