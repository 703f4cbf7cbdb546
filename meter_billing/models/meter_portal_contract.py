# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How far a contract's pages have got, as the customer's pages show it.

For the forecast the engine is asked what is used if each meter goes on as in its own
days read so far: weights, carried and prepaid pages count as in billing.
"""

from dataclasses import replace

from odoo import models

from .. import rating


class MeterContract(models.Model):
    _inherit = "meter.contract"

    def _get_customer_position(self, device=None):
        """Return how much each charge for pages has used, with a forecast.

        Where a charge includes no pages, ``available`` is 0 and the percentages are
        None. The forecast is about the devices that were read in the period, and None
        where none was.

        :param device: only what this meter.device uses, and where no pages are
            included its part alone
        :return: list of ``{contract, name, device, start, end, used, available,
            percent, read_until, read_count, device_count, forecast,
            forecast_percent}``
        """
        # sudo: charges are the dealer's; the customer sees the sums of its own contract
        uses = self.sudo()._get_allowance_uses(every_charge=True)
        if device:
            uses = [use for use in uses if _rows_of(use.found, use.found.use, device)]
        forecasts = {}  # the same for all charges of a contract that end on a day
        for use in uses:
            end = use.found.period.end if device and not use.available else use.end
            if (use.contract, end) not in forecasts:
                forecasts[use.contract, end] = _go_on(use.found, end)
        return [self._prepare_position(use, forecasts, device) for use in uses]

    def _prepare_position(self, use, forecasts, device):
        period, now = use.found.period, use.found.use
        start, end, used = use.start, use.end, use.used
        is_part = bool(device and not use.available)
        if is_part:
            start, end = period.start, period.end
        later = forecasts[use.contract, end][now.charge, now.place]
        forecast = later.used
        if is_part:
            used = float(_pages_of(use.found, now, device))
            forecast = _pages_of(use.found, later, device)
        types = use.charge.meter_type_ids._get_read_types()
        rows = _rows_of(use.found, now, is_part and device)
        assignment_ids = {row.device for row in rows}
        intervals = [
            interval
            for interval in period.intervals
            if interval.meter.type_id in types
            and interval.assignment.id in assignment_ids
        ]
        read = [interval for interval in intervals if interval.is_read]
        forecast = round(forecast) if read else None
        return {
            "contract": use.contract,
            "name": use.charge.name,
            "device": use.device,
            "start": start,
            "end": end,
            "used": used,
            "available": use.available,
            "percent": use.percent,
            "read_until": max((interval.date_to for interval in read), default=None),
            "read_count": len({interval.meter.device_id for interval in read}),
            "device_count": len({interval.meter.device_id for interval in intervals}),
            "forecast": forecast,
            "forecast_percent": (
                round(100 * forecast / use.available)
                if forecast is not None and use.available
                else None
            ),
        }


def _rows_of(found, use, device):
    """Return the rows of the engine's use, those of a device where there is one.

    To the engine a device is an assignment.
    """
    assignment_ids = {
        assignment.id
        for assignment in found.period.assignments
        if not device or assignment.device_id == device
    }
    return [row for row in use.rows if row.device in assignment_ids]


def _pages_of(found, use, device):
    return sum(row.quantity for row in _rows_of(found, use, device))


def _go_on(found, end):
    """Return the uses of a period if each meter goes on until a day as it did so far.

    :param found: :class:`~.meter_allowance.RunningUse`
    :return: ``{(charge, place): rating.AllowanceUse}``
    """
    usage = tuple(
        replace(known, pages=_pages_until(interval, end))
        for known, interval in zip(
            found.facts.usage, found.period.intervals, strict=True
        )
    )
    uses = rating.charge_uses(
        found.period.terms, found.state, replace(found.facts, usage=usage)
    )
    return {(use.charge, use.place): use for use in uses}


def _pages_until(interval, end):
    """Return the pages of a meter at its own rate, until a day or until it leaves."""
    last_days = (
        end,
        interval.assignment.date_end,
        interval.meter.device_id.removal_date,
    )
    left = (min(day for day in last_days if day) - interval.date_to).days
    if not interval.is_read or left <= 0:
        return interval.pages
    days = max((interval.date_to - interval.date_from).days, 1)
    return interval.pages + round(interval.pages * left / days)
