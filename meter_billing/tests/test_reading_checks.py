# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The checks of readings as a dealer meets them, with what they are set up by."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestReadingChecks(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = cls._device("SN-1", opening={"mono": 0})
        for day, value in (
            ("2026-01-31", 1000),
            ("2026-02-28", 2000),
            ("2026-03-31", 3000),
            ("2026-04-30", 4000),
        ):
            cls._read(cls.device, day, mono=value)

    def _give(self, value, day="2026-05-31", device=None, code="mono", source="grid"):
        row = self._row(device or self.device, day, value, code)
        (verdict,) = self.env["meter.reading"]._ingest([row], source)
        return verdict, self.env["meter.reading"].browse(verdict["reading_id"])

    # === Expected range === #

    def test_too_high_is_on_hold_and_never_billed_until_accepted(self):
        contract = self._contract([self._usage(price=0.01)], self.device)
        contract.estimate_max = 0
        verdict, reading = self._give(9000)
        self.assertEqual(verdict["status"], "hold")
        self.assertEqual((reading.state, reading.check_code), ("hold", "too_high"))
        for word in ("SN-1 Mono", "9,000", "higher than expected", " to "):
            self.assertIn(word, reading.reason)
        run = self._run("2026-05-31", contract)
        self.assertEqual(run.line_ids.sorted("id")[-1].status, "waiting")
        reading._accept("Checked")
        self._bill(contract, "2026-05-31")
        self.assertEqual(sum(contract.statement_ids.mapped("amount_total")), 90)

    def test_too_low_is_noted_and_billed(self):
        verdict, reading = self._give(4001)
        self.assertEqual(verdict["status"], "created")
        self.assertEqual((reading.state, reading.check_code), ("valid", "too_low"))
        self.assertIn("lower than expected", reading.note)
        self.assertFalse(reading.reason)

    def test_the_range_of_contract_model_and_company(self):
        rows = [self._row(self.device, "2026-05-31", 6900)]
        judge = self.env["meter.reading"]._judge

        def status():
            return judge(rows, "grid")[1][0]["status"]

        contract = self._contract([self._usage(price=0.01)], self.device)
        self.assertEqual(status(), "hold")
        self.company.meter_reading_buffer = 300
        self.assertEqual(status(), "created")
        self.model.reading_buffer = 50
        self.assertEqual(status(), "hold")
        contract.reading_buffer = 400
        self.assertEqual(status(), "created")
        contract.write({"reading_buffer": 0, "reading_floor": 5000})
        self.assertEqual(status(), "created")

    def test_what_is_expected_is_told_beforehand(self):
        meter = self._meter(self.device)
        day = self.env["meter.reading"]._normalise(
            [self._row(self.device, "2026-05-31", 1)], {}
        )[0]["date"]
        low, high = self.env["meter.reading"]._get_expected(meter, day)[meter.id]
        self.assertTrue(4000 < low < 5000 < high < 6000, (low, high))
        (verdict, _reading) = self._give(high)
        self.assertEqual((verdict["status"], verdict["message"]), ("created", ""))

    # === The others === #

    def test_more_than_the_model_can_print(self):
        self.model.pages_per_minute = 1
        device = self._device("SN-2")
        verdict, reading = self._give(300_000, device=device)
        self.assertEqual(
            (verdict["status"], reading.check_code), ("hold", "impossible")
        )

    def test_total_mono_and_colour(self):
        device = self._device("SN-3", opening={"mono": 0, "colour": 0, "total": 0})
        rows = [
            self._row(device, "2026-01-31", value, code)
            for code, value in (("mono", 700), ("colour", 300), ("total", 1200))
        ]
        verdicts = self.env["meter.reading"]._ingest(rows, "import")
        self.assertEqual({v["status"] for v in verdicts}, {"hold"})
        self.assertIn("1,200", verdicts[0]["message"])
        self.assertIn("1,000", verdicts[0]["message"])

    def test_a_total_without_a_colour_counter_is_no_finding(self):
        device = self._device("SN-3", opening={"mono": 0, "total": 0})
        rows = [
            self._row(device, "2026-01-31", value, code)
            for code, value in (("mono", 700), ("total", 1200))
        ]
        verdicts = self.env["meter.reading"]._ingest(rows, "import")
        self.assertEqual({v["status"] for v in verdicts}, {"created"})

    def test_colour_on_a_mono_device(self):
        self.model.colour_mode = "mono"
        device = self._device("SN-4", opening={"colour": 0})
        verdict, reading = self._give(7, device=device, code="colour")
        self.assertEqual(reading.check_code, "colour_on_mono")
        self.assertEqual(verdict["status"], "hold")

    def test_window_of_the_contract(self):
        contract = self._contract([self._usage(price=0.01)], self.device)
        contract.write({"window_before": 5, "window_after": 2})
        self.assertEqual(self._give(4800, "2026-05-25")[1].check_code, "outside_window")
        self.assertFalse(self._give(4850, "2026-05-26")[1].check_code)
        self.assertFalse(self._give(5010, "2026-06-02")[1].check_code)
        self.assertEqual(self._give(5020, "2026-06-03")[1].check_code, "outside_window")

    # === Lower === #

    def test_a_wrap_by_rule(self):
        device = self._device("SN-5", opening={"mono": 999_000})
        meter = self._meter(device)
        meter.digits = 6
        self.company.meter_accept_wraps = True
        verdict, reading = self._give(200, device=device)
        self.assertEqual((verdict["status"], reading.state), ("created", "valid"))
        self.assertRecordValues(
            meter.event_ids,
            [{"kind": "wrap", "closing_value": 1_000_000, "opening_value": 0}],
        )
        contract = self._contract([self._usage(price=0.01)], device, "2026-05-01")
        self._bill(contract, "2026-05-31")
        self.assertEqual(sum(contract.statement_ids.mapped("amount_total")), 12)

    def test_without_the_rule_it_waits(self):
        verdict, reading = self._give(3995)
        self.assertEqual((verdict["status"], reading.check_code), ("hold", "lower"))
        self.company.meter_accept_regresses = True
        verdict, reading = self._give(3996, "2026-06-01")
        self.assertEqual(verdict["status"], "created")
        self.assertEqual(self._meter(self.device).event_ids.kind, "regress")

    # === Severity === #

    def test_a_refused_value_waits_in_quarantine(self):
        self.env.ref("meter_billing.meter_reading_check_too_high").severity = "reject"
        row = {
            "serial": "sn-1",
            "meter": "Black",
            "moment": "2026-05-31",
            "value": "9000",
        }
        (verdict,) = self.env["meter.reading"]._ingest_serials(
            [row], "connector", self.company
        )
        self.assertEqual(verdict["status"], "refused")
        waiting = self.env["meter.reading.quarantine"].search([("serial", "=", "sn-1")])
        self.assertIn("higher than expected", waiting.message)
        self.env.ref("meter_billing.meter_reading_check_too_high").severity = "hold"
        waiting.action_retry()
        self.assertEqual((waiting.status, waiting.reading_id.state), ("taken", "hold"))

    def test_lower_cannot_only_be_noted(self):
        check = self.env.ref("meter_billing.meter_reading_check_lower")
        with self._refused(UserError, "below zero"):
            check.severity = "information"

    def test_only_managers_set_checks_up(self):
        clerk = self._user("clerk", "meter_billing.group_meter_billing_user")
        check = self.env.ref("meter_billing.meter_reading_check_zero")
        with self._refused(AccessError):
            check.with_user(clerk).severity = "hold"

    def test_who_closes_a_device_has_decided(self):
        self.device._remove(
            self.env["meter.reading"]._normalise(
                [self._row(self.device, "2026-05-31", 1)], {}
            )[0]["date"],
            {self._meter(self.device): 90_000},
        )
        reading = self._meter(self.device).last_reading_id
        self.assertEqual((reading.value, reading.state), (90_000, "valid"))
        self.assertIn("higher than expected", reading.note)

    # === Technicians === #

    def test_what_a_technician_enters_waits_for_a_billing_user(self):
        technician = self._user("tech", "meter_billing.group_meter_billing_technician")
        reading = (
            self.env["meter.reading"]
            .with_user(technician)
            .create(
                {
                    "meter_id": self._meter(self.device).id,
                    "value": 5000,
                    "read_at": "2026-05-31 10:00:00",
                }
            )
        )
        self.assertRecordValues(
            reading, [{"state": "hold", "source": "service", "check_code": "service"}]
        )
        self.assertEqual(reading.create_uid, technician)
        with self._refused(AccessError):
            reading.with_user(technician)._accept("Checked")
        for model in ("meter.contract", "meter.statement", "meter.contract.charge"):
            with self._refused(AccessError):
                self.env[model].with_user(technician).search([])
        reading.with_env(self.env)._accept("Checked")
        self.assertEqual(reading.state, "valid")
        with self._refused(UserError, "Archive the user"):
            technician.unlink()

    def test_what_a_technician_enters_in_the_grid_waits_as_well(self):
        technician = self._user("tech", "meter_billing.group_meter_billing_technician")
        device = self.device.with_user(technician)
        self.assertEqual(
            device.action_update_meters()["context"]["active_id"], self.customer.id
        )
        meter = self._meter(self.device)
        grid = self.env["meter.reading"].with_user(technician)
        self.assertTrue(grid.grid_load(self.customer.id)["devices"])
        result = grid.grid_save("2026-05-31", [{"meter_id": meter.id, "value": 5000}])
        self.assertIn("to be accepted", result["notes"][meter.id])
        reading = meter.reading_ids.filtered(lambda r: r.create_uid == technician)
        self.assertRecordValues(reading, [{"state": "hold", "source": "service"}])

    def test_a_meter_is_found_by_its_name(self):
        meter = self._meter(self.device)
        for operator in ("=", "ilike"):
            found = self.env["meter.meter"].name_search("SN-1 Mono", operator=operator)
            self.assertEqual([item[0] for item in found], [meter.id])
