# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Run Odoo's own command: install, update, test and serve."""

import os
import re
import subprocess

from . import odoo, paths, ports, postgres, python_env
from .command import advice_for
from .errors import StackError
from .say import say

CONFIGURATION = """\
[options]
addons_path = {addons_path}
data_dir = {data_dir}
with_demo = False
workers = 0
http_interface = 127.0.0.1
list_db = False
"""
#: Lines of Odoo's log: `2026-01-31 10:00:00,000 123 WARNING database logger: text`.
RECORD = re.compile(r"^\d{4}-\d\d-\d\d \S+ \d+ ([A-Z]+) ")
ERRORS = ("ERROR", "CRITICAL")
WARNINGS = ("WARNING", *ERRORS)

ENV_FILE = """\
# Source this to work in this clone by hand: paths and the database server.
export PATH="{bin}:{venv}/bin:$PATH"
export ODOO_RC="{conf}"
"""


def write_configuration():
    """Write odoo.conf and env.sh; the database server stays in the environment."""
    folders = [*odoo.addons_folders(), python_env.addons_folder(), paths.ROOT]
    paths.ODOO_CONF.write_text(
        CONFIGURATION.format(
            addons_path=",".join(str(folder) for folder in folders),
            data_dir=paths.DATA,
        )
    )
    text = ENV_FILE.format(bin=paths.BIN, venv=paths.VENV, conf=paths.ODOO_CONF)
    if not postgres.is_users_own():
        for name, value in postgres.environment().items():
            text += f'export {name}="{value}"\n'
    paths.ENV_FILE.touch(mode=0o600)
    paths.ENV_FILE.write_text(text)


def environment():
    """Return all variables for a program that uses Odoo and its database server."""
    path = f"{paths.BIN}:{paths.VENV / 'bin'}:{os.environ.get('PATH', '')}"
    return {
        **{name: value for name, value in os.environ.items() if name != "PGDATABASE"},
        **postgres.environment(),
        "PATH": path,
        "ODOO_RC": str(paths.ODOO_CONF),
        "PYTHONUNBUFFERED": "1",
    }


def command(database, *arguments):
    """Return Odoo's command line for `database`."""
    return [str(paths.BIN / "odoo"), "server", "-d", database, *arguments]


def run(database, *arguments, log, what, fatal=ERRORS, session=None):
    """Run Odoo until it is done (`-i`, `-u`, `--test-tags`), its log in a file.

    :param session: the module of tests.stack that stands for Odoo's command
    :param fatal: the log levels that make the run a failure, whatever its status;
        other problems are only printed; with none, not even that
    :return: the log
    :raises StackError: with the log's problems
    """
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    log_file = paths.LOGS / log
    options = ("--stop-after-init", f"--http-port={ports.any_free()}")
    program = command(database, *arguments, *options)
    if session:
        program[:1] = [str(paths.PYTHON), "-m", f"{__package__}.{session}"]
    with log_file.open("wb") as stream:
        code = subprocess.run(
            program,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=environment(),
            cwd=paths.ROOT,
            check=False,
        ).returncode
    text = log_file.read_text(errors="replace")
    found = problems(text, WARNINGS)
    if code or problems(text, fatal):
        shown = found or text.splitlines()[-15:]
        lines = "\n".join("    " + line for line in shown[:30])
        raise StackError(
            f"{what} failed. {advice_for(text[-20000:])}".rstrip()
            + f"\n{lines}\n    (all of it: {log_file.relative_to(paths.ROOT)})"
        )
    if fatal:  # a test may well provoke what it then sees refused
        for line in found:
            say(line)
    return text


def run_script(module, *arguments):
    """Run `python -m tests.stack.MODULE` where Odoo can be imported.

    Its standard output and error are ours. See session.environment.

    :return: its exit status
    """
    return subprocess.run(
        [paths.PYTHON, "-m", f"{__package__}.{module}", *arguments],
        stdin=subprocess.DEVNULL,
        env=environment(),
        cwd=paths.ROOT,
        check=False,
    ).returncode


def problems(log, levels):
    """Return the lines of an Odoo log at `levels`, tracebacks included."""
    found, inside = [], False
    for line in log.splitlines():
        record = RECORD.match(line)
        if record:
            inside = record[1] in levels
        if inside:
            found.append(line)
    return found


def serve(database, port):
    """Serve `database` at http://localhost:`port` until interrupted."""
    try:
        return subprocess.run(
            command(database, f"--http-port={port}", "--log-level=warn"),
            env=environment(),
            cwd=paths.ROOT,
            check=False,
        ).returncode
    except KeyboardInterrupt:
        say("\nStopped.")
        return 0
