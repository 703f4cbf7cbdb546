# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Update meters: what the grid of one customer loads and saves."""

import json

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestReadingGrid(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.copier = cls._device(
            "SN-1", opening={"mono": 100, "colour": 50}, place="Copy room"
        )
        cls.printer = cls._device("SN-2", opening={"mono": 7})
        cls.Reading = cls.env["meter.reading"]

    def _save(self, day, *cells):
        """Save (device, meter code, value) cells."""
        return self.Reading.grid_save(
            day,
            [
                {"meter_id": self._meter(device, code).id, "value": value}
                for device, code, value in cells
            ],
        )

    def test_load(self):
        self._read(self.copier, "2026-01-31", mono=200)
        grid = self.Reading.grid_load(self.customer.id)
        self.assertEqual(grid["partner"], "Harbour Office")
        self.assertEqual(grid["date"], "2026-06-15")
        self.assertEqual([t["name"] for t in grid["types"]], ["Mono", "Colour"])
        copier, printer = grid["devices"]
        self.assertEqual((copier["serial"], copier["place"]), ("SN-1", "Copy room"))
        self.assertEqual(
            copier["meters"][self.mono.id],
            {
                "id": self._meter(self.copier).id,
                "last_value": 200,
                "last_date": "2026-01-31",
                "expected": False,
            },
        )
        self.assertEqual(copier["meters"][self.colour.id]["last_value"], 50)
        self.assertEqual(copier["meters"][self.colour.id]["last_date"], "2026-01-01")
        self.assertEqual(list(printer["meters"]), [self.mono.id])
        json.dumps(grid)  # goes over the wire as it is

    def test_what_is_expected_follows_the_date(self):
        """1,000 pages in 30 days, 60 percent more or less."""
        meter = self._meter(self.printer)
        for day, value in (("2026-01-31", 1007), ("2026-03-02", 2007)):
            self._read(self.printer, day, mono=value)
        self._read(self.printer, "2026-04-01", mono=3007)
        grid = self.Reading.grid_load(self.customer.id)
        expected = grid["devices"][1]["meters"][self.mono.id]["expected"]
        self.assertEqual(expected, (4007, 7007))  # 75 days, 2,500 pages
        self.assertEqual(
            self.Reading.grid_expected("2026-05-01", meter.ids),
            {meter.id: (3407, 4607)},
        )
        self.assertEqual(
            self.Reading.grid_expected(
                "2026-05-01", self._meter(self.copier, "colour").ids
            ),
            {self._meter(self.copier, "colour").id: False},
        )

    def test_500_devices_cost_no_more_queries(self):
        def count():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Reading.grid_load(self.customer.id)
            return self.env.cr.sql_log_count - before

        few = count()
        self.env["meter.device"].create(
            [
                {
                    "serial_number": f"MANY-{number}",
                    "model_id": self.model.id,
                    "partner_id": self.customer.id,
                    "install_date": "2026-01-01",
                    "meter_ids": [
                        Command.create({"type_id": kind.id, "opening_value": 0})
                        for kind in (self.mono, self.colour)
                    ],
                }
                for number in range(500)
            ]
        )
        self.assertLessEqual(count(), few)

    def test_load_from_an_address_of_the_customer(self):
        branch = self.env["res.partner"].create(
            {"name": "Pier 2", "parent_id": self.customer.id}
        )
        self._device("SN-3", partner_id=branch.id)
        for partner in (branch, self.customer):
            grid = self.Reading.grid_load(partner.id)
            self.assertEqual(
                {device["serial"] for device in grid["devices"]},
                {"SN-1", "SN-2", "SN-3"},
            )

    def test_load_leaves_out_what_is_not_there(self):
        self.printer.removal_date = "2026-02-28"
        self._device("SN-4", partner_id=self.partner_a.id)
        grid = self.Reading.grid_load(self.customer.id)
        self.assertEqual([device["serial"] for device in grid["devices"]], ["SN-1"])

    def test_save(self):
        result = self._save(
            "2026-01-31",
            (self.copier, "mono", "1,200"),
            (self.copier, "colour", "60"),
            (self.printer, "mono", 4_294_967_295),
        )
        self.assertEqual(result, {"saved": 3, "errors": {}, "notes": {}})
        readings = self.Reading.search(
            [("partner_id", "=", self.customer.id)], order="id"
        )
        self.assertEqual(readings.mapped("value"), [1200, 60, 4_294_967_295])
        self.assertEqual(set(readings.mapped("source")), {"grid"})
        grid = self.Reading.grid_load(self.customer.id)
        self.assertEqual(
            grid["devices"][1]["meters"][self.mono.id]["last_value"], 4_294_967_295
        )

    def test_one_bad_cell_stores_none(self):
        result = self._save(
            "2026-01-31",
            (self.copier, "mono", "200"),
            (self.copier, "colour", "-60"),
            (self.printer, "mono", "x"),
        )
        self.assertEqual(result["saved"], 0)
        self.assertEqual(
            set(result["errors"]),
            {self._meter(self.copier, "colour").id, self._meter(self.printer).id},
        )
        self.assertIn("SN-2 Mono", result["errors"][self._meter(self.printer).id])
        self.assertFalse(self.Reading.search([("partner_id", "=", self.customer.id)]))

    def test_what_is_stored_with_a_note(self):
        self._save("2026-01-31", (self.copier, "mono", 200), (self.printer, "mono", 90))
        result = self._save(
            "2026-01-31", (self.copier, "mono", 200), (self.copier, "colour", 40)
        )
        self.assertEqual((result["saved"], result["errors"]), (1, {}))
        notes = result["notes"]
        self.assertIn("there already", notes[self._meter(self.copier).id])
        self.assertIn("lower than", notes[self._meter(self.copier, "colour").id])

    def test_wrong_day(self):
        for day, word in (
            ("2026-06-16", "in the future"),
            ("2025-12-31", "before"),
            (False, "no date"),
            ("31/01/2026", "no date"),
        ):
            with self.subTest(day=day):
                result = self._save(day, (self.copier, "mono", 200))
                self.assertEqual(result["saved"], 0)
                self.assertIn(word, result["errors"][self._meter(self.copier).id])

    def test_nothing_entered(self):
        self.assertEqual(
            self.Reading.grid_save("2026-01-31", []),
            {"saved": 0, "errors": {}, "notes": {}},
        )

    def test_reader_may_look_but_not_save(self):
        reader = self._user(
            "looker",
            "meter_billing.group_meter_billing_reader",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        as_reader = self.Reading.with_user(reader)
        self.assertTrue(as_reader.grid_load(self.customer.id)["devices"])
        with self._refused(AccessError):
            as_reader.grid_save(
                "2026-01-31", [{"meter_id": self._meter(self.copier).id, "value": 200}]
            )
        with self._refused(AccessError):
            as_reader.grid_save("2026-01-31", [])

    def test_customer_opens_the_grid(self):
        action = self.customer.action_update_meters()
        self.assertEqual(action["context"]["active_id"], self.customer.id)
        with self._refused(UserError, "partner_a", "no devices"):
            self.partner_a.action_update_meters()
