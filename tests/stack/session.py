# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""An Odoo environment in this process, for scripts that drive the real thing.

For programs that odoo_server.run_script starts.
"""

import contextlib
import sys

import odoo
from odoo.modules.registry import Registry


@contextlib.contextmanager
def environment(database):
    """Yield the superuser's environment in `database`; commit when all went well.

    Odoo's log goes to standard error: standard output is the script's own.
    """
    odoo.tools.config.parse_config(["-d", database, "--log-level=warn"])
    registry = Registry(database)
    with registry.cursor() as cursor:
        yield odoo.api.Environment(cursor, odoo.api.SUPERUSER_ID, {})
    sys.stdout.flush()
