# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Reports of readings: one row a meter, a device and month, a device and source."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..fields import Counter
from ..models.meter_reading import SOURCES

# Days after which a reading is missing by the plan of its device or contract.
PLAN_DAYS = SQL(
    """
    CASE coalesce(device.reading_plan, contract.reading_plan)
         WHEN 'daily' THEN 2 WHEN 'weekly' THEN 8
         WHEN 'monthly' THEN 32 WHEN 'quarterly' THEN 93 END
    """
)
CURRENT_CONTRACT = SQL(
    """
    LEFT JOIN LATERAL (
            SELECT contract.id, contract.next_period_start, contract.next_period_end,
                   contract.reading_plan
              FROM meter_contract_device assignment
              JOIN meter_contract contract ON contract.id = assignment.contract_id
             WHERE assignment.device_id = device.id
               AND contract.state = 'running'
               AND (assignment.date_end IS NULL
                    OR assignment.date_end >= contract.next_period_start)
          ORDER BY assignment.date_start
             LIMIT 1
           ) contract ON true
    """
)


class MeterReadingAsk(models.AbstractModel):
    """What puts a device right whose readings do not come, on every report of them."""

    _name = "meter.reading.ask"
    _description = "Ask for Readings"

    device_id = fields.Many2one("meter.device", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    model_id = fields.Many2one("meter.device.model", readonly=True)
    contract_id = fields.Many2one("meter.contract", readonly=True)

    def action_ask(self):
        """Ask the customers of these devices for readings, by mail."""
        self.check_access("read")
        self.env["meter.reading.request"].check_access("create")
        return self.env["meter.reading.request"]._ask_now(self.device_id)

    def action_update_meters(self):
        """Open the grid of the customer's meters."""
        self.ensure_one()
        if not self.partner_id:
            raise UserError(self.env._("The device is at no customer."))
        return self.partner_id.action_update_meters()

    def action_open_device(self):
        """Open the device."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "meter.device",
            "res_id": self.device_id.id,
            "view_mode": "form",
        }


class MeterReadingStatus(models.Model):
    """Where each meter stands: read last when and by what, missing, estimated."""

    _name = "meter.reading.status"
    _inherit = "meter.reading.ask"
    _description = "Reading Status of a Meter"
    _auto = False
    _order = "days_missing desc, partner_id, device_id, meter_id"
    _depends = {
        "meter.contract": ["state", "next_period_end", "reading_plan"],
        "meter.contract.device": ["device_id", "contract_id", "date_start", "date_end"],
        "meter.device": ["state", "active", "reading_plan", "commercial_partner_id"],
        "meter.meter": ["device_id", "type_id"],
        "meter.reading": ["state", "date", "value", "kind"],
    }
    _rec_name = "meter_id"

    meter_id = fields.Many2one("meter.meter", readonly=True)
    type_id = fields.Many2one("meter.type", string="Meter Type", readonly=True)
    last_date = fields.Date(
        string="Last Read", readonly=True, help="Actual readings only."
    )
    last_value = Counter(readonly=True)
    last_source = fields.Selection(SOURCES, readonly=True)
    days_unread = fields.Integer(
        readonly=True,
        aggregator="max",
        help="Since the last actual reading, or since the installation.",
    )
    state = fields.Selection(
        [
            ("read", "Read"),
            ("missing", "Missing"),
            ("hold", "On Hold"),
        ],
        readonly=True,
        help="Missing: billing waits for it, or its plan has passed. On hold: one "
        "came, but waits for somebody to accept it.",
    )
    due_date = fields.Date(
        string="Due on",
        readonly=True,
        help="The billing cut-off that waits for it, or the day its plan has passed.",
    )
    days_missing = fields.Integer(readonly=True, aggregator="max")
    estimate_count = fields.Integer(
        string="Estimates in a Row",
        readonly=True,
        aggregator="max",
        help="Since the last actual reading.",
    )
    meter_count = fields.Integer(string="Meters", readonly=True)

    @property
    def _table_query(self):
        """One index look-up or two a meter, however many readings it has."""
        return SQL(
            """
            SELECT status.*,
                   CASE WHEN due_date IS NULL THEN 'read'
                        WHEN held THEN 'hold' ELSE 'missing' END AS state,
                   greatest(%(today)s - due_date, 0) AS days_missing
              FROM (
                    SELECT meter.id, meter.id AS meter_id, meter.type_id,
                           device.id AS device_id, device.company_id, device.model_id,
                           device.commercial_partner_id AS partner_id,
                           contract.id AS contract_id,
                           last.date AS last_date, last.value AS last_value,
                           last.source AS last_source,
                           %(today)s - coalesce(last.date, device.install_date)
                               AS days_unread,
                           estimates.count AS estimate_count, 1 AS meter_count,
                           EXISTS (
                            SELECT FROM meter_reading reading
                             WHERE reading.meter_id = meter.id
                               AND reading.state = 'hold'
                               AND reading.date > coalesce(last.date, '0001-01-01')
                           ) AS held,
                           CASE
                           WHEN contract.next_period_end <= %(today)s
                            AND coalesce(last.date, '0001-01-01')
                                < contract.next_period_start
                           THEN contract.next_period_end
                           WHEN coalesce(last.date, device.install_date)
                                + %(plan_days)s <= %(today)s
                           THEN coalesce(last.date, device.install_date)
                                + %(plan_days)s - 1
                            END AS due_date
                      FROM meter_meter meter
                      JOIN meter_device device ON device.id = meter.device_id
                %(contract)s
                 LEFT JOIN LATERAL (
                            SELECT reading.date, reading.value, reading.source
                              FROM meter_reading reading
                             WHERE reading.meter_id = meter.id
                               AND reading.state = 'valid'
                               AND reading.kind = 'actual'
                          ORDER BY reading.date DESC, reading.read_at DESC,
                                   reading.id DESC
                             LIMIT 1
                           ) last ON true
                 LEFT JOIN LATERAL (
                            SELECT count(*)::int AS count
                              FROM meter_reading reading
                             WHERE reading.meter_id = meter.id
                               AND reading.state = 'valid'
                               AND reading.kind = 'estimated'
                               AND reading.date > coalesce(last.date, '0001-01-01')
                           ) estimates ON true
                     WHERE device.state = 'installed' AND device.active
                   ) status
            """,
            today=fields.Date.context_today(self),
            plan_days=PLAN_DAYS,
            contract=CURRENT_CONTRACT,
        )


class MeterReadingCollection(models.Model):
    """Which devices under contract were read in which month, and by what."""

    _name = "meter.reading.collection"
    _inherit = "meter.reading.ask"
    _description = "Collection of Readings"
    _auto = False
    _order = "month desc, partner_id, device_id"
    _depends = {
        "meter.contract": ["state", "next_period_end", "reading_plan"],
        "meter.contract.device": ["device_id", "contract_id", "date_start", "date_end"],
        "meter.device": ["state", "active", "reading_plan", "commercial_partner_id"],
        "meter.reading.tally": ["source"],
    }
    _rec_name = "device_id"

    month = fields.Date(readonly=True)
    source = fields.Selection(
        [*SOURCES, ("none", "Not read")],
        readonly=True,
        help="What brought the last reading of the month.",
    )
    device_count = fields.Integer(string="Device Months", readonly=True)
    read_count = fields.Integer(string="Read", readonly=True)
    rate = fields.Float(
        string="Collection Rate (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Of the devices under contract, those that were read in the month.",
    )

    @property
    def _table_query(self):
        today = fields.Date.context_today(self)
        return SQL(
            """
            SELECT assignment.id::bigint * 10000
                     + (extract(year FROM due.month)::int - 2000) * 12
                     + extract(month FROM due.month)::int AS id,
                   due.month::date AS month, device.id AS device_id,
                   device.company_id, device.model_id,
                   contract.partner_id AS partner_id, contract.id AS contract_id,
                   coalesce(came.source, 'none') AS source, 1 AS device_count,
                   (came.source IS NOT NULL)::int AS read_count,
                   CASE WHEN came.source IS NULL THEN 0.0 ELSE 100.0 END AS rate
              FROM meter_contract_device assignment
              JOIN meter_contract contract ON contract.id = assignment.contract_id
              JOIN meter_device device ON device.id = assignment.device_id
        CROSS JOIN LATERAL generate_series(
                    date_trunc('month', greatest(assignment.date_start, %(first)s)),
                    least(assignment.date_end, contract.date_end,
                          device.removal_date, %(today)s),
                    interval '1 month') AS due(month)
         LEFT JOIN LATERAL (
                    SELECT tally.source
                      FROM meter_reading_tally tally
                     WHERE tally.device_id = device.id AND tally.month = due.month
                  ORDER BY tally.last_date DESC, tally.reading_count DESC
                     LIMIT 1
                   ) came ON true
             WHERE contract.state IN ('running', 'closed')
            """,
            first=fields.Date.subtract(today.replace(day=1), months=12),
            today=today,
        )


class MeterReadingSilence(models.Model):
    """How often a device is read, by whatever source, and since when it is not."""

    _name = "meter.reading.silence"
    _inherit = "meter.reading.ask"
    _description = "Device That Stopped Reporting"
    _auto = False
    _order = "silent_days desc, device_id"
    _depends = {
        "meter.contract": ["state", "next_period_end", "reading_plan"],
        "meter.contract.device": ["device_id", "contract_id", "date_start", "date_end"],
        "meter.device": ["state", "active", "reading_plan", "commercial_partner_id"],
        "meter.reading.tally": ["source", "last_date", "day_count"],
    }
    _rec_name = "device_id"

    source = fields.Selection(
        SOURCES, readonly=True, help="What brought the last reading."
    )
    last_date = fields.Date(string="Last Reading", readonly=True)
    usual_days = fields.Float(
        string="Usually Every (days)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
    )
    silent_days = fields.Integer(
        string="Silent for (days)", readonly=True, aggregator="max"
    )
    is_silent = fields.Boolean(
        string="Silent",
        readonly=True,
        help="For longer than three times what is usual, and three days at least.",
    )
    device_count = fields.Integer(string="Devices", readonly=True)

    @property
    def _table_query(self):
        today = fields.Date.context_today(self)
        return SQL(
            """
            SELECT heard.*, %(today)s - last_date AS silent_days, 1 AS device_count,
                   %(today)s - last_date > greatest(3 * usual_days, 3) AS is_silent
              FROM (
                    SELECT device.id, device.id AS device_id, device.company_id,
                           device.model_id, device.commercial_partner_id AS partner_id,
                           contract.id AS contract_id,
                           (array_agg(came.source ORDER BY came.last_date DESC))[1]
                               AS source,
                           max(came.last_date) AS last_date,
                           -- Once only: as often as billing asks at most.
                           CASE WHEN sum(came.day_count) > 1
                                THEN (max(came.last_date) - min(came.first_date))
                                     / (sum(came.day_count) - 1)::numeric
                                ELSE 31 END AS usual_days
                      FROM (
                            -- Two sources may give the same days: they count once.
                            SELECT tally.device_id, max(tally.day_count) AS day_count,
                                   min(tally.first_date) AS first_date,
                                   max(tally.last_date) AS last_date,
                                   (array_agg(tally.source ORDER BY tally.last_date
                                              DESC, tally.id))[1] AS source
                              FROM meter_reading_tally tally
                             WHERE tally.source
                                   NOT IN ('removal', 'move', 'install', 'correction')
                               AND tally.month >= %(first)s
                          GROUP BY tally.device_id, tally.month
                           ) came
                      JOIN meter_device device ON device.id = came.device_id
                %(contract)s
                     WHERE device.state = 'installed' AND device.active
                  GROUP BY device.id, contract.id
                   ) heard
            """,
            today=today,
            first=fields.Date.subtract(today.replace(day=1), months=12),
            contract=CURRENT_CONTRACT,
        )
