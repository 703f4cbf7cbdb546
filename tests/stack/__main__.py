# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Entry point of `python3 -m tests.stack`."""

import sys

from .cli import main

sys.exit(main())
