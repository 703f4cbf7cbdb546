# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from .common import MeterBillingCommon


class TestReadingDecision(MeterBillingCommon):
    """Who decided what about a reading, when and why, and that it stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = cls._device("SN-1")
        cls.reading = cls._read(cls.device, "2026-01-31", mono=200)
        cls.clerk = new_test_user(
            cls.env,
            "decision_clerk",
            groups="base.group_user,meter_billing.group_meter_billing_user",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )

    def _held(self, value=190, day="2026-02-28"):
        return self._read(self.device, day, mono=value)

    def _decide(self, readings):
        """Open the form that a button opened, as the clerk."""
        clerk = readings.with_user(self.clerk)
        return lambda action: Form(
            self.env(user=self.clerk)["meter.reading.decide"].with_context(
                **getattr(clerk, action)()["context"]
            )
        )

    def test_accepting_asks_why_and_keeps_the_answer(self):
        held = self._held()
        form = self._decide(held)("action_accept")
        with self.assertRaises(AssertionError):
            form.save()  # no reason
        form.accept_ground = "seen"
        form.note = "by Ada"
        form.save().action_confirm()
        self.assertEqual(held.state, "valid")
        self.assertRecordValues(
            held.decision_ids,
            [
                {
                    "decision": "accept",
                    "reason": "It was read again at the device: by Ada",
                    "create_uid": self.clerk.id,
                }
            ],
        )

    def test_another_reason_must_be_said(self):
        held = self._held()
        form = self._decide(held)("action_reject")
        form.reject_ground = "reject_other"
        with self.assertRaises(AssertionError):
            form.save()
        form.note = "  "
        with self._refused(UserError, "which other reason"):
            form.save().action_confirm()
        self.assertEqual(held.state, "hold")

    def test_one_reason_for_all_that_were_chosen(self):
        readings = self._held() | self._held(day="2026-03-31")
        form = self._decide(readings)("action_reject")
        form.reject_ground = "mistyped"
        form.save().action_confirm()
        self.assertEqual(set(readings.mapped("state")), {"rejected"})
        self.assertEqual(
            readings.decision_ids.mapped("reason"), ["It was mistyped"] * 2
        )
        self.assertIn("lower", readings[0].reason)  # what the check said stays

    def test_invalidating_a_valid_reading_says_why_on_it(self):
        self.reading.with_user(self.clerk)._reject("Other device")
        self.assertRecordValues(
            self.reading, [{"state": "rejected", "reason": "Other device"}]
        )
        self.assertEqual(self.reading.decision_ids.decision, "invalidate")

    def test_correcting_and_explaining_are_recorded(self):
        self.reading._correct(210, "Two digits swapped")
        self.assertRecordValues(
            self.reading.decision_ids,
            [{"decision": "correct", "reason": "Two digits swapped"}],
        )
        held = self._held(5)
        entry = Form(
            self.env["meter.event.entry"].with_context(
                **held.action_what_happened()["context"]
            )
        )
        entry.kind = "reset"
        entry.closing_value = 210
        entry.opening_value = 0
        entry.reason = "Board replaced"
        entry.save().action_confirm()
        self.assertEqual(held.state, "valid")
        self.assertRecordValues(
            held.decision_ids, [{"decision": "event", "reason": "Board replaced"}]
        )

    def test_no_decision_without_a_reason(self):
        held = self._held()
        with self._refused(UserError, "Say why"):
            held._accept("  ")
        self.assertEqual(held.state, "hold")

    def test_the_database_keeps_decisions(self):
        self.reading._reject("Other device")
        decision = self.reading.decision_ids
        for query in (
            "UPDATE meter_reading_decision SET reason = 'x' WHERE id = %s",
            "DELETE FROM meter_reading_decision WHERE id = %s",
        ):
            with self._refused(psycopg2.errors.RestrictViolation, "is kept"):
                self.env.cr.execute(query, [decision.id])

    def test_nobody_writes_a_decision_by_hand(self):
        as_clerk = self.env(user=self.clerk)["meter.reading.decision"]
        vals = {"reading_id": self.reading.id, "decision": "accept", "reason": "x"}
        with self._refused(AccessError, "not allowed to create"):
            as_clerk.create(vals)

    def test_dismissed_rows_say_who_and_why(self):
        reading = self.env["meter.reading"]
        row = {"serial": "X-9", "meter": "mono", "moment": "2026-01-31", "value": 5}
        reading._ingest_serials([row], "api", self.company)
        waiting = self.env["meter.reading.quarantine"].search([("serial", "=", "X-9")])
        waiting = waiting.with_user(self.clerk)
        form = Form(
            self.env(user=self.clerk)[
                "meter.reading.quarantine.dismissal"
            ].with_context(**waiting.action_dismiss()["context"])
        )
        with self.assertRaises(AssertionError):
            form.save()
        form.reason = "Not ours"
        form.save().action_confirm()
        self.assertRecordValues(
            waiting,
            [
                {
                    "status": "dismissed",
                    "dismissal": "Not ours",
                    "decided_by_id": self.clerk.id,
                }
            ],
        )
