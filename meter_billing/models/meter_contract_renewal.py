# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Contracts that end: the responsible is told, and renews them with one click."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..fields import ClickPrice
from ..tools import format_exact

# Days before its end that a contract is among those that end.
ENDING_DAYS = 90
# Contracts told of in one transaction.
BATCH = 100
ACTIVITY = "meter_billing.mail_activity_contract_ending"


class MeterContract(models.Model):
    _inherit = "meter.contract"

    notice_days = fields.Integer(
        string="Tell Before (Days)",
        default=90,
        help="So many days before its end the responsible is told. 0: not at all.",
    )
    renewal_months = fields.Integer(
        string="Renews for (Months)",
        default=12,
        help="What Renew adds to the contract's end. 0: it is not renewed.",
    )
    renewal_percent = ClickPrice(
        string="Indexation (%)",
        help="How prices change with a renewal, from its first day on. 0: they stay.",
    )
    renewal_end = fields.Date(
        compute="_compute_renewal_end",
        string="Renews Until",
        help="The end that Renew gives the contract.",
    )
    is_to_renew = fields.Boolean(
        compute="_compute_is_to_renew",
        help="It ends so soon that renewing it is not a slip of the mouse.",
    )
    # The end that was told of, so that it is told once: a new end is told anew.
    notice_told_for = fields.Date(readonly=True, copy=False)
    expiry_told_for = fields.Date(readonly=True, copy=False)

    _renewal_not_negative = models.Constraint(
        "CHECK (notice_days >= 0 AND renewal_months >= 0)",
        "Days of notice and months of renewal cannot be negative.",
    )
    _renewal_percent_range = models.Constraint(
        "CHECK (renewal_percent >= -100)",
        "Prices cannot fall by more than 100 percent.",
    )
    _ending_idx = models.Index("(date_end) WHERE state = 'running'")

    @api.depends("date_end", "renewal_months")
    def _compute_renewal_end(self):
        for contract in self:
            contract.renewal_end = (
                contract.date_end
                and contract.renewal_months
                # The day before the same day of the month: the last one stays the last.
                and contract.date_end
                + relativedelta(days=1)
                + relativedelta(months=contract.renewal_months, days=-1)
            )

    @api.depends("renewal_end", "notice_days", "state")
    def _compute_is_to_renew(self):
        for contract in self:
            days = max(contract.notice_days, ENDING_DAYS)
            soon = fields.Date.add(contract.company_id._meter_today(), days=days)
            contract.is_to_renew = (
                contract.state == "running"
                and contract.renewal_end
                and contract.date_end <= soon
            )

    def action_renew(self):
        """Extend contracts by their months, with their prices indexed from then on.

        Charges that end before the new end are named: they are not extended.

        :raises UserError: a contract does not end, is not to be renewed or does not
            run, or its prices of then are revised already; none is renewed then
        """
        self.check_access("write")
        for contract in self:
            contract._check_renewable()
        ending = list(filter(None, [contract._renew() for contract in self]))
        if not ending:
            return None
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Renewed, but please check"),
                "message": "\n".join(ending),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _check_renewable(self):
        """Raise where there is nothing to renew.

        :raises UserError: naming the contract and what to do
        """
        self.ensure_one()
        _ = self.env._
        if self.state != "running":
            raise UserError(_("%(contract)s is not running.", contract=self.name))
        if not self.date_end:
            raise UserError(
                _(
                    "%(contract)s has no end: it goes on by itself.",
                    contract=self.name,
                )
            )
        if not self.renewal_months:
            raise UserError(
                _(
                    "%(contract)s is not renewed: enter for how many months it is.",
                    contract=self.name,
                )
            )

    def _renew(self):
        """Extend this contract and revise its prices from the day after its old end.

        :return: what is to be looked at, in words, or None
        """
        self.ensure_one()
        _ = self.env._
        first = fields.Date.add(self.date_end, days=1)
        self.date_end = self.renewal_end
        revision = self.env["meter.price.revision"].create(
            {
                "contract_ids": [fields.Command.set(self.ids)],
                "date_from": first,
                "percent": self.renewal_percent,
            }
        )
        if revision._get_changed_lines():
            # The wizard checks and writes prices to the history itself.
            revision.action_confirm()
            text = _(
                "Renewed until %(end)s. Prices: %(percent)s %% from %(first)s.",
                end=format_date(self.env, self.date_end),
                percent=format_exact(self.env, self.renewal_percent),
                first=format_date(self.env, first),
            )
        else:
            text = _(
                "Renewed until %(end)s. Prices stay as they are.",
                end=format_date(self.env, self.date_end),
            )
        self.message_post(body=text)
        ending = self._explain_ending_charges(fields.Date.subtract(first, days=1))
        if ending:
            self.message_post(body=ending)
        self.activity_feedback([ACTIVITY], feedback=_("Renewed."))
        return ending

    def _explain_ending_charges(self, day):
        """Return which charges end on a day or later, but before this contract.

        :return: in words, or None
        """
        self.ensure_one()
        ending = self.charge_ids.filtered(
            lambda charge: (
                charge.date_to
                and day <= charge.date_to < self.date_end
                and not charge.next_ids
            )
        )
        if not ending:
            return None
        return self.env._(
            "%(contract)s goes on until %(end)s, but not all of its charges do: "
            "%(charges)s. Change their last day if they are to go on.",
            contract=self.name,
            end=format_date(self.env, self.date_end),
            charges=", ".join(
                self.env._(
                    "%(charge)s (until %(date)s)",
                    charge=charge.name,
                    date=format_date(self.env, charge.date_to),
                )
                for charge in ending
            ),
        )

    # === Telling === #

    @api.model
    def _cron_tell_ending(self):
        """Tell the responsible of contracts that end soon, and of those that ended."""
        commit_progress = self.env["ir.cron"]._commit_progress
        for company in self.env["res.company"].search([]):
            today = company._meter_today()
            told = self.with_company(company)
            while contracts := told._find_to_tell(company, today):
                locked = contracts.try_lock_for_update()
                locked._tell_ending(today)
                if not commit_progress(len(locked)) or locked != contracts:
                    return

    @api.model
    def _find_to_tell(self, company, today):
        """Return running contracts of a company whose end is not told of yet.

        :param date today: where the company is
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM meter_contract
                 WHERE company_id = %(company)s AND state = 'running' AND active
                   AND notice_days > 0
                   AND ((date_end - notice_days <= %(today)s
                         AND notice_told_for IS DISTINCT FROM date_end)
                        OR (date_end < %(today)s
                            AND expiry_told_for IS DISTINCT FROM date_end))
              ORDER BY id
                 LIMIT %(limit)s
                """,
                company=company.id,
                today=today,
                limit=BATCH,
            )
        )
        return self.browse(row[0] for row in rows)

    def _tell_ending(self, today):
        """Give each responsible an activity; what was told before is replaced."""
        _ = self.env._
        for contract in self:
            has_ended = contract.date_end < today
            end = format_date(contract.env, contract.date_end)
            summary = (
                _("Ended on %(end)s: renew or close it", end=end)
                if has_ended
                else _("Ends on %(end)s: renew it or let it end", end=end)
            )
            contract.activity_unlink([ACTIVITY])
            contract.activity_schedule(
                ACTIVITY,
                date_deadline=contract.date_end,
                summary=summary,
                user_id=contract.company_id._find_meter_user(contract.user_id).id,
            )
            contract.notice_told_for = contract.date_end
            if has_ended:
                contract.expiry_told_for = contract.date_end
