# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The figures of the dashboard: counted in sets, each with the records behind it."""

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .meter_contract_renewal import ENDING_DAYS
from .meter_reading_serials import OPEN_STATUSES

MONTHS_SHOWN = 12
MONTHS_COMPARED = 3
MOVERS = 6


class MeterDashboard(models.AbstractModel):
    _name = "meter.dashboard"
    _description = "Meter Billing Dashboard"

    @api.model
    def get_figures(self):
        """Return what the dashboard shows of the user's companies.

        :return: dict with ``steps`` (the first steps, empty once all are done),
            ``tiles`` (a name, figures and the records behind them), ``months`` (pages
            and revenue of the last twelve), ``movers`` and ``silent`` (devices)
        :raises AccessError: the user may not see contracts and statements
        """
        if not self.env.user.has_group("meter_billing.group_meter_billing_reader"):
            raise AccessError(
                self.env._("Only readers of meter billing see its dashboard.")
            )
        return {
            "currency_id": self.env.company.currency_id.id,
            "steps": self._get_steps(),
            "tiles": {
                **self._get_reading_tiles(),
                **self._get_contract_tiles(),
                **self._get_device_tiles(),
            },
            "months": self._get_months(),
            "movers": self._get_movers(),
            "silent": self._get_silent(),
        }

    @api.model
    def _prepare_opening(self, name, model, domain, **context):
        """Return what opens the records behind a figure.

        :param str name: title of the list
        :param str model: whose records
        :param domain: which of them; besides the user's rules and companies
        """
        return {
            "name": name,
            "res_model": model,
            "domain": domain,
            "context": context,
        }

    @property
    def _own(self):
        return [("company_id", "in", self.env.companies.ids)]

    # === First steps === #

    @api.model
    def _get_steps(self):
        """Return which of the first steps are done; nothing once all are."""
        companies = list(self.env.companies.ids)
        for model in ("meter.device", "meter.contract", "meter.statement"):
            self.env[model].flush_model()
        ((models_, devices, contracts, readings, statements),) = self.env.execute_query(
            SQL(
                """
                SELECT EXISTS (SELECT FROM meter_device_model),
                       EXISTS (SELECT FROM meter_device
                                WHERE company_id = ANY(%(companies)s)),
                       EXISTS (SELECT FROM meter_contract WHERE state <> 'draft'
                                  AND company_id = ANY(%(companies)s)),
                       EXISTS (SELECT FROM meter_reading
                                WHERE company_id = ANY(%(companies)s)),
                       EXISTS (SELECT FROM meter_statement
                                WHERE company_id = ANY(%(companies)s))
                """,
                companies=companies,
            )
        )
        done = {
            "models": models_,
            "devices": devices,
            "contracts": contracts,
            "readings": readings,
            "billing": statements,
        }
        if all(done.values()):
            return []
        actions = {
            "models": "meter_billing.action_meter_device_model",
            "devices": "meter_billing.action_meter_device",
            "contracts": "meter_billing.action_meter_contract",
            "readings": "meter_billing.action_meter_reading_import",
            "billing": "meter_billing.action_meter_billing_run",
        }
        return [
            {"key": key, "is_done": is_done, "action": actions[key]}
            for key, is_done in done.items()
        ]

    # === Tiles === #

    @api.model
    def _get_reading_tiles(self):
        _ = self.env._
        month = self.env.company._meter_today().replace(day=1)
        collection = [*self._own, ("month", "=", month)]
        ((total, count),) = self.env["meter.reading.collection"]._read_group(
            collection, [], ["device_count:sum", "read_count:sum"]
        )
        missing = [*self._own, ("state", "=", "missing")]
        due = [*self._own, ("is_due_soon", "=", True)]
        held = [*self._own, ("state", "=", "hold")]
        not_taken = [*self._own, ("status", "in", OPEN_STATUSES)]
        return {
            "collected": {
                "value": count / total if total else None,
                "count": count or 0,
                "total": total or 0,
                "open": self._prepare_opening(
                    _("Read This Month"),
                    "meter.reading.collection",
                    [*collection, ("read_count", ">", 0)],
                ),
            },
            "missing": {
                "value": self.env["meter.reading.status"].search_count(missing),
                "open": self._prepare_opening(
                    _("Readings Missing"), "meter.reading.status", missing
                ),
            },
            "due": {
                "value": self.env["meter.device"].search_count(due),
                "open": self._prepare_opening(
                    _("Readings Due Within 7 Days"), "meter.device", due
                ),
            },
            "hold": {
                "value": self.env["meter.reading"].search_count(held),
                "open": self._prepare_opening(_("On Hold"), "meter.reading", held),
            },
            "not_taken": {
                "value": self.env["meter.reading.quarantine"].search_count(not_taken),
                "open": self._prepare_opening(
                    _("Not Taken"), "meter.reading.quarantine", not_taken
                ),
            },
        }

    @api.model
    def _get_contract_tiles(self):
        _ = self.env._
        Contract = self.env["meter.contract"]
        today = self.env.company._meter_today()
        due = [*self._own, *Contract._get_due_domain(today)]
        waiting = [*due, ("billing_issue", "!=", False)]
        next_groups = Contract._read_group(
            [*self._own, ("state", "=", "running"), ("next_period_end", ">", today)],
            ["next_period_end:day"],
            ["__count"],
            order="next_period_end:day",
            limit=1,
        )
        next_day, next_count = next_groups[0] if next_groups else (None, 0)
        ending = [
            *self._own,
            ("state", "=", "running"),
            ("date_end", ">=", today),
            ("date_end", "<=", fields.Date.add(today, days=ENDING_DAYS)),
        ]
        return {
            "to_bill": {
                "value": Contract.search_count(due),
                "next_day": next_day and fields.Date.to_string(next_day),
                "next_count": next_count,
                "open": self._prepare_opening(_("To Bill"), "meter.contract", due),
            },
            "waiting": {
                "value": Contract.search_count(waiting),
                "open": self._prepare_opening(
                    _("Waiting for Readings or a Decision"), "meter.contract", waiting
                ),
            },
            "ending": {
                "value": Contract.search_count(ending),
                "open": self._prepare_opening(
                    _("Ending Within 90 Days"), "meter.contract", ending
                ),
            },
        }

    @api.model
    def _get_device_tiles(self):
        _ = self.env._
        names = {
            "idle": _("Idle Devices"),
            "overloaded": _("Overloaded Devices"),
        }
        counts = dict(
            self.env["meter.device.performance"]._read_group(
                [*self._own, ("status", "in", list(names))], ["status"], ["__count"]
            )
        )
        silent = [*self._own, ("is_silent", "=", True)]
        return {
            **{
                status: {
                    "value": counts.get(status, 0),
                    "open": self._prepare_opening(
                        name,
                        "meter.device.performance",
                        [*self._own, ("status", "=", status)],
                    ),
                }
                for status, name in names.items()
            },
            "silent": {
                "value": self.env["meter.reading.silence"].search_count(silent),
                "open": self._prepare_opening(
                    _("Silent Devices"), "meter.reading.silence", silent
                ),
            },
        }

    # === Charts and lists === #

    @api.model
    def _get_months(self):
        """Return the last months with their pages, revenue, and what opens them.

        Up to the last one that has pages or revenue. Of the companies with the currency
        of the current one: others do not add up.
        """
        currency = self.env.company.currency_id
        first = fields.Date.subtract(self._get_last_month(), months=MONTHS_SHOWN - 1)
        domain = [*self._own, ("currency_id", "=", currency.id)]
        groups = self.env["meter.profit.report"]._read_group(
            [*domain, ("month", ">=", first), ("kind", "!=", "other")],
            ["month:month"],
            ["pages:sum", "revenue:sum"],
        )
        found = {month: figures for month, *figures in groups}
        months = []
        for number in range(MONTHS_SHOWN):
            month = fields.Date.add(first, months=number)
            pages, revenue = found.get(month, (0, 0.0))
            months.append(
                {
                    "month": fields.Date.to_string(month),
                    "pages": pages,
                    "revenue": revenue,
                    # Nothing where the month is not billed yet.
                    "per_page": revenue / pages if pages > 0 and revenue else None,
                    "open": self._prepare_opening(
                        self.env._("Pages and Revenue"),
                        "meter.profit.report",
                        [*domain, ("month", "=", month), ("kind", "!=", "other")],
                    ),
                }
            )
        return months

    @api.model
    def _get_last_month(self):
        """Return the first day of the last month with pages or statements, or this."""
        this_month = self.env.company._meter_today().replace(day=1)
        ((last,),) = self.env.execute_query(
            SQL(
                """
                SELECT greatest(
                        (SELECT max(month) FROM meter_usage
                          WHERE company_id = ANY(%(companies)s)),
                        (SELECT max(date_to) FROM meter_statement
                          WHERE company_id = ANY(%(companies)s)
                            AND state = 'confirmed'))
                """,
                companies=list(self.env.companies.ids),
            )
        )
        return min(last.replace(day=1), this_month) if last else this_month

    @api.model
    def _get_movers(self):
        """Return the devices whose pages changed most in the last month that is over.

        Compared with what the three months before it let expect for the days read.
        """
        self.env["meter.usage"].flush_model()
        this_month = self.env.company._meter_today().replace(day=1)
        rows = self.env.execute_query(
            SQL(
                """
                WITH last AS (
                    SELECT max(month) AS month FROM meter_usage
                     WHERE month < %(this_month)s AND company_id = ANY(%(companies)s)
                )
                SELECT last.month, moved.device_id, moved.pages, moved.before
                  FROM last
            CROSS JOIN LATERAL (
                        SELECT sums.device_id, sums.pages,
                               round(sums.pages_before * sums.days
                                     / NULLIF(sums.days_before, 0)) AS before
                          FROM (
                                SELECT usage.device_id,
                                       sum(usage.pages) FILTER (WHERE %(is_last)s)
                                            AS pages,
                                       sum(usage.days) FILTER (WHERE %(is_last)s)
                                            AS days,
                                       sum(usage.pages) FILTER (WHERE NOT %(is_last)s)
                                            AS pages_before,
                                       sum(usage.days) FILTER (WHERE NOT %(is_last)s)
                                            AS days_before
                                  FROM meter_usage usage
                                  JOIN meter_meter meter ON meter.id = usage.meter_id
                                 WHERE meter.counts_pages
                                   AND usage.company_id = ANY(%(companies)s)
                                   AND usage.month <= last.month
                                   AND usage.month >= last.month - %(span)s::interval
                              GROUP BY usage.device_id
                               ) sums
                       ) moved
                 WHERE moved.before IS NOT NULL AND moved.before <> moved.pages
              ORDER BY abs(moved.pages - moved.before) DESC, moved.device_id
                 LIMIT %(limit)s
                """,
                this_month=this_month,
                companies=list(self.env.companies.ids),
                is_last=SQL("usage.month = last.month"),
                span=f"{MONTHS_COMPARED} months",
                limit=MOVERS,
            )
        )
        devices = self.env["meter.device"].browse(row[1] for row in rows)
        return [
            {
                "id": device.id,
                "month": fields.Date.to_string(month),
                "name": device.display_name,
                "customer": device.partner_id.display_name or "",
                "pages": int(pages),
                "before": int(before),
                "open": self._prepare_opening(
                    device.display_name,
                    "meter.usage.report",
                    [("device_id", "=", device.id)],
                    search_default_printed=1,
                ),
            }
            for device, (month, _id, pages, before) in zip(devices, rows, strict=True)
        ]

    @api.model
    def _get_silent(self):
        """Return the devices that went silent, the last of them first."""
        rows = self.env["meter.reading.silence"].search_fetch(
            [*self._own, ("is_silent", "=", True)],
            ["device_id", "partner_id", "silent_days"],
            order="silent_days, id",
            limit=MOVERS,
        )
        return [
            {
                "id": row.device_id.id,
                "name": row.device_id.display_name,
                "customer": row.partner_id.display_name or "",
                "days": row.silent_days,
            }
            for row in rows
        ]
