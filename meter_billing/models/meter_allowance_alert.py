# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Alerts when included or prepaid pages are nearly, and when they are used up."""

import logging

import psycopg2
from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools import format_exact

_logger = logging.getLogger(__name__)

BATCH_SIZE = 100


class MeterAllowanceAlert(models.Model):
    """An allowance reached a percentage, which is said once a period."""

    _name = "meter.allowance.alert"
    _description = "Allowance Alert"
    _order = "id desc"
    _rec_name = "charge_id"

    contract_id = fields.Many2one(
        "meter.contract", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True)
    partner_id = fields.Many2one(
        related="contract_id.partner_id", store=True, string="Customer"
    )
    charge_id = fields.Many2one(
        "meter.contract.charge", required=True, index=True, ondelete="cascade"
    )
    place_id = fields.Many2one(
        "meter.contract.device",
        ondelete="cascade",
        index="btree_not_null",
        help="Where each device has an allowance of its own.",
    )
    device_id = fields.Many2one(
        "meter.device",
        ondelete="cascade",
        help="The device at the place. Empty: all devices of the charge together.",
    )
    period_start = fields.Date(string="Period From", required=True)
    period_end = fields.Date(string="Period Until", required=True)
    threshold = fields.Integer(string="Alert at (%)", required=True)
    percent = fields.Integer(string="Used (%)", required=True, aggregator="max")
    used = fields.Float(string="Pages Used", digits=(16, 2), required=True)
    available = fields.Float(
        string="Pages Available",
        digits=(16, 2),
        required=True,
        help="Included, carried over or prepaid.",
    )
    is_mailed = fields.Boolean(
        string="Customer Told", help="An e-mail to the customer was put in the queue."
    )

    description = fields.Char(compute="_compute_description", string="Alert")

    _once_a_period = models.UniqueIndex(
        "(charge_id, coalesce(place_id, 0), period_start, threshold)",
        "This alert was given in this period already.",
    )

    @api.depends("charge_id.name", "device_id", "percent", "used", "available")
    @api.depends_context("lang")
    def _compute_description(self):
        for alert in self:
            name = alert.charge_id.name
            if alert.device_id:
                name = f"{name} ({alert.device_id.serial_number})"
            alert.description = self.env._(
                "%(charge)s: %(used)s of %(available)s pages are used "
                "(%(percent)s %%), from %(first)s to %(last)s.",
                charge=name,
                used=format_exact(self.env, alert.used, max_digits=2),
                available=format_exact(self.env, alert.available, max_digits=2),
                percent=alert.percent,
                first=format_date(self.env, alert.period_start),
                last=format_date(self.env, alert.period_end),
            )

    def action_open(self):
        """Open the contract that the alert is about."""
        self.ensure_one()
        return self.contract_id.get_formview_action()

    # === Giving alerts === #

    @api.model
    def _give_alerts(self, contracts):
        """Give the alerts that these contracts have reached and that are new.

        Pure batch: the caller has locked the contracts and catches what is raised. All
        or nothing of it is stored, an e-mail to a customer as well: none goes twice.

        :return: the new alerts, of each allowance the highest that it reached and those
            below it
        """
        reached = {
            (use.charge.id, use.place.id, use.start, threshold): use
            for use in contracts._get_allowance_uses()
            for threshold in {use.contract.alert_first, use.contract.alert_second}
            if threshold and use.percent >= threshold
        }
        given = {
            (alert.charge_id.id, alert.place_id.id, alert.period_start, alert.threshold)
            for alert in self.search(
                [
                    ("contract_id", "in", contracts.ids),
                    ("period_start", "in", [key[2] for key in reached]),
                ]
            )
        }
        alerts = self.create(
            [
                {
                    "contract_id": use.contract.id,
                    "charge_id": use.charge.id,
                    "place_id": use.place.id,
                    "device_id": use.device.id,
                    "period_start": use.start,
                    "period_end": use.end,
                    "threshold": threshold,
                    "percent": use.percent,
                    "used": use.used,
                    "available": use.available,
                }
                for (*key, threshold), use in reached.items()
                if (*key, threshold) not in given
            ]
        )
        news = alerts._get_news()
        news._tell_dealer()
        told = news._tell_customer().contract_id
        alerts.filtered(lambda alert: alert.contract_id in told).is_mailed = True
        return alerts

    def _get_news(self):
        """Return of each allowance the alert at the highest percentage only."""
        highest = {}
        for alert in self.sorted("threshold"):
            highest[alert.charge_id, alert.place_id] = alert
        return self.browse(alert.id for alert in highest.values()).sorted("id")

    def _tell_dealer(self):
        """Note the alerts on their contracts; who is responsible gets an activity."""
        notes = {}
        for contract, alerts in self.grouped("contract_id").items():
            reader = contract.user_id or contract.company_id.partner_id
            alerts = alerts.with_context(lang=reader.lang)
            notes[contract] = Markup("<br/>").join(alerts.mapped("description"))
        contracts = self.contract_id
        contracts._message_log_batch(
            bodies={contract.id: note for contract, note in notes.items()}
        )
        for contract, note in notes.items():
            if contract.user_id:
                contract.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._("Included or prepaid pages are running out"),
                    note=note,
                    user_id=contract.user_id.id,
                )

    def _tell_customer(self):
        """Put an e-mail a contract into the queue, where the contract says so.

        :return: the alerts that are told
        """
        mailed = self.filtered(
            lambda alert: alert.contract_id.alert_customer and alert.partner_id.email
        )
        if not mailed:
            return mailed
        template = self.env.ref("meter_billing.mail_template_allowance_alert")
        template.with_context(meter_alert_ids=mailed.ids).send_mail_batch(
            mailed.contract_id.ids, force_send=False
        )
        return mailed

    # === Scheduled action === #

    @api.model
    def _get_contracts_domain(self, day):
        """Return the domain of the contracts that were not looked at since a day."""
        return (
            Domain("state", "=", "running")
            & Domain("next_period_end", "!=", False)
            & (
                Domain("alerts_checked", "=", False)
                | Domain("alerts_checked", "<", day)
            )
            & Domain(
                "charge_ids",
                "any",
                Domain("included", ">", 0) | Domain("prepaid_block", ">", 0),
            )
        )

    @api.model
    def _check_batch(self, contracts, day):
        """Give the alerts of these contracts, each once a day.

        Contracts that another worker holds are left to it. Where the batch fails as a
        whole, its contracts are looked at one at a time; one that fails is logged and
        tried again the next day.
        """
        locked = contracts.try_lock_for_update(allow_referencing=True)
        locked.invalidate_recordset()
        open_contracts = locked.filtered_domain(self._get_contracts_domain(day))
        if not open_contracts:
            return
        try:
            with self.env.cr.savepoint():
                self._give_alerts(open_contracts)
        except psycopg2.OperationalError:
            # Lost connection, deadlock, concurrent update: the whole transaction's.
            raise
        except Exception:
            self.env.invalidate_all()
            if len(open_contracts) > 1:
                for contract in open_contracts:
                    self._check_batch(contract, day)
                return
            _logger.exception(
                "No allowance alerts for contract %s", open_contracts.name
            )
        open_contracts.alerts_checked = day

    @api.model
    def _cron_alert(self):
        """Give the alerts of all running contracts, batch by batch, committing each."""
        day = fields.Date.today()
        contracts = self.env["meter.contract"].search(
            self._get_contracts_domain(day), order="id"
        )
        commit_progress = self.env["ir.cron"]._commit_progress
        has_time = commit_progress(remaining=len(contracts))
        while contracts and has_time:
            batch, contracts = contracts[:BATCH_SIZE], contracts[BATCH_SIZE:]
            self._check_batch(batch, day)
            has_time = commit_progress(len(batch), remaining=len(contracts))


class MeterContract(models.Model):
    _inherit = "meter.contract"

    alert_ids = fields.One2many("meter.allowance.alert", "contract_id", readonly=True)
    alerts_checked = fields.Date(
        readonly=True, copy=False, help="When its allowances were looked at last."
    )
