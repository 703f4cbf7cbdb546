# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.tools import SQL

from ..fields import Pages

# Months that a device's volume is the average of, and how long a month is.
MONTHS, DAYS_A_MONTH = 3, 30
# Days without any reading after which nobody can say what a device does.
UNREAD_DAYS = 45
# Part of the rated volume below which a device does nothing, and above which too much.
IDLE, OVERLOADED = 0.05, 1.0


class MeterDevicePerformance(models.Model):
    """Installed devices, what they print and what they are built for."""

    _name = "meter.device.performance"
    _description = "Device Performance"
    _auto = False
    _order = "load desc, id"
    _rec_name = "device_id"

    device_id = fields.Many2one("meter.device", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    location_id = fields.Many2one("res.partner", string="Site", readonly=True)
    model_id = fields.Many2one(
        "meter.device.model", string="Device Model", readonly=True
    )
    manufacturer_id = fields.Many2one("meter.manufacturer", readonly=True)
    rated_volume = fields.Integer(
        string="Rated a Month", readonly=True, help="As its model says. 0: not known."
    )
    monthly_volume = Pages(
        string="Pages a Month",
        readonly=True,
        help="Average of the last three months that it was read of, by the days "
        "between its readings.",
    )
    load = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Pages a month against what the model is rated for.",
    )
    lifetime_pages = Pages(
        string="Pages Ever", readonly=True, help="Since its first reading here."
    )
    age_months = fields.Integer(
        string="Age (Months)", readonly=True, aggregator="avg", help="Since installed."
    )
    last_reading_date = fields.Date(string="Last Read", readonly=True)
    days_unread = fields.Integer(
        string="Days Since Read",
        readonly=True,
        aggregator="avg",
        help="Since its last valid reading, else since it was installed.",
    )
    status = fields.Selection(
        [
            ("unread", "Not Read"),
            ("overloaded", "Overloaded"),
            ("idle", "Idle"),
            ("normal", "Normal"),
            ("unknown", "Not Rated"),
        ],
        readonly=True,
        help="Not read: for more than 45 days. Overloaded: above the rated "
        "volume. Idle: below 5 percent of it, or no page at all.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT device.id, device.id AS device_id, device.company_id,
                   device.commercial_partner_id AS partner_id, device.location_id,
                   device.model_id, device.manufacturer_id,
                   coalesce(model.rated_monthly_volume, 0) AS rated_volume,
                   volume.monthly AS monthly_volume,
                   volume.monthly::float
                        / NULLIF(model.rated_monthly_volume, 0) AS load,
                   volume.ever AS lifetime_pages,
                   (date_part('year', age(%(today)s, device.install_date)) * 12
                        + date_part('month', age(%(today)s, device.install_date))
                   )::int AS age_months,
                   latest.date AS last_reading_date,
                   %(today)s - coalesce(latest.date, device.install_date)
                        AS days_unread,
                   CASE WHEN %(today)s - coalesce(latest.date, device.install_date)
                             > %(unread)s THEN 'unread'
                        WHEN volume.monthly > %(overloaded)s
                             * NULLIF(model.rated_monthly_volume, 0) THEN 'overloaded'
                        WHEN volume.monthly <= %(idle)s
                             * coalesce(model.rated_monthly_volume, 0) THEN 'idle'
                        WHEN coalesce(model.rated_monthly_volume, 0) = 0
                             THEN 'unknown'
                        ELSE 'normal' END AS status
              FROM meter_device device
              JOIN meter_device_model model ON model.id = device.model_id
         LEFT JOIN (
                    SELECT by_meter.device_id,
                           round(sum(by_meter.recent) * %(days)s)::bigint AS monthly,
                           sum(by_meter.ever)::bigint AS ever
                      FROM (
                            SELECT usage.device_id, sum(usage.pages) AS ever,
                                   sum(usage.pages) FILTER (WHERE %(is_recent)s)
                                   / NULLIF(sum(usage.days)
                                            FILTER (WHERE %(is_recent)s), 0)
                                        AS recent
                              FROM (
                                    SELECT device_id, meter_id, month, pages, days,
                                           max(month) OVER (PARTITION BY meter_id)
                                                AS last
                                      FROM meter_usage
                                   ) usage
                              JOIN meter_meter meter ON meter.id = usage.meter_id
                             WHERE meter.counts_pages
                          GROUP BY usage.device_id, usage.meter_id
                           ) by_meter
                  GROUP BY by_meter.device_id
                   ) volume ON volume.device_id = device.id
         LEFT JOIN LATERAL (
                    SELECT max(of_meter.date) AS date
                      FROM meter_meter meter
                CROSS JOIN LATERAL (
                            SELECT reading.date
                              FROM meter_reading reading
                             WHERE reading.meter_id = meter.id
                               AND reading.state = 'valid'
                          ORDER BY reading.date DESC, reading.read_at DESC,
                                   reading.id DESC
                             LIMIT 1
                           ) of_meter
                     WHERE meter.device_id = device.id
                   ) latest ON true
             WHERE device.state = 'installed' AND device.active
            """,
            today=fields.Date.today(),
            unread=UNREAD_DAYS,
            overloaded=OVERLOADED,
            idle=IDLE,
            days=DAYS_A_MONTH,
            is_recent=SQL(
                "usage.month > usage.last - %s::interval", f"{MONTHS} months"
            ),
        )

    def action_view_device(self):
        """Open the device."""
        self.ensure_one()
        return self.device_id.get_formview_action()
