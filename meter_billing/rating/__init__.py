# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The rating engine: usage and terms in, invoice lines out.

Pure Python without Odoo, exact numbers, plain data. ``rate_period(terms, state,
period)`` is all of it; what one period hands on to the next is in its ``state``.
"""

from .allowance_use import AllowanceUse, allowance_uses, charge_uses
from .calendar import (
    add_months,
    full_period,
    is_month_end,
    month_end,
    months_between,
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
from .estimate import (
    RECENT,
    YEAR_AGO_SLACK,
    Estimate,
    Known,
    estimate_pages,
    year_before,
)
from .exact import round_half_up
from .meters import pages_between, value_after
from .period import MeterUsage, Period, Place
from .rating import rate_period, rate_periods
from .result import ChargeResult, DeviceShare, Line, Result
from .state import State
from .terms import Terms

__all__ = [
    "RECENT",
    "YEAR_AGO_SLACK",
    "AllowanceUse",
    "ChargeResult",
    "DeviceShare",
    "Estimate",
    "FixedCharge",
    "Graduated",
    "Known",
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
    "allowance_uses",
    "charge_uses",
    "estimate_pages",
    "full_period",
    "is_month_end",
    "month_end",
    "months_between",
    "pages_between",
    "period_end",
    "period_share",
    "rate_period",
    "rate_periods",
    "round_half_up",
    "value_after",
    "year_before",
]
