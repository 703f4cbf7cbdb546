# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from . import test_bill_account, test_hidden_import, test_peppol_address
