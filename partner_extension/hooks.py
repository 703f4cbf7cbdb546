# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from psycopg2 import Error

from odoo.exceptions import UserError


def pre_init_hook(env):
    """Have PostgreSQL's extension for similar names.

    :raises UserError: where the database's user may not create it
    """
    try:
        with env.cr.savepoint():
            env.cr.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except Error as error:
        raise UserError(
            env._(
                "Partner Extension compares names with PostgreSQL's extension pg_trgm, "
                "and this database's user may not create it. Have an administrator "
                "run in this database: CREATE EXTENSION pg_trgm;"
            )
        ) from error
