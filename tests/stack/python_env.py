# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The virtual environment: pinned packages, and Odoo importable in it."""

import shutil
import subprocess
import sys

from . import odoo, paths
from .command import run

#: The command `odoo` of build/bin.
LAUNCHER = '#!/bin/sh\nexec "{python}" -m odoo "$@"\n'


def works():
    """Tell whether the environment's Python starts (a system upgrade can end it)."""
    return (
        paths.PYTHON.exists()
        and subprocess.run(
            [paths.PYTHON, "-c", "import psycopg2, lxml.etree"],
            capture_output=True,
            check=False,
        ).returncode
        == 0
    )


def install():
    """Create the environment if need be and bring its packages to the pins.

    :raises StackError: the registry did not answer, or a pin is not on offer
    """
    if not (paths.PYTHON.exists() and works()):
        shutil.rmtree(paths.VENV, ignore_errors=True)
        run(
            [sys.executable, "-m", "venv", paths.VENV],
            "venv.log",
            what="Creating the virtual environment",
        )
    command = [paths.PYTHON, "-m", "pip", "install", "--disable-pip-version-check"]
    for log, options in (
        ("pip.log", ["-r", paths.REQUIREMENTS]),
        ("pip-addons.log", ["--no-deps", "-r", paths.ADDON_REQUIREMENTS]),
    ):
        run(
            [*command, "--no-input", *options],
            log,
            what="Installing the Python packages",
            fetches=True,
        )


def addons_folder():
    """Return the folder with the Odoo modules of others (a wheel puts them there)."""
    return paths.site_packages() / "odoo/addons"


def add_odoo():
    """Make `import odoo` and the command `odoo` work in the environment."""
    path_file = paths.site_packages() / "odoo.pth"
    path_file.write_text(f"{odoo.python_folder()}\n")
    paths.BIN.mkdir(parents=True, exist_ok=True)
    launcher = paths.BIN / "odoo"
    launcher.write_text(LAUNCHER.format(python=paths.PYTHON))
    launcher.chmod(0o755)
