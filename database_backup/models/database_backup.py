# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where this database is backed up to, how often, and which backups are kept."""

import logging

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import config

from ..archive import destination, encryption
from ..archive.retention import keep
from .database_backup_run import STATES

_logger = logging.getLogger(__name__)


class DatabaseBackup(models.Model):
    _name = "database.backup"
    _description = "Backup"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("base.group_system").ids)
        ],
        help="Gets an activity when a backup fails.",
    )

    # When
    interval_number = fields.Integer(string="Every", default=1, required=True)
    interval_type = fields.Selection(
        [("hours", "Hours"), ("days", "Days"), ("weeks", "Weeks")],
        string="Unit",
        default="days",
        required=True,
    )
    next_run = fields.Datetime(
        default=lambda self: (
            fields.Datetime.now() + relativedelta(days=1, hour=1, minute=0)
        ),
        required=True,
        copy=False,
        tracking=True,
    )

    # Encryption
    recipients = fields.Text(
        string="Public Keys",
        required=True,
        tracking=True,
        help="One a line: an age key (age1…) or an SSH key. Whoever has the private "
        "key to one of them can restore; the server cannot.",
    )

    # Where to
    destination = fields.Selection(
        [("folder", "A folder of the server"), ("sftp", "An SFTP server")],
        default="sftp",
        required=True,
        tracking=True,
    )
    folder = fields.Char(
        tracking=True,
        help="On the server that runs Odoo: an absolute path, best on another disk.",
    )
    sftp_host = fields.Char(string="Server", tracking=True)
    sftp_port = fields.Integer(string="Port", default=22)
    sftp_user = fields.Char(string="User", tracking=True)
    sftp_password = fields.Char(
        string="Password", copy=False, groups="base.group_system"
    )
    sftp_private_key = fields.Text(
        string="Private Key",
        copy=False,
        groups="base.group_system",
        help="In OpenSSH's format, without a passphrase; instead of a password.",
    )
    sftp_host_key = fields.Char(
        string="Server's Key",
        tracking=True,
        help="As in a known_hosts file. A server that shows another key gets nothing.",
    )
    sftp_fingerprint = fields.Char(
        string="Fingerprint", compute="_compute_sftp_fingerprint"
    )
    sftp_folder = fields.Char(string="Folder There", help="Else the user's own.")

    # Which are kept
    keep_last = fields.Integer(string="Last Backups", default=7)
    keep_daily = fields.Integer(string="Daily Backups", default=7)
    keep_weekly = fields.Integer(string="Weekly Backups", default=5)
    keep_monthly = fields.Integer(string="Monthly Backups", default=12)

    run_ids = fields.One2many("database.backup.run", "backup_id", string="Backups Made")
    last_state = fields.Selection(
        STATES, compute="_compute_last_run", string="Last Result"
    )
    last_reason = fields.Text(compute="_compute_last_run", string="Why It Failed")
    last_success = fields.Datetime(compute="_compute_last_run")

    _interval_positive = models.Constraint(
        "CHECK (interval_number > 0)", "A backup is made every 1 or more hours or days."
    )
    _keep_one = models.Constraint(
        "CHECK (keep_last > 0 AND keep_daily >= 0 AND keep_weekly >= 0"
        " AND keep_monthly >= 0)",
        "At least the last backup is kept, and no number is negative.",
    )

    # === Compute === #

    @api.depends("sftp_host_key")
    def _compute_sftp_fingerprint(self):
        for backup in self:
            try:
                key = destination.parse_host_key(backup.sftp_host_key or "")
                backup.sftp_fingerprint = destination.fingerprint(key)
            except ValueError:
                backup.sftp_fingerprint = False

    @api.depends("run_ids.state")
    def _compute_last_run(self):
        Run = self.env["database.backup.run"]
        ours = ("backup_id", "in", self.ids)
        latest = Run._read_group([ours], ["backup_id"], ["id:max"])
        last = {backup.id: Run.browse(run_id) for backup, run_id in latest}
        made = Run._read_group(
            [ours, ("state", "in", ("done", "removed"))],
            ["backup_id"],
            ["started_at:max"],
        )
        moments = {backup.id: moment for backup, moment in made}
        for backup in self:
            backup.last_state = last.get(backup.id, Run).state
            backup.last_reason = last.get(backup.id, Run).reason
            backup.last_success = moments.get(backup.id, False)

    # === Constraints === #

    @api.constrains("recipients")
    def _check_recipients(self):
        for backup in self:
            try:
                found = encryption.recipients(backup.recipients or "")
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "“%(line)s” is no public key: give keys like age1… or "
                        "ssh-ed25519 …, one a line.",
                        line=error,
                    )
                ) from error
            if not found:
                raise ValidationError(
                    self.env._("Give a public key: backups are always encrypted.")
                )

    @api.constrains(
        "destination", "folder", "sftp_host", "sftp_user", "sftp_host_key", "sftp_port"
    )
    def _check_destination(self):
        for backup in self:
            if backup.destination == "folder":
                backup._check_folder()
                continue
            if not (backup.sftp_host and backup.sftp_user):
                raise ValidationError(
                    self.env._("Give the server and the user of the SFTP server.")
                )
            if not backup.sftp_host_key:
                continue  # asked for when it is first needed
            try:
                destination.parse_host_key(backup.sftp_host_key)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "The server's key is none: it looks like ssh-ed25519 AAAA…"
                    )
                ) from error

    def _check_folder(self):
        path = (self.folder or "").rstrip("/") + "/"
        if not path.startswith("/") or "/../" in path or path == "/":
            raise ValidationError(
                self.env._("Give the folder as an absolute path, like /srv/backups.")
            )
        if path.startswith(config["data_dir"].rstrip("/") + "/"):
            raise ValidationError(
                self.env._(
                    "The folder must not be in Odoo's own: %s", config["data_dir"]
                )
            )

    @api.constrains("sftp_private_key")
    def _check_sftp_private_key(self):
        for backup in self:
            if not backup.sftp_private_key:
                continue
            try:
                destination.parse_private_key(backup.sftp_private_key)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "The private key cannot be read: it must be in OpenSSH's "
                        "format and have no passphrase."
                    )
                ) from error

    # === Actions === #

    def action_backup_now(self):
        """Have a backup made as soon as the scheduler comes to it."""
        self.check_access("write")
        for backup in self:
            backup._enqueue()
        self._wake_scheduler()
        return self._notify(
            self.env._("The backup starts in a minute; it shows under Backups Made.")
        )

    def action_test(self):
        """Write a small file to the destination and delete it again.

        :raises UserError: saying what is wrong
        """
        self.ensure_one()
        self.check_access("write")
        name = f"odoo-backup-test-{fields.Datetime.now():%Y%m%d-%H%M%S}"
        try:
            with self._destination() as place:
                with place.store(name) as sink:
                    sink.write(b"A test. Delete me.")
                place.remove(name)
        except (OSError, ValueError) as error:
            raise UserError(
                self.env._("No backup can be stored there: %s", error)
            ) from error
        return self._notify(
            self.env._("It works: a file was written there and deleted again.")
        )

    def action_fetch_host_key(self):
        """Ask the server for its key; the user compares the fingerprint.

        :raises UserError: it does not answer
        """
        self.ensure_one()
        self.check_access("write")
        try:
            self.sftp_host_key = destination.fetch_host_key(
                self.sftp_host, self.sftp_port
            )
        except (OSError, ValueError) as error:
            raise UserError(
                self.env._("The server does not answer: %s", error)
            ) from error
        return self._notify(
            self.env._(
                "Compare it with the server's own before you trust it: %s",
                self.sftp_fingerprint,
            ),
            kind="warning",
        )

    def _notify(self, message, kind="success"):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": kind,
                "sticky": kind == "warning",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # === Making backups === #

    @api.model
    def _cron_backup(self):
        """Create the runs that are due, end those whose process died, start one.

        The work itself is done by a process of its own, see database.backup.run.
        """
        Run = self.env["database.backup.run"]
        Run._fail_dead()
        now = fields.Datetime.now()
        for backup in self.search([("next_run", "<=", now)]):
            backup._enqueue()
            backup.next_run = backup._next_after(now)
        Run._start_next()

    def _enqueue(self):
        """Create a waiting run, unless there is one."""
        self.ensure_one()
        waiting = self.run_ids.filtered(lambda run: run.state == "waiting")
        return waiting or self.env["database.backup.run"].sudo().create(
            {"backup_id": self.id}  # sudo: nobody else may create runs
        )

    def _wake_scheduler(self):
        self.env.ref("database_backup.ir_cron_backup").sudo()._trigger()

    def _next_after(self, moment):
        """Return the first time of the schedule after `moment`."""
        step = relativedelta(**{self.interval_type: self.interval_number})
        length = (moment + step) - moment
        missed = max((moment - self.next_run) // length, 0)
        return self.next_run + (missed + 1) * length

    def _after_success(self):
        """Delete what is not kept any longer; a newer backup is safely there."""
        self.ensure_one()
        self.activity_unlink(["mail.mail_activity_data_warning"])
        done = self.run_ids.filtered(lambda run: run.state == "done")
        kept = keep(
            done.mapped("started_at"),
            self.keep_last,
            self.keep_daily,
            self.keep_weekly,
            self.keep_monthly,
        )
        old = done.filtered(lambda run: run.started_at not in kept)
        old |= self.run_ids.filtered("is_leftover")
        if not old:
            return
        try:
            with self._destination() as place:
                old._delete_files(place)
        except Exception as error:
            _logger.exception("Old backups of %s could not be deleted", self.name)
            self._tell_failure(
                self.env._(
                    "The backup was made, but old ones could not be deleted: %s", error
                )
            )

    def _tell_failure(self, reason):
        """Tell the responsible user, once until the next backup is made."""
        self.ensure_one()
        self.message_post(body=reason)
        kind = "mail.mail_activity_data_warning"
        if self.user_id and not self.activity_search([kind]):
            self.activity_schedule(
                kind,
                summary=self.env._("Backup failed"),
                note=reason,
                user_id=self.user_id.id,
            )

    def _destination(self):
        """Return the destination, a context manager of archive.destination.

        :raises ValueError: it is not complete
        """
        self.ensure_one()
        if self.destination == "folder":
            return destination.Folder(self.folder)
        if not self.sftp_host_key:
            raise ValueError(
                self.env._(
                    "the SFTP server's key is not known yet; fetch and compare it first"
                )
            )
        return destination.Sftp(
            self.sftp_host,
            self.sftp_port,
            self.sftp_user,
            self.sftp_folder,
            host_key=self.sftp_host_key,
            password=self.sftp_password,
            key=self.sftp_private_key,
        )
