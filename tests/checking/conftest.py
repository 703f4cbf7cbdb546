# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The checks are tested alone: their parent package needs Odoo, they do not."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "meter_billing"))
