# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Counters that do not just count up, from the reading on hold to the invoice."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestEvent(MeterBillingCommon):
    def _held(self, before, value, digits=0):
        """A meter read ``before`` at the end of January, now held at ``value``."""
        self.device = self._device("SN-1", opening={"mono": 0})
        self.device.meter_ids.digits = digits
        self.contract = self._contract([self._usage(price=0.01)], self.device)
        self._read(self.device, "2026-01-31", mono=before)
        self._bill(self.contract, "2026-01-31")
        reading = self._read(self.device, "2026-02-28", mono=value)
        self.assertEqual(reading.state, "hold")
        self.assertTrue(reading.is_lower)
        return reading

    def _entry(self, reading):
        action = reading.action_what_happened()
        return Form(reading.env[action["res_model"]].with_context(**action["context"]))

    def _lines_of_february(self):
        statement = self._bill(self.contract, "2026-02-28")
        self.assertEqual(statement.move_ids.state, "posted")
        return self._invoice_lines(statement.move_ids)

    # === Each kind, to the invoice === #

    def test_wrap(self):
        reading = self._held(999_900, 250, digits=6)
        form = self._entry(reading)
        self.assertEqual(form.kind, "wrap")
        # 100 pages to the last digit, 250 since
        self.assertEqual(form.pages, 350)
        form.save().action_confirm()
        self.assertEqual(reading.state, "valid")
        self.assertRecordValues(
            self.device.meter_ids.event_ids,
            [{"kind": "wrap", "closing_value": 1_000_000, "opening_value": 0}],
        )
        self.assertEqual(self._lines_of_february(), [(350, 0.01, 3.5)])

    def test_wrap_far_from_the_last_digit_is_not_proposed(self):
        self.assertEqual(
            self._entry(self._held(500_000, 250, digits=6)).kind, "mistake"
        )

    def test_step_back_after_a_power_cut(self):
        reading = self._held(5_009, 5_002)
        form = self._entry(reading)
        self.assertEqual(form.kind, "regress")
        self.assertEqual(form.pages, 0)
        # It went back to 5,000: two pages since.
        form.opening_value = 5_000
        self.assertEqual(form.pages, 2)
        form.save().action_confirm()
        self.assertEqual(self._lines_of_february(), [(2, 0.01, 0.02)])

    def test_ten_pages_back_is_a_mistake(self):
        self.assertEqual(self._entry(self._held(5_010, 5_000)).kind, "mistake")

    def test_counter_board_replaced(self):
        reading = self._held(84_000, 120)
        form = self._entry(reading)
        self.assertEqual(form.kind, "mistake")
        form.kind = "reset"
        form.closing_value = 84_210
        # 210 on the old board, 120 on the new one
        self.assertEqual(form.pages, 330)
        form.reason = "Service report 17"
        form.save().action_confirm()
        self.assertEqual(self.device.meter_ids.event_ids.reason, "Service report 17")
        self.assertEqual(self._lines_of_february(), [(330, 0.01, 3.3)])
        text = self.contract.statement_ids.move_ids.invoice_line_ids.mapped("name")
        self.assertIn("counter went from 84,210 to 0", "\n".join(text))

    def test_typing_mistake(self):
        reading = self._held(84_000, 8_450)
        action = self._entry(reading).save().action_confirm()
        wizard = Form(self.env[action["res_model"]].with_context(**action["context"]))
        wizard.value, wizard.reason = 84_500, "A digit missing"
        wizard.save().action_correct()
        self.assertFalse(self.device.meter_ids.event_ids)
        self.assertEqual(self._lines_of_february(), [(500, 0.01, 5.0)])

    def test_the_reading_before_was_the_mistake(self):
        reading = self._held(84_000, 9_000)
        form = self._entry(reading)
        form.kind = "mistake_before"
        action = form.save().action_confirm()
        before = self.env["meter.reading"].browse(
            action["context"]["default_reading_id"]
        )
        self.assertEqual(before.value, 84_000)
        before._correct(8_400, "A digit too many")
        self.assertFalse(reading.is_lower)
        reading._accept("Checked")
        self._bill(self.contract, "2026-02-28")
        # 840 were billed for January; 84 is right, and 600 pages of February come to 6
        self.assertEqual(
            sum(self.contract.statement_ids.mapped("amount_total")), 84 + 6
        )

    def test_no_reading_before(self):
        self.device = self._device("SN-1", opening={"mono": 500})
        reading = self._read(self.device, "2026-02-28", mono=50)
        form = self._entry(reading)
        form.kind = "mistake_before"
        with self._refused(UserError, "SN-1 Mono", "started at 500"):
            form.save().action_confirm()

    def test_on_the_meter_before_anything_is_read(self):
        self.device = self._device("SN-1", opening={"mono": 0})
        self.contract = self._contract([self._usage(price=0.01)], self.device)
        self._read(self.device, "2026-01-31", mono=4_000)
        self._bill(self.contract, "2026-01-31")
        action = self.device.meter_ids.action_what_happened()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.happened_at = "2026-02-10 09:00:00"
        self.assertEqual(form.kind, "reset")
        self.assertEqual(form.value_before, 4_000)
        form.closing_value = 4_100
        form.save().action_confirm()
        reading = self._read(self.device, "2026-02-28", mono=60)
        self.assertEqual(reading.state, "valid")
        self.assertEqual(self.device.event_count, 1)
        self.assertEqual(self._lines_of_february(), [(160, 0.01, 1.6)])

    def test_recorded_after_billing_it_is_credited(self):
        """Accepted as it was, the wrap is found out later: the difference is billed."""
        reading = self._held(84_000, 84_000 - 100)
        reading._accept("Checked")
        self._bill(self.contract, "2026-02-28")
        self.assertEqual(self.contract.statement_ids[0].amount_total, -1)
        self.env["meter.event"].create(
            {
                "meter_id": self.device.meter_ids.id,
                "kind": "reset",
                "happened_at": "2026-02-10 09:00:00",
                "closing_value": 84_000,
                "opening_value": 83_000,
                "reason": "Set by the technician",
            }
        )
        self.contract.action_correct_now()
        # 900 pages since 83,000: 9.00 in place of the 1.00 credited
        self.assertEqual(self.contract.statement_ids.sorted("id")[-1].amount_total, 10)

    # === What cannot be === #

    def test_impossible_values(self):
        reading = self._held(84_000, 120, digits=6)
        meter = self.device.meter_ids
        for kind, closing, opening, words in (
            ("reset", 84_000, 1_000_000, ("1,000,000", "6 digits")),
            ("reset", 1_000_000, 0, ("1,000,000", "6 digits")),
            ("wrap", 100_000, 0, ("1,000,000", "100,000")),
            ("reset", 83_999, 0, ("read 84,000 before", "83,999")),
            ("reset", 84_000, 121, ("SN-1 Mono shows 120", "121")),
        ):
            with self.subTest(kind=kind, closing=closing, opening=opening):
                form = self._entry(reading)
                form.kind = kind
                form.closing_value, form.opening_value = closing, opening
                with self._refused(UserError, "SN-1 Mono", *words):
                    form.save().action_confirm()
        self.assertEqual(reading.state, "hold")
        values = {
            "meter_id": meter.id,
            "kind": "reset",
            "closing_value": 84_000,
            "opening_value": 0,
            "reason": "x",
        }
        for moment, words in (
            ("2026-06-17 12:00:00", "in the future"),
            ("2025-12-31 12:00:00", "before the device was installed"),
            ("2026-01-31 12:00:00", "of that very moment"),
        ):
            with self._refused(UserError, "SN-1 Mono", words):
                self.env["meter.event"].create({**values, "happened_at": moment})
        with self._refused(UserError, "read 84,000 afterwards", "84,001"):
            self.env["meter.event"].create(
                {
                    **values,
                    "happened_at": "2026-01-10 12:00:00",
                    "opening_value": 84_001,
                }
            )

    def test_readers_see_events_and_record_none(self):
        reading = self._held(84_000, 120)
        self._entry(reading)
        reader = self._user(
            "reader",
            "meter_billing.group_meter_billing_reader",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.env["meter.event"].with_user(reader).search([])
        with self._refused(AccessError):
            self.env["meter.event"].with_user(reader).create(
                {
                    "meter_id": self.device.meter_ids.id,
                    "kind": "reset",
                    "closing_value": 84_000,
                    "opening_value": 0,
                    "reason": "x",
                }
            )
        with self._refused(AccessError):
            self.env["meter.event.entry"].with_user(reader).create(
                {"reading_id": reading.id, "meter_id": self.device.meter_ids.id}
            )

    def test_a_clerk_records_one(self):
        reading = self._held(999_900, 250, digits=6)
        clerk = self._user(
            "clerk",
            "meter_billing.group_meter_billing_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self._entry(reading.with_user(clerk)).save().action_confirm()
        self.assertEqual(reading.state, "valid")
        self.assertEqual(self.device.meter_ids.event_ids.create_uid, clerk)
