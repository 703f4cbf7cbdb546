# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""`make i18n`: write each module's .pot, and bring its translations up to it."""

import subprocess

from . import database, modules, odoo_server, paths, templates
from .errors import StackError
from .run_setup import setup

#: The languages that we ship, as Odoo names their files.
LANGUAGES = ("es", "tr")
NAME = "meter_i18n"


def run_i18n():
    """Export the terms of all modules and merge them into the translations.

    New terms are added without a translation, gone ones are dropped.

    :return: exit status
    :raises StackError: the modules do not install
    """
    setup("make i18n")
    database.drop(NAME)
    database.clone(templates.module(), NAME)
    try:
        done = subprocess.run(
            [
                paths.BIN / "odoo",
                "i18n",
                "export",
                "-c",
                paths.ODOO_CONF,
                "-d",
                NAME,
                *modules.names(),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=odoo_server.environment(),
            cwd=paths.ROOT,
            check=False,
        )
    finally:
        database.drop(NAME)
    if done.returncode:
        raise StackError(f"Odoo did not export the terms:\n{done.stderr[-2000:]}")
    return odoo_server.run_script("merge_translations", *LANGUAGES)
