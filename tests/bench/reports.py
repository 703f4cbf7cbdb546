# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What `make bench` does inside Odoo to measure how long the analyses take."""

import json
import sys
from time import perf_counter

from ..stack.session import environment
from . import ingest

QUESTIONS = {
    "usage by month and customer": (
        "meter.usage.report",
        ["month:month", "partner_id"],
        ["pages:sum"],
    ),
    "usage by model, meter and source": (
        "meter.usage.report",
        ["model_id", "type_id", "source"],
        ["pages:sum"],
    ),
    "usage by device": ("meter.usage.report", ["device_id"], ["pages:sum"]),
    "profit by month": (
        "meter.profit.report",
        ["month:month"],
        ["revenue:sum", "cost:sum", "margin_rate:avg"],
    ),
    "profit by device": (
        "meter.profit.report",
        ["device_id"],
        ["revenue:sum", "cost:sum", "margin_rate:avg"],
    ),
    "performance by status": (
        "meter.device.performance",
        ["status"],
        ["__count", "monthly_volume:sum"],
    ),
}


def main(task, database, *numbers):
    """Carry out one task in a database and print what it returns as JSON."""
    with environment(database) as env:
        taken = TASKS[task](env, *map(int, numbers))
        env.cr.commit()
        print(json.dumps(taken), flush=True)


def prepare(env, devices, stored):
    """Store readings, count their pages for the first time, and enter costs."""
    ingest.prepare(env, devices, stored)
    types = env["meter.meter"].search([], limit=4).type_id
    env["meter.page.cost"].create(
        [
            {
                "model_id": env["meter.device"].search([], limit=1).model_id.id,
                "type_id": kind.id,
                "cost": 0.01,
            }
            for kind in types
        ]
    )
    env["meter.usage.change"].init()
    env.cr.commit()
    began = perf_counter()
    env["meter.usage"]._cron_update()
    env.cr.commit()
    return {
        "first count, seconds": round(perf_counter() - began, 1),
        "months of meters": env["meter.usage"].search_count([]),
    }


def ask(env):
    """Return the seconds that each question takes, asked for the second time."""
    taken = {}
    for name, (model, groupby, aggregates) in QUESTIONS.items():
        taken[name] = _time(
            env,
            lambda m=model, g=groupby, a=aggregates: env[m]._read_group([], g, a),
        )
    taken["dashboard"] = _time(env, env["meter.dashboard"].get_figures)
    return taken


def _time(env, question):
    seconds = []
    for _round in range(3):
        env.invalidate_all()
        began = perf_counter()
        question()
        seconds.append(perf_counter() - began)
    return round(min(seconds), 2)


TASKS = {"prepare": prepare, "ask": ask}

if __name__ == "__main__":
    main(*sys.argv[1:])
