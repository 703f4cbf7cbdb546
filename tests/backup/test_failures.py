# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What goes wrong leaves no half file, a reason, and an activity."""

import base64
import hashlib
import os
import signal
import subprocess
import time

import paramiko
import psycopg2

from ..stack import odoo_server, paths
from .conftest import (
    do,
    make,
    names,
    running_process,
    to_folder,
    to_sftp,
    wait,
)


def check_failed(name, run, words):
    """Assert that a run failed for the reason `words`, which somebody is told."""
    assert run["state"] == "failed"
    assert words in run["reason"]
    notes = do(name, "activities")
    assert len(notes) == 1
    assert words.split("'")[0] in notes[0]


def test_backups_by_sftp_kept_as_long_as_they_should(copied, place, key, sftp):
    foreign = place / "somebody_else.zip.age"
    foreign.write_text("not ours")
    backup = to_sftp(
        copied,
        key[1],
        sftp,
        keep_last=2,
        keep_daily=0,
        keep_weekly=0,
        keep_monthly=0,
    )
    made = [make(copied, backup) for _ in range(3)]
    assert [run["state"] for run in made] == ["done"] * 3, made
    assert names(place) == sorted([foreign.name, *(run["name"] for run in made[1:])])
    assert [run["state"] for run in do(copied, "runs")] == ["removed", "done", "done"]
    assert (place / made[1]["name"]).stat().st_mode & 0o777 == 0o600
    # A failed one deletes nothing.
    sftp.quota = 100_000
    check_failed(copied, failed := make(copied, backup), "disk full?")
    assert names(place) == sorted([foreign.name, *(run["name"] for run in made[1:])])
    # The next good one takes the activity away.
    sftp.quota = None
    last = make(copied, backup)
    assert last["state"] == "done", last["reason"]
    assert do(copied, "activities") == []
    assert failed["name"] not in names(place)
    assert names(place) == sorted([foreign.name, made[2]["name"], last["name"]])
    # Made is made, even if old ones cannot be deleted; somebody is told.
    sftp.may_delete = False
    assert make(copied, backup)["state"] == "done"
    assert len(names(place)) == 4
    (note,) = do(copied, "activities")
    assert "old ones could not be deleted" in note


def test_the_server_is_asked_for_its_key(copied, key, sftp):
    backup = to_sftp(copied, key[1], sftp, sftp_host_key=False)
    stored, told = do(copied, "fetch_host_key", backup_id=backup)
    assert stored == sftp.host_key
    digest = base64.b64encode(hashlib.sha256(sftp.key.asbytes()).digest())
    assert told.endswith(f"SHA256:{digest.decode().rstrip('=')}")
    other = to_sftp(copied, key[1], sftp, sftp_host_key=False)
    sftp.close()
    stored, told = do(copied, "fetch_host_key", backup_id=other)
    assert not stored
    assert told.startswith("The server does not answer: ")


def test_a_private_key_instead_of_a_password(copied, place, key, sftp):
    own = paramiko.RSAKey.generate(2048)
    sftp.authorized = own
    file = place.parent / "id_rsa"
    own.write_private_key_file(str(file))
    backup = to_sftp(
        copied, key[1], sftp, sftp_password=False, sftp_private_key=file.read_text()
    )
    run = make(copied, backup)
    assert run["state"] == "done", run["reason"]
    assert names(place) == [run["name"]]


def test_a_server_that_is_not_the_one_gets_nothing(copied, place, key, sftp):
    other = paramiko.ECDSAKey.generate()
    backup = to_sftp(
        copied,
        key[1],
        sftp,
        sftp_host_key=f"{other.get_name()} {other.get_base64()}",
    )
    check_failed(copied, make(copied, backup), "is not the server it should be")
    assert names(place) == []
    # Nor without a known key.
    do(copied, "change", backup_id=backup, sftp_host_key=False)
    assert "key is not known yet" in make(copied, backup)["reason"]
    # Nor who is not let in; the password is nowhere to be read.
    do(
        copied,
        "change",
        backup_id=backup,
        sftp_host_key=sftp.host_key,
        sftp_password="wrong one",
    )
    run = make(copied, backup)
    assert "does not let backup in" in run["reason"]
    assert "wrong one" not in run["reason"]
    assert names(place) == []


def test_a_server_that_is_gone(copied, place, key, sftp):
    sftp.close()
    backup = to_sftp(copied, key[1], sftp)
    check_failed(copied, make(copied, backup), "Unable to connect to port")
    assert names(place) == []


def test_a_folder_that_is_not_there(copied, place, key):
    backup = to_folder(copied, key[1], place / "nowhere")
    check_failed(copied, make(copied, backup), "There is no folder")
    assert names(place) == []


def test_killed_in_the_middle(copied, place, key):
    backup = to_folder(copied, key[1], place)
    # As slow as a large database: it waits for a lock in the middle.
    with Lock(copied, "meter_statement"):
        do(copied, "tick", backup_id=backup)
        until = time.monotonic() + 120
        while not names(place):
            assert time.monotonic() < until
            time.sleep(0.1)
        (part,) = names(place)
        assert part.endswith(".part")
        # While it lives nobody calls it dead, nor starts another one.
        do(copied, "watch")
        do(copied, "tick", backup_id=backup)
        assert [run["state"] for run in do(copied, "runs")] == ["running", "waiting"]
        (process,) = running_process(copied)
        os.kill(process, signal.SIGKILL)
        while running_process(copied):
            time.sleep(0.1)
    do(copied, "watch")
    wait(copied)
    first, second = do(copied, "runs")
    assert first["state"] == "failed"
    assert "killed, or the server was stopped" in first["reason"]
    # The one that waited was made then, and cleared away the part.
    assert second["state"] == "done", second["reason"]
    assert names(place) == [second["name"]]


def test_a_file_that_is_gone_is_told(copied, place, key):
    stored = do(copied, "attach", name="Lost", text="lost and not found")
    (paths.FILESTORE / copied / stored).unlink()
    run = make(copied, to_folder(copied, key[1], place))
    assert run["state"] == "done"
    assert run["missing_files"] == stored


def test_a_full_disk(copied, place, key):
    backup = to_folder(copied, key[1], place)
    # The nearest to a full disk that a test can have: no file may be so large.
    do(copied, "tick", backup_id=backup, largest_file=300_000)
    wait(copied)
    check_failed(copied, do(copied, "runs")[-1], "File too large")
    assert names(place) == []


def test_limits_of_a_worker_are_not_those_of_its_backup():
    """A worker may use so many seconds of CPU; what it starts would inherit that."""
    code = """
import resource
from odoo.cli.command import find_command
_soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
resource.setrlimit(resource.RLIMIT_CPU, (1000, hard))
find_command("backup").run.__globals__["lift_limits"]()
print(resource.getrlimit(resource.RLIMIT_CPU) == (hard, hard))
"""
    environment = odoo_server.environment()
    answer = subprocess.check_output(
        [paths.PYTHON, "-c", code], text=True, env=environment, cwd=paths.ROOT
    )
    assert answer.strip() == "True"


class Lock:
    """Holds a table for itself, from another connection."""

    def __init__(self, name, table):
        environment = odoo_server.environment()
        self._connection = psycopg2.connect(
            dbname=name,
            host=environment["PGHOST"],
            port=environment["PGPORT"],
            user=environment["PGUSER"],
            password=environment["PGPASSWORD"],
        )
        self._connection.cursor().execute(f"LOCK TABLE {table}")

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._connection.close()
