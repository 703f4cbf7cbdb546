# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Billing a period that a meter was not read in."""

from freezegun import freeze_time

from odoo.fields import Command, Date
from odoo.tests import tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestEstimate(MeterBillingCommon):
    """Billed on 15 June 2026; the device prints 10 pages a day up to 31 March."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = cls._device("SN-1", install="2025-01-01")
        for day, value in (
            ("2025-12-31", 5000),
            ("2026-02-28", 5590),
            ("2026-03-31", 5900),
        ):
            cls._read(cls.device, day, mono=value)
        cls.contract = cls._contract(
            [cls._usage(price=0.01)],
            cls.device,
            start="2026-03-01",
            first_period_end="2026-03-31",
        )

    def _bill_march(self):
        return self._bill(self.contract, "2026-03-31")

    def _assert_waits(self, through, *words, contract=None):
        contract = contract or self.contract
        estimates = [("source", "=", "estimate")]
        before = self.env["meter.reading"].search_count(estimates)
        run = self._run(through, contract)
        (waiting,) = run.line_ids.filtered(lambda line: line.status == "waiting")
        for word in words:
            self.assertIn(word, waiting.message)
            self.assertIn(word, contract.billing_issue)
        self.assertEqual(self.env["meter.reading"].search_count(estimates), before)

    def _assert_line(self, statement, start, end, is_estimated=True):
        self.assertRecordValues(
            statement.line_ids,
            [
                {
                    "start_value": start,
                    "end_value": end,
                    "pages": end - start,
                    "is_estimated": is_estimated,
                    "amount": (end - start) / 100,
                }
            ],
        )

    # === By which method === #

    def test_average_of_the_last_three_months(self):
        self._bill_march()
        april = self._bill(self.contract, "2026-04-30")
        # 900 pages in 90 days, 30 days
        self._assert_line(april, 5900, 6200)
        reading = april.line_ids.end_reading_id
        self.assertRecordValues(
            reading,
            [
                {
                    "kind": "estimated",
                    "source": "estimate",
                    "state": "valid",
                    "estimate_method": "recent",
                    "reason": "30 days at 10 pages a day, the average from 12/31/2025 "
                    "to 03/31/2026",
                }
            ],
        )
        self.assertEqual(str(reading.read_at), "2026-04-30 23:59:59")
        self.assertEqual(str(reading.date), "2026-04-30")

    def test_days_are_counted_from_the_last_reading(self):
        """Read on 20 April, billed from there: 41 days to the end of May."""
        self._bill_march()
        self._read(self.device, "2026-04-20", mono=6100)
        _april, may = self._bill(self.contract, "2026-05-31")
        # Since 10 January or later, that is 28 February: 510 pages in 51 days
        self._assert_line(may, 6100, 6510)

    def test_opening_value_counts_as_a_reading(self):
        device = self._device("SN-2", install="2026-03-01", opening={"mono": 70_000})
        self._read(device, "2026-03-31", mono=70_600)
        contract = self._contract([self._usage(price=0.01)], device, start="2026-03-01")
        _march, april = self._bill(contract, "2026-04-30")
        # 600 pages in 30 days
        self._assert_line(april, 70_600, 71_200)

    def test_same_period_of_last_year(self):
        device = self._device("SN-2", install="2024-08-01")
        for day, value in (
            ("2025-03-31", 1000),
            ("2025-04-30", 1400),
            ("2026-03-31", 9000),
        ):
            self._read(device, day, mono=value)
        contract = self._contract([self._usage(price=0.01)], device, start="2026-04-01")
        april = self._bill(contract, "2026-04-30")
        # April 2025 had 400 pages; of this year there is one reading only
        self._assert_line(april, 9000, 9400)
        self.assertEqual(april.line_ids.estimate_method, "year_ago")
        self.assertEqual(
            april.line_ids.estimate_reason,
            "30 days at 13.33 pages a day, the average from 03/31/2025 to 04/30/2025",
        )

    def test_expected_pages_a_month(self):
        device = self._device("SN-2", install="2026-04-01")
        device.meter_ids.expected_monthly_pages = 450
        contract = self._contract([self._usage(price=0.01)], device, start="2026-04-01")
        april = self._bill(contract, "2026-04-30")
        # Installed on the first: 29 of 30 days
        self._assert_line(april, 0, 435)
        self.assertEqual(april.line_ids.end_reading_id.estimate_method, "expected")
        self.assertEqual(
            april.line_ids.end_reading_id.reason,
            "29 days at an expected 450 pages a month",
        )

    def test_another_customer_is_no_history(self):
        self._bill_march()
        other = self.env["res.partner"].create({"name": "Mill", "is_company": True})
        there = self._contract(
            [self._usage(price=0.01)], start="2026-04-01", partner_id=other.id
        )
        self.device._move(
            Date.to_date("2026-03-31"),
            {self.device.meter_ids: 5900},
            there,
            {"partner_id": other.id},
        )
        self._assert_waits(
            "2026-04-30", "SN-1", "no history to estimate from", contract=there
        )

    def test_nothing_is_known(self):
        device = self._device("SN-2", install="2026-04-01")
        contract = self._contract([self._usage(price=0.01)], device, start="2026-04-01")
        self._assert_waits(
            "2026-04-30", "SN-2", "no history to estimate from", contract=contract
        )

    # === How often and when === #

    def test_three_in_a_row(self):
        contract = self.contract
        contract.estimate_max = 2
        statements = self._run("2026-06-15", contract).line_ids.statement_id
        march, april, may = statements.sorted("date_from")
        self._assert_line(march, 5590, 5900, is_estimated=False)
        self._assert_line(april, 5900, 6200)
        self._assert_line(may, 6200, 6510)
        with freeze_time("2026-07-10"):
            self._assert_waits("2026-06-30", "2 estimates in a row")
            # An actual reading starts the count again, and settles the difference.
            self._read(self.device, "2026-06-30", mono=6500)
            june = self._bill(contract, "2026-06-30")
        self._assert_line(june, 6510, 6500, is_estimated=False)
        with freeze_time("2026-08-10"):
            july = self._bill(contract, "2026-07-31")
        # 600 pages in 91 days since 31 March, 31 days: 204.4
        self._assert_line(july, 6500, 6704)

    def test_never(self):
        self._bill_march()
        self.contract.estimate_max = 0
        self._assert_waits("2026-04-30", "SN-1")
        self.assertNotIn("estimate", self.contract.billing_issue)

    def test_it_waits_some_days_for_the_customer(self):
        self._bill_march()
        with freeze_time("2026-05-04 23:00:00"):
            self._assert_waits("2026-04-30", "estimated from 05/05/2026 on")
        with freeze_time("2026-05-05"):
            self._assert_line(self._bill(self.contract, "2026-04-30"), 5900, 6200)

    def test_all_meters_of_a_contract_or_none(self):
        self._bill_march()
        other = self._device("SN-2", install="2026-04-01")
        self.contract.assignment_ids = [Command.create({"device_id": other.id})]
        self._assert_waits("2026-04-30", "SN-1", "SN-2", "no history")
        self._read(other, "2026-04-30", mono=100)
        april = self._bill(self.contract, "2026-04-30")
        self.assertEqual(april.line_ids.mapped("pages"), [300, 100])
        self.assertEqual(april.line_ids.mapped("is_estimated"), [True, False])

    def test_a_reading_on_hold_is_decided_first(self):
        self._bill_march()
        held = self._read(self.device, "2026-04-30", mono=10)
        self.assertEqual(held.state, "hold")
        self._assert_waits("2026-04-30", "SN-1", "one is on hold")
        held._reject("Wrong")
        self._assert_line(self._bill(self.contract, "2026-04-30"), 5900, 6200)

    def test_a_device_that_leaves_is_read(self):
        """Nothing would put its last estimate right."""
        self._bill_march()
        self.contract.assignment_ids.date_end = "2026-04-20"
        self._assert_waits("2026-04-30", "its last one here, which is not estimated")

    def test_the_last_period_is_read(self):
        self._bill_march()
        self.contract.date_end = "2026-04-30"
        self._assert_waits("2026-04-30", "its last one here, which is not estimated")

    # === Between the readings around it === #

    def test_never_above_the_reading_after_it(self):
        self._bill_march()
        self._read(self.device, "2026-05-10", mono=6150)
        april, may = self._bill(self.contract, "2026-05-31")
        self._assert_line(april, 5900, 6150)
        self.assertIn(
            "kept within the readings around it", april.line_ids.end_reading_id.reason
        )
        self._assert_line(may, 6150, 6150, is_estimated=False)

    def test_never_below_the_reading_before_it(self):
        """An estimate that was too high is given back, but not more than that."""
        self._bill_march()
        self._bill(self.contract, "2026-04-30")
        self._read(self.device, "2026-06-05", mono=6000)
        may = self._bill(self.contract, "2026-05-31")
        self._assert_line(may, 6200, 6000)
        self.assertEqual(may.amount_total, -2)

    def test_counter_was_replaced_meanwhile(self):
        self._bill_march()
        self.env["meter.event"].create(
            {
                "meter_id": self.device.meter_ids.id,
                "kind": "reset",
                "happened_at": "2026-04-11 09:00:00",
                "closing_value": 6000,
                "opening_value": 0,
                "reason": "New board",
            }
        )
        april = self._bill(self.contract, "2026-04-30")
        # 300 pages: 100 up to 6,000 and 200 from 0 on
        self.assertEqual(
            april.line_ids.mapped(
                lambda line: (line.start_value, line.end_value, line.pages)
            ),
            [(5900, 200, 300)],
        )

    def test_counter_that_is_about_to_wrap(self):
        """That it wrapped is not known before it is read."""
        device = self._device("SN-2", install="2026-03-01", opening={"mono": 9000})
        device.meter_ids.digits = 4
        self._read(device, "2026-03-31", mono=9900)
        contract = self._contract([self._usage(price=0.01)], device, start="2026-03-01")
        _march, april = self._bill(contract, "2026-04-30")
        self._assert_line(april, 9900, 9999)

    # === What follows === #

    def test_the_next_actual_reading_trues_it_up(self):
        self._bill_march()
        april = self._bill(self.contract, "2026-04-30")
        self._read(self.device, "2026-05-31", mono=6150)
        may = self._bill(self.contract, "2026-05-31")
        self._assert_line(may, 6200, 6150, is_estimated=False)
        self.assertEqual(april.amount_total + may.amount_total, 2.5)
        self.assertEqual(may.move_ids.move_type, "out_refund")

    def test_late_actual_reading_of_the_period_beats_it(self):
        self._bill_march()
        april = self._bill(self.contract, "2026-04-30")
        self.assertTrue(self.contract.is_estimated)
        self._read(self.device, "2026-04-29", mono=6000)
        self.assertEqual(str(self.contract.correct_from), "2026-04-29")
        self.contract.action_correct_now()
        correction = self.contract.statement_ids - april
        correction = correction.filtered(lambda s: s.kind == "correction")
        self.assertRecordValues(
            correction.line_ids,
            [
                {
                    "start_value": 5900,
                    "end_value": 6000,
                    "pages": -200,
                    "is_estimated": False,
                }
            ],
        )
        self.assertEqual(correction.amount_total, -2)
        self.assertFalse(self.contract.is_estimated)

    def test_device_moves_on_from_an_estimate(self):
        """The contract after it starts where the one before was billed to."""
        self._bill_march()
        self._read(self.device, "2026-04-20", mono=6080, kind="estimated")
        self.contract.assignment_ids.date_end = "2026-04-20"
        april = self._bill(self.contract, "2026-04-30")
        self._assert_line(april, 5900, 6080)
        after = self._contract(
            [self._usage(price=0.02)],
            self.device,
            start="2026-04-21",
            first_period_end="2026-04-30",
        )
        self._read(self.device, "2026-04-30", mono=6200)
        line = self._bill(after, "2026-04-30").line_ids
        self.assertEqual((line.start_value, line.end_value), (6080, 6200))

    def test_billed_again_after_cancelling(self):
        self._bill_march()
        self.contract.invoice_mode = "draft"
        april = self._bill(self.contract, "2026-04-30")
        april.move_ids.unlink()
        april.action_cancel()
        again = self._bill(self.contract, "2026-04-30")
        self.assertEqual(again.line_ids.end_reading_id, april.line_ids.end_reading_id)

    def test_a_billing_user_may(self):
        self._bill_march()
        user = self._user(
            "clerk",
            "meter_billing.group_meter_billing_user",
            company_id=self.company.id,
        )
        contract = self.contract.with_user(user)
        contract.action_bill_now()
        reading = contract.statement_ids[0].line_ids.end_reading_id
        self.assertEqual((reading.value, reading.create_uid), (6200, user))

    # === In sets, and writing nothing before it is booked === #

    def test_nothing_is_stored_before_it_is_booked(self):
        self._bill_march()
        self.contract.invalidate_recordset()
        chains, waiting = self.contract._prepare_chains()
        self.assertFalse(waiting)
        (values,) = self.contract._prepare_statements(chains)
        self.assertEqual(values["amount_total"], 3)
        self.assertFalse(self.env["meter.reading"].search([("kind", "=", "estimated")]))

    def test_no_more_queries_for_more_devices(self):
        def count(contract):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            chains, _waiting = contract._prepare_chains()
            self.assertTrue(all(i.estimate for i in chains[0][0].intervals))
            return self.env.cr.sql_log_count - before

        def contract_of(*serials):
            devices = [self._device(serial, install="2025-01-01") for serial in serials]
            for device in devices:
                self._read(device, "2026-02-28", mono=100)
                self._read(device, "2026-03-31", mono=200)
            return self._contract(
                [self._usage(price=0.01)], devices, start="2026-04-01"
            )

        one = contract_of("SN-2")
        many = contract_of(*(f"SN-1{n}" for n in range(6)))
        count(one)  # who may see what is read once
        self.assertEqual(count(many), count(one))

    # === What is seen of it === #

    def test_marked_on_statement_invoice_and_annex(self):
        self._bill_march()
        april = self._bill(self.contract, "2026-04-30")
        self.assertTrue(april.has_estimates)
        invoice = april.move_ids
        self.assertIn(
            "SN-1 Mono: 5,900 → 6,200 = 300 (estimated)",
            invoice.invoice_line_ids.name,
        )
        for report, record in (
            ("meter_billing.report_meter_statement", april),
            ("account.report_invoice", invoice),
        ):
            html, _type = self.env["ir.actions.report"]._render_qweb_html(
                report, record.ids
            )
            html = html.decode()
            self.assertIn("(est.)", html)
            self.assertIn("Average of the last three months: SN-1 Mono", html)

    def test_filter(self):
        Contract = self.env["meter.contract"]
        domain = [("id", "in", self.contract.ids), ("is_estimated", "=", True)]
        self._bill_march()
        self.assertFalse(Contract.search(domain))
        self._bill(self.contract, "2026-04-30")
        self.assertEqual(Contract.search(domain), self.contract)
        self._read(self.device, "2026-05-31", mono=6600)
        self._bill(self.contract, "2026-05-31")
        self.assertFalse(Contract.search(domain))
        domain[-1] = ("is_estimated", "=", False)
        self.assertEqual(Contract.search(domain), self.contract)
