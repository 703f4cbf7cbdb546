# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the books say about a partner, in the currency of the company at hand.

Read with the rights of the user: whoever sees no invoices gets no figures. A contact
shows the figures of its company.
"""

from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from .res_partner_reminder import ACCOUNTING

#: Days that the average time to pay looks back.
PAID_WITHIN = 365
SALE, PURCHASE = ("out_invoice", "out_refund"), ("in_invoice", "in_refund")


class ResPartner(models.Model):
    _inherit = "res.partner"

    overdue_receivable = fields.Monetary(
        string="Overdue",
        compute="_compute_overdue",
        groups=ACCOUNTING,
        help="What this customer owes and should have paid by now.",
    )
    overdue_payable = fields.Monetary(
        string="We Are Overdue", compute="_compute_overdue", groups=ACCOUNTING
    )
    days_to_pay = fields.Float(
        compute="_compute_days_to_pay",
        groups=ACCOUNTING,
        digits=(16, 1),
        help="Average days from the invoice to its payment in full, of the invoices "
        "paid in the last twelve months.",
    )
    days_late = fields.Float(
        string="Days After Due",
        compute="_compute_days_to_pay",
        groups=ACCOUNTING,
        digits=(16, 1),
        help="The same from the due day; less than 0 is early.",
    )
    sales_this_year = fields.Monetary(compute="_compute_turnover", groups=ACCOUNTING)
    sales_last_year = fields.Monetary(compute="_compute_turnover", groups=ACCOUNTING)
    purchases_this_year = fields.Monetary(
        compute="_compute_turnover", groups=ACCOUNTING
    )
    purchases_last_year = fields.Monetary(
        compute="_compute_turnover", groups=ACCOUNTING
    )
    payment_count = fields.Integer(
        string="Payments", compute="_compute_payment", groups=ACCOUNTING
    )
    last_payment_date = fields.Date(
        string="Last Payment", compute="_compute_payment", groups=ACCOUNTING
    )

    @api.model
    def _get_statistics_domain(self):
        """Return which records are of the company at hand (its branches included)."""
        return [("company_id", "child_of", self.env.company.root_id.id)]

    @api.depends_context("company", "uid")
    def _compute_overdue(self):
        today = fields.Date.context_today(self)
        sums = defaultdict(float)
        for kind in ("asset_receivable", "liability_payable"):
            for partner, residual in self.env["account.move.line"]._read_group(
                [
                    *self._get_statistics_domain(),
                    ("partner_id", "in", self.commercial_partner_id.ids),
                    ("account_id.account_type", "=", kind),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                    ("date_maturity", "<", today),
                ],
                ["partner_id"],
                ["amount_residual:sum"],
            ):
                sums[kind, partner] = residual
        for partner in self:
            commercial = partner.commercial_partner_id
            partner.overdue_receivable = sums["asset_receivable", commercial]
            partner.overdue_payable = -sums["liability_payable", commercial]

    @api.depends_context("company", "uid")
    def _compute_days_to_pay(self):
        days = self.commercial_partner_id._get_days_to_pay()
        for partner in self:
            partner.days_to_pay, partner.days_late = days.get(
                partner.commercial_partner_id.id, (0.0, 0.0)
            )

    def _get_days_to_pay(self):
        """Return the average days from invoice and due day to payment, by partner id.

        What a credit note settled was not paid and does not count.
        """
        today = fields.Date.context_today(self)
        self.env.flush_all()
        # With the record rules of the user.
        invoices = self.env["account.move"]._search(
            [
                *self._get_statistics_domain(),
                ("commercial_partner_id", "in", self.ids),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("payment_state", "in", ("paid", "in_payment")),
            ]
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move.commercial_partner_id,
                       AVG(paid.date - move.invoice_date)::float,
                       AVG(paid.date - move.invoice_date_due)::float
                  FROM account_move move
                  JOIN LATERAL (
                       SELECT MAX(part.max_date) AS date
                         FROM account_move_line line
                         JOIN account_partial_reconcile part
                           ON part.debit_move_id = line.id
                         JOIN account_move_line credit
                           ON credit.id = part.credit_move_id
                         JOIN account_move other ON other.id = credit.move_id
                        WHERE line.move_id = move.id
                          AND other.move_type != 'out_refund') paid ON TRUE
                 WHERE move.id IN %(invoices)s
                   AND paid.date >= %(since)s
              GROUP BY move.commercial_partner_id
                """,
                invoices=invoices.subselect(),
                since=fields.Date.subtract(today, days=PAID_WITHIN),
            )
        )
        return {partner_id: (days, late) for partner_id, days, late in rows}

    @api.depends_context("company", "uid")
    def _compute_turnover(self):
        year = fields.Date.context_today(self).year
        turnover = self.commercial_partner_id._get_turnover()
        for partner in self:
            years = turnover.get(partner.commercial_partner_id, {})
            this, last = years.get(year, (0.0, 0.0)), years.get(year - 1, (0.0, 0.0))
            partner.sales_this_year, partner.purchases_this_year = this
            partner.sales_last_year, partner.purchases_last_year = last

    def _get_turnover(self):
        """Return (sales, purchases) before tax by partner and year, credit notes off.

        :returns: ``{partner: {year: (sales, purchases)}}``, the last year first
        """
        sums = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
        for partner, month, kind, amount in self.env["account.move"]._read_group(
            [
                *self._get_statistics_domain(),
                ("commercial_partner_id", "in", self.ids),
                ("move_type", "in", SALE + PURCHASE),
                ("state", "=", "posted"),
            ],
            ["commercial_partner_id", "invoice_date:year", "move_type"],
            ["amount_untaxed_signed:sum"],
        ):
            if month:
                is_purchase = kind in PURCHASE
                sign = -1 if is_purchase else 1
                sums[partner][month.year][is_purchase] += sign * amount
        return {
            partner: {year: tuple(years[year]) for year in sorted(years, reverse=True)}
            for partner, years in sums.items()
        }

    @api.depends_context("company", "uid")
    def _compute_payment(self):
        found = {
            partner: (count, last)
            for partner, count, last in self.env["account.payment"]._read_group(
                [
                    *self._get_statistics_domain(),
                    *self._get_payment_domain(),
                ],
                ["partner_id"],
                ["__count", "date:max"],
            )
        }
        for partner in self:
            partner.payment_count, partner.last_payment_date = found.get(
                partner.commercial_partner_id, (0, False)
            )

    def _get_payment_domain(self):
        return [
            ("partner_id", "in", self.commercial_partner_id.ids),
            ("state", "not in", ("draft", "canceled", "rejected")),
        ]

    # === Buttons === #

    def action_open_payments(self):
        """Open the payments of this partner, both ways."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Payments"),
            "res_model": "account.payment",
            "view_mode": "list,form,graph,pivot",
            "domain": self._get_payment_domain(),
            "context": {"create": False},
        }

    def action_open_overdue(self):
        """Open what is overdue: of the customer, and what we owe."""
        self.ensure_one()
        action = self.action_open_items()
        today = fields.Date.context_today(self)
        action["name"] = self.env._("Overdue")
        action["domain"].append(("date_maturity", "<", today))
        return action

    def action_open_statistics(self):
        """Open sales and purchases by month, as graph and pivot."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_extension.action_partner_statistics"
        )
        action["domain"] = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id)
        ]
        return action
