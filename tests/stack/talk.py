# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Talk with processes of our own, a line there and a line back."""

import subprocess

from . import odoo_server, paths


def start(module, *arguments):
    """Start `python -m MODULE` where Odoo can be imported; return the process."""
    return subprocess.Popen(
        [paths.PYTHON, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=odoo_server.environment(),
        cwd=paths.ROOT,
        text=True,
    )


def tell(process, line):
    """Send a line to a process."""
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def hear(process):
    """Return the next line of a process."""
    return process.stdout.readline().strip()
