# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What `make demo` does inside Odoo; see run_demo."""

import sys

from .session import environment


def main(database):
    """Bill the demo months in `database` and print what came of them."""
    with environment(database) as env:
        admin = env.ref("base.user_admin")
        print(f"Log in as {admin.login} (password: admin).")


if __name__ == "__main__":
    main(sys.argv[1])
