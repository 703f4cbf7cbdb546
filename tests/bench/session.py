# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What `make bench` does inside Odoo: prepare a side's database, or bill it once."""

import gc
import importlib
import json
import sys
from time import perf_counter, process_time

from ..stack.session import environment
from . import dealer

#: Billed before the clock starts: caches are warm in a server as well.
WARM_UP = 20


def main(task, side, database, *arguments):
    """Carry out one task for a side in its database."""
    side = importlib.import_module(f"{__package__}.side_{side}")
    with environment(database) as env:
        if task == "prepare":
            prepare(env, side, int(arguments[0]))
        else:
            print(json.dumps(measure(env, side)), flush=True)


def prepare(env, side, count):
    """Create `count` customers, those to warm up with besides, and what bills them."""
    dealer.create_customers(env, count + WARM_UP)
    side.prepare(env, dealer.find_customers(env))


def measure(env, side):
    """Bill all customers but the first once; return what it took and came to."""
    customers = dealer.find_customers(env)
    side.plan(env, customers[:WARM_UP])()
    env.cr.commit()
    customers = customers[WARM_UP:]
    bill = side.plan(env, customers)
    env.cr.commit()
    env.invalidate_all()
    gc.collect()
    queries, cpu, start = env.cr.sql_log_count, process_time(), perf_counter()
    bill()
    env.cr.commit()
    taken = {
        "seconds": round(perf_counter() - start, 3),
        "python_seconds": round(process_time() - cpu, 3),
        "queries": env.cr.sql_log_count - queries,
    }
    return {**taken, "billed": billed(env, customers)}


def billed(env, customers):
    """Return what the customers' posted invoices come to, to compare the sides."""
    moves = env["account.move"].search(
        [("partner_id", "in", customers.ids), ("state", "=", "posted")]
    )
    return {
        "invoices": len(moves),
        "lines": len(moves.invoice_line_ids),
        "untaxed": round(sum(moves.mapped("amount_untaxed")), 2),
        "total": round(sum(moves.mapped("amount_total")), 2),
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
