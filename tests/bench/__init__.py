# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""`make bench`: what billing costs, beside OCA's contracts and beside Odoo alone.

Nothing but the standard library is imported until a session runs inside Odoo.
"""
