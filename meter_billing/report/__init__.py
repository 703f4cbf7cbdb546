# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from . import (
    meter_xlsx,
    meter_statement_xlsx,
    meter_exception_xlsx,
    meter_reading_status,
    meter_usage_report,
    meter_profit_report,
    meter_device_performance,
    meter_usage_xlsx,
)
