# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tests import new_test_user

from .common import MeterBillingCommon


class ReadingReportsCase(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()  # today is 2026-06-15
        cls.device = cls._device("SN-1", opening={"mono": 0, "colour": 0})
        cls.mono_meter = cls._meter(cls.device)
        cls.colour_meter = cls._meter(cls.device, "colour")

    def _tally(self, device=None):
        device = device or self.device
        return [
            (str(one.month), one.source, one.reading_count, one.day_count)
            for one in self.env["meter.reading.tally"].search(
                [("device_id", "=", device.id)], order="month, source"
            )
        ]

    def _ingest(self, source, *rows):
        """Store readings of the mono meter: (day, value)."""
        return self.env["meter.reading"]._ingest(
            [self._row(self.device, day, value) for day, value in rows],
            source,
        )


class TestReadingTally(ReadingReportsCase):
    """What came of a device in a month, by source."""

    def test_counts_what_comes(self):
        self._ingest("api", ("2026-01-10", 10), ("2026-01-20", 20), ("2026-02-01", 30))
        self._ingest("connector", ("2026-02-05", 40))
        self._ingest("api", ("2026-02-10", 50), ("2026-02-10", 50))
        self.assertEqual(
            self._tally(),
            [
                ("2026-01-01", "api", 2, 2),
                ("2026-02-01", "api", 2, 2),
                ("2026-02-01", "connector", 1, 1),
            ],
        )

    def test_an_estimate_is_no_reading(self):
        self.env["meter.reading"]._ingest(
            [self._row(self.device, "2026-01-31", 10, kind="estimated")],
            "manual",
        )
        self.assertEqual(self._tally(), [])

    def test_what_is_rejected_has_not_come(self):
        self._ingest("api", ("2026-01-10", 10), ("2026-01-20", 20))
        reading = self.mono_meter.reading_ids.filtered(lambda r: r.value == 20)
        reading._reject("Wrong")
        self.assertEqual(self._tally(), [("2026-01-01", "api", 1, 1)])
        self.mono_meter.reading_ids.filtered(lambda r: r.state == "valid")._reject(
            "Wrong"
        )
        self.assertEqual(self._tally(), [])

    def test_a_correction_counts_for_what_it_corrects(self):
        self._ingest("api", ("2026-01-10", 10))
        self.mono_meter.reading_ids._correct(12, "Mistyped")
        self.assertEqual(self._tally(), [("2026-01-01", "correction", 1, 1)])

    def test_what_was_there_before_is_counted_once(self):
        self._ingest("api", ("2026-01-10", 10), ("2026-02-10", 20))
        Tally = self.env["meter.reading.tally"]
        before = self._tally()
        Tally.init()  # an update of the module
        self.assertEqual(self._tally(), before)
        self.env.cr.execute("DELETE FROM meter_reading_tally")
        Tally.init()
        self.assertEqual(self._tally(), before)

    def test_a_batch_costs_one_statement(self):
        devices = [self._device(f"B-{number}") for number in range(20)]
        readings = self.env["meter.reading"]
        self._ingest("api", ("2026-01-10", 10))
        readings = self.mono_meter.reading_ids
        for device in devices:
            readings += self._read(device, "2026-01-31", mono=5)
        with self.assertQueryCount(1):
            self.env["meter.reading.tally"]._add(readings)


class TestReadingReports(ReadingReportsCase):
    """Missing, estimated, silent, collected."""

    def _status(self, meter):
        status = self.env["meter.reading.status"].browse(meter.id)
        status.invalidate_recordset()
        return status

    def test_missing_is_what_billing_waits_for(self):
        contract = self._contract([self._usage(price=0.01)], self.device)
        self._read(self.device, "2026-01-31", mono=100, colour=50)
        self._bill(contract, "2026-01-31")
        self._read(self.device, "2026-02-28", mono=200)
        self.assertRecordValues(
            self._status(self.mono_meter),
            [{"state": "read", "due_date": False, "days_missing": 0}],
        )
        missing = self._status(self.colour_meter)
        self.assertEqual(
            (missing.state, str(missing.due_date), missing.days_missing),
            ("missing", "2026-02-28", 107),
        )
        self.assertEqual(str(missing.last_date), "2026-01-31")
        self.assertEqual(missing.contract_id, contract)

    def test_on_hold_is_not_missing(self):
        self._contract([self._usage(price=0.01)], self.device)
        self._read(self.device, "2026-01-05", mono=100, colour=100)
        self._read(self.device, "2026-01-31", mono=50)
        contract = self.device.contract_id
        self.assertEqual(str(contract.next_period_end), "2026-01-31")
        self.assertEqual(self._status(self.mono_meter).state, "read")
        held = self.mono_meter.reading_ids.filtered(lambda r: r.state == "hold")
        self.assertTrue(held)
        self.mono_meter.reading_ids.filtered(lambda r: r.state == "valid")._reject("x")
        self.assertEqual(self._status(self.mono_meter).state, "hold")

    def test_missing_by_plan_without_a_contract(self):
        self.device.write({"reading_plan": "monthly", "reading_day": 31})
        self._read(self.device, "2026-05-20", mono=100, colour=50)
        self.assertEqual(self._status(self.mono_meter).state, "read")
        self.device.write({"reading_plan": "weekly", "reading_day": 1})
        late = self._status(self.mono_meter)
        self.assertEqual(
            (late.state, str(late.due_date), late.days_missing),
            ("missing", "2026-05-27", 19),
        )

    def test_estimates_in_a_row(self):
        self._read(self.device, "2026-01-31", mono=100)
        for day, value in (("2026-02-28", 200), ("2026-03-31", 300)):
            self._read(self.device, day, kind="estimated", mono=value)
        self.assertEqual(self._status(self.mono_meter).estimate_count, 2)
        self._read(self.device, "2026-04-30", mono=400)
        self.assertEqual(self._status(self.mono_meter).estimate_count, 0)

    def test_silence_is_three_times_the_usual(self):
        daily = [(f"2026-06-{day:02}", day * 10) for day in range(1, 12)]
        self._ingest("connector", *daily)
        silence = self.env["meter.reading.silence"].search(
            [("device_id", "=", self.device.id)]
        )
        self.assertRecordValues(
            silence,
            [
                {
                    "source": "connector",
                    "usual_days": 1.0,
                    "silent_days": 4,
                    "is_silent": True,
                }
            ],
        )
        self._ingest("connector", ("2026-06-12", 120))
        silence.invalidate_recordset()
        self.assertFalse(silence.is_silent)  # 3 days are not long enough

    def test_monthly_readings_are_not_silent_after_a_month(self):
        self._ingest(
            "portal", ("2026-03-15", 10), ("2026-04-15", 20), ("2026-05-15", 30)
        )
        silence = self.env["meter.reading.silence"].search(
            [("device_id", "=", self.device.id)]
        )
        self.assertEqual((silence.silent_days, silence.is_silent), (31, False))

    def test_a_device_read_by_one_source_is_silent_for_none(self):
        self._ingest("grid", ("2026-01-10", 10), ("2026-01-11", 20))
        self._ingest("import", ("2026-02-01", 30), ("2026-02-02", 40))
        self._ingest("connector", ("2026-06-14", 50), ("2026-06-15", 60))
        silence = self.env["meter.reading.silence"].search(
            [("device_id", "=", self.device.id)]
        )
        self.assertRecordValues(
            silence, [{"source": "connector", "silent_days": 0, "is_silent": False}]
        )
        # 156 days from the first to the last of 6 days read
        self.assertAlmostEqual(silence.usual_days, 31.2)

    def test_two_sources_of_one_day_are_one_day_read(self):
        for day, value in (("2026-02-10", 10), ("2026-03-10", 20), ("2026-04-10", 30)):
            self._ingest("portal", (day, value))
            row = self._row(self.device, day, value, "colour")
            self.env["meter.reading"]._ingest([row], "import")
        silence = self.env["meter.reading.silence"].search(
            [("device_id", "=", self.device.id)]
        )
        # 59 days, 2 intervals: 66 days of silence are not three times as many
        self.assertEqual((silence.usual_days, silence.is_silent), (29.5, False))

    def test_collection_rate(self):
        self._contract([self._usage(price=0.01)], self.device, start="2026-02-01")
        self._ingest("api", ("2026-02-28", 10), ("2026-04-30", 20), ("2026-06-10", 30))
        Collection = self.env["meter.reading.collection"]
        mine = [("device_id", "=", self.device.id)]
        self.assertEqual(
            [
                (str(one.month), one.source, one.read_count)
                for one in Collection.search(mine, order="month")
            ],
            [
                ("2026-02-01", "api", 1),
                ("2026-03-01", "none", 0),
                ("2026-04-01", "api", 1),
                ("2026-05-01", "none", 0),
                ("2026-06-01", "api", 1),
            ],
        )
        self.assertEqual(
            Collection._read_group(mine, ["partner_id"], ["rate:avg"]),
            [(self.customer, 60.0)],
        )

    def test_collection_of_many_devices(self):
        """The rows' ids have room for more than 214,748 devices in contracts."""
        self.env.cr.execute("SELECT setval('meter_contract_device_id_seq', 300000)")
        self._contract([self._usage(price=0.01)], self.device, start="2026-05-01")
        mine = [("device_id", "=", self.device.id)]
        self.assertEqual(
            self.env["meter.reading.collection"].search_fetch(mine).mapped("source"),
            ["none", "none"],
        )

    def test_rows_open_what_puts_them_right(self):
        self._contract([self._usage(price=0.01)], self.device)
        status = self._status(self.mono_meter)
        self.assertEqual(
            status.action_update_meters()["context"]["active_id"], self.customer.id
        )
        self.assertEqual(status.action_open_device()["res_id"], self.device.id)
        self.customer.email = "copy@customer.example"
        action = status.action_ask()
        asked = self.env["meter.reading.request"].search(action["domain"])
        self.assertEqual(asked.line_ids.device_id, self.device)

    def test_another_company_sees_nothing(self):
        self._contract([self._usage(price=0.01)], self.device)
        self._ingest("api", ("2026-05-31", 10))
        other = self.env["res.company"].create({"name": "Other Dealer"})
        stranger = new_test_user(
            self.env,
            "reports_stranger",
            groups="base.group_user,meter_billing.group_meter_billing_manager",
            company_id=other.id,
            company_ids=other.ids,
        )
        for model in ("tally", "status", "collection", "silence"):
            Report = self.env[f"meter.reading.{model}"]
            domain = [("device_id", "=", self.device.id)]
            self.assertTrue(Report.search(domain), model)
            self.assertFalse(Report.with_user(stranger).search(domain), model)
