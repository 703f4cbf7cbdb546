# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whom to remind of what: one statement over the open items of a company."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from .partner_reminder import BATCH

#: Payment states of invoices that nobody has to be reminded of.
SETTLED = ("in_payment", "paid", "reversed", "blocked")


class PartnerReminder(models.Model):
    _inherit = "partner.reminder"

    @api.model
    def _cron_remind(self):
        """Prepare what is due, send what is to be sent, batch by batch."""
        commit_progress = self.env["ir.cron"]._commit_progress
        for company in self.env["res.company"].search([]):
            reminders = self.with_company(company)
            if company.partner_reminder_mode != "off":
                reminders._prepare(company)
                if company.partner_reminder_mode == "auto":
                    drafts = [("company_id", "=", company.id), ("state", "=", "draft")]
                    reminders.search(drafts).state = "ready"
                commit_progress()
            reminders._retry_failed(company)
            ready = reminders.search(
                [("company_id", "=", company.id), ("state", "=", "ready")]
            )
            for part in split_every(BATCH, ready.ids, list):
                reminders.browse(part)._send()
                if not commit_progress(len(part)):
                    return
            self.env["partner.bill.digest"]._tell(company)
            commit_progress()

    @api.model
    def _prepare(self, company):
        """Have a draft for each customer to remind today, and none for the others.

        :returns: the drafts
        """
        reminders = self.with_company(company)
        plans = reminders._plan(company)
        drafts = reminders.search(
            [("company_id", "=", company.id), ("state", "=", "draft")]
        )
        waiting = reminders.search(
            [("company_id", "=", company.id), ("state", "=", "ready")]
        )
        known = (drafts | waiting).grouped("partner_id")
        # What somebody sends at this moment is left to them.
        drafts.try_lock_for_update()._apply(plans)
        reminders.create(
            [
                values
                for partner_id, values in plans.items()
                if reminders.env["res.partner"].browse(partner_id) not in known
            ]
        )
        return reminders.search(
            [("company_id", "=", company.id), ("state", "=", "draft")]
        )

    def _refresh(self):
        """Bring reminders of one company up to date; return those with a reason left.

        Their own levels are not counted as reached: they were not sent yet.
        """
        return self._apply(self._plan(self.company_id, self.partner_id.ids))

    def _apply(self, plans):
        """Write plans into these reminders and delete those that have none."""
        obsolete = self.filtered(lambda r: r.partner_id.id not in plans)
        # sudo: nobody deletes reminders by hand
        obsolete.sudo().unlink()
        current = self - obsolete
        current.line_ids.sudo().unlink()
        for reminder in current:
            reminder.write(plans[reminder.partner_id.id])
        return current

    @api.model
    def _plan(self, company, partner_ids=None):
        """Return what to remind of today: values of reminders, by customer.

        :param company: res.company
        :param partner_ids: only these customers, all if not given
        """
        levels = self.env["partner.reminder.level"]._get_for(company)
        if not levels:
            return {}
        today = fields.Date.context_today(self)
        by_partner = defaultdict(list)
        for item in self._fetch_items(company, partner_ids):
            item["days"] = (today - item["date_due"]).days
            item["level"] = self._find_level(levels, item, today)
            by_partner[item["partner_id"]].append(item)
        reached = {
            partner_id: items
            for partner_id, items in by_partner.items()
            if any(item["level"] for item in items)
        }
        partners = self.env["res.partner"].browse(reached).with_company(company)
        paused = partners.filtered(lambda p: p._is_reminder_paused(today))
        contacts = (partners - paused)._get_reminder_contacts()
        recent = self._find_recent(company, today)
        plans = {}
        for partner_id, contact in contacts.items():
            items = reached[partner_id]
            due = sum(i["residual"] for i in items if i["days"] >= 0)
            unpaid = sum(i["residual"] for i in items)
            # Before the due day it is all that is open that counts.
            counted = (
                due if any(i["level"] and i["days"] >= 0 for i in items) else unpaid
            )
            if (
                partner_id not in recent
                and company.currency_id.compare_amounts(counted, 0) > 0
                and company.currency_id.compare_amounts(
                    counted, company.partner_reminder_minimum
                )
                >= 0
            ):
                plans[partner_id] = self._prepare_reminder(
                    company, partner_id, contact, items, today
                )
        return plans

    @api.model
    def _prepare_reminder(self, company, partner_id, contact, items, today):
        """Return the values of one reminder; extended by who adds fields."""
        level = max((i["level"] for i in items if i["level"]), key=lambda x: x.delay)
        return {
            "company_id": company.id,
            "partner_id": partner_id,
            "contact_id": contact.id,
            "level_id": level.id,
            "date": today,
            "amount_due": sum(i["residual"] for i in items if i["days"] >= 0),
            "amount_open": sum(i["residual"] for i in items),
            "days_overdue": max(i["days"] for i in items if i["residual"] > 0),
            "line_ids": [
                fields.Command.create(
                    {
                        "move_line_id": item["id"],
                        "name": item["name"],
                        "date": item["date"],
                        "date_due": item["date_due"],
                        "days_overdue": item["days"],
                        "currency_id": item["currency_id"],
                        "amount": item["amount"],
                        "level_id": item["level"] and item["level"].id,
                    }
                )
                for item in items
            ],
        }

    @api.model
    def _find_level(self, levels, item, today):
        """Return the level that an item reached and was not reminded of, or None."""
        if item["residual"] <= 0:
            return None
        if item["last_delay"] is None:
            # What is overdue is not announced any more.
            following = [x for x in levels if x.delay >= min(item["days"], 0)]
        else:
            following = [
                x
                for x in levels
                if x.delay > item["last_delay"] and (x.delay >= 0 or item["days"] < 0)
            ]
        if not following or item["days"] < following[0].delay:
            return None
        level = following[0]
        if item["last_date"]:
            apart = level.delay - item["last_delay"]
            if (today - item["last_date"]).days < apart:
                return None
        return level

    @api.model
    def _find_recent(self, company, today):
        """Return the customers who were reminded so lately that they are left alone."""
        since = fields.Date.subtract(today, days=company.partner_reminder_gap)
        return set(
            # sudo: a reminder of a partner that the user does not see counts as well
            self.sudo()
            .search_fetch(
                [
                    ("company_id", "=", company.id),
                    ("state", "in", ("sent", "failed")),
                    ("date", ">", since),
                ],
                ["partner_id"],
            )
            .partner_id.ids
        )

    @api.model
    def _fetch_items(self, company, partner_ids=None):
        """Return the open items of a company's customers as dictionaries.

        Payment terms with several due days are several items; credit notes and
        payments that are not matched yet are items with a negative residual.
        """
        self.env.flush_all()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT line.id, partner.commercial_partner_id AS partner_id,
                       COALESCE(move.name, line.name, '/') AS name, move.invoice_date,
                       COALESCE(move.invoice_date, line.date) AS date,
                       COALESCE(line.date_maturity, line.date) AS date_due,
                       line.amount_residual AS residual,
                       line.amount_residual_currency AS amount, line.currency_id,
                       last.delay AS last_delay, last.date AS last_date
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                  JOIN account_move move ON move.id = line.move_id
                  JOIN res_partner partner ON partner.id = line.partner_id
             LEFT JOIN LATERAL (
                       SELECT level.delay, reminder.date
                         FROM partner_reminder_line told
                         JOIN partner_reminder reminder
                           ON reminder.id = told.reminder_id
                          AND reminder.state NOT IN ('draft', 'ready')
                         JOIN partner_reminder_level level ON level.id = told.level_id
                        WHERE told.move_line_id = line.id
                     ORDER BY level.delay DESC
                        LIMIT 1) last ON TRUE
                 WHERE line.company_id = %(company)s
                   AND line.parent_state = 'posted'
                   AND line.reconciled IS NOT TRUE
                   AND line.amount_residual != 0
                   AND line.no_followup IS NOT TRUE
                   AND account.account_type = 'asset_receivable'
                   AND COALESCE(move.payment_state, '') NOT IN %(settled)s
                   AND %(partners)s
              ORDER BY date_due, line.id
                """,
                company=company.id,
                settled=SETTLED,
                partners=(
                    SQL("TRUE")
                    if partner_ids is None
                    else SQL(
                        "partner.commercial_partner_id = ANY(%s)", list(partner_ids)
                    )
                ),
            )
        )
