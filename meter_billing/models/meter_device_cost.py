# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a device really cost: parts, toner and service booked on its account."""

from odoo import fields, models
from odoo.tools import SQL


class MeterDevice(models.Model):
    _inherit = "meter.device"

    analytic_account_id = fields.Many2one(
        "account.analytic.account",
        copy=False,
        check_company=True,
        tracking=True,
        ondelete="set null",
        groups="analytic.group_analytic_accounting",
        help="Bills, time and stock booked on it are this device's costs. From the "
        "month of the first one on they count instead of the cost of a page.",
    )

    _analytic_account_uniq = models.UniqueIndex(
        "(analytic_account_id) WHERE analytic_account_id IS NOT NULL",
        "Another device has this analytic account: its costs would count twice.",
    )

    def _booked_costs(self):
        """Return SQL of the costs booked on devices: id, device, company, date, cost.

        What is booked on accounts of expenses counts, refunds against it; without an
        account (time, items entered by hand) what is below zero. Not counted are
        revenue, credited revenue, and assets, whose depreciation counts. An item that
        names devices in several plans is the cost of the first one's.
        """
        columns = self._get_booking_columns()
        return SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT item.id, device.id AS device_id, item.company_id, item.date,
                       -item.amount AS cost
                  FROM meter_device device
                  JOIN account_analytic_line item
                    ON item.%(column)s = device.analytic_account_id
                   AND item.company_id = device.company_id
             LEFT JOIN account_account account ON account.id = item.general_account_id
                 WHERE CASE WHEN account.id IS NULL THEN item.amount < 0
                            ELSE starts_with(account.account_type, 'expense') END
                       %(not_before)s
                """,
                column=SQL.identifier(column),
                not_before=SQL().join(
                    SQL(
                        """
                        AND NOT EXISTS (
                            SELECT FROM meter_device named
                             WHERE named.company_id = item.company_id
                               AND named.analytic_account_id = %s)
                        """,
                        SQL.identifier("item", earlier),
                    )
                    for earlier in columns[:index]
                ),
            )
            for index, column in enumerate(columns)
        )

    def _get_booking_columns(self):
        """Return the columns of analytic items that name devices: one a plan."""
        self.flush_model(["analytic_account_id"])
        self.env["account.analytic.account"].flush_model(["plan_id", "root_plan_id"])
        plans = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT account.root_plan_id
                  FROM meter_device device
                  JOIN account_analytic_account account
                    ON account.id = device.analytic_account_id
                """
            )
        )
        # sudo: only which columns analytic items have
        Plan = self.env["account.analytic.plan"].sudo()
        used = Plan.browse(plan for (plan,) in plans)
        project_plan, others = Plan._get_all_plans()
        # Without any device: the column of the first plan, in which nothing is found.
        chosen = (project_plan + others) & used or project_plan
        return [plan._column_name() for plan in chosen]

    def action_view_profit(self):
        """Open what this device brought and cost."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_profit_report"
        )
        action.update(
            domain=[("device_id", "=", self.id)],
            context={"search_default_group_month": 1, "search_default_group_kind": 1},
        )
        action["views"] = sorted(action["views"], key=lambda view: view[1] != "list")
        return action
