# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The groups of users, by what they may do; each implies the one before it."""

READER = "partner_extension.group_partner_extension_reader"
EDITOR = "partner_extension.group_partner_extension_editor"
VERIFIER = "partner_extension.group_partner_extension_verifier"
