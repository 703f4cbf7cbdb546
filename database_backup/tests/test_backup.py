# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Settings, rights and the scheduler's part; tests/backup makes real backups."""

from datetime import datetime

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

PUBLIC = "age1dp6mmuy5kzfc5ydgrycd9e42mwl7dgmwr3twdcsxc2wuxa8jxcysun6xzw"
SSH = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs"


@tagged("post_install", "-at_install")
class TestBackup(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["database.backup"].search([]).unlink()
        cls.admin = new_test_user(cls.env, "backup_admin", groups="base.group_system")
        cls.clerk = new_test_user(
            cls.env, "backup_clerk", groups="base.group_user,base.group_erp_manager"
        )
        cls.backup = (
            cls.env["database.backup"]
            .with_user(cls.admin)
            .create(
                {
                    "name": "Nightly",
                    "recipients": f"# office safe\n{PUBLIC}\n\n{SSH}",
                    "destination": "sftp",
                    "sftp_host": "backup.example.com",
                    "sftp_user": "odoo",
                    "sftp_password": "secret",
                    "sftp_host_key": SSH,
                    "next_run": "2026-06-15 01:00:00",
                }
            )
        )

    def _new_run(self, **values):
        return self.env["database.backup.run"].create(
            {"backup_id": self.backup.id, **values}
        )

    # === Rights === #

    def test_only_administrators_get_at_it(self):
        theirs = self.backup.with_user(self.clerk)
        for attempt in (
            lambda: theirs.read(["name"]),
            lambda: theirs.read(["sftp_password"]),
            lambda: theirs.search([("sftp_password", "=like", "s%")]),
            lambda: theirs.export_data(["name"]),
            lambda: theirs.write({"recipients": PUBLIC}),
            lambda: theirs.create({"name": "x", "recipients": PUBLIC}),
            lambda: theirs._read_group([], ["sftp_host"]),
            theirs.action_backup_now,
            theirs.action_test,
            theirs.action_fetch_host_key,
            lambda: theirs.web_search_read([], {"sftp_password": {}}),
            lambda: theirs.formatted_read_group([], ["sftp_host"], ["__count"]),
            lambda: theirs.name_search("Nightly"),
            lambda: self._new_run().with_user(self.clerk).read(["name"]),
            lambda: self._new_run().with_user(self.clerk).search([]),
            lambda: self._new_run().with_user(self.clerk).export_data(["sha256"]),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_nor_at_what_is_told_of_it(self):
        """A reason names servers and folders: neither message nor activity tells."""
        self.backup._tell_failure("backup.example.com does not let odoo in")
        for model, key in (("mail.message", "model"), ("mail.activity", "res_model")):
            told = self.env[model].search(
                [(key, "=", "database.backup"), ("res_id", "=", self.backup.id)]
            )
            self.assertTrue(told)
            theirs = self.env[model].with_user(self.clerk)
            self.assertFalse(theirs.search([("id", "in", told.ids)]))
            with self.assertRaises(AccessError):
                theirs.browse(told.ids).read(["display_name"])

    def test_runs_are_not_made_up(self):
        Run = self.env["database.backup.run"].with_user(self.admin)
        with self.assertRaises(AccessError):
            Run.create({"backup_id": self.backup.id, "state": "done"})
        run = self._new_run().with_user(self.admin)
        with self.assertRaises(AccessError):
            run.write({"state": "done"})
        with self.assertRaises(AccessError):
            run.unlink()

    # === Settings === #

    def test_what_cannot_work_is_refused(self):
        private = f"AGE-SECRET-KEY-1{'Q' * 58}"
        for values, words in (
            ({"recipients": "age1nonsense"}, "age1nonsense"),
            ({"recipients": f"{PUBLIC}\n{private}"}, "is no public key"),
            ({"recipients": "# none yet"}, "always encrypted"),
            ({"destination": "folder", "folder": "backups"}, "absolute path"),
            ({"destination": "folder", "folder": "/srv/../etc"}, "absolute path"),
            ({"sftp_host": False}, "Give the server"),
            ({"sftp_host_key": "SHA256:abc"}, "ssh-ed25519"),
            ({"sftp_private_key": "-----BEGIN"}, "OpenSSH"),
        ):
            with self.assertRaisesRegex(ValidationError, words), self.cr.savepoint():
                self.backup.write(values)

    def test_a_folder_of_odoos_own_is_refused(self):
        filestore = self.env["ir.attachment"]._filestore()
        with self.assertRaisesRegex(ValidationError, "Odoo's own"):
            self.backup.write({"destination": "folder", "folder": filestore})

    def test_the_last_one_is_always_kept(self):
        with (
            self.assertRaises(psycopg2.errors.CheckViolation),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.backup.keep_last = 0
            self.backup.flush_recordset()

    def test_the_servers_fingerprint_is_shown(self):
        # As `ssh-keygen -lf` prints it.
        self.assertEqual(
            self.backup.sftp_fingerprint,
            "SHA256:z/fSv0Z0RZS+Lccbc6ZoOWwt/fbj1VFJGSBKQbo4icE",
        )

    # === Scheduler === #

    @freeze_time("2026-06-17 12:00:00")
    def test_missed_times_are_made_up_for_once(self):
        self.backup._enqueue()
        self.backup._enqueue()
        self.assertEqual(self.backup.run_ids.mapped("state"), ["waiting"])
        moment = self.backup._next_after(datetime(2026, 6, 17, 12))
        self.assertEqual(str(moment), "2026-06-18 01:00:00")
        self.backup.interval_type = "weeks"
        moment = self.backup._next_after(datetime(2026, 6, 17, 12))
        self.assertEqual(str(moment), "2026-06-22 01:00:00")

    def test_one_at_a_time(self):
        self._new_run(state="running", started_at="2026-06-15 01:00:00")
        with (
            self.assertRaises(psycopg2.errors.UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self._new_run(state="running", started_at="2026-06-15 01:00:00")

    @freeze_time("2026-06-15 01:30:00")
    def test_a_dead_process_is_told_once(self):
        run = self._new_run(state="running", started_at="2026-06-15 01:27:00")
        self.env["database.backup.run"]._fail_dead()
        self.assertEqual(run.state, "running", "it may be starting")
        run.started_at = "2026-06-15 01:20:00"
        self.env["database.backup.run"]._fail_dead()
        self.assertEqual(run.state, "failed")
        self.assertIn("killed", run.reason)
        activity = self.backup.activity_ids
        self.assertEqual(activity.user_id, self.admin)
        self.backup._tell_failure("again")
        self.assertEqual(self.backup.activity_ids, activity)
        self.assertEqual(self.backup.last_state, "failed")
        self.assertIn("killed", self.backup.last_reason)

    def test_a_copy_leaves_the_files_of_its_original(self):
        run = self._new_run(state="done", started_at="2026-06-15 01:00:00")
        run.name = run._file_name()
        self.env["ir.config_parameter"].set_param("database.uuid", "another-one")
        run._delete_files(None)  # would fail if it tried to
        self.assertEqual(run.state, "done")
