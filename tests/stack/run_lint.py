# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""`make lint`: the linters, as pre-commit runs them too."""

import subprocess

from . import modules, paths
from .run_setup import setup
from .say import say


def run_lint():
    """Run ruff on everything and pylint-odoo on the modules.

    :return: exit status
    """
    setup("make lint")
    commands = [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["pylint", "--rcfile=.pylintrc", *modules.names()],
    ]
    failed = False
    for program, *arguments in commands:
        say(" ".join([program, *arguments]))
        done = subprocess.run(
            [paths.VENV / "bin" / program, *arguments],
            stdin=subprocess.DEVNULL,
            cwd=paths.ROOT,
            check=False,
        )
        failed = failed or done.returncode != 0
    return int(failed)
