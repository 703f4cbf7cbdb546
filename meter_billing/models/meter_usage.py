# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Pages a month and meter, kept beside the readings so that reports answer at once.

What changes readings notes which meter changed since when; a scheduled action makes the
months of these meters anew, from the readings alone.
"""

from odoo import api, fields, models
from odoo.tools import SQL

from ..fields import DerivedMany2one, Pages
from .meter_reading import SOURCES

# Changes worked off in one transaction.
BATCH = 20_000


class MeterUsage(models.Model):
    """The pages that a meter counted in a month.

    Between two readings they are spread evenly by day, as ``pages_by_month`` does for
    customers: who reads on the first of a month finds the pages in the one before. The
    months of two readings add up to what was counted between them.
    """

    _name = "meter.usage"
    _description = "Pages of a Month"
    _order = "month desc, id desc"
    _rec_name = "meter_id"
    _log_access = False

    meter_id = fields.Many2one(
        "meter.meter", required=True, readonly=True, ondelete="cascade"
    )
    device_id = DerivedMany2one("meter.device", readonly=True, index=True)
    company_id = DerivedMany2one("res.company", readonly=True)
    partner_id = DerivedMany2one("res.partner", string="Customer", readonly=True)
    month = fields.Date(required=True, readonly=True, index=True, help="Its first day.")
    source = fields.Selection(SOURCES, required=True, readonly=True)
    kind = fields.Selection(
        [("actual", "Actual"), ("estimated", "Estimated")], required=True, readonly=True
    )
    pages = Pages(required=True, readonly=True)
    days = fields.Integer(
        required=True, readonly=True, help="Days of the month between the readings."
    )
    reading_count = fields.Integer(
        required=True, readonly=True, string="Readings", help="Of this month's days."
    )

    _month_uniq = models.UniqueIndex(
        "(meter_id, month, coalesce(partner_id, 0), source, kind)"
    )

    @api.model
    def _cron_update(self):
        """Bring the months of meters whose readings changed up to date."""
        Change = self.env["meter.usage.change"]
        commit_progress = self.env["ir.cron"]._commit_progress
        commit_progress(remaining=Change.search_count([]))
        while changes := Change.search([], order="id", limit=BATCH):
            changes = changes.try_lock_for_update()
            if not changes:  # somebody else is at it
                return
            count = len(changes)
            self._update(changes)
            if not commit_progress(count):
                return

    @api.model
    def _update(self, changes=None):
        """Make the months that changes concern anew, and forget the changes.

        :param changes: meter.usage.change records; None: all
        """
        if changes is None:
            changes = self.env["meter.usage.change"].search([])
        if not changes:
            return
        self.env.flush_all()
        # The pages of the first reading that changed are spread from the one before on.
        since = SQL(
            """
            SELECT changed.meter_id,
                   coalesce(date_trunc('month', before.date)::date, '0001-01-01')
                        AS month
              FROM (
                    SELECT meter_id, min(date) AS date
                      FROM meter_usage_change
                     WHERE id = ANY(%s)
                  GROUP BY meter_id
                   ) changed
         LEFT JOIN LATERAL (
                    SELECT reading.date
                      FROM meter_reading reading
                     WHERE reading.meter_id = changed.meter_id
                       AND reading.state = 'valid' AND reading.date < changed.date
                  ORDER BY reading.date DESC, reading.read_at DESC, reading.id DESC
                     LIMIT 1
                   ) before ON true
            """,
            list(changes.ids),
        )
        cr = self.env.cr
        cr.execute(
            SQL(
                """
                DELETE FROM meter_usage usage USING (%s) since
                 WHERE usage.meter_id = since.meter_id AND usage.month >= since.month
                """,
                since,
            )
        )
        cr.execute(SQL(INSERT, since=since))
        cr.execute(
            SQL("DELETE FROM meter_usage_change WHERE id = ANY(%s)", list(changes.ids))
        )
        self.env.invalidate_all(flush=False)


# Each reading's pages: from the reading before it (the first: from the opening value),
# what events say of it included, as rating.pages_between has it. A month's part is what
# was counted up to its end less what was counted up to its beginning, both rounded.
INSERT = """
    INSERT INTO meter_usage (
        meter_id, device_id, company_id, partner_id, month, source, kind, pages, days,
        reading_count)
    SELECT meter.id, meter.device_id, meter.company_id, reading.partner_id,
           part.month, reading.source, reading.kind,
           sum(CASE WHEN reading.days = 0 THEN reading.pages
                    ELSE reading.pages * part.days_to / reading.days
                         - reading.pages * part.days_from / reading.days END),
           sum(part.days_to - part.days_from),
           count(*) FILTER (WHERE part.month = reading.month)
      FROM (%(since)s) since
      JOIN meter_meter meter ON meter.id = since.meter_id
      JOIN meter_device device ON device.id = meter.device_id
 LEFT JOIN LATERAL (
            SELECT date, read_at, value
              FROM meter_reading
             WHERE meter_id = meter.id AND state = 'valid' AND date < since.month
          ORDER BY date DESC, read_at DESC, id DESC
             LIMIT 1
           ) before ON true
CROSS JOIN LATERAL (
            SELECT partner_id, date, read_at, source, kind, value,
                   lag(value, 1, coalesce(before.value, meter.opening_value)) OVER time
                       AS start_value,
                   lag(read_at, 1, before.read_at) OVER time AS start_at,
                   -- It stood nowhere before it was installed again.
                   CASE WHEN source = 'install' THEN date
                        ELSE lag(date, 1, coalesce(before.date, device.install_date))
                             OVER time END AS start_date
              FROM meter_reading
             WHERE meter_id = meter.id AND state = 'valid' AND date >= since.month
            WINDOW time AS (ORDER BY date, read_at, id)
           ) closing
CROSS JOIN LATERAL (
            SELECT closing.partner_id, closing.source, closing.kind, closing.date,
                   date_trunc('month', closing.date::timestamp)::date AS month,
                   date_trunc('month', least(closing.start_date + 1, closing.date)
                                       ::timestamp)::date AS first_month,
                   least(coalesce(closing.start_date, closing.date), closing.date)
                       AS start_date,
                   greatest(closing.date - coalesce(closing.start_date, closing.date),
                            0) AS days,
                   closing.value - closing.start_value + coalesce((
                        SELECT sum(event.closing_value - event.opening_value)
                          FROM meter_event event
                         WHERE event.meter_id = meter.id
                           AND event.happened_at <= closing.read_at
                           AND (closing.start_at IS NULL
                                OR event.happened_at > closing.start_at)
                       ), 0)::bigint AS pages
            OFFSET 0  -- computed once, not wherever it is used
           ) reading
CROSS JOIN LATERAL (
            SELECT reading.month, reading.days AS days_to, 0 AS days_from
             WHERE reading.first_month = reading.month
         UNION ALL
            SELECT first::date,
                   least((first + interval '1 month')::date - 1, reading.date)
                       - reading.start_date,
                   greatest(first::date - 1, reading.start_date) - reading.start_date
              FROM generate_series(
                    reading.first_month::timestamp, reading.month, '1 month') first
             WHERE reading.first_month < reading.month
           ) part
     WHERE part.month >= since.month
  GROUP BY meter.id, reading.partner_id, part.month, reading.source, reading.kind
"""


class MeterUsageChange(models.Model):
    """A meter whose readings changed from a day on: its months are made anew.

    Only ever added and deleted, so that those who bring readings never wait for each
    other here.
    """

    _name = "meter.usage.change"
    _description = "Meter With Changed Readings"
    _log_access = False

    meter_id = fields.Many2one("meter.meter", required=True, ondelete="cascade")
    date = fields.Date(required=True)

    def init(self):
        """Where readings were there before this table: make all their months."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO meter_usage_change (meter_id, date)
                SELECT id, '0001-01-01' FROM meter_meter
                 WHERE NOT EXISTS (SELECT FROM meter_usage)
                   AND EXISTS (SELECT FROM meter_reading)
                """
            )
        )

    @api.model
    def _note(self, changes):
        """Note which meters changed since when; they are worked off soon.

        :param SQL changes: a query of meter ids and days
        """
        self.env.cr.execute(
            SQL("INSERT INTO meter_usage_change (meter_id, date) %s", changes)
        )
        if self.env.cr.rowcount:
            # sudo: whoever brings readings may start what counts them
            self.env.ref("meter_billing.ir_cron_meter_usage").sudo()._trigger()


class MeterReading(models.Model):
    _inherit = "meter.reading"

    def _after_ingest(self):
        result = super()._after_ingest()
        self._note_usage(only_valid=True)
        return result

    def _transition(self, vals, decision=None, reason=""):
        result = super()._transition(vals, decision, reason)
        if "state" in vals:
            self._note_usage()
        return result

    def _note_usage(self, only_valid=False):
        """Let the months of these readings' meters be made anew.

        :param bool only_valid: those on hold change nothing
        """
        if not self.ids:
            return
        self.flush_model(["meter_id", "date", "state"])
        self.env["meter.usage.change"]._note(
            SQL(
                """
                SELECT meter_id, min(date) FROM meter_reading
                 WHERE id = ANY(%s) AND (NOT %s OR state = 'valid') GROUP BY meter_id
                """,
                list(self.ids),
                only_valid,
            )
        )


class MeterEvent(models.Model):
    _inherit = "meter.event"

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        events.flush_recordset()
        self.env["meter.usage.change"]._note(
            SQL(
                "SELECT meter_id, min(date) FROM meter_event WHERE id = ANY(%s) "
                "GROUP BY meter_id",
                list(events.ids),
            )
        )
        return events


class MeterMeter(models.Model):
    _inherit = "meter.meter"

    counts_pages = fields.Boolean(
        compute="_compute_counts_pages",
        store=True,
        help="Its pages are a part of the device's volume: mono and colour, or the "
        "total where the device does not have both.",
    )

    @api.depends("device_id.meter_ids.type_id.category")
    def _compute_counts_pages(self):
        parts = {"mono", "colour"}
        for meter in self:
            categories = set(meter.device_id.meter_ids.type_id.mapped("category"))
            # A total beside mono alone has the colour pages as well.
            has_total = "total" in categories and not parts <= categories
            counted = {"total"} if has_total else parts
            meter.counts_pages = meter.type_id.category in counted

    def write(self, vals):
        result = super().write(vals)
        if "opening_value" in vals:
            self._note_usage()
        return result

    def _note_usage(self):
        """Let all months of these meters be made anew."""
        self.env["meter.usage.change"]._note(
            SQL("SELECT id, '0001-01-01' FROM meter_meter WHERE id = ANY(%s)", self.ids)
        )


class MeterDevice(models.Model):
    _inherit = "meter.device"

    def write(self, vals):
        result = super().write(vals)
        if "install_date" in vals:
            self.meter_ids._note_usage()
        return result
