# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
{
    "name": "Partner Extension: Electronic Invoices",
    "summary": "Peppol addresses hidden as tax IDs are; accounts in bills wait",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "license": "AGPL-3",
    "author": "Meter Billing contributors",
    "development_status": "Beta",
    "depends": ["partner_extension", "account_edi_ubl_cii"],
    "data": ["views/res_partner_views.xml"],
    "auto_install": True,
}
