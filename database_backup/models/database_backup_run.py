# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""One backup: waiting, under way, made or failed, and what became of its file."""

import logging
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import odoo
from odoo import api, fields, models
from odoo.tools import config
from odoo.tools.misc import exec_pg_environ

from ..archive import destination, dump, encryption

_logger = logging.getLogger(__name__)

STATES = [
    ("waiting", "Waiting"),
    ("running", "Under Way"),
    ("done", "Made"),
    ("failed", "Failed"),
    ("removed", "Made, Not Kept"),
]
#: Minutes that a process may take to start and to lock its run.
STARTING = 5


class DatabaseBackupRun(models.Model):
    _name = "database.backup.run"
    _description = "Backup Made"
    _order = "id desc"

    backup_id = fields.Many2one(
        "database.backup", required=True, readonly=True, index=True, ondelete="cascade"
    )
    state = fields.Selection(
        STATES,
        default="waiting",
        required=True,
        readonly=True,
    )
    name = fields.Char(string="File", readonly=True)
    started_at = fields.Datetime(string="Started", readonly=True)
    ended_at = fields.Datetime(string="Ended", readonly=True)
    duration = fields.Float(
        string="Minutes", compute="_compute_duration", digits=(16, 1)
    )
    size = fields.Float(string="Megabytes", digits=(16, 1), readonly=True)
    sha256 = fields.Char(string="SHA-256", readonly=True)
    row_count = fields.Float(string="Rows", digits=(16, 0), readonly=True)
    file_count = fields.Integer(string="Files", readonly=True)
    missing_files = fields.Text(
        readonly=True,
        help="Files of attachments that were not on the server when it was made.",
    )
    reason = fields.Text(readonly=True)
    is_leftover = fields.Boolean(
        readonly=True, help="Failed, and a part of its file may still be there."
    )

    _one_running = models.UniqueIndex(
        "(state) WHERE state = 'running'", "Another backup is under way."
    )
    _file = models.UniqueIndex("(name) WHERE name IS NOT NULL")

    @api.depends("backup_id.name", "started_at")
    def _compute_display_name(self):
        for run in self:
            moment = fields.Datetime.to_string(run.started_at) or ""
            run.display_name = f"{run.backup_id.name} {moment}".strip()

    @api.depends("started_at", "ended_at")
    def _compute_duration(self):
        for run in self:
            known = run.started_at and run.ended_at
            seconds = (run.ended_at - run.started_at).total_seconds() if known else 0
            run.duration = seconds / 60

    # === The scheduler's part === #

    @api.model
    def _start_next(self):
        """Start the process of the run that waits longest, if none is under way."""
        if self.search_count([("state", "=", "running")], limit=1):
            return
        run = self.search([("state", "=", "waiting")], order="id", limit=1)
        if not run:
            return
        run.write({"state": "running", "started_at": fields.Datetime.now()})
        run.name = run._file_name()
        # Before its process looks for it.
        self.env["ir.cron"]._commit_progress(1)
        try:
            run._spawn()
        except OSError as error:
            run._fail(str(error))

    def _spawn(self):
        """Start `odoo backup work` as a process that outlives this worker."""
        self.ensure_one()
        code = Path(odoo.__path__[0]).parent
        environment = exec_pg_environ()  # the password is on no command line
        environment["PYTHONPATH"] = os.pathsep.join(
            filter(None, [str(code), environment.get("PYTHONPATH")])
        )
        command = [
            sys.executable,
            "-m",
            "odoo",
            f"--addons-path={','.join(config['addons_path'])}",
            "backup",
            "work",
            f"--addons-path={','.join(config['addons_path'])}",
            f"--data-dir={config['data_dir']}",
            f"--database={self.env.cr.dbname}",
            f"--run={self.id}",
        ]
        if os.path.isfile(config["config"]):
            command.append(f"--config={config['config']}")
        if config["pg_path"]:
            command.append(f"--pg_path={config['pg_path']}")
        subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    @api.model
    def _fail_dead(self):
        """End the runs whose process is gone: it holds a lock while it lives."""
        started = fields.Datetime.now() - timedelta(minutes=STARTING)
        running = self.search([("state", "=", "running"), ("started_at", "<", started)])
        for run in running.try_lock_for_update():
            run._fail(
                self.env._(
                    "Its process ended without a word: killed, or the server was "
                    "stopped. Odoo's log may say more."
                )
            )

    # === The process's part === #

    def _work(self):
        """Make the backup; called in a process of its own, by `odoo backup work`."""
        if not self.try_lock_for_update() or self.state != "running":
            return
        try:
            values = self._make()
        except Exception as error:
            # Whatever it was: the run says so, and nothing half-done is left.
            _logger.exception("Backup %s failed", self.backup_id.name)
            values = {"state": "failed", "reason": str(error) or type(error).__name__}
        self.write({**values, "ended_at": fields.Datetime.now()})
        # The transaction is as old as the backup took. What follows is written in
        # new ones: others may have changed the schedule meanwhile.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        if self.state == "done":
            self.backup_id._after_success()
        else:
            self.backup_id._tell_failure(self.reason)
        self.backup_id._wake_scheduler()
        self.env.cr.commit()  # pylint: disable=invalid-commit

    def _make(self):
        """Write the archive to the destination; return what to store of it."""
        backup = self.backup_id
        keys = encryption.recipients(backup.recipients)
        with backup._destination() as place, place.store(self.name) as sink:
            facts = dump.write_encrypted(self.env.cr.dbname, sink, keys)
        return {
            "state": "done",
            "size": sink.size / 1e6,
            "sha256": sink.sha256,
            "row_count": sum(count for count, _sums in facts["tables"].values()),
            "file_count": facts["files"],
            "missing_files": "\n".join(facts["missing_files"]) or False,
        }

    def _fail(self, reason):
        """Note why a process made no backup, and tell the responsible user."""
        self.write(
            {
                "state": "failed",
                "ended_at": fields.Datetime.now(),
                "reason": reason,
                "is_leftover": True,
            }
        )
        for run in self:
            run.backup_id._tell_failure(reason)

    def _file_name(self):
        """Return a name that says which database it is of, and that no copy uses."""
        moment = f"{self.started_at:%Y%m%d-%H%M%S}"
        return f"{self.env.cr.dbname}_{self._mark()}_{moment}_{self.id}.zip.age"

    def _delete_files(self, place):
        """Delete the files of these runs, and what is left of them, from `place`.

        A copy of the database knows the same files: they are its original's, and stay.
        """
        mark = f"_{self._mark()}_"
        for run in self.filtered(lambda run: run.name and mark in run.name):
            for name in (run.name, run.name + destination.PART):
                place.remove(name)
            run.write(
                {
                    "is_leftover": False,
                    "state": "removed" if run.state == "done" else run.state,
                }
            )

    @api.model
    def _mark(self):
        """Return what tells this database from its copies."""
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        return uuid.replace("-", "")[:12]
