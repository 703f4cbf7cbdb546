# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Files of readings: every row ends with a result, none is dropped."""

import base64

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MeterBillingCommon

REPORT = (
    "Entity,Make,Model,Serial Number,Asset ID,IP Address,Latest Meter Timestamp,"
    "Total,Total Black,Total Color\n"
)


@tagged("post_install", "-at_install")
class TestReadingImport(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.copier = cls._device("SN-1", opening={"mono": 100, "colour": 50})
        cls.printer = cls._device("SN-2", opening={"mono": 7})

    def _import(self, text, encoding="utf-8", **values):
        imported = self.env["meter.reading.import"].create(
            {
                "name": "january.csv",
                "file": base64.b64encode(text.encode(encoding)),
                **values,
            }
        )
        imported.action_import()
        return imported

    def _counts(self, imported):
        """Return how many rows were imported, held, there already, not kept, open."""
        return (
            imported.created_count,
            imported.hold_count,
            imported.duplicate_count,
            imported.ignored_count,
            imported.open_count,
        )

    def _readings(self):
        return self.env["meter.reading"].search(
            [("device_id.company_id", "=", self.company.id)], order="id"
        )

    # === Layouts === #

    def test_row_per_meter(self):
        imported = self._import(
            "Serial,Meter Type,Date,Value\n"
            "SN-1,mono,2026-01-31,200\n"
            " sn-1 ,Colour,2026-01-31 23:30:00,60\n"
            'SN-2,MONO,01/31/2026,"1,234"\n'
        )
        self.assertEqual(imported.state, "done")
        self.assertEqual(self._counts(imported), (3, 0, 0, 0, 0))
        self.assertEqual((imported.row_count, imported.done_count), (3, 3))
        self.assertRecordValues(
            self._readings(),
            [
                {"meter_id": self._meter(self.copier).id, "value": 200},
                {"meter_id": self._meter(self.copier, "colour").id, "value": 60},
                {"meter_id": self._meter(self.printer).id, "value": 1234},
            ],
        )
        self.assertEqual(set(self._readings().mapped("source")), {"import"})
        self.assertEqual(self._readings().import_id, imported)
        self.assertEqual(imported.created_count, 3)
        self.assertEqual({str(r.date) for r in self._readings()}, {"2026-01-31"})

    def test_spreadsheet_with_mark_and_semicolons(self):
        imported = self._import(
            "Serial;Meter;Date;Value\r\nSN-1;mono;2026-01-31;1.200\r\n", "utf-8-sig"
        )
        self.assertEqual(self._counts(imported), (1, 0, 0, 0, 0))
        self.assertEqual(self._readings().value, 1200)

    def test_report_column_per_meter(self):
        imported = self._import(
            REPORT
            + "Harbour,Inkwell,C 300,SN-1,,10.0.0.1,2026-01-31 22:10:05,330,260,70\n"
            + "Harbour,Inkwell,P 100,SN-2,,10.0.0.2,2026-01-31 22:10:07,90,90,0\n"
        )
        self.assertEqual(self._counts(imported), (3, 0, 0, 3, 0))
        self.assertFalse(imported.line_ids)
        self.assertEqual(self._readings().mapped("value"), [260, 70, 90])
        self.assertEqual(str(self._readings()[0].read_at), "2026-01-31 22:10:05")

    def test_report_moments_are_utc(self):
        self.company.partner_id.tz = "Europe/Brussels"
        imported = self._import(
            REPORT + "H,Inkwell,P,SN-2,,,2026-01-31 23:30:00,90,90,0\n"
        )
        self.assertEqual(self._counts(imported), (1, 0, 0, 2, 0))
        self.assertEqual(str(self._readings().date), "2026-02-01")

    def test_report_knows_more_than_the_device(self):
        imported = self._import(
            REPORT + "H,Inkwell,P,SN-2,,,2026-01-31 22:00:00,95,90,5\n"
        )
        self.assertEqual(self._counts(imported), (1, 0, 0, 1, 1))
        colour = imported.line_ids
        self.assertEqual(colour.status, "refused")
        for word in ("5", "colour", "SN-2", "Add the meter"):
            self.assertIn(word, colour.message)
        self.env["meter.meter"].create(
            {
                "device_id": self.printer.id,
                "type_id": self.colour.id,
                "opening_value": 0,
            }
        )
        self.assertEqual((colour.status, colour.reading_id.value), ("taken", 5))
        self.assertEqual(colour.reading_id.import_id, imported)
        self.assertFalse(colour.message)
        self.assertEqual(self._counts(imported), (2, 0, 0, 1, 0))

    def test_report_without_a_value(self):
        imported = self._import(
            REPORT + "H,Inkwell,C,SN-1,,,2026-01-31 22:00:00,,200,\n"
        )
        self.assertEqual(self._counts(imported), (1, 0, 0, 1, 1))
        self.assertIn("SN-1 Colour", imported.line_ids.message)
        self.assertIn("no value", imported.line_ids.message)

    def test_report_column_of_a_type_that_is_not_used(self):
        self.total.active = False
        imported = self._import(
            REPORT + "H,Inkwell,P,SN-2,,,2026-01-31 22:00:00,90,90,n/a\n"
        )
        self.assertEqual(self._counts(imported), (1, 0, 0, 2, 0))

    # === Rows that cannot be stored === #

    def test_unknown_serial_waits_for_its_device(self):
        imported = self._import(
            "Serial,Meter,Date,Value\nSN-1,mono,2026-01-31,200\n"
            "SN-77,mono,2026-01-31,300\n"
        )
        unknown = imported.line_ids
        self.assertEqual(self._counts(imported), (1, 0, 0, 0, 1))
        self.assertEqual((unknown.status, unknown.value), ("unknown", "300"))
        for word in ("SN-77", "Add the device"):
            self.assertIn(word, unknown.message)
        imported.action_retry()
        self.assertEqual(unknown.status, "unknown")
        self._device("sn-77")
        self.assertEqual((unknown.status, unknown.reading_id.value), ("taken", 300))
        self.assertEqual(self._counts(imported), (2, 0, 0, 0, 0))
        self.assertEqual(len(self._readings()), 2)

    def test_unknown_serial_is_taken_when_a_device_is_renamed(self):
        imported = self._import("Serial,Meter,Date,Value\nSN-77,mono,2026-01-31,300\n")
        self.printer.serial_number = "SN-77"
        self.assertEqual(imported.line_ids.status, "taken")
        self.assertEqual(self._readings().device_id, self.printer)

    def test_dismissed_rows_are_not_tried_again(self):
        imported = self._import("Serial,Meter,Date,Value\nSN-77,mono,2026-01-31,300\n")
        imported.line_ids.action_dismiss()
        self._device("SN-77")
        self.assertEqual(imported.line_ids.status, "dismissed")
        self.assertFalse(self._readings())
        with self._refused(UserError, "rows that wait"):
            imported.line_ids.action_dismiss()

    def test_what_is_pulled_again_waits_once(self):
        row = {"serial": "X-9", "meter": "mono", "moment": "2026-01-31", "value": 5}
        for _time in range(2):
            self.env["meter.reading"]._ingest_serials(
                [row], source="connector", company=self.company
            )
        waiting = self.env["meter.reading.quarantine"].search([("serial", "=", "X-9")])
        self.assertEqual(len(waiting), 1)

    def test_bad_rows_are_kept_and_listed(self):
        rows = {
            "SN-1,mono,2026-01-31,n/a": ("SN-1 Mono", "n/a", "not a whole number"),
            "SN-1,mono,2026-01-31,-5": ("SN-1 Mono", "negative"),
            "SN-1,mono,2026-13-01,200": ("2026-13-01", "no date", "2026-01-31"),
            "SN-1,mono,,200": ("no date",),
            "SN-1,mono,2026-12-31,200": ("SN-1 Mono", "in the future"),
            "SN-1,mono,2025-12-31,200": (
                "SN-1 Mono",
                "before the device was installed",
            ),
            "SN-1,mono,2026-01-31,1000000000000": ("SN-1 Mono", "too large"),
            "SN-1,scan,2026-01-31,200": ("SN-1", "scan", "mono, colour"),
            "SN-1,sheep,2026-01-31,200": ("SN-1", "sheep", "mono, colour"),
            "SN-1,,2026-01-31,200": ("SN-1", "mono, colour"),
            ",mono,2026-01-31,200": ("no serial number",),
            "SN-1": ("SN-1", "mono, colour"),
        }
        imported = self._import("Serial,Meter,Date,Value\n" + "\n".join(rows))
        self.assertEqual(len(imported.line_ids), len(rows))
        self.assertEqual(imported.open_count, len(rows))
        self.assertFalse(self._readings())
        for line, (text, words) in zip(imported.line_ids, rows.items(), strict=True):
            with self.subTest(row=text):
                self.assertEqual(line.status, "refused")
                for word in words:
                    self.assertIn(word, line.message)

    def test_lower_reading_is_on_hold(self):
        imported = self._import("Serial,Meter,Date,Value\nSN-1,mono,2026-01-31,99\n")
        self.assertEqual(self._counts(imported), (0, 1, 0, 0, 0))
        self.assertEqual(self._readings().state, "hold")

    def test_two_manufacturers_with_one_serial(self):
        other = self.env["meter.device.model"].create(
            {
                "name": "Z",
                "manufacturer_id": self.env["meter.manufacturer"]
                .create({"name": "Zed"})
                .id,
            }
        )
        twin = self._device("SN-1", model_id=other.id)
        imported = self._import(
            "Serial,Meter,Date,Value,Make\nSN-1,mono,2026-01-31,200,\n"
            "SN-1,mono,2026-01-31,300,zed\nSN-1,mono,2026-01-31,300,Acme\n"
        )
        self.assertEqual(self._readings().device_id, twin)
        self.assertEqual(imported.line_ids.mapped("row"), [2, 4])
        for line in imported.line_ids:
            self.assertEqual(line.status, "refused")
            for word in ("Inkwell", "Zed", "SN-1", "Make"):
                self.assertIn(word, line.message)

    def test_device_of_another_company_is_unknown(self):
        other = self.setup_other_company()["company"]
        self._device("SN-88", company_id=other.id)
        imported = self._import("Serial,Meter,Date,Value\nSN-88,mono,2026-01-31,2\n")
        self.assertEqual(imported.line_ids.status, "unknown")

    # === The file as a whole === #

    def test_same_file_again_changes_nothing(self):
        text = "Serial,Meter,Date,Value\n" + "SN-1,mono,2026-01-31,200\n" * 2
        first = self._import(text)
        self.assertEqual(self._counts(first), (1, 0, 1, 0, 0))
        again = self._import(text)
        self.assertEqual(self._counts(again), (0, 0, 2, 0, 0))
        self.assertEqual(len(self._readings()), 1)

    def test_button_twice(self):
        imported = self._import("Serial,Meter,Date,Value\nSN-1,mono,2026-01-31,200\n")
        with self._refused(UserError, "was imported", "Try Again"):
            imported.action_import()

    def test_unreadable_file_stores_nothing(self):
        before = self.env["meter.reading.quarantine"].search_count([])
        for text, encoding, word in (
            ("Serial,Date,Value\nSN-1,2026-01-31,1\n", "utf-8", "Found: Serial, Date"),
            ("", "utf-8", "empty"),
            (
                "Serial,Meter,Date,Value\nSN-1,mono,2026-01-31,ü\n",
                "utf-16",
                "not UTF-8",
            ),
        ):
            with self.subTest(word=word), self._refused(UserError, word):
                self._import(text, encoding)
        self.assertEqual(self.env["meter.reading.quarantine"].search_count([]), before)

    def test_a_file_that_brought_readings_stays(self):
        imported = self._import("Serial,Meter,Date,Value\nSN-1,mono,2026-01-31,200\n")
        with self._refused(UserError, "cannot be deleted"):
            imported.unlink()
        unknown = self._import("Serial,Meter,Date,Value\nSN-77,mono,2026-01-31,2\n")
        unknown.unlink()
        self.assertFalse(unknown.exists())

    def test_readings_of_a_file(self):
        imported = self._import("Serial,Meter,Date,Value\nSN-1,mono,2026-01-31,200\n")
        action = imported.action_view_readings()
        self.assertEqual(
            self.env["meter.reading"].search(action["domain"]), self._readings()
        )
