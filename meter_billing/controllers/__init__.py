# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from . import (
    device_label,
    portal,
    portal_dispute,
    portal_photo,
    portal_readings,
    portal_usage,
    reading_import,
    reading_request,
)
