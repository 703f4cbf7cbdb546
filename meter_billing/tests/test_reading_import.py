# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Files of readings: every row ends with a result, none is dropped."""

import base64
import io
from datetime import date
from itertools import islice
from unittest.mock import patch

import openpyxl

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

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
        self.assertEqual(self._counts(imported), (1, 0, 0, 1, 0))

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
        imported.line_ids._dismiss("Not ours")
        self._device("SN-77")
        self.assertEqual(imported.line_ids.status, "dismissed")
        self.assertFalse(self._readings())
        with self._refused(UserError, "rows that wait"):
            imported.line_ids._dismiss("Not ours")

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
            (
                "Serial,Date,Value\nSN-1,2026-01-31,1\n",
                "utf-8",
                "No column holds: Which meter. ",
            ),
            ("", "utf-8", "empty"),
            ("Serial,Meter,Date,Value\n", "utf-8", "no readings below"),
            ('Serial,Meter,Date,Value\na,b,c,"1\n', "utf-8", "quotation marks"),
            ("PK\x03\x04 no spreadsheet", "utf-8", "neither text with columns"),
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

    # === Columns === #

    def _create(self, content, name="export.csv", **values):
        return self.env["meter.reading.import"].create(
            {"name": name, "file": base64.b64encode(content), **values}
        )

    def _draft(self, content, name="export.csv"):
        imported = self._create(content, name)
        imported._ensure_columns()
        return imported

    def test_columns_are_chosen_and_remembered(self):
        content = b"Geraet;Stand;Tag\nSN-2;90;31/01/2026\n"
        imported = self.env["meter.reading.import"].create(
            {"name": "export.csv", "file": base64.b64encode(content)}
        )
        with self._refused(UserError, "serial number", "Geraet, Stand, Tag"):
            imported.action_import()
        imported.write(imported._prepare_columns())
        serial, value, moment = imported.column_ids
        self.assertEqual(value.sample, "90")
        serial.role = "serial"
        value.write({"role": "type", "type_id": self.mono.id})
        moment.role = "moment"
        imported.action_import()
        self.assertEqual(self._readings().value, 90)
        again = self._draft(content.replace(b"90;31/01", b"120;28/02"))
        self.assertEqual(again.mapping_id, imported.mapping_id)
        again.action_import()
        self.assertEqual(self._readings().mapped("value"), [90, 120])

    def test_two_columns_of_one_role(self):
        imported = self._draft(b"Serial,Meter,Date,Value,Old\nSN-1,mono,x,1,2\n")
        imported.column_ids[-1].role = "value"
        with self._refused(UserError, "Two columns", "Value"):
            imported.action_import()

    def test_dates_are_read_as_the_column_shows(self):
        imported = self._draft(
            b"Serial,Meter,Date,Value\nSN-1,mono,01/02/2026,150\n"
            b"SN-2,mono,31/01/2026,90\n"
        )
        self.assertEqual(
            (imported.date_order, imported.is_date_order_open), ("dmy", False)
        )
        imported.action_import()
        self.assertEqual(
            {str(reading.date) for reading in self._readings()},
            {"2026-02-01", "2026-01-31"},
        )

    def test_dates_that_may_be_both(self):
        content = b"Serial,Meter,Date,Value\nSN-1,mono,01/02/2026,150\n"
        imported = self._create(content)
        with self._refused(UserError, "day first or month", "Date", "Choose"):
            imported.action_import()
        self.assertFalse(self._readings())
        imported = self._create(content)
        imported.write(imported._prepare_columns())
        self.assertTrue(imported.is_date_order_open)
        imported.date_order = "dmy"
        imported.action_import()
        self.assertEqual(str(self._readings().date), "2026-02-01")
        # What was chosen is remembered for files with this header.
        again = self._draft(content.replace(b"01/02/2026,150", b"02/02/2026,160"))
        self.assertEqual((again.date_order, again.is_date_order_open), (False, False))
        again = self._draft(content.replace(b"01/02/2026,150", b"01/03/2026,160"))
        self.assertEqual(again.date_order, "dmy")
        again.action_import()
        self.assertEqual(str(self._readings()[-1].date), "2026-03-01")

    def test_dates_that_contradict_each_other(self):
        imported = self._create(
            b"Serial,Meter,Date,Value\nSN-1,mono,31/01/2026,150\n"
            b"SN-1,mono,02/28/2026,200\nSN-1,mono,01/02/2026,160\n"
        )
        with self._refused(UserError, "have the day first, others the", "Date"):
            imported.action_import()
        imported.write({**imported._prepare_columns(), "date_order": "dmy"})
        imported.action_import()
        self.assertEqual(
            [str(reading.date) for reading in self._readings()],
            # What can only be one of them is that.
            ["2026-01-31", "2026-02-28", "2026-02-01"],
        )

    def test_dates_are_decided_by_all_rows(self):
        many = b"SN-1,mono,01/02/2026,150\n" * 40
        imported = self._create(
            b"Serial,Meter,Date,Value\n" + many + b"SN-2,mono,13/02/2026,90\n"
        )
        file = "odoo.addons.meter_billing.models.meter_reading_import_file"
        with patch(f"{file}.SAMPLE_ROWS", 10):
            imported.write(imported._prepare_columns())
            self.assertTrue(imported.is_date_order_open)
            imported.action_import()
        self.assertEqual((imported.date_order, imported.is_date_order_open), ("dmy", 0))
        self.assertEqual(
            [str(reading.date) for reading in self._readings()],
            ["2026-02-01", "2026-02-13"],
        )

    def test_times_are_where_the_company_is(self):
        self.company.partner_id.tz = "Europe/Brussels"
        self._import(
            "Serial Number,Meter Name,Meter Reading,Reading Date\n"
            "SN-2,mono,90,31/01/2026 23:30\n"
        )
        reading = self._readings()
        self.assertEqual(
            (str(reading.date), str(reading.read_at)),
            ("2026-01-31", "2026-01-31 22:30:00"),
        )

    def test_columns_with_the_same_title_are_remembered_by_their_place(self):
        content = b"Serial,Date,Total,Total\nSN-2,2026-01-31,5,90\n"
        imported = self._draft(content)
        self.assertEqual(imported.alike, "Total")
        first, second = imported.column_ids[2:]
        self.assertEqual((first.role, second.role), ("type", False))
        first.write({"role": False, "type_id": False})
        second.write({"role": "type", "type_id": self.mono.id})
        imported.action_import()
        again = self._draft(content.replace(b"2026-01-31,5,90", b"2026-02-28,6,95"))
        self.assertFalse(again.alike)
        again.action_import()
        self.assertEqual(self._readings().mapped("value"), [90, 95])

    def test_a_mapping_is_its_company_s(self):
        content = b"Geraet;Stand;Tag\nSN-2;90;2026-01-31\n"
        imported = self._create(content)
        imported.write(imported._prepare_columns())
        for column, role in zip(
            imported.column_ids, ("serial", "type", "moment"), strict=True
        ):
            kind = self.mono.id if role == "type" else False
            column.write({"role": role, "type_id": kind})
        imported.action_import()
        mapping = imported.mapping_id
        self.assertEqual(mapping.company_id, self.company)
        other = self.setup_other_company()["company"]
        clerk = self._user(
            "other.clerk",
            "meter_billing.group_meter_billing_user",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        Mapping = self.env["meter.reading.import.mapping"].with_user(clerk)
        self.assertFalse(Mapping.search([("id", "=", mapping.id)]))
        self.assertTrue(Mapping.search([]))
        theirs = (
            self.env["meter.reading.import"]
            .with_user(clerk)
            .create({"name": "theirs.csv", "file": base64.b64encode(content)})
        )
        theirs.write(theirs._prepare_columns())
        self.assertFalse(theirs.mapping_id)
        self.assertFalse(any(theirs.column_ids.mapped("role")))

    def test_the_sheet_is_found_or_chosen(self):
        book = openpyxl.Workbook()
        book.active.append(["Our fleet"])
        for name, value in (("January", 150), ("Again", 160)):
            sheet = book.create_sheet(name)
            sheet.append(["Serial", "Meter", "Date", "Value"])
            sheet.append(["SN-1", "mono", date(2026, 1, 31), value])
        content = io.BytesIO()
        book.save(content)
        imported = self._draft(content.getvalue(), "fleet.xlsx")
        self.assertEqual(
            (imported.sheet, imported.sheet_names),
            ("January", "Sheet, January, Again"),
        )
        imported.action_import()
        self.assertEqual(self._readings().value, 150)
        other = self._create(content.getvalue(), sheet="March")
        with self._refused(UserError, "March", "Sheet, January, Again"):
            other.action_import()
        form = Form(self._create(content.getvalue(), name="fleet.xlsx"))
        form.file = base64.b64encode(content.getvalue())
        self.assertEqual(form.sheet, "January")
        form.sheet = "Again"
        form.save().action_import()
        self.assertEqual(self._readings()[-1].state, "valid")

    def test_layouts_of_fleet_tools(self):
        """Each is recognised; a device's counters are imported."""
        for number, (name, header, line) in enumerate(
            (
                (
                    "print_tracker_raw",
                    "serial_number,latest_meter_timestamp,pageCounts_default_total,"
                    "pageCounts_default_totalBlack,pageCounts_default_totalColor",
                    "{s},2026-01-31 22:10:05,330,260,70",
                ),
                (
                    "print_tracker_life",
                    "serial_number,latest_meter_timestamp,pageCounts_life_totalBlack,"
                    "pageCounts_life_totalColor",
                    "{s},2026-01-31 22:10:05,260,70",
                ),
                (
                    "fmaudit_device",
                    "Device Serial Number,Manufacturer,Meter Date,Life Mono,Life Color",
                    "{s},Inkwell,31/01/2026,260,70",
                ),
                (
                    "mps_monitor",
                    "Serial Number,Brand,Last Counter Date,Total Mono,Total Color",
                    "{s},Inkwell,31/01/2026 22:10,260,70",
                ),
                (
                    "papercut",
                    "Device Serial Number,Last Reading,Total Grayscale Pages,"
                    "Total Color Pages",
                    "{s},2026-01-31,260,70",
                ),
            )
        ):
            with self.subTest(layout=name):
                serial = f"FLEET-{number}"
                device = self._device(serial, opening={"mono": 0, "colour": 0})
                imported = self._draft(f"{header}\n{line.format(s=serial)}\n".encode())
                self.assertEqual(
                    imported.mapping_id,
                    self.env.ref(f"meter_billing.meter_reading_import_mapping_{name}"),
                )
                imported.action_import()
                self.assertEqual(
                    device.meter_ids.mapped("last_value"), [260, 70], imported.line_ids
                )
        meters = "Serial Number,Meter Name,Meter Reading,Reading Date\n"
        self._import(meters + "SN-2,Total Black,90,2026-01-31\n")
        self.assertEqual(self._meter(self.printer).last_value, 90)

    # === Preview === #

    def test_preview_stores_nothing(self):
        self._read(self.printer, "2026-01-31", mono=90)
        imported = self._draft(
            b"Serial,Meter,Date,Value\nSN-1,mono,2026-01-31,200\n"
            b"SN-1,mono,2026-02-28,150\nSN-2,mono,2026-01-31,90\n"
            b"SN-9,mono,2026-01-31,1\nSN-1,mono,2026-13-01,1\n"
        )
        before = self._readings()
        preview = self.env["meter.reading.import.preview"].browse(
            imported.action_view_preview()["res_id"]
        )
        self.assertEqual(
            preview.line_ids.mapped("status"),
            ["refused", "unknown", "hold", "created", "duplicate"],
        )
        self.assertEqual(preview.line_ids.mapped("row"), [6, 5, 3, 2, 4])
        self.assertEqual(
            (preview.created_count, preview.hold_count, preview.unknown_count),
            (1, 1, 1),
        )
        self.assertEqual((self._readings(), imported.line_ids.ids), (before, []))
        preview.action_import()
        self.assertEqual(self._counts(imported), (1, 1, 1, 0, 2))

    # === In the background === #

    def test_a_large_file_goes_on_where_it_stopped(self):
        lines = [
            f"SN-1,mono,2026-0{1 + n // 28}-{1 + n % 28:02},{100 + n}"
            for n in range(60)
        ]
        content = ("Serial,Meter,Date,Value\n" + "\n".join(lines)).encode()
        imported = self._draft(content)
        work = "odoo.addons.meter_billing.models.meter_reading_import_work"
        with patch(f"{work}.AT_ONCE", 10), patch(f"{work}.CHUNK", 25):
            imported.action_import()
            self.assertEqual((imported.state, imported.row_count), ("queued", 60))
            with self.enter_registry_test_mode():
                # Interrupted after the first part
                imported._ingest_rows(islice(imported._open_rows(), 25))
                imported.state = "running"
                self.assertEqual(
                    (imported.progress, imported.created_count), (125 / 3, 25)
                )
                self.env.ref(
                    "meter_billing.ir_cron_meter_reading_import"
                ).method_direct_trigger()
        self.assertEqual(imported.state, "done")
        self.assertEqual(self._counts(imported), (60, 0, 0, 0, 0))
        self.assertEqual(len(self._readings()), 60)
        self.assertEqual(self._readings().create_uid, imported.create_uid)

    def test_a_file_whose_user_may_not_any_more_stops_no_other(self):
        clerk = self._user("left.clerk", "meter_billing.group_meter_billing_user")
        content = b"Serial,Meter,Date,Value\nSN-1,mono,2026-01-31,150\n"
        work = "odoo.addons.meter_billing.models.meter_reading_import_work"
        theirs = (
            self.env["meter.reading.import"]
            .with_user(clerk)
            .create({"name": "theirs.csv", "file": base64.b64encode(content)})
        )
        ours = self._draft(content.replace(b"SN-1", b"SN-2"))
        with patch(f"{work}.AT_ONCE", 0):
            theirs.action_import()
            ours.action_import()
        clerk.group_ids = self.env.ref("base.group_user")
        with (
            self.enter_registry_test_mode(),
            mute_logger(work),
        ):
            self.env.ref(
                "meter_billing.ir_cron_meter_reading_import"
            ).method_direct_trigger()
        self.assertEqual((theirs.sudo().state, ours.state), ("failed", "done"))
        self.assertTrue(theirs.sudo().reason)
        self.assertEqual(self._readings().import_id, ours)

    def test_what_a_file_is_read_by_stays_once_rows_are_imported(self):
        imported = self._draft(b"Serial,Meter,Date,Value\nSN-1,mono,2026-01-31,150\n")
        imported.row_count = 2
        imported._ingest_rows(islice(imported._open_rows(), 1))
        imported.state = "failed"
        for change in (
            lambda: imported.write({"file": base64.b64encode(b"Serial\n")}),
            lambda: imported.write({"sheet": "Other"}),
            lambda: imported.column_ids[0].write({"role": False}),
        ):
            with self._refused(UserError, "imported already", "anew"):
                change()

    def test_another_file_is_recognised_anew(self):
        imported = self._draft(b"Serial,Meter,Date,Value\nSN-1,mono,2026-01-31,150\n")
        imported.file = base64.b64encode(
            b"Fleet\nDate,Serial,Value,Meter\n2026-01-31,SN-2,90,mono\n"
        )
        imported.action_import()
        self.assertEqual(self._readings().value, 90)

    def test_cells_that_are_no_text(self):
        good = b"SN-2,mono,2026-01-31,90\n" * 100
        imported = self._create(
            b"Serial,Meter,Date,Value\n" + good + b"SN\x001,mono,2026-01-31,5\n"
            b"SN-1,mo\x00no,2026-01-31,5\nSN-1,mono,2026\x00,5\n"
            b"SN-1,mono,2026-01-31,5\x00\n"
        )
        imported.action_import()
        self.assertEqual(self._counts(imported), (1, 0, 99, 0, 4))
        self.assertEqual(
            imported.line_ids.mapped("status"), ["unknown"] + ["refused"] * 3
        )

    def test_preview_lists_what_to_look_at_first(self):
        lines = [f"SN-1,mono,2026-01-{1 + n},{100 + n}" for n in range(9)]
        bad = [f"SN-{n},mono,2026-01-31,5" for n in range(50, 56)]
        imported = self._draft(
            ("Serial,Meter,Date,Value\n" + "\n".join(lines + bad)).encode()
        )
        preview = "odoo.addons.meter_billing.wizard.meter_reading_import_preview"
        with patch(f"{preview}.MOST_PROBLEMS", 5), patch(f"{preview}.MOST_OTHERS", 3):
            shown = self.env["meter.reading.import.preview"].browse(
                imported.action_view_preview()["res_id"]
            )
        self.assertEqual(shown.line_ids.mapped("row"), [11, 12, 13, 14, 15, 2, 3, 4])
        self.assertEqual(
            (shown.row_count, shown.shown_count, shown.unknown_count), (15, 8, 6)
        )

    # === What was not taken === #

    def test_rows_not_taken_of_a_file_whose_columns_were_chosen(self):
        imported = self._create(b"Tag;Geraet;Stand\n01/02/2026;SN-77;90\n")
        imported.write({**imported._prepare_columns(), "date_order": "dmy"})
        for column, role in zip(
            imported.column_ids, ("moment", "serial", "type"), strict=True
        ):
            kind = self.mono.id if role == "type" else False
            column.write({"role": role, "type_id": kind})
        imported.action_import()
        again = self._draft(imported._get_rejected_file(), "again.xlsx")
        self.assertEqual(again.mapping_id, imported.mapping_id)
        self.assertEqual(again.date_order, "dmy")
        again.action_import()
        self.assertEqual(self._counts(again), (0, 0, 0, 0, 1))
        rows = list(
            openpyxl.load_workbook(
                io.BytesIO(again._get_rejected_file())
            ).active.iter_rows(values_only=True)
        )
        self.assertEqual(rows[0], ("Tag", "Geraet", "Stand", "Reason"))
        self.assertEqual(rows[1][:3], ("01/02/2026", "SN-77", "90"))
        self.assertIn("SN-77", rows[1][3])

    def test_rows_not_taken_as_a_file_that_is_imported_again(self):
        imported = self._import(
            "Note,Serial,Meter,Date,Value\n=1+1,SN-1,mono,2026-01-31,200\n"
            "=2+5,SN-77,mono,2026-01-31,300\n-,SN-1,mono,2026-02-31,400\n"
        )
        content = imported._get_rejected_file()
        rows = list(
            openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(
                values_only=True
            )
        )
        self.assertEqual(
            rows[0], ("Note", "Serial", "Meter", "Date", "Value", "Reason")
        )
        self.assertEqual(rows[1][:5], ("=2+5", "SN-77", "mono", "2026-01-31", "300"))
        self.assertIn("No device has the serial number", rows[1][5])
        self.assertIn("2026-02-31", rows[2][5])
        cell = openpyxl.load_workbook(io.BytesIO(content)).active["A2"]
        self.assertEqual(cell.data_type, "s")
        self._device("SN-77")
        again = self._draft(content, "again.xlsx")
        again.action_import()
        self.assertEqual(self._counts(again), (0, 0, 1, 0, 1))
