# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
{
    "name": "Partner Extension: Purchases",
    "summary": "Purchase orders only of verified suppliers, where a company asks so",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "license": "AGPL-3",
    "author": "Meter Billing contributors",
    "development_status": "Beta",
    "depends": ["partner_extension", "purchase"],
    "data": [
        "views/purchase_order_views.xml",
        "views/res_config_settings_views.xml",
    ],
    "auto_install": True,
}
