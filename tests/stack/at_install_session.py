# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What `make odoo-tests` runs inside Odoo: tests at installation, after it.

Odoo's own runner runs these as each module is loaded: those of modules below ours
never meet ours. Here every module is loaded first.
"""

import sys

import odoo
from odoo.modules.registry import Registry
from odoo.tests import loader


def main(database, tags, *suites):
    """Run the tests at installation of `suites` that `tags` selects.

    Odoo's log, on standard error, tells what ran and what failed.

    :return: exit status: 0 when all passed
    """
    config = odoo.tools.config
    config.parse_config(["-d", database], setup_logging=True)
    Registry(database)
    # Not before: loading runs the tests that are asked for.
    config.parse_config(["-d", database, f"--test-tags={tags}"], setup_logging=False)
    result = loader.run_suite(loader.make_suite(suites, "at_install"))
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
