#!/usr/bin/env python3
# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Create Odoo's database and install the suite's modules in it.

Odoo's own ways to create a database leave the login admin with the password
admin, or take the password as an argument, for every ``ps`` to read. This reads
it from a secret. It reads Odoo's configuration from the file in ``ODOO_RC``.
"""

import argparse
import os
import sys
from pathlib import Path

import odoo.api
import odoo.modules.registry
from odoo.exceptions import AccessDenied, UserError
from odoo.service import db
from odoo.tools import config

# The one name that dbfilter in odoo.conf lets through.
DATABASE = "meter_billing"
PASSWORD_FILE = os.environ.get("ADMIN_PASSWORD_FILE", "/run/secrets/admin_password")
MIN_PASSWORD_LENGTH = 12


def main():
    """Create the database, or end with a message that says what to do."""
    options = parse_arguments()
    password = read_password(Path(PASSWORD_FILE))
    # Switched off for the web, needed here.
    config.parse_config(["--no-http"], setup_logging=True)
    config["list_db"] = True
    if db.exp_db_exist(DATABASE):
        sys.exit(
            f"The database {DATABASE} exists already: nothing was changed. "
            "To install or upgrade modules see docker/README.md."
        )
    check_known("--country", options.country, db.exp_list_countries())
    check_known("--language", options.language, db.exp_list_lang())
    create(options, password)
    install_modules()
    print(f"Database {DATABASE} is ready: log in as {options.login}.")


def parse_arguments():
    """Return the command line's options; what is wrong in them ends the run."""
    parser = argparse.ArgumentParser(prog="init-database", description=__doc__)
    parser.add_argument(
        "--country",
        required=True,
        help="the company's country as two letters (US, DE, …): it decides the "
        "currency, the chart of accounts and the taxes",
    )
    parser.add_argument("--language", default="en_US", help="such as de_DE")
    parser.add_argument("--login", default="admin", help="the first user's login")
    options = parser.parse_args()
    # Odoo's list of countries, and its search for one, are in small letters.
    options.country = options.country.lower()
    return options


def check_known(argument, code, known):
    """End the run unless ``code`` is one of Odoo's ``known`` (code, name) pairs."""
    if code not in {each[0] for each in known}:
        sys.exit(f"{argument} {code}: Odoo does not know that code.")


def read_password(path):
    """Return the first user's password, held by the file at ``path``."""
    try:
        password = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        sys.exit(f"Cannot read {path} ({error.strerror}): see docker/README.md.")
    if len(password) < MIN_PASSWORD_LENGTH:
        sys.exit(f"{path}: at least {MIN_PASSWORD_LENGTH} characters, please.")
    return password


def create(options, password):
    """Create the database with Odoo's base and the first user.

    Odoo only logs what goes wrong after the database itself was made, and leaves
    the login admin with the password admin: such a database is dropped again.
    """
    db.exp_create_database(
        DATABASE,
        demo=False,
        lang=options.language,
        user_password=password,
        login=options.login,
        country_code=options.country,
    )
    if not accepts(options.login, password):
        give_up("The log above tells why.")


def give_up(reason):
    """Drop the incomplete database and end the run with the ``reason``."""
    db.exp_drop(DATABASE)
    sys.exit(f"The database could not be set up and was dropped again. {reason}")


def accepts(login, password):
    """Return whether the first user can log in with ``password``."""
    credential = {"type": "password", "login": login, "password": password}
    with odoo.modules.registry.Registry(DATABASE).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        try:
            env["res.users"].authenticate(credential, {"interactive": False})
        except AccessDenied:
            return False
    return True


def install_modules():
    """Install every module of the suite that the image holds."""
    folders = (Path(path) for path in config["addons_path"])
    names = sorted(
        manifest.parent.name
        for folder in folders
        for manifest in folder.glob("*/__manifest__.py")
    )
    with odoo.modules.registry.Registry(DATABASE).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        modules = env["ir.module.module"].search([("name", "in", names)])
        try:
            modules.button_immediate_install()
        except UserError as error:
            reason = str(error)
        else:
            return
    give_up(reason)


if __name__ == "__main__":
    main()
