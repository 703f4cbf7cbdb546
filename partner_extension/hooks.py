# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from psycopg2 import Error

from odoo.exceptions import UserError


def pre_init_hook(env):
    """Have PostgreSQL's extension for similar names.

    :raises UserError: where it is not installed, or this user may not create it
    """
    try:
        with env.cr.savepoint():
            env.cr.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except Error as error:
        raise UserError(
            env._(
                "Partner Extension compares names with PostgreSQL's extension pg_trgm, "
                "which could not be created: %(reason)s\n\nHave an administrator of "
                "PostgreSQL run in the database %(database)s: "
                "CREATE EXTENSION pg_trgm; (the extension comes with PostgreSQL's "
                "package contrib). Then install this module again.",
                reason=(error.diag.message_primary or str(error)),
                database=env.cr.dbname,
            )
        ) from error
