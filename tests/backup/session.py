# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the tests here do in the database, in a process of its own."""

import base64
import json
import resource
import sys

from odoo.exceptions import UserError

from ..stack.session import environment


def configure(env, **values):
    """Create a backup; return its id."""
    return env["database.backup"].create({"name": "Nightly", **values}).id


def change(env, backup_id, **values):
    """Write to a backup."""
    env["database.backup"].browse(backup_id).write(values)


def tick(env, backup_id, largest_file=None):
    """Have the scheduled action do its work after the button was pressed."""
    if largest_file:
        _soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, hard))
    backup = env["database.backup"].browse(backup_id)
    backup.action_backup_now()
    env["database.backup"]._cron_backup()


def fetch_host_key(env, backup_id):
    """Press the button for the server's key; return what is stored and told."""
    backup = env["database.backup"].browse(backup_id)
    try:
        with env.cr.savepoint():
            told = backup.action_fetch_host_key()["params"]["message"]
    except UserError as error:
        told = str(error)
    return [backup.sftp_host_key, told]


def watch(env):
    """Have the scheduled action look after what is under way, long after."""
    # Importable once the environment has found the modules.
    from odoo.addons.database_backup.models import database_backup_run

    database_backup_run.STARTING = -1
    env["database.backup"]._cron_backup()


def attach(env, name, text):
    """Create an attachment, whose content is a file of the filestore."""
    raw = base64.b64encode(text.encode())
    return env["ir.attachment"].create({"name": name, "datas": raw}).store_fname


def runs(env):
    """Return all runs, the oldest first."""
    names = ["state", "name", "size", "sha256", "reason", "file_count", "missing_files"]
    return env["database.backup.run"].search([], order="id").read(names)


def activities(env):
    """Return the notes of the open activities about backups."""
    wanted = [("res_model", "=", "database.backup")]
    return env["mail.activity"].search(wanted).mapped("note")


if __name__ == "__main__":
    database, command, values = sys.argv[1:]
    with environment(database) as env:
        answer = globals()[command](env, **json.loads(values))
        print(json.dumps(answer, default=str))
