# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Fleet-management services that are asked for readings. Knows no Odoo.

A service is a class with `check()`, `devices()` and `readings(devices, since)`; how
it is spoken to lies in `http`.
"""

from .http import FleetError, FleetRefused, JsonClient
from .print_tracker import PrintTracker

__all__ = ["FleetError", "FleetRefused", "JsonClient", "PrintTracker"]
