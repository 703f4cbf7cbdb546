# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from . import (
    test_alarm,
    test_changes,
    test_data,
    test_partner_pages,
    test_registration,
    test_links,
    test_mandatory,
    test_own_partners,
    test_sensitive,
    test_documents,
    test_inquiry,
    test_reminder,
    test_reports,
    test_matching,
    test_registry,
    test_roles,
    test_tax_ids,
    test_verification,
    test_search,
    test_statistics,
)
