# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The Odoo 19 that everything runs on: ours, or the one that ODOO_HOME names."""

import os
import re
import shutil
from pathlib import Path

from . import paths
from .errors import StackError


def own_home():
    """Return the user's own Odoo tree, or None.

    :raises StackError: ODOO_HOME names something else than an Odoo 19
    """
    if not os.environ.get("ODOO_HOME"):
        return None
    home = Path(os.environ["ODOO_HOME"]).expanduser().resolve()
    release = home / "odoo/release.py"
    found = release.is_file() and re.search(
        r"^version_info = \((\d+),", release.read_text(), re.MULTILINE
    )
    if not found:
        raise StackError(
            f"ODOO_HOME is {home}, which has no odoo/release.py: name the folder that "
            "holds the `odoo` package, or unset it."
        )
    if found[1] != "19":
        raise StackError(f"ODOO_HOME is an Odoo {found[1]}; Odoo 19 is needed.")
    return home


def python_folder():
    """Return the folder that has the `odoo` package in it."""
    return own_home() or paths.ODOO_PREFIX / "usr/lib/python3/dist-packages"


def addons_folders():
    """Return the folders of Odoo's own modules; the last one has the web client."""
    home = python_folder()
    folders = [home / "odoo/addons"]
    if (home / "addons/web/static").is_dir():  # a source checkout has two folders
        folders.append(home / "addons")
    return folders


def tidy():
    """Remove what Debian's package brings besides Odoo itself.

    They would be importable as `addons`, `setup` and `doc`; `addons` is a second,
    incomplete copy of the modules.
    """
    for name in ("addons", "setup", "doc"):
        shutil.rmtree(python_folder() / name, ignore_errors=True)


def release_key():
    """Return what tells one release of Odoo from another."""
    return (python_folder() / "odoo/release.py").read_text()
