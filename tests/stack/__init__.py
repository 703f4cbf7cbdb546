# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From a bare machine to a running, tested Odoo 19.

`python3 -m tests.stack` is what every Make target calls. It needs nothing but
Python and its standard library: it builds the rest under `build/`.
"""
