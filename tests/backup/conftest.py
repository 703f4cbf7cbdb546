# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A database with invoices and files, to back up and restore."""

import json
import os
import subprocess
import tempfile
import time

import pyrage
import pytest

from ..crash import dealer
from ..stack import database as databases
from ..stack import odoo_server, paths, postgres
from .sftp_server import PASSWORD, USER, Server


@pytest.fixture(scope="package")
def origin():
    """Yield the name of a database with posted invoices and attachments."""
    with dealer.dealer(5) as name:
        assert dealer.start(name, "bill", 5).wait() == 0
        for number in range(3):
            do(name, "attach", name=f"Licence {number}", text=f"licence {number}" * 999)
        yield name


@pytest.fixture
def copied(origin):
    """Yield the name of a copy of it, for one test."""
    name = f"meter_backup_{os.getpid()}"
    databases.clone(origin, name)
    yield name
    databases.drop(name)


@pytest.fixture
def restored():
    """Yield the name of a database that the test restores to."""
    name = f"meter_restored_{os.getpid()}"
    databases.drop(name)
    yield name
    databases.drop(name)


@pytest.fixture
def key(tmp_path):
    """Return the file of a private key, and its public key."""
    file = tmp_path / "backup.key"
    done = backup_command("keygen", file)
    assert done.returncode == 0, done.stderr
    return file, str(public_key(file))


@pytest.fixture
def place(tmp_path):
    """Return an empty folder for backups."""
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


@pytest.fixture
def sftp(place):
    """Yield an SFTP server that serves that folder."""
    server = Server(place)
    yield server
    server.close()


def public_key(file):
    """Return the public key to the private key in `file`."""
    text = file.read_text().splitlines()[-1]
    return pyrage.x25519.Identity.from_str(text).to_public()


def do(database, command, **values):
    """Carry out a command of session.py in a database; return its answer."""
    # Not a pipe: the process of a backup has the same standard error, and lives on.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            [
                paths.PYTHON,
                "-m",
                "tests.backup.session",
                database,
                command,
                json.dumps(values),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            env=odoo_server.environment(),
            cwd=paths.ROOT,
            check=False,
        )
        said.seek(0)
        assert done.returncode == 0, said.read()
    return json.loads(done.stdout)


def backup_command(*arguments, **options):
    """Run `odoo backup …`; return what became of it."""
    return subprocess.run(
        [paths.BIN / "odoo", "backup", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=odoo_server.environment(),
        cwd=paths.ROOT,
        check=False,
        **options,
    )


def to_folder(name, public, folder, **values):
    """Set up a backup into `folder`; return its id."""
    return do(
        name,
        "configure",
        recipients=public,
        destination="folder",
        folder=str(folder),
        **values,
    )


def to_sftp(name, public, server, **values):
    """Set up a backup to the SFTP `server`; return its id."""
    return do(
        name,
        "configure",
        **{
            "recipients": public,
            "destination": "sftp",
            "sftp_host": "127.0.0.1",
            "sftp_port": server.port,
            "sftp_user": USER,
            "sftp_password": PASSWORD,
            "sftp_host_key": server.host_key,
            **values,
        },
    )


def make(name, backup_id):
    """Have the scheduler make a backup; return its run when the process is done."""
    do(name, "tick", backup_id=backup_id)
    wait(name)
    return do(name, "runs")[-1]


def wait(name, state="running", seconds=180):
    """Wait until no run is in `state`."""
    until = time.monotonic() + seconds
    where = f"SELECT count(*) FROM database_backup_run WHERE state = '{state}'"
    while postgres.query(where, name) != "0":
        assert time.monotonic() < until, "the backup does not end"
        time.sleep(0.2)
    # Its second transaction: retention, activities.
    while running_process(name):
        assert time.monotonic() < until, "the process does not end"
        time.sleep(0.1)


def running_process(name):
    """Return the ids of the processes that back up database `name`."""
    found = subprocess.run(
        ["pgrep", "-f", f"backup work .*--database={name} "],
        capture_output=True,
        text=True,
        check=False,
    )
    return [int(line) for line in found.stdout.split()]


def names(folder):
    """Return the names of the files in `folder`, sorted."""
    return sorted(path.name for path in folder.iterdir())
