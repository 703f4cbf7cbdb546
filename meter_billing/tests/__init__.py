# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from . import (
    test_device,
    test_estimate,
    test_reading_grid,
    test_reading_import,
    test_reading_intake,
    test_reading_ledger,
)
