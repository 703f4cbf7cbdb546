# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
{
    "name": "Meter Billing",
    "summary": "Bill printers and copiers per page: readings, contracts, invoices",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "license": "AGPL-3",
    "author": "Meter Billing contributors",
    "development_status": "Beta",
    "depends": ["account", "contacts", "portal"],
    "data": [
        # Security
        "security/meter_billing_groups.xml",
        "security/ir.model.access.csv",
        "security/meter_billing_rules.xml",
        # Data
        "data/ir_sequence_data.xml",
        "data/meter_type_data.xml",
        "data/product_data.xml",
        "data/ir_cron_data.xml",
        # Views
        "views/meter_manufacturer_views.xml",
        "views/meter_type_views.xml",
        "views/meter_device_views.xml",
        "views/meter_device_model_views.xml",
        "views/meter_meter_views.xml",
        "views/meter_reading_views.xml",
        "views/meter_event_views.xml",
        "views/meter_reading_import_views.xml",
        "views/res_partner_views.xml",
        "views/meter_statement_views.xml",
        "views/meter_statement_line_views.xml",
        "views/meter_contract_charge_views.xml",
        "views/meter_contract_views.xml",
        "views/meter_billing_run_views.xml",
        "views/account_move_views.xml",
        "views/meter_explanation_views.xml",
        "views/meter_billing_menus.xml",
        # Wizards
        "wizard/meter_device_move_views.xml",
        "wizard/meter_device_removal_views.xml",
        "wizard/meter_event_entry_views.xml",
        "wizard/meter_reading_correction_views.xml",
        # Reports
        "report/meter_statement_readings_templates.xml",
        "report/meter_statement_reports.xml",
        "report/account_move_templates.xml",
    ],
    "demo": [
        "demo/res_partner_demo.xml",
        "demo/res_users_demo.xml",
        "demo/meter_device_model_demo.xml",
        "demo/meter.device.csv",
        "demo/meter.meter.csv",
        "demo/meter_contract_demo.xml",
        "demo/meter.contract.device.csv",
    ],
    "assets": {
        "web.assets_backend": ["meter_billing/static/src/**/*"],
        "web.assets_tests": ["meter_billing/static/tests/tours/**/*"],
    },
    "application": True,
}
