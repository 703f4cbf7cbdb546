# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""`make bench`: how long the nightly look for silent customers takes."""

import os

from ..stack import database, postgres, templates
from ..stack.lock import lock
from ..stack.run_setup import setup
from ..stack.say import say
from .run_ingest import run_session

MESSAGES_A_PARTNER = 20


def run_alarms(messages):
    """Store messages, then print how long each step takes.

    :param int messages: of customers, twenty each
    :raises StackError: a task failed
    """
    setup("make bench")
    partners = max(1, messages // MESSAGES_A_PARTNER)
    name = f"meter_bench_{os.getpid()}_alarms"
    try:
        with lock("setup", "make bench"):
            database.clone(templates.module(), name)
        say(f"Preparing {messages} messages of {partners} customers … ")
        run_session("alarms", "prepare", name, partners, messages)
        postgres.query("VACUUM ANALYZE", name)
        asked = run_session("alarms", "ask", name)
    finally:
        database.drop(name)
    for key, value in asked.items():
        print(f"{key}: {value}")
