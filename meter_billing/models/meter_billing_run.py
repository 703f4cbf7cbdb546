# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..tools import first_line

_logger = logging.getLogger(__name__)

BATCH_SIZE = 50


class MeterBillingRun(models.Model):
    """One billing of all that is due: what was billed, and why the rest was not."""

    _name = "meter.billing.run"
    _description = "Billing Run"
    _order = "id desc"

    name = fields.Char(compute="_compute_name", store=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    through = fields.Date(
        string="Periods Ending Until",
        required=True,
        default=lambda self: self.env.company._meter_today(),
        help="Bills every period that ends on this day or before.",
    )
    invoice_date = fields.Date(help="Empty: today.")
    contract_ids = fields.Many2many(
        "meter.contract",
        string="Only These Contracts",
        domain="[('company_id', '=', company_id), ('state', '=', 'running')]",
        help="Empty: all contracts.",
    )
    state = fields.Selection(
        [("draft", "To Do"), ("done", "Done")],
        default="draft",
        required=True,
        readonly=True,
    )
    is_automatic = fields.Boolean(string="By the Scheduled Action", readonly=True)
    line_ids = fields.One2many("meter.billing.run.line", "run_id", readonly=True)
    billed_count = fields.Integer(compute="_compute_counts", string="Billed")
    waiting_count = fields.Integer(compute="_compute_counts", string="Waiting")
    failed_count = fields.Integer(compute="_compute_counts", string="Failed")
    due_count = fields.Integer(
        compute="_compute_due_count",
        string="Contracts Due",
        help="Contracts with a period that ends until then.",
    )

    @api.depends("through", "company_id")
    def _compute_name(self):
        for run in self:
            run.name = self.env._(
                "Billing until %(date)s", date=fields.Date.to_string(run.through)
            )

    @api.depends("line_ids.status")
    def _compute_counts(self):
        counts = {
            (run.id, status): count
            for run, status, count in self.env["meter.billing.run.line"]._read_group(
                [("run_id", "in", self.ids)], ["run_id", "status"], ["__count"]
            )
        }
        for run in self:
            run.billed_count = counts.get((run.id, "billed"), 0)
            run.waiting_count = counts.get((run.id, "waiting"), 0)
            run.failed_count = counts.get((run.id, "failed"), 0)

    @api.depends("through", "company_id", "contract_ids")
    def _compute_due_count(self):
        for run in self:
            run.due_count = (
                self.env["meter.contract"].search_count(run._get_domain())
                if run.through
                else 0
            )

    def action_bill(self):
        """Bill what is due. Contracts that cannot be billed are listed with why."""
        self.ensure_one()
        if self.state == "done":
            raise UserError(
                self.env._("This run is done. Start a new one for what is left.")
            )
        self.env["meter.statement"].check_access("create")
        remaining = self._find_due()
        while remaining:
            batch = remaining[:BATCH_SIZE]
            remaining = self._bill_batch(batch) | remaining[BATCH_SIZE:]
        self.state = "done"

    def action_view_statements(self):
        """Open the statements of this run."""
        return self.line_ids.statement_id.action_view()

    def action_view_waiting(self):
        """Open the contracts that wait for readings."""
        return self._view_contracts("waiting")

    def action_view_failed(self):
        """Open the contracts that could not be billed."""
        return self._view_contracts("failed")

    def _view_contracts(self, status):
        lines = self.line_ids.filtered(lambda line: line.status == status)
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_contract"
        )
        action["domain"] = [("id", "in", lines.contract_id.ids)]
        action["context"] = {}
        return action

    # === Work === #

    def _find_due(self):
        """Return the contracts of this run that have a period to bill."""
        return self.env["meter.contract"].search(
            self._get_domain(), order="next_period_end, id"
        )

    def _get_domain(self):
        """Return the domain of the contracts that this run is to bill."""
        self.ensure_one()
        domain = self.env["meter.contract"]._get_due_domain(self.through)
        domain &= Domain("company_id", "=", self.company_id.id)
        if self.contract_ids:
            domain &= Domain("id", "in", self.contract_ids.ids)
        return domain

    def _bill_batch(self, contracts):
        """Bill the next period of these contracts and note what became of each.

        Contracts that another worker holds are left to it. Where the batch fails as a
        whole, its contracts are billed one at a time, so that one contract's failure is
        one line of the run.

        :return: the contracts that have another period due
        """
        locked = contracts.try_lock_for_update(allow_referencing=True)
        locked.invalidate_recordset()
        due = locked.filtered_domain(locked._get_due_domain(self.through))
        if not due:
            return due
        try:
            with self.env.cr.savepoint():
                statements, waiting = due._bill_next_period(self.invoice_date)
        except psycopg2.OperationalError:
            # Lost connection, deadlock, concurrent update: the whole transaction's.
            raise
        except Exception as error:  # noqa: BLE001 any other failure is one line's
            if len(due) > 1:
                self.env.invalidate_all()
                return due.browse().union(*(self._bill_batch(one) for one in due))
            self.env.invalidate_all()
            self._note_failure(due, error)
            return due.browse()
        self._note_results(statements, waiting)
        billed = statements.contract_id
        return billed.filtered_domain(billed._get_due_domain(self.through))

    def _note_results(self, statements, waiting):
        self.line_ids = [
            Command.create(
                {
                    "contract_id": statement.contract_id.id,
                    "status": "billed",
                    "statement_id": statement.id,
                }
            )
            for statement in statements
        ] + [
            Command.create(
                {"contract_id": contract.id, "status": "waiting", "message": reason}
            )
            for contract, reason in waiting.items()
        ]

    def _note_failure(self, contract, error):
        """Say on the run and on the contract why it could not be billed."""
        if isinstance(error, UserError):
            message = str(error)
        else:
            _logger.exception("Billing of contract %s failed", contract.name)
            message = self.env._(
                "Billing failed (%(error)s). The server log has the details.",
                error=type(error).__name__,
            )
        contract.billing_issue = message
        self.line_ids = [
            Command.create(
                {"contract_id": contract.id, "status": "failed", "message": message}
            )
        ]

    # === Scheduled action === #

    @api.model
    def _cron_bill(self):
        """Bill what is due in every company, batch by batch, committing each."""
        runs = self.create(
            [
                {
                    "company_id": company.id,
                    "through": company._meter_today(),
                    "is_automatic": True,
                    "state": "done",
                }
                for company in self.env["res.company"].search([])
            ]
        )
        due = {
            run.with_company(run.company_id): run._find_due()
            for run in runs
        }
        left = sum(map(len, due.values()))
        commit_progress = self.env["ir.cron"]._commit_progress
        has_time = commit_progress(remaining=left)
        for run, contracts in due.items():
            while contracts and has_time:
                batch = contracts[:BATCH_SIZE]
                again = run._bill_batch(batch)
                contracts = again | contracts[BATCH_SIZE:]
                left += len(again) - len(batch)
                has_time = commit_progress(len(batch), remaining=left)
        runs.filtered(lambda run: not run.line_ids).unlink()


class MeterBillingRunLine(models.Model):
    _name = "meter.billing.run.line"
    _description = "Contract in a Billing Run"
    _order = "run_id desc, status desc, id"

    run_id = fields.Many2one(
        "meter.billing.run", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True)
    contract_id = fields.Many2one(
        "meter.contract", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="contract_id.partner_id")
    status = fields.Selection(
        [("billed", "Billed"), ("waiting", "Waiting"), ("failed", "Failed")],
        required=True,
    )
    message = fields.Text()
    message_short = fields.Char(compute="_compute_message_short", string="Why")
    statement_id = fields.Many2one("meter.statement")
    currency_id = fields.Many2one(related="contract_id.currency_id")
    amount_total = fields.Monetary(related="statement_id.amount_total")

    @api.depends("message")
    def _compute_message_short(self):
        for line in self:
            line.message_short = first_line(self.env, line.message)

    def action_open(self):
        """Open the statement, or the contract that has none."""
        self.ensure_one()
        return (self.statement_id or self.contract_id).get_formview_action()
