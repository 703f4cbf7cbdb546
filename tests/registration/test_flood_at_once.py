# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Registrations that come at one moment are counted together."""

import os
import subprocess

from ..stack import database, odoo_server, paths, postgres, templates

MOST_BY_IP = 5
SENT = 12


def test_the_limit_holds_for_registrations_at_once():
    name = f"meter_flood_{os.getpid()}"
    database.clone(templates.module(), name)
    try:
        program = subprocess.run(
            [paths.PYTHON, "-m", "tests.registration.session", name, str(SENT)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=odoo_server.environment(),
            cwd=paths.ROOT,
            text=True,
            timeout=300,
            check=True,
        )
        stored = postgres.query("SELECT count(*) FROM partner_registration", name)
        mails = postgres.query("SELECT count(*) FROM mail_mail", name)
    finally:
        database.drop(name)
    assert int(program.stdout.split()[-1]) == SENT - MOST_BY_IP
    assert (int(stored), int(mails)) == (MOST_BY_IP, MOST_BY_IP)
