# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from . import (
    test_billing_charges,
    test_billing_run,
    test_billing_usage,
    test_contract,
    test_contract_actions,
    test_device,
    test_device_move,
    test_estimate,
    test_event,
    test_explanation,
    test_invoice,
    test_invoice_rounding,
    test_query_counts,
    test_reading_grid,
    test_reading_import,
    test_reading_intake,
    test_reading_ledger,
    test_reports,
    test_statement,
)
