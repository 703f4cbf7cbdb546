# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the tests here run in a process of its own: a dealer, and its night's work."""

import base64
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from odoo import api, fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.service.model import retrying

from ..stack.session import environment

PRICE = 0.01
PERIODS = ("2026-01-31", "2026-02-28")


def seed(env, count):
    """Create contracts with one device each and two months of readings.

    The i-th contract uses 100 x i pages a month. A run over both months is under way.
    """
    if not env.company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", env.company)
    model = env["meter.device.model"].create(
        {
            "name": "M 100",
            "manufacturer_id": env["meter.manufacturer"].create({"name": "Inkwell"}).id,
        }
    )
    mono = env.ref("meter_billing.meter_type_mono")
    customers = env["res.partner"].create(
        [{"name": f"Customer {number}"} for number in range(1, count + 1)]
    )
    devices = env["meter.device"].create(
        [
            {
                "serial_number": f"SN{number}",
                "model_id": model.id,
                "partner_id": customer.id,
                "install_date": "2026-01-01",
                "meter_ids": [Command.create({"type_id": mono.id, "opening_value": 0})],
            }
            for number, customer in enumerate(customers, start=1)
        ]
    )
    contracts = env["meter.contract"].create(
        [
            {
                "partner_id": device.partner_id.id,
                "date_start": "2026-01-01",
                "charge_ids": [
                    Command.create(
                        {
                            "name": "Pages",
                            "meter_type_ids": [Command.set(mono.ids)],
                            "price": PRICE,
                        }
                    )
                ],
                "assignment_ids": [Command.create({"device_id": device.id})],
            }
            for device in devices
        ]
    )
    contracts.action_start()
    env["meter.reading"]._ingest_or_raise(
        [
            {
                "meter_id": device.meter_ids.id,
                "read_at": f"{day} 12:00:00",
                "value": 100 * number * months,
            }
            for number, device in enumerate(devices, start=1)
            for months, day in enumerate(PERIODS, start=1)
        ],
        source="manual",
    )
    env["meter.billing.run"].create({"through": PERIODS[-1], "state": "running"})


def bill(env, batch_size):
    """Go on with the run, as the scheduled action does."""
    # Importable once the environment has found the modules.
    from odoo.addons.meter_billing.models import meter_billing_run_work

    meter_billing_run_work.BATCH_SIZE = batch_size
    env["meter.billing.run"]._cron_resume()


def queue_file(env, count):
    """Queue a file with this many readings of its device for the background."""
    device = env["meter.device"].search([], limit=1)
    device.write({"serial_number": "FILE-1", "install_date": "2020-01-01"})
    start = fields.Datetime.to_datetime("2020-01-01 08:00:00")
    lines = ["Serial,Meter,Date,Value"] + [
        f"FILE-1,mono,{fields.Datetime.add(start, minutes=20 * n)},{n}"
        for n in range(1, count + 1)
    ]
    delivery = env["meter.reading.import"].create(
        {
            "name": "night.csv",
            "file": base64.b64encode("\n".join(lines).encode()),
        }
    )
    delivery._ensure_columns()
    delivery.state = "queued"


def import_files(env, chunk_size):
    """Go on with queued files, as the scheduled action does."""
    from odoo.addons.meter_billing.models import meter_reading_import_work

    meter_reading_import_work.CHUNK = chunk_size
    env["meter.reading.import"]._cron_import()


def plan_readings(env, _count):
    """Have every customer asked for readings from today on."""
    for number, customer in enumerate(env["res.partner"].search([]), start=1):
        customer.email = f"customer{number}@customer.example"
    env["meter.contract"].search([]).write(
        {"reading_plan": "monthly", "reading_day": env.company._meter_today().day}
    )


def remind(env, batch_size):
    """Ask and remind, as the scheduled action does."""
    from odoo.addons.meter_billing.models import meter_reading_reminder

    meter_reading_reminder.BATCH = batch_size
    env["meter.reading.request"]._cron_remind()


def uninvoice(env, _count):
    """Bill all, and delete the draft invoices: their statements can be invoiced."""
    env["meter.contract"].search([]).invoice_mode = "draft"
    env["meter.billing.run"]._cron_resume()
    env["meter.statement"].search([]).move_ids.unlink()


def invoice(env, _count):
    """Press Create Invoices on all statements, as one web request does."""

    def press():
        statements = env["meter.statement"].search([], order="id")
        to_invoice = statements.filtered("is_to_invoice")
        if to_invoice:
            to_invoice.action_create_invoices()

    retrying(press, env)


def tap_twice(env, count):
    """Send one form this many times at once, each as a web request does."""
    together = threading.Barrier(count)
    device = env["meter.device"].search([], limit=1)
    form = {f"meter_{device.meter_ids.id}": "1000", f"confirmed_{device.id}": "1"}

    def send(_number):
        with env.registry.cursor() as cr:
            own = device.with_env(env(cr=cr))
            tries = []

            def take():
                tries.append(own.meter_ids.reading_ids.ids)
                if len(tries) == 1:  # both have begun, neither sees the other's
                    together.wait(timeout=60)
                given = own._take_customer_form(form, {}, own.partner_id)
                return bool(given.get("readings"))

            return retrying(take, own.env)

    with ThreadPoolExecutor(count) as threads:
        assert sum(threads.map(send, range(count))) == 1


def _contract(env, **values):
    """Return a new device of the dealer, and its contract for January, committed."""
    seeded = env["meter.device"].search([], limit=1)
    device = env["meter.device"].create(
        {
            "serial_number": "LATE",
            "model_id": seeded.model_id.id,
            "partner_id": seeded.partner_id.id,
            "install_date": "2026-01-01",
            "meter_ids": [
                Command.create(
                    {
                        "type_id": seeded.meter_ids.type_id.id,
                        "opening_value": 0,
                        "expected_monthly_pages": 1000,
                    }
                )
            ],
        }
    )
    contract = env["meter.contract"].create(
        {
            "name": "LATE",
            "partner_id": device.partner_id.id,
            "date_start": "2026-01-01",
            "estimate_after_days": 0,
            "charge_ids": [
                Command.create(
                    {
                        "name": "Pages",
                        "meter_type_ids": [Command.set(device.meter_ids.type_id.ids)],
                        "price": PRICE,
                    }
                )
            ],
            "assignment_ids": [Command.create({"device_id": device.id})],
            **values,
        }
    )
    contract.action_start()
    env.cr.commit()
    return device, contract


def _bill_contract(env, contract, through):
    run = env["meter.billing.run"].create(
        {"through": through, "contract_ids": contract.ids}
    )
    run.action_bill()


def _read(env, meter, day, value):
    env["meter.reading"]._ingest_or_raise(
        [{"meter_id": meter.id, "date": fields.Date.to_date(day), "value": value}],
        source="manual",
    )


def read_while_billed(env, _count):
    """Store a reading of the last day while the contract is billed to its end."""
    device, contract = _contract(env, date_end="2026-01-31")
    _read(env, device.meter_ids, "2026-01-25", 968)
    env.cr.commit()
    _bill_contract(env, contract, "2026-01-31")
    with env.registry.cursor() as cursor:
        other = api.Environment(cursor, env.uid, {})
        _read(other, device.meter_ids, "2026-01-31", 1000)
    env.cr.commit()
    for _night in range(2):
        _bill_contract(env, contract, "2026-01-31")
        env.cr.commit()


def remove_while_billed(env, _count):
    """Remove a device on the 20th while January is billed by an estimate."""
    device, contract = _contract(env)

    def remove(other):
        gone = other["meter.device"].browse(device.id)
        gone._remove(fields.Date.to_date("2026-01-20"), {gone.meter_ids: 300})

    _do_while_billed(env, contract, remove)
    _bill_contract(env, contract, "2026-02-28")


def price_while_billed(env, _count):
    """Give another price while January is billed, then a late reading of January."""
    device, contract = _contract(env, date_end="2026-01-31")
    _read(env, device.meter_ids, "2026-01-25", 968)
    env.cr.commit()
    charge = contract.charge_ids
    refused = []

    def change_price(other):
        try:
            other["meter.contract.charge"].browse(charge.id).price = 2 * PRICE
            other.flush_all()
        except UserError as error:
            refused.append(str(error))

    _do_while_billed(env, contract, change_price)
    assert len(refused) == 1, refused
    assert "has been billed" in refused[0], refused
    _read(env, device.meter_ids, "2026-01-31", 1100)
    env.cr.commit()
    _bill_contract(env, contract, "2026-01-31")


def _do_while_billed(env, contract, work):
    """Bill January while somebody else does `work`, as a web request does."""
    _bill_contract(env, contract, "2026-01-31")

    def do():
        with env.registry.cursor() as cursor:
            other = api.Environment(cursor, env.uid, {})
            retrying(lambda: work(other), other)

    clerk = threading.Thread(target=do)
    clerk.start()
    with env.registry.cursor() as cursor:
        while clerk.is_alive() and not _is_waiting(cursor):
            time.sleep(0.05)
    env.cr.commit()
    clerk.join()


def _is_waiting(cursor):
    """Tell whether somebody in this database waits for a lock."""
    cursor.execute(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        "AND datname = current_database())"
    )
    (is_waiting,) = cursor.fetchone()
    cursor.commit()
    return is_waiting


COMMANDS = {
    "read_while_billed": read_while_billed,
    "remove_while_billed": remove_while_billed,
    "price_while_billed": price_while_billed,
    "tap_twice": tap_twice,
    "uninvoice": uninvoice,
    "invoice": invoice,
    "seed": seed,
    "bill": bill,
    "queue_file": queue_file,
    "import_files": import_files,
    "plan_readings": plan_readings,
    "remind": remind,
}

if __name__ == "__main__":
    database, command, number = sys.argv[1:]
    with environment(database) as env:
        COMMANDS[command](env, int(number))
