# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The archive of a database: Odoo's own zip, written as a stream.

`odoo db dump` copies the filestore first and dumps the database minutes later, so
attachments of the minutes between have no file, and needs room for a second copy of
everything. Here everything is of one snapshot of the database, and nothing is written
but the archive. Odoo restores it like its own: dump.sql, filestore/, manifest.json;
backup.json has the facts that a restore is checked by.
"""

import json
import os
import shutil
import subprocess
import tempfile
import threading
import zipfile
from contextlib import closing
from datetime import datetime, timezone

import odoo
from odoo.service.db import dump_db_manifest
from odoo.tools.misc import exec_pg_environ, find_pg_tool

from . import facts as facts_of
from .encryption import encrypt

LEVEL = 4  # of compression: 9 takes thrice as long for a few percent
FACTS = "backup.json"


def write_encrypted(database, sink, keys):
    """Write the archive of `database`, encrypted for the public `keys`, into `sink`.

    :return: its facts
    :raises OSError: `sink` cannot take it
    :raises RuntimeError: pg_dump failed, with its last words
    """
    pipe = _Pipe(database)
    try:
        encrypt(pipe, sink, keys)
    except Exception as error:
        pipe.close()
        raise pipe.error or getattr(sink, "error", None) or error from None
    pipe.close()
    return pipe.facts


def write(database, stream):
    """Write the archive of `database` into `stream`; return its facts."""
    with closing(odoo.sql_db.db_connect(database).cursor()) as cr:
        # First of all: the snapshot begins with the next statement. Whoever wants to
        # collect garbage in the filestore waits for this lock, and gives up; who
        # works does not.
        cr.execute("LOCK TABLE ir_attachment IN ROW EXCLUSIVE MODE")
        cr.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cr.fetchone()
        with zipfile.ZipFile(
            stream,
            "w",
            zipfile.ZIP_DEFLATED,
            compresslevel=LEVEL,
            strict_timestamps=False,
        ) as archive:
            _dump(database, snapshot, archive)
            facts = {
                "format": 1,
                "taken_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
                **facts_of.take(cr),
                **_add_files(database, facts_of.stored_files(cr), archive),
            }
            archive.writestr(
                "manifest.json", json.dumps(dump_db_manifest(cr), indent=4)
            )
            archive.writestr(FACTS, json.dumps(facts, indent=1))
        cr.rollback()
    return facts


def _dump(database, snapshot, archive):
    command = [find_pg_tool("pg_dump"), "--no-owner", f"--snapshot={snapshot}"]
    with (
        tempfile.TemporaryFile() as said,
        archive.open("dump.sql", "w", force_zip64=True) as member,
    ):
        with subprocess.Popen(
            [*command, database],
            env=exec_pg_environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
        ) as program:
            try:
                shutil.copyfileobj(program.stdout, member, 1 << 20)
            except BaseException:
                program.kill()
                raise
        if program.returncode:
            said.seek(0)
            words = said.read()[-1000:].decode(errors="replace").strip()
            raise RuntimeError(f"pg_dump failed: {words}")


def _add_files(database, names, archive):
    """Add the files `names` of the filestore; return how many, and the missing."""
    folder, missing = facts_of.filestore(database), []
    for name in names:
        try:
            archive.write(folder / name, f"filestore/{name}")
        except FileNotFoundError:
            missing.append(name)
    return {"files": len(names) - len(missing), "missing_files": missing}


class _Pipe:
    """The archive of a database to read from, written by a thread."""

    def __init__(self, database):
        self.error = self.facts = None
        reading, writing = os.pipe()
        self._reading = os.fdopen(reading, "rb", buffering=0)
        self._thread = threading.Thread(target=self._write, args=(database, writing))
        self._thread.start()

    def _write(self, database, descriptor):
        try:
            with os.fdopen(descriptor, "wb") as stream:
                self.facts = write(database, stream)
        except Exception as error:
            self.error = error

    def read(self, size=-1):  # pylint: disable=method-required-super
        """Return up to `size` bytes; none at the end.

        :raises Exception: whatever ended the writing early
        """
        data = self._reading.read(size)
        if not data:
            self._thread.join()
            if self.error:
                raise self.error
        return data

    def close(self):
        """Stop the writing, if it still goes on, and wait for its end."""
        self._reading.close()
        self._thread.join()
        if isinstance(self.error, BrokenPipeError):
            self.error = None  # it had to stop because of the reader
