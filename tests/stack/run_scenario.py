# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""`make scenario`: bill scenario files through the whole stack."""

import os
from pathlib import Path

from . import database, odoo_server, templates
from .lock import lock
from .run_setup import setup
from .say import say

#: As for a malformed file: nothing was billed.
NO_FILE = 2


def run_scenario(path):
    """Bill the scenario file `path`, or each file of that folder, in Odoo.

    Standard output is the session's: one line of JSON a file.

    :return: the session's exit status: 0 when every figure was met, 1 when one was
        not, 2 for a malformed file or none at all
    """
    path = Path(path)
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files or not files[0].is_file():
        say(f"FILE={path}: there is no scenario file.")
        return NO_FILE
    setup("make scenario")
    name = f"meter_scenario_{os.getpid()}"
    with lock("setup", "make scenario"):
        database.clone(templates.module(), name)
    try:
        absolute = [str(file.resolve()) for file in files]
        return odoo_server.run_script("scenario_session", name, *absolute)
    finally:
        database.drop(name)
