# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which devices are read when, and which readings are missing."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..plan import due_before, due_on_or_after

PLANS = [
    ("daily", "Every day"),
    ("weekly", "Every week"),
    ("monthly", "Every month"),
    ("quarterly", "Every quarter"),
]


class MeterReadingPlan(models.AbstractModel):
    """Fields of a reading plan, on contracts and devices."""

    _name = "meter.reading.plan"
    _description = "Reading Plan"

    reading_plan = fields.Selection(PLANS, string="Readings Are Due")
    reading_day = fields.Integer(
        string="On Day",
        default=31,
        help="Day of the month (31: the last one), or of the week (1: Monday).",
    )

    @api.constrains("reading_plan", "reading_day")
    def _check_reading_day(self):
        for record in self:
            last = 7 if record.reading_plan == "weekly" else 31
            if record.reading_plan and not 1 <= record.reading_day <= last:
                raise ValidationError(
                    self.env._(
                        "Readings are due on a day from 1 to %(last)s.", last=last
                    )
                )

    @api.onchange("reading_plan")
    def _onchange_reading_plan(self):
        self.reading_day = 1 if self.reading_plan == "weekly" else 31


class MeterContract(models.Model):
    _name = "meter.contract"
    _inherit = ["meter.contract", "meter.reading.plan"]


class MeterDevice(models.Model):
    _name = "meter.device"
    _inherit = ["meter.device", "meter.reading.plan"]

    next_due_date = fields.Date(
        compute="_compute_next_due_date",
        string="Next Reading Due",
        help="By its own plan, else by that of its contract.",
    )

    @api.depends("reading_plan", "reading_day", "assignment_ids")
    def _compute_next_due_date(self):
        plans = self._get_reading_plans()
        for device in self:
            plan = plans.get(device.id)
            today = device.company_id._meter_today()
            device.next_due_date = due_on_or_after(*plan, today) if plan else False

    def _get_reading_plans(self):
        """Return ``{device_id: (plan, day)}`` of installed devices that have one."""
        if not self.ids:
            return {}
        self.env["meter.contract.device"].flush_model()
        self.env["meter.contract"].flush_model(["reading_plan", "reading_day", "state"])
        self.flush_model(["reading_plan", "reading_day", "state"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT device.id,
                       coalesce(device.reading_plan, contract.reading_plan),
                       CASE WHEN device.reading_plan IS NOT NULL
                            THEN device.reading_day ELSE contract.reading_day END
                  FROM meter_device device
             LEFT JOIN LATERAL (
                        SELECT contract.reading_plan, contract.reading_day
                          FROM meter_contract_device assignment
                          JOIN meter_contract contract
                            ON contract.id = assignment.contract_id
                         WHERE assignment.device_id = device.id
                           AND contract.state = 'running'
                           AND (assignment.date_end IS NULL
                                OR assignment.date_end >= %(today)s)
                      ORDER BY assignment.date_start
                         LIMIT 1
                       ) contract ON true
                 WHERE device.id IN %(devices)s AND device.state = 'installed'
                   AND coalesce(device.reading_plan, contract.reading_plan) IS NOT NULL
                """,
                today=fields.Date.today(),
                devices=tuple(self.ids),
            )
        )
        return {device_id: (plan, day) for device_id, plan, day in rows}

    @api.model
    def _find_unread(self, since):
        """Return the ids of devices with a meter that was not read since a day.

        A reading on hold is a reading: somebody has given it.

        :param dict since: ``{device_id: day}``
        """
        if not since:
            return set()
        self.env["meter.reading"].flush_model()
        self.env["meter.meter"].flush_model(["device_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT wanted.device_id
                  FROM unnest(%(devices)s::int[], %(days)s::date[])
                       AS wanted(device_id, since)
                  JOIN meter_meter meter ON meter.device_id = wanted.device_id
                 WHERE NOT EXISTS (
                        SELECT FROM meter_reading reading
                         WHERE reading.meter_id = meter.id
                           AND reading.read_at >= wanted.since - 1
                           AND reading.date >= wanted.since
                           AND reading.kind = 'actual'
                           AND reading.state IN ('valid', 'hold'))
                """,
                devices=list(since),
                days=list(since.values()),
            )
        )
        return {device_id for (device_id,) in rows}

    def _get_due(self, today, lead):
        """Return what is due of these devices: ``{device_id: (due day, since when)}``.

        The day that is due is the next one, once it is near enough to ask for it, else
        the last one. A reading answers it from ``lead`` days before it on (of a daily
        plan, on the day itself).

        :param date today: where the company is
        :param int lead: days before the due day from which on is asked
        """
        due = {}
        for device_id, (plan, day) in self._get_reading_plans().items():
            ahead = 0 if plan == "daily" else min(lead, 6 if plan == "weekly" else 27)
            soon = fields.Date.add(today, days=ahead)
            day_due = due_on_or_after(plan, day, today)
            if day_due > soon:
                day_due = due_before(plan, day, today)
            due[device_id] = (day_due, fields.Date.subtract(day_due, days=ahead))
        return due
