# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo's own command for `make odoo-tests`: no test runs before all modules are loaded.

Odoo runs tests at installation as each module is loaded: those of modules below ours
would never meet ours. Here they run with the others.
"""

import sys

from odoo.cli import main
from odoo.tests import loader
from odoo.tests.suite import OdooSuite

_make_suite = loader.make_suite


def make_suite(module_names, position="at_install"):
    """Return no tests for `at_install`, and those of both kinds for the other."""
    if position == "at_install":
        return OdooSuite()
    kinds = ("at_install", "post_install")
    return OdooSuite(
        [test for kind in kinds for test in _make_suite(module_names, kind)]
    )


if __name__ == "__main__":
    loader.make_suite = make_suite
    sys.exit(main())
