# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A backup made by the scheduler, restored by the command, compared row by row."""

import hashlib
import json
import subprocess
import zipfile

import pyrage

from ..stack import odoo_server, paths, postgres
from .conftest import backup_command, do, make, names, running_process, to_folder

#: What a restore changes, or the process that makes the backup in its end.
CHANGED = ("ir_config_parameter", "database_backup_run", "ir_cron_trigger")
TABLES = """
    SELECT relname FROM pg_class WHERE relkind = 'r'
       AND relnamespace = 'public'::regnamespace AND relname !~ '^(orm_signaling|bus)'
"""


def contents(name):
    """Return a digest of the rows of each table of database `name`."""
    return {
        table: postgres.query(
            f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) "
            f'FROM "{table}" t',
            name,
        )
        for table in postgres.query(TABLES, name).splitlines()
        if table not in CHANGED
    }


def files(name):
    """Return a digest of each file that attachments of database `name` refer to."""
    stored = postgres.query(
        "SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL",
        name,
    ).splitlines()
    return {
        file: hashlib.sha256((paths.FILESTORE / name / file).read_bytes()).hexdigest()
        for file in stored
    }


def decrypted(file, private):
    """Decrypt a backup without Odoo, as the age program does; return the zip."""
    plain = file.with_name("plain.zip")
    identity = pyrage.x25519.Identity.from_str(private.read_text().splitlines()[-1])
    pyrage.decrypt_file(str(file), str(plain), [identity])
    return plain


def test_what_is_restored_is_what_was_there(copied, restored, place, key):
    private, public = key
    backup = to_folder(copied, public, place)
    run = make(copied, backup)
    assert run["state"] == "done", run["reason"]
    assert names(place) == [run["name"]]
    file = place / run["name"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert hashlib.sha256(file.read_bytes()).hexdigest() == run["sha256"]
    assert run["file_count"] == len(files(copied)) > 3
    assert not running_process(copied)

    before, files_before = contents(copied), files(copied)
    done = backup_command("restore", file, "-i", private, "-d", restored)
    assert done.returncode == 0, done.stderr
    assert "all counts, balances and files agree" in done.stdout
    assert contents(restored) == before
    assert files(restored) == files_before
    uuid = "SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'"
    assert postgres.query(uuid, restored) != postgres.query(uuid, copied)
    # The copy makes its own backups, and leaves alone what is its original's.
    do(restored, "change", backup_id=backup, keep_daily=0, keep_weekly=0, keep_last=1)
    do(restored, "change", backup_id=backup, keep_monthly=0)
    own = make(restored, backup)
    assert own["state"] == "done", own["reason"]
    assert names(place) == sorted([run["name"], own["name"]])


def test_a_difference_is_found_and_fails_the_command(copied, restored, place, key):
    private, public = key
    run = make(copied, to_folder(copied, public, place))
    # As if a row, a cent and a file had not come through.
    plain = decrypted(place / run["name"], private)
    changed = place / "changed.zip"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "backup.json":
                facts = json.loads(data)
                facts["tables"]["res_partner"][0] += 1
                account = next(iter(facts["balances"]))
                facts["balances"][account][1] += "1"
                data = json.dumps(facts)
            elif name.startswith("filestore/"):
                data = b"damaged" if data.startswith(b"licence 1") else data
            new.writestr(name, data)
    changed_age = place / "changed.zip.age"
    recipient = pyrage.x25519.Recipient.from_str(public)
    pyrage.encrypt_file(str(changed), str(changed_age), [recipient])
    done = backup_command("restore", changed_age, "-i", private, "-d", restored)
    assert done.returncode == 1
    said = done.stderr
    assert "not the same as what was backed up" in said
    assert "table res_partner" in said
    assert f"balance of {account}" in said
    assert "changed or not there" in said
    assert len([line for line in said.splitlines() if line.startswith("    ")]) == 3


def test_a_neutralized_copy_backs_up_nothing(copied, restored, place, key):
    private, public = key
    backup = to_folder(copied, public, place)
    run = make(copied, backup)
    done = backup_command(
        "restore", place / run["name"], "-i", private, "-d", restored, "--neutralize"
    )
    assert done.returncode == 0, done.stderr
    assert postgres.query("SELECT active FROM database_backup", restored) == "f"
    assert postgres.query("SELECT active FROM database_backup", copied) == "t"


def test_odoo_itself_restores_it(copied, restored, place, key):
    private, public = key
    run = make(copied, to_folder(copied, public, place))
    plain = decrypted(place / run["name"], private)
    subprocess.run(
        [paths.BIN / "odoo", "db", "load", restored, plain],
        env=odoo_server.environment(),
        cwd=paths.ROOT,
        check=True,
        capture_output=True,
    )
    assert contents(restored) == contents(copied)
    assert files(restored) == files(copied)


def test_what_cannot_be_restored_is_refused(copied, restored, place, key, tmp_path):
    private, public = key
    run = make(copied, to_folder(copied, public, place))
    file = place / run["name"]
    other = tmp_path / "other.key"
    backup_command("keygen", other)
    half = place / "half.zip.age"
    half.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    for arguments, words in (
        ((file, "-i", other, "-d", restored), "cannot be decrypted with this key"),
        ((half, "-i", private, "-d", restored), "only a part of a backup"),
        ((file, "-i", file, "-d", restored), ""),
        ((place / "none", "-i", private, "-d", restored), "No such file"),
        ((file, "-i", private, "-d", copied), "restore to a new name"),
    ):
        done = backup_command("restore", *arguments)
        assert done.returncode == 1
        assert words in done.stderr
        assert "Traceback" not in done.stderr
    assert (
        postgres.query(f"SELECT count(*) FROM pg_database WHERE datname = '{restored}'")
        == "0"
    )
    assert backup_command("check", file, "-i", private).returncode == 0
    assert backup_command("check", half, "-i", private).returncode == 1
    # A key is never overwritten.
    text = private.read_text()
    assert backup_command("keygen", private).returncode == 1
    assert private.read_text() == text
