# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The rating engine: usage and terms in, invoice lines out.

Pure Python without Odoo, exact numbers, plain data. ``rate_period(terms, state,
period)`` is all of it; what one period hands on to the next is in its ``state``.
"""

from .calendar import (
    add_months,
    full_period,
    is_month_end,
    month_end,
    period_end,
    period_share,
)
from .charges import (
    FixedCharge,
    Graduated,
    MaximumAmount,
    MeterType,
    Minimum,
    MinimumAmount,
    Package,
    PerUnit,
    Prepaid,
    Tier,
    UsageCharge,
    Volume,
)
from .errors import PeriodError, TermsError
from .exact import round_half_up
from .meters import pages_between
from .period import MeterUsage, Period, Place
from .rating import rate_period, rate_periods
from .result import ChargeResult, DeviceShare, Line, Result
from .state import State
from .terms import Terms

__all__ = [
    "ChargeResult",
    "DeviceShare",
    "FixedCharge",
    "Graduated",
    "Line",
    "MaximumAmount",
    "MeterType",
    "MeterUsage",
    "Minimum",
    "MinimumAmount",
    "Package",
    "PerUnit",
    "Period",
    "PeriodError",
    "Place",
    "Prepaid",
    "Result",
    "State",
    "Terms",
    "TermsError",
    "Tier",
    "UsageCharge",
    "Volume",
    "add_months",
    "full_period",
    "is_month_end",
    "month_end",
    "pages_between",
    "period_end",
    "period_share",
    "rate_period",
    "rate_periods",
    "round_half_up",
]
