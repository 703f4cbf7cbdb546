# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from . import (
    partner_document_kind,
    partner_document,
    partner_document_reminder,
    partner_verification_policy,
    res_partner,
    res_partner_bank,
    res_partner_document,
    partner_area,
    partner_supplier_category,
    res_partner_data,
    partner_bill_digest,
    partner_reminder,
    partner_reminder_level,
    partner_reminder_work,
    res_partner_reminder,
    res_partner_verification,
    res_company_verification,
    account_move,
    res_config_settings,
)
