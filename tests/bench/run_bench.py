# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""`make bench`: measure the sides in turn and print how they compare.

Each measurement is a process of its own on a fresh copy of a prepared database. The
sides take turns, so that whatever else the machine does hits all of them; what counts
is the median. No timing makes it fail; sides that bill different amounts do.
"""

import json
import os
import shutil
import statistics
import subprocess
from pathlib import Path

from ..stack import (
    command,
    database,
    odoo,
    odoo_server,
    paths,
    postgres,
    python_env,
    templates,
)
from ..stack.errors import StackError
from ..stack.lock import lock
from ..stack.run_setup import setup
from ..stack.say import say
from ..stack.steps import key_of

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
OCA_MODULE = "contract_variable_quantity"
FOLDER = paths.BUILD / "bench"
CONFIGURATION = FOLDER / "odoo.conf"
LARGE = "meter_billing, large"
SIDES = ("meter_billing", "odoo", "oca")


def run_bench(size, large, rounds):
    """Measure all sides and print the ratios, the raw figures below.

    :param int size: contracts that each side bills in one measurement
    :param int large: contracts to see how the cost of one grows; 0: do not
    :param int rounds: measurements of each side
    :raises StackError: the sides billed different amounts, or one failed
    """
    if min(size, rounds) < 1 or large < 0:
        raise StackError("BENCH_N and BENCH_ROUNDS are 1 at least, BENCH_LARGE is 0.")
    setup("make bench")
    prefix = f"meter_bench_{os.getpid()}"
    try:
        prepared = _prepare(prefix, size, large)
        measured = {name: [] for name in prepared}
        for number in range(1, rounds + 1):
            for name, (side, source) in prepared.items():
                say(f"Round {number} of {rounds}, {name} … ")
                database.clone(source, f"{prefix}_run")
                measured[name].append(_session("measure", side, f"{prefix}_run"))
    finally:
        for name in database.names(prefix):
            database.drop(name)
    _check_same_bills(measured)
    _report(measured, size, large)


def _prepare(prefix, size, large):
    """Make the databases to copy.

    :return: {name of a measurement: (side, database)}
    """
    _install_oca()
    with lock("setup", "make bench"):
        database.clone(templates.module(), f"{prefix}_meter_billing")
        for side in ("odoo", "oca"):
            database.clone(templates.base(), f"{prefix}_{side}")
    addons = f"--addons-path={_addons_path()}"
    templates.install(f"{prefix}_oca", [OCA_MODULE], addons)
    prepared = {side: (side, f"{prefix}_{side}") for side in SIDES}
    if large:
        database.clone(f"{prefix}_meter_billing", f"{prefix}_large")
        prepared[LARGE] = ("meter_billing", f"{prefix}_large")
    for name, (side, source) in prepared.items():
        count = large if name == LARGE else size
        say(f"Preparing {name}: {count} contracts … ")
        _session("prepare", side, source, str(count))
        postgres.query("VACUUM ANALYZE", source)
    return prepared


def _install_oca():
    """Have OCA's modules in a folder of their own, with a configuration that has it."""
    stamp, key = FOLDER / "stamp", key_of(REQUIREMENTS.read_text())
    if not stamp.is_file() or stamp.read_text() != key:
        say("Fetching OCA's contract modules … ")
        shutil.rmtree(FOLDER, ignore_errors=True)
        pip = [paths.PYTHON, "-m", "pip", "install", "--disable-pip-version-check"]
        command.run(
            [*pip, "--no-input", "--no-deps", "--target", FOLDER, "-r", REQUIREMENTS],
            "bench-pip.log",
            what="Fetching OCA's contract modules",
            fetches=True,
        )
        stamp.write_text(key)
    CONFIGURATION.write_text(
        odoo_server.CONFIGURATION.format(
            addons_path=_addons_path(), data_dir=paths.DATA
        )
    )


def _addons_path():
    folders = [
        *odoo.addons_folders(),
        python_env.addons_folder(),
        paths.ROOT,
        FOLDER / "odoo" / "addons",
    ]
    return ",".join(str(folder) for folder in folders)


def _session(task, side, name, *arguments):
    """Run one task of the session in a process of its own; return what it printed.

    :raises StackError: it failed; its last words
    """
    done = subprocess.run(
        [paths.PYTHON, "-m", f"{__package__}.session", task, side, name, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**odoo_server.environment(), "ODOO_RC": str(CONFIGURATION)},
        cwd=paths.ROOT,
        check=False,
    )
    if done.returncode:
        raise StackError(f"{side}: {task} failed.\n{done.stderr[-2000:]}")
    return json.loads(done.stdout or "null")


def _check_same_bills(measured):
    """Raise where the sides' invoices are not the same: they cannot be compared."""
    bills = {name: measured[name][0]["billed"] for name in SIDES}
    if any(bill != bills["odoo"] for bill in bills.values()):
        raise StackError(f"The sides billed different amounts: {bills}")


def _report(measured, size, large):
    """Print a ratio a line, then what each was computed from."""
    seconds = {
        name: statistics.median(run["seconds"] for run in runs)
        for name, runs in measured.items()
    }
    ours = seconds["meter_billing"]
    print(f"billing_vs_oca_contract: {ours / seconds['oca']:.2f}")
    print(f"billing_vs_odoo_create_post: {ours / seconds['odoo']:.2f}")
    if large:
        growth = (seconds[LARGE] / large) / (ours / size)
        print(f"cost_growth_billing: {growth:.2f}")
    print(f"\n{size} contracts of 4 meters" + (f", large: {large}" if large else ""))
    for name, runs in measured.items():
        for key in ("seconds", "python_seconds", "queries"):
            print(f"{name} {key}: {' '.join(str(run[key]) for run in runs)}")
    print(f"billed by each side: {json.dumps(measured['odoo'][0]['billed'])}")
