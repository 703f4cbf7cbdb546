# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""`make bench`: how fast readings are taken in, beside Odoo's load() and a bare COPY.

Each measurement is a process of its own on a fresh copy of a prepared database.
"""

import json
import os
import statistics
import subprocess

from ..stack import database, odoo_server, paths, postgres, templates
from ..stack.errors import StackError
from ..stack.lock import lock
from ..stack.run_setup import setup
from ..stack.say import say

METERS_A_DEVICE, DAYS = 4, 25
#: load() is slow enough to be known after fewer rows.
LOAD_PART = 50


def run_ingest(count, stored, rounds):
    """Measure and print the ratios, the raw figures below.

    :param int count: readings that are taken in
    :param int stored: readings that are there already, to see how the cost grows
    :param int rounds: measurements of each
    :raises StackError: a measurement failed or stored other than all of its rows
    """
    setup("make bench")
    devices = max(1, count // (METERS_A_DEVICE * DAYS))
    prefix = f"meter_bench_{os.getpid()}"
    empty, full = f"{prefix}_empty", f"{prefix}_full"
    tasks = ("ingest", "load", "load_ids", "copy", "ingest, stored")
    measured = {name: [] for name in tasks}
    try:
        with lock("setup", "make bench"):
            database.clone(templates.module(), empty)
        say(f"Preparing {devices} devices … ")
        run_session("ingest", "prepare", empty, devices, 0)
        postgres.query("VACUUM ANALYZE", empty)
        if stored:
            say(f"Preparing {stored} readings … ")
            database.clone(templates.module(), full)
            run_session("ingest", "prepare", full, devices, stored)
            postgres.query("VACUUM ANALYZE", full)
        say(f"A file of {count} rows, twice … ")
        database.clone(empty, f"{prefix}_run")
        imported = run_session("ingest", "file", f"{prefix}_run", devices, count)
        for number in range(1, rounds + 1):
            for name, runs in measured.items():
                task = name.partition(",")[0]
                if task != name and not stored:
                    continue
                say(f"Round {number} of {rounds}, {name} … ")
                rows = max(1000, count // LOAD_PART) if "load" in task else count
                database.clone(empty if task == name else full, f"{prefix}_run")
                runs.append(run_session("ingest", task, f"{prefix}_run", devices, rows))
    finally:
        for name in database.names(prefix):
            database.drop(name)
    _check(measured)
    _report(measured, count, stored)
    for key, value in imported.items():
        print(f"file import {key}: {value}")


def run_session(module, task, name, *numbers):
    """Run one task of a module in a process of its own; return what it printed.

    :raises StackError: it failed; its last words
    """
    done = subprocess.run(
        [
            paths.PYTHON,
            "-m",
            f"{__package__}.{module}",
            task,
            name,
            *map(str, numbers),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=odoo_server.environment(),
        cwd=paths.ROOT,
        check=False,
    )
    if done.returncode:
        raise StackError(f"{task} failed.\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _check(measured):
    for run in measured["ingest"] + measured["ingest, stored"]:
        if run["statuses"] != {"created": run["rows"]}:
            raise StackError(f"Not all readings were stored: {run['statuses']}")


def _report(measured, count, stored):
    """Print a ratio a line, then what each was computed from."""
    per_row = {
        name: statistics.median(run["seconds"] / run["rows"] for run in runs)
        for name, runs in measured.items()
        if runs
    }
    ours = per_row["ingest"]
    print(f"ingest_vs_odoo_load: {per_row['load'] / ours:.2f}")
    print(f"ingest_vs_odoo_load_by_id: {per_row['load_ids'] / ours:.2f}")
    print(f"ingest_vs_copy: {ours / per_row['copy']:.2f}")
    if stored:
        print(f"cost_growth_ingest: {per_row['ingest, stored'] / ours:.2f}")
    print(f"\n{count} readings, stored before: {stored}")
    for name, runs in measured.items():
        for key in ("rows", "seconds", "queries", "peak_mb"):
            if runs and key in runs[0]:
                print(f"{name} {key}: {' '.join(str(run[key]) for run in runs)}")
