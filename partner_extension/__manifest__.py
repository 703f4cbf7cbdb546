# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
{
    "name": "Partner Extension",
    "summary": "Customers and suppliers: complete, verified, classified, followed",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "license": "AGPL-3",
    "author": "Meter Billing contributors",
    "development_status": "Beta",
    "depends": [
        "account",
        "base_geolocalize",
        "base_iban",
        "base_vat",
        "contacts",
        "phone_validation",
        "portal",
    ],
    "data": [
        # Security
        "security/partner_extension_groups.xml",
        "security/ir.model.access.csv",
        "security/partner_extension_rules.xml",
        "security/partner_data_rules.xml",
        "security/partner_document_rules.xml",
        "security/partner_money_rules.xml",
        # Data
        "data/partner_reminder_data.xml",
        "data/partner_document_data.xml",
        "data/partner_supplier_category_data.xml",
        # Views
        "views/partner_document_views.xml",
        "views/partner_document_kind_views.xml",
        "views/partner_reminder_templates.xml",
        "views/res_partner_views.xml",
        "views/res_partner_verify_views.xml",
        "views/res_config_settings_views.xml",
        "views/partner_extension_menus.xml",
        "views/partner_document_menus.xml",
        "views/res_partner_data_views.xml",
        "views/partner_supplier_category_views.xml",
        "views/partner_area_views.xml",
        "views/partner_reminder_views.xml",
        "views/res_partner_money_views.xml",
        "views/res_config_settings_money_views.xml",
    ],
    "application": True,
}
