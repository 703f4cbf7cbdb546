# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Billing runs and the scheduled action: all that is due, one failure one line."""

from psycopg2.extras import Json

from odoo.exceptions import UserError
from odoo.fields import Date
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import meter_billing_run_work
from .common import MeterBillingCommon

RUN_LOGGER = "odoo.addons.meter_billing.models.meter_billing_run_work"


@tagged("post_install", "-at_install")
class TestBillingRun(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Contracts that a database brings along are not the matter here.
        cls.env["meter.contract"].search([]).action_close()

    def _service(self, amount=25, **values):
        """Return a running contract that needs no reading."""
        return self._contract(
            [{"name": "Service", "kind": "fixed", "amount": amount}], **values
        )

    def _with_currency_that_is_gone(self):
        """Return a contract whose invoice Odoo refuses to post."""
        currency = self.setup_other_currency("EUR")
        contract = self._service(currency_id=currency.id)
        currency.active = False
        return contract

    def _statuses(self, run):
        return {line.contract_id: line.status for line in run.line_ids}

    # === Runs === #

    def test_bills_what_is_due_only(self):
        due = self._service()
        later = self._service(start="2026-01-15")
        draft = self._service()
        draft.state = "draft"
        run = self._run("2026-01-31")
        self.assertEqual(self._statuses(run), {due: "billed"})
        self.assertEqual((run.state, run.billed_count), ("done", 1))
        self.assertFalse((later + draft).statement_ids)

    def test_second_run_bills_nothing(self):
        contract = self._service()
        self.assertEqual(self._run("2026-01-31").billed_count, 1)
        self.assertFalse(self._run("2026-01-31").line_ids)
        self.assertEqual(len(contract.statement_ids.move_ids), 1)

    def test_a_run_is_done_once(self):
        run = self._run("2026-01-31")
        with self._refused(UserError, "done"):
            run.action_bill()

    def test_catches_up_period_by_period(self):
        behind = self._service()
        with_readings = self._contract(
            [self._usage(price=0.01)],
            self._device("SN-1"),
            start="2026-01-01",
            estimate_max=0,
        )
        self._read(with_readings.assignment_ids.device_id, "2026-01-31", mono=100)
        run = self._run("2026-04-30")
        lines = run.line_ids.grouped("contract_id")
        self.assertEqual(
            [str(day) for day in sorted(lines[behind].statement_id.mapped("date_to"))],
            ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"],
        )
        self.assertEqual(
            sorted(lines[with_readings].mapped("status")), ["billed", "waiting"]
        )
        self.assertIn("SN-1", with_readings.billing_issue)
        self.assertEqual(len(behind.statement_ids.move_ids), 4)

    def test_batches(self):
        self.patch(meter_billing_run_work, "BATCH_SIZE", 2)
        contracts = self._service()
        for _number in range(4):
            contracts += self._service()
        run = self._run("2026-02-28")
        self.assertEqual(run.billed_count, 10)
        self.assertEqual(set(contracts.mapped("statement_count")), {2})

    @mute_logger(RUN_LOGGER)
    def test_one_failure_is_one_line(self):
        good, bad = self._service(), self._with_currency_that_is_gone()
        other = self._service()
        run = self._run("2026-01-31")
        self.assertEqual(
            self._statuses(run), {good: "billed", bad: "failed", other: "billed"}
        )
        failed = run.line_ids.filtered(lambda line: line.contract_id == bad)
        self.assertIn("inactive currency", failed.message)
        self.assertEqual(bad.billing_issue, failed.message)
        self.assertFalse(bad.statement_ids)
        self.assertFalse(bad.billed_through)
        self.assertEqual(
            (good + other).statement_ids.move_ids.mapped("state"), ["posted", "posted"]
        )
        bad.currency_id.active = True
        self.assertEqual(self._statuses(self._run("2026-01-31")), {bad: "billed"})
        self.assertFalse(bad.billing_issue)

    def test_contract_whose_terms_cannot_be_rated(self):
        good = self._service()
        bad = self._contract([self._usage(price=0.01)], self._device("SN-1"))
        self.env.cr.execute(  # no screen allows it
            "DELETE FROM meter_contract_charge_meter_type_rel "
            "WHERE meter_contract_charge_id = %s",
            [bad.charge_ids.id],
        )
        bad.charge_ids.invalidate_recordset()
        run = self._run("2026-01-31")
        self.assertEqual(self._statuses(run), {good: "billed", bad: "failed"})
        for word in (bad.name, "Pages", "no meter type"):
            self.assertIn(word, bad.billing_issue)

    def test_an_error_of_the_program_is_logged_and_said_plainly(self):
        good, bad = self._service(), self._service()
        self._run("2026-01-31")
        known = bad.statement_ids.rating_states

        def remember(states):
            self.env.cr.execute(
                "UPDATE meter_statement SET rating_states = %s WHERE contract_id = %s",
                [Json(states), bad.id],
            )
            self.env.invalidate_all()

        remember({"0": {"version": 99}})  # of a later version of the program
        with self.assertLogs(RUN_LOGGER, "ERROR"):
            run = self._run("2026-02-28")
        self.assertEqual(self._statuses(run), {good: "billed", bad: "failed"})
        self.assertIn("Billing failed (ValueError)", bad.billing_issue)
        self.assertNotIn("Traceback", bad.billing_issue)
        remember(known)
        self.assertEqual(self._statuses(self._run("2026-02-28")), {bad: "billed"})

    # === Scheduled action === #

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("meter_billing.ir_cron_meter_billing").method_direct_trigger()

    @mute_logger(RUN_LOGGER)
    def test_cron(self):
        good, bad = (
            self._service(start="2026-03-01"),
            self._with_currency_that_is_gone(),
        )
        waiting = self._contract([self._usage(price=0.01)], self._device("SN-1"))
        self._run_cron()
        self.assertEqual(
            [str(day) for day in good.statement_ids.mapped("date_to")],
            ["2026-05-31", "2026-04-30", "2026-03-31"],
        )
        self.assertEqual(set(good.statement_ids.move_ids.mapped("state")), {"posted"})
        run = self.env["meter.billing.run"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(len(run), 1)
        self.assertTrue(run.is_automatic)
        self.assertEqual(
            (run.state, run.billed_count, run.waiting_count, run.failed_count),
            ("done", 3, 1, 1),
        )
        self.assertIn("inactive currency", bad.billing_issue)
        self.assertIn("SN-1", waiting.billing_issue)

    def test_cron_again_bills_nothing(self):
        contract = self._service()
        self._run_cron()
        count = len(contract.statement_ids)
        self._run_cron()
        self.assertEqual(len(contract.statement_ids), count)
        self.assertEqual(
            self.env["meter.billing.run"].search_count(
                [("company_id", "=", self.company.id)]
            ),
            1,
        )

    def test_cron_bills_every_company_by_its_own_day(self):
        mine = self._service(start="2026-05-16")
        other = self.setup_other_company()["company"]
        other.partner_id.tz = "Pacific/Auckland"
        self.company.partner_id.tz = "UTC"
        theirs = self._service(
            start="2026-05-16", first_period_end="2026-06-16", company_id=other.id
        )
        self._run_cron()
        self.assertEqual(mine.billed_through, Date.to_date("2026-06-15"))
        self.assertFalse(theirs.billed_through)  # 22:00 of the 15th there
        theirs.first_period_end = "2026-06-15"
        self._run_cron()
        self.assertEqual(theirs.billed_through, Date.to_date("2026-06-15"))
        self.assertEqual(theirs.statement_ids.move_ids.company_id, other)

    def test_periods_that_are_not_over_are_refused(self):
        self._service()
        with self._refused(UserError, "not over yet"):
            self._run("2026-06-16")
