# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Files are read without Odoo: their parent package needs it."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "meter_billing"))
