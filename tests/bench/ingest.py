# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What `make bench` does inside Odoo to measure how readings are taken in.

Devices with four meters are read each day, as a fleet tool reports them.
"""

import base64
import gc
import io
import json
import resource
import sys
from datetime import date, datetime, timedelta
from time import perf_counter

from odoo.fields import Command

from ..stack.session import environment

CODES = ("mono", "colour", "scan", "fax")
INSTALLED = date(2025, 1, 1)
FIRST_DAY = date(2026, 1, 1)
CHUNK = 100_000


def main(task, database, *arguments):
    """Carry out one task in a database and print what it returns as JSON."""
    with environment(database) as env:
        taken = TASKS[task](env, *map(int, arguments))
        env.cr.commit()
        print(json.dumps(taken), flush=True)


def prepare(env, devices, stored):
    """Create devices, with `stored` readings of the days before the first one."""
    types = [env.ref(f"meter_billing.meter_type_{code}") for code in CODES]
    manufacturer = env["meter.manufacturer"].create({"name": "Benchmark"})
    model = env["meter.device.model"].create(
        {
            "name": "Benchmark",
            "manufacturer_id": manufacturer.id,
            "colour_mode": "colour",
            "pages_per_minute": 40,
        }
    )
    customer = env["res.partner"].create({"name": "Benchmark", "is_company": True})
    for first in range(0, devices, 2000):
        env["meter.device"].create(
            [
                {
                    "serial_number": f"BENCH{number:06}",
                    "model_id": model.id,
                    "partner_id": customer.id,
                    "install_date": INSTALLED,
                    "meter_ids": [
                        Command.create({"type_id": kind.id, "opening_value": 0})
                        for kind in types
                    ],
                }
                for number in range(first, min(first + 2000, devices))
            ]
        )
        env.cr.commit()
        env.invalidate_all()
    if stored:
        days = stored // (devices * len(CODES))
        env.cr.execute(
            """
            INSERT INTO meter_reading (meter_id, device_id, company_id, partner_id,
                   read_at, date, value, kind, source, state, create_uid, create_date,
                   write_uid, write_date)
            SELECT meter.id, meter.device_id, meter.company_id,
                   device.commercial_partner_id, %(first)s::date - day + time '12:00',
                   %(first)s::date - day, (%(days)s - day) * 40, 'actual', 'import',
                   'valid', 1, now(), 1, now()
              FROM meter_meter meter
              JOIN meter_device device ON device.id = meter.device_id,
                   generate_series(%(days)s, 1, -1) AS day
          ORDER BY meter.id, day DESC
            """,
            {"first": FIRST_DAY, "days": days},
        )
    return {"readings": env["meter.reading"].search_count([])}


def _rows(devices, count, start):
    """Yield (serial, code, moment, value) of `count` readings, day by day."""
    given = 0
    day = 0
    while given < count:
        moment = datetime(2026, 1, 1, 12) + timedelta(days=day)
        for number in range(devices):
            for position, code in enumerate(CODES):
                if given == count:
                    return
                given += 1
                value = start + 40 * (day + 1) + (number + position) % 20
                yield f"BENCH{number:06}", code, moment, value
        day += 1


def _start(env):
    """Return the value that all meters stand at about."""
    env.cr.execute("SELECT coalesce(max(value), 0) FROM meter_reading")
    return env.cr.fetchone()[0]


def ingest(env, devices, count):
    """Take readings in by serial number, in chunks that are committed each."""
    start = _start(env)
    rows = [
        {"serial": serial, "meter": code, "moment": str(moment), "value": str(value)}
        for serial, code, moment, value in _rows(devices, count, start)
    ]
    seconds, statuses = 0.0, {}
    gc.collect()
    queries = env.cr.sql_log_count
    for first in range(0, count, CHUNK):
        began = perf_counter()
        verdicts = env["meter.reading"]._ingest_serials(
            rows[first : first + CHUNK], "import", env.company
        )
        env.cr.commit()
        env.invalidate_all()
        seconds += perf_counter() - began
        for verdict in verdicts:
            statuses[verdict["status"]] = statuses.get(verdict["status"], 0) + 1
    return {
        "rows": count,
        "seconds": round(seconds, 2),
        "queries": env.cr.sql_log_count - queries,
        "statuses": statuses,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def load(env, devices, count):
    """Take readings in through Odoo's own load(), meters by the name they have."""
    names = {kind.code: kind.name for kind in env["meter.type"].search([])}
    return _load(
        env,
        "meter_id",
        [
            [f"{serial} {names[code]}", str(moment), str(value)]
            for serial, code, moment, value in _rows(devices, count, _start(env))
        ],
    )


def load_ids(env, devices, count):
    """Take readings in through Odoo's own load(), meters by their database ids."""
    meters = {
        (meter.device_id.serial_number, meter.type_id.code): meter.id
        for meter in env["meter.meter"].search([])
    }
    return _load(
        env,
        "meter_id/.id",
        [
            [str(meters[serial, code]), str(moment), str(value)]
            for serial, code, moment, value in _rows(devices, count, _start(env))
        ],
    )


def _load(env, meter_column, rows):
    """Load rows a thousand at a time."""
    count = len(rows)
    env.invalidate_all()
    gc.collect()
    began = perf_counter()
    for first in range(0, count, 1000):
        result = env["meter.reading"].load(
            [meter_column, "read_at", "value"], rows[first : first + 1000]
        )
        if not result["ids"]:
            raise RuntimeError(result["messages"])
        env.cr.commit()
    return {"rows": count, "seconds": round(perf_counter() - began, 2)}


def copy(env, devices, count):
    """Store the same readings by a bare COPY: nothing is looked up or checked."""
    env.cr.execute(
        """
        SELECT device.serial_number, type.code, meter.id, device.id, device.company_id,
               device.commercial_partner_id
          FROM meter_meter meter
          JOIN meter_device device ON device.id = meter.device_id
          JOIN meter_type type ON type.id = meter.type_id
        """
    )
    known = {(row[0], row[1]): row[2:] for row in env.cr.fetchall()}
    lines = io.StringIO()
    for serial, code, moment, value in _rows(devices, count, _start(env)):
        meter, device, company, partner = known[serial, code]
        lines.write(
            f"{meter}\t{device}\t{company}\t{partner}\t{moment}\t{moment.date()}\t"
            f"{value}\tactual\timport\tvalid\t1\t{moment}\t1\t{moment}\n"
        )
    lines.seek(0)
    began = perf_counter()
    env.cr.copy_expert(
        "COPY meter_reading (meter_id, device_id, company_id, partner_id, read_at, "
        "date, value, kind, source, state, create_uid, create_date, write_uid, "
        "write_date) FROM STDIN",
        lines,
    )
    env.cr.commit()
    return {"rows": count, "seconds": round(perf_counter() - began, 2)}


def file(env, devices, count):
    """Import a CSV file with a row a reading as a user does, and import it again."""
    lines = ["Serial,Meter,Date,Value"]
    for serial, code, moment, value in _rows(devices, count, _start(env)):
        lines.append(f"{serial},{code},{moment},{value}")
    content = base64.b64encode("\n".join(lines).encode())
    del lines
    taken = {"rows": count}
    for name in ("seconds", "repeat_seconds"):
        delivery = env["meter.reading.import"].create(
            {"name": "fleet.csv", "file": content}
        )
        env.cr.commit()
        env.invalidate_all()
        began = perf_counter()
        delivery.action_import()
        env["meter.reading.import"]._cron_import()
        env.cr.commit()
        taken[name] = round(perf_counter() - began, 1)
        if delivery.state != "done":
            raise RuntimeError(delivery.reason)
        taken[name.replace("seconds", "stored")] = delivery.created_count
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {**taken, "peak_mb": peak}


TASKS = {
    "prepare": prepare,
    "ingest": ingest,
    "load": load,
    "load_ids": load_ids,
    "copy": copy,
    "file": file,
}

if __name__ == "__main__":
    main(*sys.argv[1:])
