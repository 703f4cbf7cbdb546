# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Archives: what goes into one, how it is encrypted, where it is kept, how restored.

Nothing here needs the module's models: it works in a process of its own.
"""
