# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Every scenario file, through the whole of Odoo to the posted invoices."""

import contextlib
import io
import json
import random
import tempfile
from pathlib import Path

from odoo.tests import TransactionCase, tagged

from tests.stack.scenario_session import MALFORMED, MET, MISSED, run_file

FILES = sorted((Path(__file__).parent / "scenarios").glob("*.json"))
LINKED = Path(__file__).parent / "scenarios" / "linked_total_meter.json"


@tagged("post_install", "-at_install")
class TestScenarios(TransactionCase):
    def run_scenario(self, path):
        """Return exit status, what is printed as JSON, and what goes to stderr."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = run_file(self.env, path)
        printed = out.getvalue()
        return status, json.loads(printed) if printed else None, err.getvalue()

    def run_changed(self, change):
        """Run the scenario of the total meter after ``change`` was done to it."""
        data = json.loads(LINKED.read_text())
        change(data)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "changed.json")
            path.write_text(json.dumps(data))
            return self.run_scenario(path)

    def test_every_file_meets_its_figures(self):
        self.assertTrue(FILES)
        for path in FILES:
            with self.subTest(path.stem):
                status, result, errors = self.run_scenario(path)
                self.assertEqual(errors, "")
                self.assertTrue(result["ok"])
                self.assertEqual(status, MET)
        kept = self.env["meter.device"].search([("model_id.name", "=", "Scenario")])
        self.assertFalse(kept, "scenarios leave nothing behind")

    def test_prints_what_the_invoices_come_to(self):
        _status, result, _errors = self.run_scenario(LINKED)
        self.assertEqual(
            result,
            {
                "name": "linked_total_meter",
                "ok": True,
                "periods": [
                    {
                        "through": "2026-01-31",
                        "total": "250.00",
                        "by_charge": {"black": "50.00", "colour": "200.00"},
                        "quantities": {"black": 5000, "colour": 2000},
                        "by_partner": {"customer": "250.00"},
                    }
                ],
            },
        )

    def test_a_missed_figure_is_not_ok(self):
        def change(data):
            data["periods"][0]["expect"]["by_charge"]["black"] = "49.99"

        status, result, errors = self.run_changed(change)
        self.assertEqual((status, result["ok"]), (MISSED, False))
        self.assertIn("by_charge black is 50.00, expected 49.99", errors)

    def test_a_counter_that_nobody_read_stays_where_it_was(self):
        """What is not skipped is billed; standard error tells what was missing."""

        def change(data):
            first, (total,) = data["periods"][0], data["periods"][0]["readings"][1:]
            del first["readings"][1]
            first["expect"] = {"total": "-450.00", "quantities": {"colour": -5000}}
            total["date"] = "2026-02-28"
            black = {**total, "meter": "black", "value": 65000}
            second = {"through": "2026-02-28", "readings": [total, black]}
            data["periods"].append(second | {"expect": {"total": "700.00"}})

        status, result, errors = self.run_changed(change)
        self.assertEqual((status, result["ok"]), (MET, True))
        self.assertEqual(
            errors,
            "changed.json: period through 2026-01-31: A: no total reading, taken to "
            "stay at 80000\n",
        )

    def test_an_actual_reading_of_the_day_of_an_estimate_counts(self):
        def change(data):
            readings = data["periods"][0]["readings"]
            readings.append({**readings[0], "value": 99999, "kind": "estimated"})

        status, _result, errors = self.run_changed(change)
        self.assertEqual((status, errors), (MET, ""))

    def test_a_malformed_file_is_one_error_that_names_the_field(self):
        def change(data):
            del data["contract"]["period_months"]

        status, result, errors = self.run_changed(change)
        self.assertEqual((status, result), (MALFORMED, None))
        self.assertEqual(errors, "changed.json: contract.period_months: is missing.\n")

    def test_one_bad_file_does_not_keep_the_others_from_being_billed(self):
        """Not text at all, what only Odoo can tell, and what nobody thought of."""
        good = LINKED.read_text()
        refused = json.loads(good)
        # More than an index of PostgreSQL holds, however it is compressed.
        serial = random.Random(1).randbytes(5_000).hex()
        refused["devices"][0]["serial"] = serial
        for reading in refused["periods"][0]["readings"]:
            reading["device"] = serial
        with tempfile.TemporaryDirectory() as folder:
            for name, content in {
                "1_latin.json": '{"name": "Größe"}'.encode("latin-1"),
                "2_mark.json": b"\xef\xbb\xbf" + good.encode(),
                "3_refused.json": json.dumps(refused).encode(),
                "4_good.json": good.encode(),
            }.items():
                Path(folder, name).write_bytes(content)
            found = [self.run_scenario(file) for file in sorted(Path(folder).iterdir())]
        statuses, _results, errors = zip(*found, strict=True)
        self.assertEqual(statuses, (MALFORMED, MET, MALFORMED, MET))
        self.assertIn("1_latin.json: file: cannot be read", errors[0])
        self.assertIn("3_refused.json: file: is refused: ", errors[2])
        self.assertEqual([error.count("\n") for error in errors], [1, 0, 1, 0])

    def test_an_impossible_reading_names_its_place_in_the_file(self):
        def change(data):
            data["periods"][0]["readings"][1]["date"] = "2025-12-31"

        status, result, errors = self.run_changed(change)
        self.assertEqual((status, result), (MALFORMED, None))
        self.assertIn("changed.json: periods[0].readings[1]: ", errors)
        self.assertIn("before the device was installed", errors)
        self.assertEqual(errors.count("\n"), 1)

    def test_a_period_off_the_calendar_names_the_day_that_is_right(self):
        def change(data):
            data["periods"] += [
                {"through": "2026-03-15", "readings": []},
                {"through": "2026-03-31", "readings": []},
            ]

        status, result, errors = self.run_changed(change)
        self.assertEqual((status, result), (MALFORMED, None))
        self.assertIn(
            "periods[1].through: the contract's period ends on 2026-02-28", errors
        )
