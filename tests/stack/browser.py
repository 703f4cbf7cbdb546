# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The Chromium that browser tests drive."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import apt, paths
from .errors import StackError

#: The names Odoo looks for, in its order.
NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")


def find():
    """Return the path of an installed browser, or None."""
    path = f"{paths.BIN}:{os.environ.get('PATH', '')}"
    return next(filter(None, (shutil.which(name, path=path) for name in NAMES)), None)


def works():
    """Tell whether there is a browser that shows a page without a screen."""
    browser = find()
    if not browser:
        return False
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.html")
        page.write_text("<title>x</title><p id='shown'>shown</p>")
        options = ("--headless", "--no-sandbox", "--disable-gpu", "--dump-dom")
        quiet = ("--no-first-run", "--disable-background-networking")
        profile = f"--user-data-dir={folder}/profile"
        try:
            done = subprocess.run(
                [browser, *options, *quiet, "--disable-dev-shm-usage", profile, page],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
    return 'id="shown"' in done.stdout


def install():
    """Have a browser that works, from the system's packages where there is none.

    :raises StackError: Ubuntu's own is a snap, which tests cannot drive; or apt failed
    """
    if not find():
        if "ubuntu" in _distribution():
            raise StackError(
                "browser tests need Chromium or Chrome, and Ubuntu's chromium package "
                "is a snap, which they cannot drive. Install google-chrome-stable "
                "from its maker, then run the same command again."
            )
        apt.install(["chromium"])
    if not works():
        raise StackError(
            f"{find()} does not show a page in headless mode: try `{find()} --headless "
            "--no-sandbox --dump-dom about:blank` and see what it says."
        )


def _distribution():
    release = Path("/etc/os-release")
    lines = release.read_text().splitlines() if release.is_file() else []
    return " ".join(line for line in lines if line.startswith(("ID=", "ID_LIKE=")))
