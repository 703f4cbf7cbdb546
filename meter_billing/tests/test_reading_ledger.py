# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Readings are append-only, in Odoo and in the database itself."""

from psycopg2.errors import RestrictViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestReadingLedger(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = cls._device("SN-1", opening={"mono": 100})
        cls.reading = cls._read(cls.device, "2026-01-31", mono=200)
        cls.env.flush_all()

    # === Nothing changes or goes away === #

    def test_a_fact_cannot_be_written(self):
        for vals in (
            {"value": 1},
            {"read_at": "2026-02-01 10:00:00"},
            {"kind": "estimated"},
            {"partner_id": False},
            {"value": 1, "state": "rejected"},
        ):
            with self.subTest(vals=vals), self._refused(UserError, "Use Correct"):
                self.reading.write(vals)

    def test_not_even_by_the_superuser(self):
        with self._refused(UserError, "Use Correct"):
            self.reading.sudo().value = 1
        with self._refused(UserError, "Use Accept"):
            self.reading.sudo().state = "rejected"

    def test_state_changes_by_its_buttons_only(self):
        with self._refused(UserError, "Use Accept"):
            self.reading.state = "rejected"
        with self._refused(UserError, "Use Accept"):
            self.reading.with_context(meter_reading_transition=True).state = "rejected"

    def test_unlink(self):
        with self._refused(AccessError):
            self.reading.unlink()
        with self._refused(UserError, "never deleted"):
            self.reading.sudo().unlink()

    def test_copy(self):
        with self._refused(UserError, "cannot be duplicated"):
            self.reading.copy()

    @mute_logger("odoo.sql_db")
    def test_database_refuses_to_change_a_fact(self):
        for change in (
            "value = value + 1",
            "read_at = read_at - interval '1 day'",
            "date = NULL",
            "kind = 'estimated'",
            "source = 'grid'",
            "device_id = NULL",
            "company_id = NULL",
            "meter_id = NULL",
            "supersedes_id = id",
        ):
            with (
                self.subTest(change=change),
                self.assertRaises(RestrictViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(
                    f"UPDATE meter_reading SET {change} WHERE id = %s",
                    [self.reading.id],
                )

    @mute_logger("odoo.sql_db")
    def test_database_refuses_to_delete(self):
        with self.assertRaises(RestrictViolation), self.env.cr.savepoint():
            self.env.cr.execute(
                "DELETE FROM meter_reading WHERE id = %s", [self.reading.id]
            )

    def test_database_lets_the_state_change(self):
        self.env.cr.execute(
            "UPDATE meter_reading SET state = 'hold' WHERE id = %s", [self.reading.id]
        )
        self.reading.invalidate_recordset()
        self.assertEqual(self.reading.state, "hold")

    def test_its_device_and_meter_stay(self):
        with self._refused(UserError, "cannot be deleted"):
            self.device.unlink()
        with self._refused(UserError, "cannot be deleted"):
            self.device.meter_ids.unlink()

    def test_merging_customers_takes_readings_along(self):
        other = self.env["res.partner"].create({"name": "Harbor Office"})
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.customer + other).ids, other
        )
        self.reading.invalidate_recordset()
        self.assertEqual(self.reading.partner_id, other)

    # === Correction === #

    def test_correction_keeps_the_original(self):
        clerk = self._user(
            "clerk",
            "meter_billing.group_meter_billing_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        wizard = (
            self.env["meter.reading.correction"]
            .with_user(clerk)
            .create(
                {
                    "reading_id": self.reading.id,
                    "value": 150,
                    "reason": "Typed it wrong",
                }
            )
        )
        wizard.action_correct()
        new = self.reading.superseded_by_id
        self.assertRecordValues(
            self.reading + new,
            [
                {
                    "value": 200,
                    "state": "superseded",
                    "reason": "Typed it wrong",
                    "superseded_by_id": new.id,
                    "supersedes_id": False,
                },
                {
                    "value": 150,
                    "state": "valid",
                    "reason": "Typed it wrong",
                    "superseded_by_id": False,
                    "supersedes_id": self.reading.id,
                },
            ],
        )
        self.assertEqual(new.source, "correction")
        self.assertEqual(new.create_uid, clerk)
        self.assertEqual(new.read_at, self.reading.read_at)
        self.assertEqual(self.device.meter_ids.last_value, 150)

    def test_refused_correction_changes_nothing(self):
        with self._refused(UserError, "SN-1", "is negative"):
            self.reading._correct(-1, "no")
        self.assertEqual(self.reading.state, "valid")

    def test_correction_below_the_opening_value_is_held(self):
        new = self.reading._correct(50, "Typed it wrong")
        self.assertEqual(new.state, "hold")
        self.assertEqual(self.device.meter_ids.last_value, 100)

    def test_a_correction_is_corrected_in_turn_not_the_original(self):
        new = self.reading._correct(150, "one")
        with self._refused(UserError, "correct the newer one"):
            self.reading._correct(160, "two")
        newest = new._correct(170, "three")
        self.assertEqual(newest.supersedes_id, new)
        self.assertEqual(
            self.env["meter.reading"].search(
                [("meter_id", "=", self.reading.meter_id.id), ("state", "=", "valid")]
            ),
            newest,
        )

    def test_correction_is_about_the_customer_of_then(self):
        self.device.partner_id = self.partner_a
        new = self.reading._correct(150, "Typed it wrong")
        self.assertEqual(new.partner_id, self.customer)
        later = self._read(self.device, "2026-02-28", mono=300)
        self.assertEqual(later.partner_id, self.partner_a)

    def test_form_needs_value_and_reason(self):
        form = Form(
            self.env["meter.reading.correction"].with_context(
                default_reading_id=self.reading.id
            )
        )
        form.value = 0
        with self.assertRaises(AssertionError):
            form.save()
        form.reason = "Counter board was changed"
        form.save().action_correct()
        self.assertEqual(self.reading.superseded_by_id.value, 0)

    # === On hold === #

    def _held(self):
        return self._read(self.device, "2026-02-28", mono=190)

    def test_accept(self):
        held = self._held()
        self.assertEqual(self.device.meter_ids.last_value, 200)
        held._accept("Checked")
        self.assertEqual(held.state, "valid")
        self.assertEqual(self.device.meter_ids.last_value, 190)
        with self._refused(UserError, "Only readings on hold"):
            held._accept("Checked")

    def test_reject(self):
        held = self._held()
        reason = held.reason
        held._reject("Wrong")
        self.assertRecordValues(held, [{"state": "rejected", "reason": reason}])
        with self._refused(UserError, "Only valid readings"):
            held._reject("Wrong")

    def test_a_rejected_moment_can_be_read_again(self):
        self._held()._reject("Wrong")
        self.assertEqual(self._read(self.device, "2026-02-28", mono=290).state, "valid")

    def test_last_reading(self):
        self._read(self.device, "2026-01-15", mono=150)
        meter = self.device.meter_ids
        self.assertEqual(meter.last_reading_id, self.reading)
        self.assertEqual(
            (meter.last_value, str(meter.last_reading_date)), (200, "2026-01-31")
        )
        self.reading._reject("Wrong")
        self.assertEqual(
            (meter.last_value, str(meter.last_reading_date)), (150, "2026-01-15")
        )
