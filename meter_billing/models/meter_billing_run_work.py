# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How a run works: batch by batch, one contract's failure is one line of it."""

import contextlib
import logging

import psycopg2

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

_logger = logging.getLogger(__name__)

BATCH_SIZE = 100
# More contracts than this are left to the scheduled action, which commits batches.
AT_ONCE = 200


class MeterBillingRun(models.Model):
    _inherit = "meter.billing.run"

    # === What to bill === #

    def _find_due(self):
        """Return the contracts of this run that have a period to bill."""
        return self.env["meter.contract"].search(
            self._get_domain(), order="next_period_end, id"
        )

    def _find_over(self):
        """Return the contracts of this run that are due for corrections alone."""
        Contract = self.env["meter.contract"]
        return Contract.search(self._get_scope() & Contract._get_over_domain())

    def _get_domain(self):
        """Return the domain of the contracts that this run is to bill."""
        return self._get_scope() & self.env["meter.contract"]._get_due_domain(
            self.through
        )

    def _get_scope(self):
        """Return the domain of the contracts that this run is about."""
        self.ensure_one()
        domain = Domain("company_id", "=", self.company_id.id)
        if self.contract_ids:
            domain &= Domain("id", "in", self.contract_ids.ids)
        return domain

    # === Actions === #

    def action_preview(self):
        """Show what billing would come to, by the same code; nothing is billed.

        Of a contract that is more than one period behind, the next one is shown.

        :raises UserError: the run is done or under way
        """
        self.ensure_one()
        self._check_startable()
        self.line_ids.unlink()
        contracts = self._find_due()
        for start in range(0, len(contracts), BATCH_SIZE):
            self._preview_batch(contracts[start : start + BATCH_SIZE])
        self.state = "preview"

    def action_bill(self):
        """Bill what is due. Contracts that cannot be billed are listed with why.

        A large run goes on in the background, where every batch is kept at once.

        :raises UserError: the run is done or under way
        """
        self.ensure_one()
        self._check_startable()
        self.env["meter.statement"].check_access("create")
        self.line_ids.unlink()
        self._find_over()._take_changes()
        contracts = self._find_due()
        if len(contracts) > AT_ONCE:
            self.state = "running"
            # sudo: whoever may bill may have it done in the background
            self.env.ref("meter_billing.ir_cron_meter_billing_run").sudo()._trigger()
            return
        while contracts:
            batch = contracts._take_batch(BATCH_SIZE)
            contracts = self._bill_batch(batch) | (contracts - batch)
        self.state = "done"

    def _check_startable(self):
        today = self.company_id._meter_today()
        if self.through > today:
            raise UserError(
                self.env._(
                    "Periods until %(date)s are not over yet. Bill until today at the "
                    "latest.",
                    date=format_date(self.env, self.through),
                )
            )
        if self.state in ("running", "done"):
            raise UserError(
                self.env._(
                    "This run is under way or done. Start a new one for what is left."
                )
            )

    # === Batches === #

    def _bill_batch(self, contracts):
        """Bill the next period of these contracts and note what became of each.

        Contracts that somebody else is billing right now are left to them.

        :return: the contracts that have another period due
        """
        locked = contracts.try_lock_for_update(allow_referencing=True)
        locked.invalidate_recordset()
        locked._take_changes()
        due = locked.filtered_domain(locked._get_due_domain(self.through))
        before = due._get_last_totals()
        billed = due.browse()
        for statements, waiting in self._isolate(
            due, lambda part: part._bill_next_period(self.invoice_date)
        ):
            self._note(
                "billed",
                [
                    {
                        "contract_id": statement.contract_id.id,
                        "statement_id": statement.id,
                        "amount_total": statement.amount_total,
                        "previous_total": before.get(statement.contract_id.id, 0),
                    }
                    for statement in statements
                ],
            )
            self._note_waiting(waiting)
            billed |= statements.contract_id
        return billed.filtered_domain(billed._get_due_domain(self.through))

    def _preview_batch(self, contracts):
        """Note what billing these contracts would come to."""
        before = contracts._get_last_totals()
        for totals, waiting in self._isolate(contracts, self._preview):
            self._note(
                "preview",
                [
                    {
                        "contract_id": contract_id,
                        "amount_total": total,
                        "previous_total": before.get(contract_id, 0),
                    }
                    for contract_id, total in totals.items()
                ],
            )
            self._note_waiting(waiting)

    def _preview(self, contracts):
        """Return ({contract_id: amount}, {contract: why it waits})."""
        # What rating stores on its way, e.g. estimates, is not to stay.
        with contextlib.closing(self.env.cr.savepoint()):
            chains, waiting = contracts._prepare_chains()
            statements = contracts._prepare_statements(chains)
            totals = {vals["contract_id"]: vals["amount_total"] for vals in statements}
        self.env.invalidate_all()
        return totals, waiting

    def _isolate(self, contracts, work):
        """Yield work(contracts) such that one contract's failure stops no other.

        Where the work fails for all of them together it is done for one at a time, or
        for those that share an invoice, and each failure is a line of the run.
        """
        parts = [contracts] if contracts else []
        while parts:
            part = parts.pop()
            try:
                with self.env.cr.savepoint():
                    result = work(part)
            except psycopg2.OperationalError:
                # Lost connection, deadlock, concurrent update: the transaction's.
                raise
            except Exception as error:  # noqa: BLE001 any other failure is one line's
                self.env.invalidate_all()
                if len(part) > 1:
                    parts += self._set_apart(part, work)
                else:
                    self._note_failure(part, error)
                continue
            yield result

    def _set_apart(self, contracts, work):
        """Return the parts to do where the work failed for these contracts together.

        Contracts that share an invoice stay together, but for those that fail alone.
        """
        parts = []
        for group in contracts._split_by_sharing():
            failing = group
            if len(group) > 1:
                failing = group.filtered(lambda one: self._fails_alone(one, work))
                # They may fail only together: then each is on its own.
                failing = failing or group
            parts += [*failing] + ([group - failing] if group > failing else [])
        return parts

    def _fails_alone(self, contract, work):
        """Try the work for one contract and undo it."""
        try:
            with contextlib.closing(self.env.cr.savepoint()):
                work(contract)
                self.env.flush_all()
            return False
        except psycopg2.OperationalError:
            raise
        except Exception:  # noqa: BLE001 why is noted when it is done for good
            return True
        finally:
            self.env.invalidate_all()

    # === Notes === #

    def _note(self, status, lines):
        # Not through line_ids: that would write the run, for which others may wait.
        self.env["meter.billing.run.line"].create(
            [{**line, "run_id": self.id, "status": status} for line in lines]
        )

    def _note_waiting(self, waiting):
        self._note(
            "waiting",
            [
                {"contract_id": contract.id, "message": why}
                for contract, why in waiting.items()
            ],
        )

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
        self._note("failed", [{"contract_id": contract.id, "message": message}])

    # === Scheduled actions === #

    @api.model
    def _cron_bill(self):
        """Bill what is due in every company."""
        self.env["meter.contract.change"]._take_all()
        # The scheduler calls again until all is done: go on with the runs of before.
        runs = self.search([("is_automatic", "=", True), ("state", "=", "running")])
        companies = self.env["res.company"].search([]) - runs.company_id
        runs |= self.create(
            [
                {
                    "company_id": company.id,
                    "through": company._meter_today(),
                    "is_automatic": True,
                    "state": "running",
                }
                for company in companies
            ]
        )
        runs._work_off()
        runs.filtered(lambda run: run.state == "done" and not run.line_ids).unlink()

    @api.model
    def _cron_resume(self):
        """Go on with the runs that are under way: large ones, and interrupted ones."""
        self.search([("state", "=", "running")], order="id")._work_off()

    def _work_off(self):
        """Bill batch by batch, committing each, while the scheduler gives time.

        A contract that waits or failed in a run is not tried again in it.
        """
        commit_progress = self.env["ir.cron"]._commit_progress
        left = sum(len(run._find_open()) for run in self)
        has_time = commit_progress(remaining=left)
        for run in self:
            run = run.with_company(run.company_id)
            is_ours = run._lock_company()
            while has_time and is_ours and (contracts := run._find_open()):
                batch = contracts._take_batch(BATCH_SIZE)
                run._bill_batch(batch)
                left = max(left - len(batch), 0)
                has_time = commit_progress(len(batch), remaining=left)
                # Flat memory, whatever the size of the run.
                self.env.invalidate_all()
                is_ours = run._lock_company()
            if has_time and is_ours:
                run.state = "done"
                has_time = commit_progress(remaining=left)

    def _lock_company(self):
        """Tell whether this transaction may bill the company: one does at a time.

        Invoices of a journal are numbered one after the other, so that two workers
        would only wait for each other. Whoever comes second leaves it to the first.
        """
        [[is_locked]] = self.env.execute_query(
            SQL(
                "SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)",
                self._name,
                self.company_id.id,
            )
        )
        return is_locked

    def _find_open(self):
        """Return the contracts of this run that are due and not dealt with in it."""
        dealt_with = self.env["meter.billing.run.line"].search(
            [("run_id", "=", self.id), ("status", "in", ("waiting", "failed"))]
        )
        domain = self._get_domain() & Domain("id", "not in", dealt_with.contract_id.ids)
        return self.env["meter.contract"].search(domain, order="next_period_end, id")
