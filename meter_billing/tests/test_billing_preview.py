# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Runs before and after: the preview, large runs, and what is not billed."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from ..models import meter_billing_run_work
from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestBillingPreview(MeterBillingCommon, CronMixinCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Contracts that a database brings along are not the matter here.
        cls.env["meter.contract"].search([]).action_close()
        cls.env["meter.device"].search([]).action_archive()

    def _pages(self, serial, **values):
        """Return a running contract at 0.01 a page with one device of its own."""
        device = self._device(serial)
        return self._contract(
            [self._usage(price=0.01)], device, **{"estimate_max": 0, **values}
        )

    def _new_run(self, through, **values):
        return self.env["meter.billing.run"].create({"through": through, **values})

    def _count(self):
        return [
            self.env[model].search_count([])
            for model in ("account.move", "meter.statement", "meter.reading")
        ]

    # === Preview === #

    def test_preview_says_what_the_run_then_bills_and_writes_nothing(self):
        contract = self._pages("SN-1")
        waiting = self._pages("SN-2")
        self._read(contract.assignment_ids.device_id, "2026-01-31", mono=4_321)
        before = self._count()
        run = self._new_run("2026-01-31")
        run.action_preview()
        self.assertEqual(self._count(), before)
        lines = run.line_ids.grouped("contract_id")
        self.assertEqual(lines[contract].status, "preview")
        self.assertEqual(lines[contract].amount_total, 43.21)
        self.assertEqual(lines[waiting].status, "waiting")
        self.assertIn("SN-2", lines[waiting].message)
        self.assertEqual(run.state, "preview")
        self.assertEqual(contract.next_period_end.isoformat(), "2026-01-31")
        run.action_bill()
        self.assertEqual(run.state, "done")
        billed = run.line_ids.filtered(lambda line: line.contract_id == contract)
        self.assertEqual((billed.status, billed.amount_total), ("billed", 43.21))
        self.assertEqual(contract.statement_ids.move_ids.amount_untaxed, 43.21)

    def test_preview_keeps_no_estimate(self):
        contract = self._pages("SN-1", estimate_max=3)
        device = contract.assignment_ids.device_id
        self._read(device, "2026-01-15", mono=1_000)
        self._read(device, "2026-01-31", mono=2_000)
        self._run("2026-01-31", contract)
        before = self._count()
        run = self._new_run("2026-02-28")
        run.action_preview()
        self.assertEqual(run.line_ids.status, "preview")
        self.assertTrue(run.line_ids.amount_total)
        self.assertEqual(self._count(), before)

    def test_movers_are_listed_first(self):
        steady, moved = self._pages("SN-1"), self._pages("SN-2")
        for contract, (january, february) in {
            steady: (1_000, 2_100),
            moved: (1_000, 2_400),
        }.items():
            device = contract.assignment_ids.device_id
            self._read(device, "2026-01-31", mono=january)
            self._read(device, "2026-02-28", mono=february)
        self._run("2026-01-31")
        run = self._new_run("2026-02-28", warn_percent=30)
        run.action_preview()
        run.line_ids.invalidate_recordset()
        lines = self.env["meter.billing.run.line"].search([("run_id", "=", run.id)])
        self.assertEqual(lines.contract_id.ids, [moved.id, steady.id])
        self.assertEqual(lines.mapped("change_percent"), [40, 10])
        self.assertEqual(lines.mapped("previous_total"), [10, 10])
        self.assertEqual(run.mover_count, 1)
        run.warn_percent = 50
        self.assertEqual(run.mover_count, 0)

    def test_preview_of_a_done_run_is_refused(self):
        run = self._run("2026-01-31")
        with self._refused(UserError, "new one"):
            run.action_preview()

    def test_one_contract_from_its_form(self):
        contract = self._pages("SN-1")
        self._read(contract.assignment_ids.device_id, "2026-01-31", mono=500)
        action = contract.action_preview()
        run = self.env["meter.billing.run"].browse(action["res_id"])
        self.assertEqual(run.line_ids.amount_total, 5)
        self.assertFalse(contract.statement_ids)

    # === Large runs === #

    def test_a_large_run_is_worked_off_in_the_background(self):
        self.patch(meter_billing_run_work, "AT_ONCE", 1)
        contracts = self._pages("SN-1") | self._pages("SN-2")
        for contract in contracts:
            self._read(contract.assignment_ids.device_id, "2026-01-31", mono=100)
        run = self._new_run("2026-01-31")
        with self.capture_triggers("meter_billing.ir_cron_meter_billing_run") as capt:
            run.action_bill()
        self.assertEqual(len(capt.records), 1)
        self.assertEqual((run.state, run.progress), ("running", 0))
        self.assertFalse(contracts.statement_ids)
        with self._refused(UserError, "under way"):
            run.action_bill()
        cron = self.env.ref("meter_billing.ir_cron_meter_billing_run")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        run.invalidate_recordset()
        self.assertEqual((run.state, run.progress), ("done", 100))
        self.assertEqual(run.billed_count, 2)
        self.assertEqual(len(contracts.statement_ids), 2)

    def test_an_interrupted_run_goes_on_with_what_is_left(self):
        first, second = self._pages("SN-1"), self._pages("SN-2")
        for contract in first | second:
            self._read(contract.assignment_ids.device_id, "2026-01-31", mono=100)
        run = self._new_run("2026-01-31")
        run.state = "running"
        run._bill_batch(first)
        self.assertEqual(run.progress, 50)
        with self.enter_registry_test_mode():
            self.env.ref(
                "meter_billing.ir_cron_meter_billing_run"
            ).method_direct_trigger()
        run.invalidate_recordset()
        self.assertEqual(run.state, "done")
        self.assertEqual(len(first.statement_ids), 1)
        self.assertEqual(len(second.statement_ids), 1)

    # === What is not billed === #

    def _unbilled(self, through):
        action = self._new_run(through).action_view_unbilled()
        found = self.env["meter.unbilled.device"].search(action["domain"])
        return {line.device_id.serial_number: line.reason for line in found}

    def test_each_device_is_billed_or_has_one_reason(self):
        billed = self._pages("BILLED")
        self._read(billed.assignment_ids.device_id, "2026-01-31", mono=100)
        self._pages("READING")
        held = self._pages("HOLD")
        device = held.assignment_ids.device_id
        self._read(device, "2026-01-10", mono=500)
        self._run("2026-01-31")
        held_reading = self._read(device, "2026-02-20", mono=400)
        self.assertEqual(held_reading.state, "hold")
        draft = self._pages("DRAFT")
        draft.state = "draft"
        self._pages("CLOSED").action_close()
        ended = self._pages("ENDED", date_end="2026-01-31")
        self._read(ended.assignment_ids.device_id, "2026-01-31", mono=100)
        self._run("2026-01-31")
        self._device("UNASSIGNED")
        both = self._contract(
            [self._usage(price=0.01)],
            self._device("READ") | self._device("UNREAD"),
            estimate_max=0,
        )
        read = both.assignment_ids.device_id.filtered(
            lambda one: one.serial_number == "READ"
        )
        self._read(read, "2026-01-31", mono=100)
        self._read(billed.assignment_ids.device_id, "2026-02-28", mono=300)
        self._run("2026-02-28", billed)
        self.assertEqual(
            self._unbilled("2026-02-28"),
            {
                "READING": "reading",
                "HOLD": "hold",
                "DRAFT": "draft",
                "CLOSED": "closed",
                "ENDED": "ended",
                "UNASSIGNED": "unassigned",
                "READ": "other",
                "UNREAD": "reading",
            },
        )
