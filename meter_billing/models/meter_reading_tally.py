# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How many readings came of a device in a month, by source: what reports count.

Kept up to date with every batch, so that no report reads ten million readings.
"""

from odoo import api, fields, models
from odoo.tools import SQL

from .meter_reading import SOURCES


class MeterReadingTally(models.Model):
    """Actual readings that came, valid or on hold: somebody or something has read."""

    _name = "meter.reading.tally"
    _description = "Readings of a Month"
    _order = "month desc, device_id, source"
    _log_access = False

    device_id = fields.Many2one(
        "meter.device", required=True, readonly=True, ondelete="cascade"
    )
    month = fields.Date(required=True, readonly=True, help="Its first day.")
    source = fields.Selection(SOURCES, required=True, readonly=True)
    reading_count = fields.Integer(string="Readings", required=True, readonly=True)
    day_count = fields.Integer(string="Days Read", required=True, readonly=True)
    first_date = fields.Date(required=True, readonly=True)
    last_date = fields.Date(required=True, readonly=True)

    _once = models.UniqueIndex("(device_id, month, source)")

    def init(self):
        """Count what was read before there was a tally."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO meter_reading_tally (%s)
                %s
                 WHERE NOT EXISTS (SELECT FROM meter_reading_tally)
                   AND kind = 'actual' AND state IN ('valid', 'hold')
              GROUP BY 1, 2, 3
                """,
                self._columns(),
                self._select(),
            )
        )

    @api.model
    def _columns(self):
        return SQL(
            "device_id, month, source, reading_count, day_count, first_date, last_date"
        )

    @api.model
    def _select(self):
        return SQL(
            """
            SELECT device_id, date_trunc('month', date)::date, source, count(*),
                   count(DISTINCT date), min(date), max(date)
              FROM meter_reading
            """
        )

    @api.model
    def _add(self, readings):
        """Count new readings in, in one statement.

        A day that comes in after a later one is not counted as one more day.
        """
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO meter_reading_tally AS tally (%(columns)s)
                %(select)s
                 WHERE id = ANY(%(ids)s) AND kind = 'actual'
              GROUP BY 1, 2, 3
              ORDER BY 1, 2, 3  -- two workers take the rows in one order
                ON CONFLICT (device_id, month, source) DO UPDATE SET
                   reading_count = tally.reading_count + excluded.reading_count,
                   day_count = tally.day_count + CASE
                       WHEN excluded.first_date > tally.last_date
                       THEN excluded.day_count
                       WHEN excluded.last_date > tally.last_date
                       THEN greatest(excluded.day_count - 1, 1) ELSE 0 END,
                   first_date = least(tally.first_date, excluded.first_date),
                   last_date = greatest(tally.last_date, excluded.last_date)
                """,
                columns=self._columns(),
                select=self._select(),
                ids=list(readings.ids),
            )
        )
        self.invalidate_model()

    @api.model
    def _count_again(self, readings):
        """Count the months of readings anew whose state has changed."""
        if not readings:
            return
        readings.flush_recordset(["state"])
        months = {
            (reading.device_id.id, reading.date.replace(day=1)) for reading in readings
        }
        devices, firsts = map(list, zip(*sorted(months), strict=True))
        wanted = SQL(
            "SELECT * FROM unnest(%s::int[], %s::date[]) AS wanted(device_id, month)",
            devices,
            firsts,
        )
        self.env.cr.execute(
            SQL(
                "DELETE FROM meter_reading_tally WHERE (device_id, month) IN (%s)",
                wanted,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO meter_reading_tally (%(columns)s)
                SELECT reading.device_id, wanted.month, source, count(*),
                       count(DISTINCT date), min(date), max(date)
                  FROM (%(wanted)s) wanted
                  JOIN meter_meter meter ON meter.device_id = wanted.device_id
                  JOIN meter_reading reading ON reading.meter_id = meter.id
                 WHERE reading.read_at >= wanted.month - interval '1 day'
                   AND reading.read_at < wanted.month + interval '1 month 1 day'
                   AND reading.date >= wanted.month
                   AND reading.date < wanted.month + interval '1 month'
                   AND kind = 'actual' AND state IN ('valid', 'hold')
              GROUP BY 1, 2, 3
                """,
                columns=self._columns(),
                wanted=wanted,
            )
        )
        self.invalidate_model()


class MeterReading(models.Model):
    _inherit = "meter.reading"

    def _after_ingest(self):
        result = super()._after_ingest()
        self.env["meter.reading.tally"]._add(self)
        return result
