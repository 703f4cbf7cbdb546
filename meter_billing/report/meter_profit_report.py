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
    (fixed amounts, minimums), which no device causes. Costs are the pages of the
    readings at the cost of the model's page in that month.
    """

    _name = "meter.profit.report"
    _description = "Profitability"
    _auto = False
    _order = "month desc, id desc"
    _rec_name = "month"

    month = fields.Date(
        readonly=True,
        help="Of the period's end where it is revenue, of the readings where it is "
        "cost.",
    )
    kind = fields.Selection(
        [
            ("pages", "Revenue of Pages"),
            ("other", "Other Revenue"),
            ("cost", "Pages and Costs"),
        ],
        readonly=True,
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    contract_id = fields.Many2one("meter.contract", readonly=True)
    statement_id = fields.Many2one("meter.statement", readonly=True)
    device_id = fields.Many2one("meter.device", readonly=True)
    model_id = fields.Many2one(
        "meter.device.model", string="Device Model", readonly=True
    )
    type_id = fields.Many2one("meter.type", string="Meter Type", readonly=True)
    pages = Pages(readonly=True, help="Pages printed: those that count once.")
    revenue = fields.Monetary(readonly=True, help="Without tax, company's currency.")
    cost = fields.Monetary(
        readonly=True, help="Pages at the cost of a page that the model has."
    )
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
                SELECT company_id, model_id, type_id, cost,
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
            entry AS (
                SELECT line.id::bigint * 3 AS id, 'pages' AS kind, statement.month,
                       statement.company_id, statement.currency_id,
                       statement.partner_id, statement.contract_id,
                       statement.id AS statement_id, line.device_id,
                       device.model_id, line.type_id, 0::bigint AS pages,
                       line.amount * statement.rate AS revenue, 0::numeric AS cost
                  FROM meter_statement_line line
                  JOIN statement ON statement.id = line.statement_id
                  JOIN meter_device device ON device.id = line.device_id
                 WHERE line.amount <> 0
             UNION ALL
                SELECT charged.id::bigint * 3 + 1, 'other', statement.month,
                       statement.company_id, statement.currency_id,
                       statement.partner_id, statement.contract_id, statement.id,
                       NULL, NULL, NULL, 0,
                       (charged.amount - coalesce(shown.amount, 0)) * statement.rate, 0
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
                SELECT usage.id::bigint * 3 + 2, 'cost', usage.month,
                       usage.company_id, company.currency_id, usage.partner_id,
                       assignment.contract_id, NULL, usage.device_id,
                       device.model_id, meter.type_id,
                       CASE WHEN meter.counts_pages THEN usage.pages ELSE 0 END,
                       0, usage.pages * coalesce(page_cost.cost, 0)
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
                 WHERE meter.counts_pages OR page_cost.cost <> 0
            )
            SELECT entry.*, revenue - cost AS margin,
                   revenue::float / NULLIF(pages, 0) AS revenue_per_page,
                   cost::float / NULLIF(pages, 0) AS cost_per_page,
                   (revenue - cost)::float / NULLIF(revenue, 0) AS margin_rate
              FROM entry
            """,
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
        """Open what this entry comes from: the statement, or the device's readings."""
        self.ensure_one()
        if self.statement_id:
            return self.statement_id.get_formview_action()
        return self.device_id.action_view_readings()
