# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from . import (
    account_move_reversal,
    base_partner_merge,
    meter_contract_finding,
    meter_device_move,
    meter_device_removal,
    meter_event_entry,
    meter_price_revision,
    meter_reading_correction,
    meter_reading_decide,
    meter_reading_import_preview,
    meter_unbilled_device,
    meter_usage_print,
)
