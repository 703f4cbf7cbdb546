# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What readings may be stored, and what is said about those that may not."""

from datetime import datetime

from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..checking import parse_value
from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestReadingIntake(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = cls._device("SN-1", opening={"mono": 100, "colour": 50})
        cls.meter = cls._meter(cls.device)
        cls.Reading = cls.env["meter.reading"]

    def _ingest(self, *rows):
        return self.Reading._ingest(list(rows), source="manual")

    def _assert_refused(self, row, *words):
        count = self.Reading.search_count([])
        (verdict,) = self._ingest(row)
        self.assertEqual(verdict["status"], "refused", verdict)
        self.assertEqual(verdict["reading_id"], 0)
        for word in ("SN-1", *words):
            self.assertIn(word, verdict["message"])
        self.assertEqual(self.Reading.search_count([]), count)

    # === Bad input === #

    def test_negative(self):
        for value in (-5, "-5", "- 5", "-1,234"):
            with self.subTest(value=value):
                self._assert_refused(
                    self._row(self.device, "2026-01-31", value), "is negative"
                )

    def test_not_a_whole_number(self):
        for value in (
            "n/a",
            "",
            None,
            False,
            True,
            "12.5",
            12.5,
            "1e5",
            "12 34",
            "1,23,45",
            "+-5",
            "--5",
            "٣٤",
            "0x10",
            "1_000",
            float("nan"),
        ):
            with self.subTest(value=value):
                self._assert_refused(
                    self._row(self.device, "2026-01-31", value),
                    "is not a whole number",
                    "Enter the counter",
                )

    def test_future(self):
        self._assert_refused(
            self._row(self.device, "2026-06-16", 200), "2026-06-16", "in the future"
        )
        self.assertEqual(
            self._ingest(self._row(self.device, "2026-06-15", 200))[0]["status"],
            "created",
        )

    def test_future_is_where_the_company_is(self):
        self.company.partner_id.tz = "Pacific/Auckland"  # 22:00 there
        moment = datetime(2026, 6, 15, 12, 30)  # 16 June there, in the future
        self._assert_refused(
            {"meter_id": self.meter.id, "read_at": moment, "value": 200}, "2026-06-16"
        )

    def test_before_installation(self):
        self._assert_refused(
            self._row(self.device, "2025-12-31", 200),
            "2025-12-31",
            "before the device was installed",
            "2026-01-01",
        )

    def test_not_installed(self):
        self._device("SN-1-stock", install=False, partner_id=False)
        stock = self.env["meter.device"].search([("serial_number", "=", "SN-1-stock")])
        self._assert_refused(self._row(stock, "2026-01-31", 200), "not yet")

    def test_after_removal(self):
        self.device.removal_date = "2026-02-10"
        self._assert_refused(
            self._row(self.device, "2026-02-11", 200),
            "2026-02-11",
            "after the device was removed",
            "2026-02-10",
        )

    def test_no_date(self):
        self._assert_refused({"meter_id": self.meter.id, "value": 200}, "no date")

    def test_too_large(self):
        for value in (10**12, "9" * 30, "9" * 5000, 1e300):
            with self.subTest(value=value):
                self._assert_refused(
                    self._row(self.device, "2026-01-31", value), "too large"
                )

    def test_more_digits_than_the_counter(self):
        self.meter.digits = 6
        self._assert_refused(
            self._row(self.device, "2026-01-31", 1_000_000),
            "1,000,000",
            "counter of 6 digits",
        )
        (verdict,) = self._ingest(self._row(self.device, "2026-01-31", 999_999))
        self.assertEqual(verdict["status"], "created")

    def test_same_again_is_a_duplicate(self):
        (first,) = self._ingest(self._row(self.device, "2026-01-31", 200))
        (again,) = self._ingest(self._row(self.device, "2026-01-31", "200"))
        self.assertEqual(again["status"], "duplicate")
        self.assertEqual(again["reading_id"], first["reading_id"])
        self.assertIn("SN-1", again["message"])
        self.assertEqual(
            self.Reading.search_count([("meter_id", "=", self.meter.id)]), 1
        )

    def test_same_moment_other_value(self):
        self._ingest(self._row(self.device, "2026-01-31", 200))
        self._assert_refused(
            self._row(self.device, "2026-01-31", 201),
            "200",
            "2026-01-31",
            "Correct that one",
        )

    def test_duplicates_within_a_batch(self):
        row = self._row(self.device, "2026-01-31", 200)
        verdicts = self._ingest(row, row, self._row(self.device, "2026-01-31", 300))
        self.assertEqual(
            [verdict["status"] for verdict in verdicts],
            ["created", "duplicate", "refused"],
        )
        self.assertEqual(verdicts[1]["reading_id"], verdicts[0]["reading_id"])

    def test_no_meter(self):
        (verdict,) = self._ingest({"date": datetime(2026, 1, 31).date(), "value": 1})
        self.assertEqual(verdict["status"], "refused")
        self.assertIn("names no meter", verdict["message"])

    # === Good input === #

    def test_values_as_people_write_them(self):
        for value, stored in (
            ("1234", 1234),
            (" 1234 ", 1234),
            ("1,234", 1234),
            ("1.234", 1234),
            ("1 234", 1234),
            ("1\u202f234\u202f567", 1_234_567),
            ("1'234", 1234),
            ("1234.0", 1234),
            ("1234,00", 1234),
            (1234.0, 1234),
            ("+1234", 1234),
            ("0001234", 1234),
        ):
            with self.subTest(value=value):
                self.assertEqual(parse_value(value), stored)

    def test_counter32_and_beyond(self):
        for day, value in enumerate(
            (2**31 - 1, 2**31, 2**32 - 1, 2**32, 10**12 - 1), 1
        ):
            (verdict,) = self._ingest(self._row(self.device, f"2026-02-0{day}", value))
            reading = self.Reading.browse(verdict["reading_id"])
            reading.invalidate_recordset()
            self.assertEqual(reading.value, value)

    def test_zero_is_a_reading(self):
        device = self._device("SN-2")
        (verdict,) = self._ingest(self._row(device, "2026-01-31", 0))
        self.assertEqual(self.Reading.browse(verdict["reading_id"]).value, 0)

    def test_a_reading_says_where_it_comes_from(self):
        reading = self._read(self.device, "2026-01-31", mono=200)
        self.assertRecordValues(
            reading,
            [
                {
                    "device_id": self.device.id,
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "value": 200,
                    "kind": "actual",
                    "source": "manual",
                    "state": "valid",
                }
            ],
        )
        self.assertEqual(str(reading.date), "2026-01-31")

    def test_day_is_that_of_the_company(self):
        self.company.partner_id.tz = "America/Los_Angeles"
        (verdict,) = self._ingest(
            {
                "meter_id": self.meter.id,
                "read_at": datetime(2026, 2, 1, 5, 0),  # 31 January, 21:00 there
                "value": 200,
            }
        )
        reading = self.Reading.browse(verdict["reading_id"])
        self.assertEqual(str(reading.date), "2026-01-31")

    def test_opening_value_has_no_default(self):
        with self._refused(ValidationError, "SN-9", "Mono", "opening value"):
            self.env["meter.device"].create(
                {
                    "serial_number": "SN-9",
                    "model_id": self.model.id,
                    "meter_ids": [(0, 0, {"type_id": self.mono.id})],
                }
            )
        self.assertEqual(self._device("SN-9").meter_ids.opening_value, 0)

    def test_opening_value_out_of_range(self):
        with self._refused(ValidationError, "SN-9", "is negative"):
            self._device("SN-9", opening={"mono": -1})
        for value in (10**12, 10**30):
            with self._refused(ValidationError, "SN-9", "too large"):
                self._device("SN-9", opening={"mono": value})

    # === Lower than before === #

    def test_lower_than_the_reading_before(self):
        self._read(self.device, "2026-01-31", mono=200)
        (verdict,) = self._ingest(self._row(self.device, "2026-02-28", 190))
        self.assertEqual(verdict["status"], "hold")
        for word in ("SN-1", "190", "200", "say what happened"):
            self.assertIn(word, verdict["message"])
        reading = self.Reading.browse(verdict["reading_id"])
        self.assertEqual((reading.state, reading.reason), ("hold", verdict["message"]))

    def test_lower_than_the_opening_value(self):
        (verdict,) = self._ingest(self._row(self.device, "2026-01-31", 99))
        self.assertEqual(verdict["status"], "hold")

    def test_back_dated(self):
        self._read(self.device, "2026-01-31", mono=200)
        self._read(self.device, "2026-03-31", mono=400)
        between, above, below = self._ingest(
            self._row(self.device, "2026-02-10", 300),
            self._row(self.device, "2026-02-20", 401),
            self._row(self.device, "2026-01-15", 99),
        )
        self.assertEqual(between["status"], "created")
        self.assertEqual(above["status"], "hold")
        self.assertIn("higher than the reading after it (400)", above["message"])
        self.assertEqual(below["status"], "hold")

    def test_what_is_on_hold_is_no_measure(self):
        self._read(self.device, "2026-01-31", mono=200)
        verdicts = self._ingest(
            self._row(self.device, "2026-02-10", 20),
            self._row(self.device, "2026-02-20", 150),
            self._row(self.device, "2026-02-28", 250),
        )
        self.assertEqual([v["status"] for v in verdicts], ["hold", "hold", "created"])

    def test_rows_of_one_batch_are_judged_in_the_order_of_time(self):
        verdicts = self._ingest(
            self._row(self.device, "2026-03-31", 300),
            self._row(self.device, "2026-01-31", 200),
            self._row(self.device, "2026-02-28", 150),
            self._row(self.device, "2026-02-28", 60, "colour"),
        )
        self.assertEqual(
            [v["status"] for v in verdicts], ["created", "created", "hold", "created"]
        )

    def test_actual_below_an_estimate_is_right(self):
        self._read(self.device, "2026-01-31", kind="estimated", mono=500)
        (verdict,) = self._ingest(self._row(self.device, "2026-02-28", 400))
        self.assertEqual(verdict["status"], "created")

    def test_estimate_below_an_actual_is_not(self):
        self._read(self.device, "2026-01-31", mono=500)
        (verdict,) = self._ingest(
            self._row(self.device, "2026-02-28", 400, kind="estimated")
        )
        self.assertEqual(verdict["status"], "hold")

    # === All or nothing === #

    def test_create_stores_all_or_none(self):
        with self._refused(UserError, "SN-1", "is negative"):
            self.Reading.create(
                [
                    {
                        "meter_id": self.meter.id,
                        "read_at": "2026-01-31 12:00:00",
                        "value": 200,
                    },
                    {
                        "meter_id": self.meter.id,
                        "read_at": "2026-02-28 12:00:00",
                        "value": -1,
                    },
                ]
            )
        self.assertFalse(self.Reading.search([("meter_id", "=", self.meter.id)]))

    def test_create_names_each_bad_row(self):
        with self._refused(UserError, "SN-1 Mono", "SN-1 Colour"):
            self.Reading.create(
                [
                    {
                        "meter_id": meter.id,
                        "read_at": "2026-01-31 12:00:00",
                        "value": -1,
                    }
                    for meter in self.device.meter_ids
                ]
            )

    def test_create_refuses_what_is_there(self):
        self._read(self.device, "2026-01-31", mono=200)
        with self._refused(UserError, "there already"):
            self.Reading.create(
                {
                    "meter_id": self.meter.id,
                    "read_at": "2026-01-31 12:00:00",
                    "value": 200,
                }
            )

    def test_create_without_a_moment_is_now(self):
        reading = self.Reading.create({"meter_id": self.meter.id, "value": 200})
        self.assertEqual(str(reading.read_at), "2026-06-15 10:00:00")

    def test_create_decides_for_itself(self):
        """Neither values nor context that a client sends get round the checks."""
        with self._refused(UserError, "is negative"):
            self.Reading.with_context(meter_readings_checked=True).create(
                {"meter_id": self.meter.id, "value": -1}
            )
        reading = self.Reading.create(
            {
                "meter_id": self.meter.id,
                "value": 99,
                "state": "valid",
                "source": "import",
                "partner_id": self.partner_a.id,
                "date": "2020-01-01",
            }
        )
        self.assertRecordValues(
            reading,
            [{"state": "hold", "source": "manual", "partner_id": self.customer.id}],
        )
        self.assertEqual(str(reading.date), "2026-06-15")

    @mute_logger("odoo.sql_db")
    def test_database_refuses_a_second_reading_of_a_moment(self):
        reading = self._read(self.device, "2026-01-31", mono=200)
        self.env.flush_all()
        with self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self.env.cr.execute(
                """INSERT INTO meter_reading
                          (meter_id, read_at, date, value, kind, source, state)
                   SELECT meter_id, read_at, date, value + 1, kind, source, state
                     FROM meter_reading WHERE id = %s""",
                [reading.id],
            )
