# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""`make bench`: what finding duplicates and judging completeness cost."""

import os

from ..stack import database, postgres, templates
from ..stack.lock import lock
from ..stack.run_setup import setup
from ..stack.say import say
from .run_ingest import run_session


def run_partners(count):
    """Store partners, then print how long each question takes.

    :param int count: partners, of which one in a hundred is a near copy of another
    :raises StackError: a task failed
    """
    setup("make bench")
    name = f"meter_bench_{os.getpid()}_partners"
    try:
        with lock("setup", "make bench"):
            database.clone(templates.module(), name)
        say(f"Preparing {count} partners … ")
        run_session("partners", "prepare", name, count)
        postgres.query("VACUUM ANALYZE", name)
        asked = run_session("partners", "ask", name)
    finally:
        database.drop(name)
    for key, value in asked.items():
        print(f"{key}: {value}")
