# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which readings a period is billed by, and what it waits for."""

from odoo.fields import Command
from odoo.tests import tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestBillingUsage(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = cls._device("SN-1", opening={"mono": 1000})
        cls.contract = cls._contract([cls._usage(price=0.01)], cls.device)

    def _assert_pages(self, statement, start, end):
        line = statement.line_ids
        self.assertEqual((line.start_value, line.end_value), (start, end))
        self.assertEqual(line.pages, end - start)
        self.assertEqual(statement.amount_total, (end - start) / 100)

    def _assert_waits(self, through, *words):
        run = self._run(through, self.contract)
        self.assertEqual(run.line_ids.status, "waiting")
        for text in (run.line_ids.message, self.contract.billing_issue):
            for word in words:
                self.assertIn(word, text)

    # === Waiting === #

    def test_waits_for_a_reading(self):
        self._assert_waits("2026-01-31", "SN-1", "Mono", "01/01/2026", "01/31/2026")
        self.assertFalse(self.contract.statement_ids)
        self._read(self.device, "2026-01-31", mono=1500)
        self._assert_pages(self._bill(self.contract, "2026-01-31"), 1000, 1500)
        self.assertFalse(self.contract.billing_issue)

    def test_one_missing_meter_keeps_the_whole_contract_waiting(self):
        self._device("SN-2")
        other = self.env["meter.device"].search([("serial_number", "=", "SN-2")])
        self.contract.assignment_ids = [Command.create({"device_id": other.id})]
        self._read(self.device, "2026-01-31", mono=1500)
        self._assert_waits("2026-01-31", "SN-2")
        self.assertNotIn("SN-1", self.contract.billing_issue)

    def test_a_reading_of_another_period_is_none(self):
        self._read(self.device, "2026-02-01", mono=1500)
        self._assert_waits("2026-01-31", "SN-1")

    def test_on_hold_is_billed_once_accepted(self):
        held = self._read(self.device, "2026-01-31", mono=900)
        self._assert_waits("2026-01-31", "SN-1")
        held._accept("Checked")
        statement = self._bill(self.contract, "2026-01-31")
        self.assertEqual(statement.line_ids.pages, -100)
        self.assertEqual(statement.amount_total, -1)

    def test_rejected_and_corrected_readings_are_not_billed(self):
        self._read(self.device, "2026-01-20", mono=1400)
        wrong = self._read(self.device, "2026-01-31", mono=9000)
        wrong._reject("Wrong")
        statement = self._bill(self.contract, "2026-01-31")
        self._assert_pages(statement, 1000, 1400)

    def test_unread_meters_that_nothing_charges_do_not_matter(self):
        self.env["meter.meter"].create(
            {"device_id": self.device.id, "type_id": self.colour.id, "opening_value": 0}
        )
        self._read(self.device, "2026-01-31", mono=1500)
        self._assert_pages(self._bill(self.contract, "2026-01-31"), 1000, 1500)

    # === From reading to reading === #

    def test_periods_follow_on_each_other(self):
        for day, value in (
            ("2026-01-31", 1500),
            ("2026-02-27", 1800),
            ("2026-03-31", 2000),
        ):
            self._read(self.device, day, mono=value)
        january, february, march = self._bill(self.contract, "2026-03-31")
        self._assert_pages(january, 1000, 1500)
        self._assert_pages(february, 1500, 1800)
        self._assert_pages(march, 1800, 2000)
        self.assertEqual(str(march.line_ids.date_from), "2026-02-27")

    def test_the_last_reading_of_the_period_counts(self):
        for day, value in (
            ("2026-01-10", 1100),
            ("2026-01-31", 1500),
            ("2026-01-20", 1200),
        ):
            self._read(self.device, day, mono=value)
        self._assert_pages(self._bill(self.contract, "2026-01-31"), 1000, 1500)

    def test_a_reading_that_comes_late_changes_no_statement(self):
        self._read(self.device, "2026-01-25", mono=1400)
        january = self._bill(self.contract, "2026-01-31")
        self._read(self.device, "2026-01-31", mono=1500)
        self.assertEqual(str(self.contract.correct_from), "2026-01-31")
        self._read(self.device, "2026-02-28", mono=1900)
        february = self._bill(self.contract, "2026-02-28")
        self._assert_pages(january, 1000, 1400)
        self._assert_corrected(february, january, (1000, 1500, 100), (1500, 1900, 400))

    def test_correction_of_a_billed_reading_comes_with_the_next_statement(self):
        reading = self._read(self.device, "2026-01-31", mono=1500)
        january = self._bill(self.contract, "2026-01-31")
        reading._correct(1400, "Typed it wrong")
        self._assert_pages(january, 1000, 1500)
        self._read(self.device, "2026-02-28", mono=1900)
        february = self._bill(self.contract, "2026-02-28")
        # 500 pages printed in February, 100 of them charged in January already
        self._assert_corrected(february, january, (1000, 1400, -100), (1400, 1900, 500))
        self.assertEqual(february.move_ids.amount_untaxed, 4)

    def _assert_corrected(self, statement, corrected, *lines):
        """Check a statement's lines: of the period it corrects, then of its own."""
        self.assertRecordValues(
            statement.line_ids,
            [
                {
                    "corrected_statement_id": about.id,
                    "start_value": start,
                    "end_value": end,
                    "pages": pages,
                    "amount": pages / 100,
                }
                for about, (start, end, pages) in zip(
                    (corrected, corrected.browse()), lines, strict=True
                )
            ],
        )
        self.assertEqual(
            statement.amount_total, sum(pages for _s, _e, pages in lines) / 100
        )
        self.assertFalse(self.contract.correct_from)

    def test_an_estimate_trues_up(self):
        self._read(self.device, "2026-01-31", kind="estimated", mono=1500)
        january = self._bill(self.contract, "2026-01-31")
        self._assert_pages(january, 1000, 1500)
        self.assertTrue(january.line_ids.is_estimated)
        self.assertTrue(january.has_estimates)
        self.assertIn("(estimated)", january.move_ids.invoice_line_ids.name)
        self._read(self.device, "2026-02-28", mono=1450)
        february = self._bill(self.contract, "2026-02-28")
        self.assertEqual(february.line_ids.pages, -50)
        self.assertEqual(february.amount_total, -0.5)
        self.assertFalse(february.has_estimates)

    def test_skipped_period(self):
        contract = self.contract
        contract.charge_ids = [
            Command.create({"name": "Service", "kind": "fixed", "amount": 25})
        ]
        contract.action_skip_period()
        self.assertFalse(self._run("2026-01-31", contract).line_ids)
        self._read(self.device, "2026-02-28", mono=1600)
        statement = self._bill(contract, "2026-02-28")
        self.assertEqual(
            (str(statement.date_from), str(statement.date_to)),
            ("2026-01-01", "2026-02-28"),
        )
        self.assertEqual(
            self._lines(statement), [("usage", 600, 0.01, 6), ("fixed", 2, 25, 50)]
        )

    # === Devices that come and go === #

    def test_used_device_starts_at_its_opening_value(self):
        used = self._device("SN-2", install="2026-01-10", opening={"mono": 88_000})
        self.device._remove(used.install_date, {self.device.meter_ids: 1200}, used)
        self._read(used, "2026-01-31", mono=88_300)
        statement = self._bill(self.contract, "2026-01-31")
        self.assertEqual(
            [
                (line.device_id, line.start_value, line.end_value, line.amount)
                for line in statement.line_ids
            ],
            [(self.device, 1000, 1200, 2), (used, 88_000, 88_300, 3)],
        )
        self.assertEqual(statement.amount_total, 5)

    def test_device_that_was_there_before_starts_at_its_last_reading(self):
        device = self._device("SN-2", install="2025-06-01", opening={"mono": 0})
        for day, value in (
            ("2025-12-31", 7000),
            ("2026-02-15", 7600),
            ("2026-02-28", 7700),
        ):
            self._read(device, day, mono=value)
        contract = self._contract(
            [self._usage(price=0.01)],
            start="2026-01-01",
            first_period_end="2026-02-28",
            assignment_ids=[
                Command.create({"device_id": device.id, "date_start": "2026-02-10"})
            ],
        )
        self._assert_pages(self._bill(contract, "2026-02-28"), 7000, 7700)

    def test_device_moves_to_another_contract(self):
        self._read(self.device, "2026-01-31", mono=1500)
        self._bill(self.contract, "2026-01-31")
        self._read(self.device, "2026-02-14", mono=1700)
        self.contract.assignment_ids.date_end = "2026-02-14"
        other = self._contract(
            [self._usage(price=0.02)], self.device, start="2026-02-15"
        )
        self._read(self.device, "2026-03-14", mono=2000)
        february = self._bill(self.contract, "2026-02-28")
        self._assert_pages(february, 1500, 1700)
        (statement,) = self._bill(other, "2026-03-14")
        line = statement.line_ids
        self.assertEqual((line.start_value, line.end_value), (1700, 2000))

    def test_removed_device_is_billed_to_its_closing_value(self):
        self.device._remove(
            self.env["meter.reading"]._fields["date"].to_date("2026-01-20"),
            {self.device.meter_ids: 1250},
        )
        january, february = self._bill(self.contract, "2026-02-28")
        self._assert_pages(january, 1000, 1250)
        self.assertFalse(february.line_ids)
        self.assertEqual(february.amount_total, 0)

    def test_meter_that_is_charged_later_starts_then(self):
        """A new charge does not bill the pages of the years before it."""
        self.env["meter.meter"].create(
            {"device_id": self.device.id, "type_id": self.colour.id, "opening_value": 0}
        )
        self._read(self.device, "2026-01-31", mono=1500, colour=700)
        self._bill(self.contract, "2026-01-31")
        self.contract.charge_ids = [
            Command.create(self._usage("colour", name="Colour", price=0.10))
        ]
        self._read(self.device, "2026-02-28", mono=1600, colour=750)
        statement = self._bill(self.contract, "2026-02-28")
        colour = statement.line_ids.filtered(lambda line: line.type_id == self.colour)
        self.assertEqual(
            (colour.start_value, colour.end_value, colour.amount), (700, 750, 5)
        )

    def test_many_readings_are_no_matter(self):
        """The day that counts is found by index, not by reading them all."""
        self.env["meter.reading"]._ingest(
            [
                self._row(self.device, f"2026-01-{day:02}", 1000 + day)
                for day in range(1, 32)
            ],
            source="manual",
        )
        self._assert_pages(self._bill(self.contract, "2026-01-31"), 1000, 1031)
