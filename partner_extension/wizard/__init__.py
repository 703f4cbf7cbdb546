# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from . import (
    account_payment_register,
    base_partner_merge,
    partner_verification_decision,
)
