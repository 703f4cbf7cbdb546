# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How far a contract's pages have got, as the customer's pages show it."""

from odoo import fields, models


class MeterContract(models.Model):
    _inherit = "meter.contract"

    def _get_customer_position(self, device=None):
        """Return how much is used of included and prepaid pages, with a forecast.

        The forecast goes on as in the days read so far; it is None where nothing was
        read in the period yet.

        :param device: only allowances that this meter.device uses
        :return: list of ``{contract, name, device, start, end, used, available,
            percent, read_until, forecast, forecast_percent}``
        """
        # sudo: charges are the dealer's; the customer sees the sums of its own contract
        uses = self.sudo()._get_allowance_uses()
        if device:
            uses = [use for use in uses if not use.place or use.device == device]
        days = self._get_last_read_days(uses)
        return [self._prepare_position(use, days.get(use.contract.id)) for use in uses]

    def _get_last_read_days(self, uses):
        """Return ``{contract_id: last day}`` that a device of the contract was read."""
        contracts = self.sudo().browse().union(*(use.contract for use in uses))
        devices = {
            contract.id: contract.assignment_ids.filtered(
                lambda a, start=contract.next_period_start: (
                    not a.date_end or a.date_end >= start
                )
            ).device_id
            for contract in contracts
        }
        meters = contracts.assignment_ids.device_id.meter_ids
        latest = self.env["meter.reading"].sudo()._get_latest(meters)
        return {
            contract_id: max(
                (
                    latest[meter.id].date
                    for meter in members.meter_ids
                    if meter.id in latest
                ),
                default=None,
            )
            for contract_id, members in devices.items()
        }

    def _prepare_position(self, use, read_until):
        forecast = None
        if read_until and use.start <= read_until:
            read = (min(read_until, use.end) - use.start).days + 1
            length = (use.end - use.start).days + 1
            forecast = round(use.used * length / read)
        return {
            "contract": use.contract,
            "name": use.charge.name,
            "device": use.device,
            "start": use.start,
            "end": use.end,
            "used": use.used,
            "available": use.available,
            "percent": use.percent,
            "read_until": fields.Date.to_date(read_until),
            "forecast": forecast,
            "forecast_percent": (
                round(100 * forecast / use.available)
                if forecast is not None and use.available
                else None
            ),
        }
