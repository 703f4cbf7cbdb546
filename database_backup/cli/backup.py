# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""`odoo backup`: make keys, back up, check and restore.

Loaded by itself, before there is a configuration: imports of Odoo's modules are in
the functions.
"""

import argparse
import os
import sys
from pathlib import Path

from odoo.cli import Command
from odoo.modules import initialize_sys_path
from odoo.tools import config

try:
    import resource
except ImportError:  # there are no limits on Windows
    resource = None

#: Options of the server that matter here, and are handed on to it.
OPTIONS = ("config", "data_dir", "addons_path", "pg_path")


class Backup(Command):
    """Encrypted backups of database and filestore, and their restore"""

    name = "backup"

    def run(self, cmdargs):
        """Carry out one command; exit with its status."""
        options = self._parse(cmdargs)
        sys.exit(options.run(options) or 0)

    def _parse(self, cmdargs):
        commands = self.parser.add_subparsers(required=True, metavar="command")
        common = argparse.ArgumentParser(add_help=False)
        common.add_argument("-c", "--config", help="Odoo's configuration file")
        common.add_argument("-D", "--data-dir")
        common.add_argument("--addons-path")
        common.add_argument("--pg_path")

        def command(name, run, text):
            added = commands.add_parser(
                name, help=text, description=text, parents=[common]
            )
            added.set_defaults(run=run)
            return added

        keygen = command("keygen", self._keygen, "make a key pair")
        keygen.add_argument("file", help="new file for the private key")
        work = command("work", self._work, "carry out one run; the server calls this")
        work.add_argument("-d", "--database", required=True)
        work.add_argument("--run", type=int, required=True, dest="run_id")
        check = command(
            "check", self._check, "decrypt a backup and test that it is whole"
        )
        restore = command("restore", self._restore, "restore a backup and check it")
        for added in (check, restore):
            added.add_argument("file", help="the backup: ….zip.age")
            added.add_argument(
                "-i", "--identity", required=True, help="file with the private key"
            )
            added.add_argument(
                "--temp", help="folder for the decrypted archive, else the system's"
            )
        restore.add_argument("-d", "--database", required=True, help="a new name")
        restore.add_argument(
            "-n",
            "--neutralize",
            action="store_true",
            help="no mails, no actions: a copy",
        )
        return self.parser.parse_args(cmdargs)

    def _keygen(self, options):
        self._configure(options)
        from odoo.addons.database_backup.archive import encryption

        private, public = encryption.generate()
        try:
            descriptor = os.open(
                options.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600
            )
        except OSError as error:
            return f"{options.file}: {error.strerror}"
        with os.fdopen(descriptor, "w") as stream:
            stream.write(f"# public key: {public}\n{private}\n")
        print(f"Public key, for the settings of the backup: {public}")
        print(f"Private key: {options.file}. Keep it where the server is not.")
        return 0

    def _work(self, options):
        lift_limits()
        self._configure(options)
        from odoo import SUPERUSER_ID
        from odoo.api import Environment
        from odoo.modules.registry import Registry

        with Registry(options.database).cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            env["database.backup.run"].browse(options.run_id)._work()

    def _check(self, options):
        self._configure(options)
        from odoo.addons.database_backup.archive import restore

        try:
            keys = self._keys(options)
            with restore.decrypted(options.file, keys, options.temp) as archive:
                facts = restore.read_facts(archive)
        except (OSError, ValueError) as error:
            return str(error)
        rows = sum(count for count, _sums in facts["tables"].values())
        print(
            f"Whole: as of {facts['taken_at']}, {len(facts['tables'])} tables with "
            f"{rows} rows, {facts['files']} files."
        )
        return 0

    def _restore(self, options):
        self._configure(options)
        from odoo.addons.database_backup.archive import restore

        try:
            found = restore.restore(
                options.file,
                self._keys(options),
                options.database,
                neutralize=options.neutralize,
                folder=options.temp,
            )
        except (OSError, ValueError) as error:
            return str(error)
        if found:
            lines = "\n".join(f"    {line}" for line in found)
            return f"Restored, but not the same as what was backed up:\n{lines}"
        print(f"{options.database} is restored; all counts, balances and files agree.")
        return 0

    def _keys(self, options):
        from odoo.addons.database_backup.archive import encryption

        try:
            return encryption.identities(Path(options.identity).read_text())
        except ValueError as error:
            raise ValueError(f"{options.identity} is no private key: {error}") from None

    def _configure(self, options):
        given = [
            f"--{name.replace('_', '-') if name != 'pg_path' else name}={value}"
            for name in OPTIONS
            if (value := getattr(options, name))
        ]
        config.parse_config(given, setup_logging=True)
        # It keeps the web from managing databases, not who has a shell on the server.
        config["list_db"] = True
        initialize_sys_path()


def lift_limits():
    """Lift the limits that Odoo sets its workers: they are handed on to programs.

    A backup takes longer than a worker may, and is stopped by whoever wants to.
    """
    if resource:
        for kind in (resource.RLIMIT_CPU, resource.RLIMIT_AS):
            _soft, hard = resource.getrlimit(kind)
            resource.setrlimit(kind, (hard, hard))
