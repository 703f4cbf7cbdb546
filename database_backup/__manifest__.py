# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
{
    "name": "Database Backup",
    "summary": "Encrypted backups of database and filestore, and their restore",
    "version": "19.0.1.0.0",
    "category": "Administration",
    "license": "AGPL-3",
    "author": "Meter Billing contributors",
    "development_status": "Beta",
    "depends": ["mail"],
    "external_dependencies": {"python": ["paramiko", "pyrage"]},
    "data": [
        # Security
        "security/ir.model.access.csv",
        # Data
        "data/ir_cron_data.xml",
        # Views
        "views/database_backup_run_views.xml",
        "views/database_backup_views.xml",
    ],
}
