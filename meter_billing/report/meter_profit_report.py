# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.tools import SQL

from ..fields import Pages

# Ratios of sums: the average of ratios would be another figure.
RATIOS = {
    "revenue_per_page:avg": ("revenue", "pages"),
    "cost_per_page:avg": ("cost", "pages"),
    "margin_rate:avg": ("margin", "revenue"),
}


class MeterProfitReport(models.Model):
    """What pages bring and what they cost.

    Revenue is what the statements charge: for the pages of a meter, and the rest
    (fixed amounts, minimums), which no device causes. Costs are what is booked on a
    device's analytic account; before anything was, and for other devices, the pages of
    the readings at the cost of the model's page in that month. See
    ``models/meter_device_cost.py``.
    """

    _name = "meter.profit.report"
    _description = "Profitability"
    _auto = False
    _order = "month desc, id desc"
    _rec_name = "month"
    _depends = {
        "account.analytic.line": ["amount", "company_id", "date", "general_account_id"],
        "meter.device": ["analytic_account_id", "commercial_partner_id", "model_id"],
        "meter.page.cost": ["beside_booked", "cost", "date_from"],
    }

    month = fields.Date(
        readonly=True,
        help="Of the period's end where it is revenue, of the pages' days or the "
        "booking where it is cost.",
    )
    kind = fields.Selection(
        [
            ("pages", "Revenue of Pages"),
            ("other", "Other Revenue"),
            ("cost", "Pages and Costs"),
            ("booked", "Booked Costs"),
        ],
        readonly=True,
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    contract_id = fields.Many2one("meter.contract", readonly=True)
    statement_id = fields.Many2one("meter.statement", readonly=True)
    analytic_line_id = fields.Many2one(
        "account.analytic.line",
        string="Analytic Item",
        readonly=True,
        groups="analytic.group_analytic_accounting",
    )
    device_id = fields.Many2one("meter.device", readonly=True)
    model_id = fields.Many2one(
        "meter.device.model", string="Device Model", readonly=True
    )
    type_id = fields.Many2one("meter.type", string="Meter Type", readonly=True)
    pages = Pages(readonly=True, help="Pages printed: those that count once.")
    revenue = fields.Monetary(readonly=True, help="Without tax, company's currency.")
    page_cost = fields.Monetary(
        string="Cost of Pages",
        readonly=True,
        help="Pages at the cost of a page that the model has. Not where costs are "
        "booked on the device, unless that cost counts beside them.",
    )
    booked_cost = fields.Monetary(
        string="Booked Costs",
        readonly=True,
        help="Analytic items of the device's account: bills, time and the like.",
    )
    cost = fields.Monetary(readonly=True, help="Cost of pages and booked costs.")
    margin = fields.Monetary(readonly=True, help="Revenue less cost.")
    revenue_per_page = fields.Float(
        string="Revenue per Page", readonly=True, aggregator="avg", digits=(16, 4)
    )
    cost_per_page = fields.Float(
        string="Cost per Page", readonly=True, aggregator="avg", digits=(16, 4)
    )
    margin_rate = fields.Float(
        string="Margin (%)",
        readonly=True,
        aggregator="avg",
        help="Margin against revenue.",
    )

    def _read_group_select(self, aggregate_spec, query):
        """Divide sums, where a mean of the rows' ratios would be wrong."""
        if aggregate_spec not in RATIOS:
            return super()._read_group_select(aggregate_spec, query)
        above, below = RATIOS[aggregate_spec]
        return SQL(
            "sum(%s)::float / NULLIF(sum(%s), 0)",
            self._field_to_sql(self._table, above, query),
            self._field_to_sql(self._table, below, query),
        )

    @property
    def _table_query(self):
        return SQL(
            """
            WITH company AS (
                SELECT id, currency_id,
                       split_part(parent_path, '/', 1)::int AS root_id
                  FROM res_company
            ),
            page_cost AS (
                SELECT company_id, model_id, type_id, cost, beside_booked,
                       date_trunc('month', coalesce(date_from, '0001-01-01'))::date
                           AS since,
                       coalesce(date_trunc('month', lead(date_from) OVER model)::date,
                                'infinity') AS until
                  FROM meter_page_cost
                WINDOW model AS (PARTITION BY company_id, model_id, type_id
                                 ORDER BY coalesce(date_from, '0001-01-01'))
            ),
            statement AS (
                SELECT statement.id, statement.contract_id, statement.company_id,
                       company.currency_id, partner.commercial_partner_id AS partner_id,
                       date_trunc('month', statement.date_to)::date AS month,
                       CASE WHEN statement.currency_id = company.currency_id THEN 1
                            ELSE (%(company_rate)s) / (%(statement_rate)s)
                       END AS rate
                  FROM meter_statement statement
                  JOIN company ON company.id = statement.company_id
                  JOIN res_partner partner ON partner.id = statement.partner_id
                 WHERE statement.state = 'confirmed'
            ),
            booked AS NOT MATERIALIZED (%(booked)s),
            booked_since AS (
                SELECT device_id, date_trunc('month', min(date))::date AS month
                  FROM booked
              GROUP BY device_id
            ),
            entry AS (
                SELECT line.id::bigint * 4 AS id, 'pages' AS kind, statement.month,
                       statement.company_id, statement.currency_id,
                       statement.partner_id, statement.contract_id,
                       statement.id AS statement_id, NULL::int AS analytic_line_id,
                       line.device_id, device.model_id, line.type_id,
                       0::bigint AS pages, line.amount * statement.rate AS revenue,
                       0::numeric AS page_cost, 0::numeric AS booked_cost
                  FROM meter_statement_line line
                  JOIN statement ON statement.id = line.statement_id
                  JOIN meter_device device ON device.id = line.device_id
                 WHERE line.amount <> 0
             UNION ALL
                SELECT charged.id::bigint * 4 + 1, 'other', statement.month,
                       statement.company_id, statement.currency_id,
                       statement.partner_id, statement.contract_id, statement.id,
                       NULL, NULL, NULL, NULL, 0,
                       (charged.amount - coalesce(shown.amount, 0)) * statement.rate,
                       0, 0
                  FROM (
                        SELECT min(id) AS id, statement_id, charge_id,
                               sum(amount) AS amount
                          FROM meter_statement_charge
                      GROUP BY statement_id, charge_id
                       ) charged
                  JOIN statement ON statement.id = charged.statement_id
             LEFT JOIN (
                        SELECT statement_id, charge_id, sum(amount) AS amount
                          FROM meter_statement_line
                      GROUP BY statement_id, charge_id
                       ) shown ON shown.statement_id = charged.statement_id
                              AND shown.charge_id = charged.charge_id
                 WHERE charged.amount <> coalesce(shown.amount, 0)
             UNION ALL
                SELECT usage.id::bigint * 4 + 2, 'cost', usage.month,
                       usage.company_id, company.currency_id, usage.partner_id,
                       assignment.contract_id, NULL, NULL, usage.device_id,
                       device.model_id, meter.type_id,
                       CASE WHEN meter.counts_pages THEN usage.pages ELSE 0 END,
                       0,
                       CASE WHEN page_cost.beside_booked OR booked_since.month IS NULL
                                 OR usage.month < booked_since.month
                            THEN usage.pages * coalesce(page_cost.cost, 0)
                            ELSE 0 END,
                       0
                  FROM meter_usage usage
                  JOIN company ON company.id = usage.company_id
                  JOIN meter_meter meter ON meter.id = usage.meter_id
                  JOIN meter_device device ON device.id = usage.device_id
             LEFT JOIN page_cost ON page_cost.company_id = usage.company_id
                                AND page_cost.model_id = device.model_id
                                AND page_cost.type_id = meter.type_id
                                AND page_cost.since <= usage.month
                                AND page_cost.until > usage.month
             LEFT JOIN meter_contract_device assignment
                    ON assignment.device_id = usage.device_id
                   AND assignment.date_start <= usage.month + 27
                   AND coalesce(assignment.date_end, 'infinity') >= usage.month + 27
             LEFT JOIN booked_since ON booked_since.device_id = usage.device_id
                 WHERE meter.counts_pages OR page_cost.cost <> 0
             UNION ALL
                SELECT booked.id::bigint * 4 + 3, 'booked',
                       date_trunc('month', booked.date)::date, booked.company_id,
                       company.currency_id,
                       coalesce(partner.commercial_partner_id,
                                device.commercial_partner_id),
                       contract.id, NULL, booked.id, booked.device_id,
                       device.model_id, NULL, 0, 0, 0, booked.cost
                  FROM booked
                  JOIN company ON company.id = booked.company_id
                  JOIN meter_device device ON device.id = booked.device_id
             LEFT JOIN meter_contract_device assignment
                    ON assignment.device_id = booked.device_id
                   AND assignment.date_start <= booked.date
                   AND coalesce(assignment.date_end, 'infinity') >= booked.date
             LEFT JOIN meter_contract contract ON contract.id = assignment.contract_id
             LEFT JOIN res_partner partner ON partner.id = contract.partner_id
            )
            SELECT entry.*, page_cost + booked_cost AS cost,
                   revenue - page_cost - booked_cost AS margin,
                   revenue::float / NULLIF(pages, 0) AS revenue_per_page,
                   (page_cost + booked_cost)::float / NULLIF(pages, 0)
                        AS cost_per_page,
                   (revenue - page_cost - booked_cost)::float / NULLIF(revenue, 0)
                        AS margin_rate
              FROM entry
            """,
            booked=self.env["meter.device"]._booked_costs(),
            company_rate=self._get_rate(SQL("company.currency_id")),
            statement_rate=self._get_rate(SQL("statement.currency_id")),
        )

    def _get_rate(self, currency):
        """Return SQL of a currency's rate on the last day of a statement.

        :param SQL currency: its id
        """
        return SQL(
            """
            SELECT coalesce((
                    SELECT rate FROM res_currency_rate
                     WHERE currency_id = %(currency)s AND name <= statement.date_to
                       AND (company_id IS NULL OR company_id = company.root_id)
                  ORDER BY company_id, name DESC LIMIT 1
                   ), (
                    SELECT rate FROM res_currency_rate
                     WHERE currency_id = %(currency)s
                       AND (company_id IS NULL OR company_id = company.root_id)
                  ORDER BY company_id, name LIMIT 1
                   ), 1)
            """,
            currency=currency,
        )

    def action_view_source(self):
        """Open what this entry comes from: the statement, bill, or readings."""
        self.ensure_one()
        if self.statement_id:
            return self.statement_id.get_formview_action()
        if self.kind == "booked":
            return self._open_booking()
        return self.device_id.action_view_readings()

    def _open_booking(self):
        """Open the bill of booked costs, else the item; the device without rights."""
        Item = self.env["account.analytic.line"]
        if not Item.has_access("read"):
            return self.device_id.get_formview_action()
        item = self.analytic_line_id
        move = item.move_line_id.move_id
        if move and move.has_access("read"):
            return move.get_formview_action()
        return item.get_formview_action()
