# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Restore an archive into a new database, and check that it is what was backed up."""

import contextlib
import hashlib
import json
import shutil
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path

import odoo
from odoo.service import db as service

from . import facts as facts_of
from .dump import FACTS
from .encryption import decrypt


def restore(file, keys, database, *, neutralize=False, folder=None, tell=print):
    """Restore the encrypted backup `file` as the new `database`, and check it.

    :param keys: private keys, see encryption.identities
    :param neutralize: whether to make it harmless: no mails, no scheduled actions
    :param folder: where the decrypted archive is while this runs
    :return: in words what differs from the database when it was backed up
    :raises ValueError: the file cannot be restored; the message says why
    """
    if service.exp_db_exist(database) or facts_of.filestore(database).exists():
        raise ValueError(f"There is a database {database}: restore to a new name.")
    with decrypted(file, keys, folder, tell) as archive:
        facts = read_facts(archive)
        tell(f"Restoring {database}, as of {facts['taken_at']} …")
        try:
            service.restore_db(
                database, str(archive), copy=True, neutralize_database=neutralize
            )
        except BaseException:
            service.exp_drop(database)
            shutil.rmtree(facts_of.filestore(database), ignore_errors=True)
            raise
    tell("Checking it …")
    found = check(database, facts, neutralize)
    _settle(database)
    return found


@contextlib.contextmanager
def decrypted(file, keys, folder=None, tell=print):
    """Yield the path of the archive in the encrypted `file`, checked to be whole.

    :raises ValueError: it cannot be decrypted, or is no archive
    """
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".zip") as plain:
        tell(f"Decrypting {file} …")
        with Path(file).open("rb") as source:
            decrypt(source, plain, keys)
        plain.flush()
        try:
            with zipfile.ZipFile(plain.name) as archive:
                broken = archive.testzip()
                lacking = {"dump.sql", FACTS} - set(archive.namelist())
        except zipfile.BadZipFile as error:
            raise ValueError(f"{file} is no backup: {error}.") from error
        if broken or lacking:
            what = broken or ", ".join(sorted(lacking))
            raise ValueError(f"{file} is no whole backup: see {what} in it.")
        yield Path(plain.name)


def read_facts(archive):
    """Return the facts in the decrypted `archive`."""
    with zipfile.ZipFile(archive) as content:
        return json.loads(content.read(FACTS))


def check(database, facts, neutralized=False):
    """Return in words where `database` differs from the `facts` of a backup."""
    with closing(odoo.sql_db.db_connect(database).cursor()) as cr:
        may_differ = facts_of.neutralized_tables(cr) if neutralized else ()
        found = facts_of.differences(facts, facts_of.take(cr), without=may_differ)
        names = facts_of.stored_files(cr)
    missing = set(facts["missing_files"])
    folder = facts_of.filestore(database)
    for name in names:
        if name not in missing and not _is_whole(folder / name):
            found.append(f"file {name}: changed or not there")
    return found


def _is_whole(path):
    """Tell whether a file of the filestore is what its name says: its SHA-1."""
    try:
        with path.open("rb") as stream:
            digest = hashlib.sha1(usedforsecurity=False)
            while block := stream.read(1 << 20):
                digest.update(block)
    except FileNotFoundError:
        return False
    return digest.hexdigest() == path.name


def _settle(database):
    """Have the copy know that the backup it comes from is not under way in it."""
    with odoo.sql_db.db_connect(database).cursor() as cr:
        cr.execute("SELECT to_regclass('database_backup_run')")
        if cr.fetchone() != (None,):
            cr.execute(
                """
                UPDATE database_backup_run SET state = 'failed',
                       reason = 'Waiting or running when this copy was made.'
                 WHERE state IN ('waiting', 'running')
                """
            )
