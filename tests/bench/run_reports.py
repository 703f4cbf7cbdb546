# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""`make bench`: how long the analyses and the dashboard take over many readings."""

import os

from ..stack import database, postgres, templates
from ..stack.lock import lock
from ..stack.run_setup import setup
from ..stack.say import say
from .run_ingest import METERS_A_DEVICE, run_session

#: Readings of a meter: three years of daily ones.
DAYS = 1095


def run_reports(stored):
    """Store readings, then print how long each question takes.

    :param int stored: readings, of as many devices as are read daily for three years
    :raises StackError: a task failed
    """
    setup("make bench")
    devices = max(1, stored // (METERS_A_DEVICE * DAYS))
    name = f"meter_bench_{os.getpid()}_reports"
    try:
        with lock("setup", "make bench"):
            database.clone(templates.module(), name)
        say(f"Preparing {stored} readings of {devices} devices … ")
        prepared = run_session("reports", "prepare", name, devices, stored)
        postgres.query("VACUUM ANALYZE", name)
        asked = run_session("reports", "ask", name)
    finally:
        database.drop(name)
    for key, value in {**prepared, **asked}.items():
        print(f"{key}: {value}")
