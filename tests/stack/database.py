# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Databases together with their filestores.

What a database was made from is written into its comment, so that database and
description cannot come apart.
"""

import os
import re
import shutil

from . import paths, postgres
from .errors import StackError

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
FORBID_VACUUM = """
DO $$
DECLARE
    item regclass;
BEGIN
    FOR item IN
        SELECT oid FROM pg_class
         WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = false)', item);
    END LOOP;
END $$
"""


def names(prefix=""):
    """Return the names of the databases that start with `prefix`."""
    listed = postgres.query("SELECT datname FROM pg_database ORDER BY 1").splitlines()
    return [name for name in listed if name.startswith(prefix)]


def exists(name):
    """Tell whether there is a database `name`."""
    return name in names()


def comment(name):
    """Return the comment of database `name`, empty where it has none."""
    return postgres.query(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database "
        f"WHERE datname = '{_checked(name)}'"
    )


def set_comment(name, text):
    """Set the comment of database `name`; `text` has no quotes."""
    postgres.query(f"COMMENT ON DATABASE {_checked(name)} IS '{text}'")


def clone(source, name):
    """Make `name` anew as a copy of `source`.

    Attachments are shared as hard links: Odoo writes each one once, then only
    unlinks it.

    :raises StackError: somebody is connected to `source`
    """
    drop(name)
    _copy_filestore(source, name)
    postgres.query(f"CREATE DATABASE {_checked(name)} TEMPLATE {_checked(source)}")


def rename(old, new):
    """Rename a database, in place of any that had the name `new`."""
    drop(new)
    folder = paths.FILESTORE / old
    if folder.exists():
        folder.rename(paths.FILESTORE / new)
    postgres.query(f"ALTER DATABASE {_checked(old)} RENAME TO {_checked(new)}")


def drop(name):
    """Delete a database where there is one, whoever is connected to it."""
    if exists(name):
        postgres.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{_checked(name)}'"
        )
    postgres.query(f"DROP DATABASE IF EXISTS {_checked(name)}")
    shutil.rmtree(paths.FILESTORE / name, ignore_errors=True)


def forbid_vacuum(name):
    """Have the tables of a database for tests left alone by autovacuum.

    Tests roll back what they write. Autovacuum takes such tables for empty, whereupon
    the planner joins their thousands of rows one by one, for minutes.
    """
    postgres.query(FORBID_VACUUM, name)


def _copy_filestore(source, name):
    folder = paths.FILESTORE / source
    if folder.is_dir():
        shutil.copytree(folder, paths.FILESTORE / name, copy_function=os.link)


def _checked(name):
    if not NAME.fullmatch(name):
        raise StackError(
            f"{name!r} is no database name that can be used here: take small letters, "
            "digits and underscores."
        )
    return name
