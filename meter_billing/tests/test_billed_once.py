# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Ways around the ledgers: nothing is billed twice, and nothing gets lost."""

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Date
from odoo.tests import tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestBilledOnce(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.partner"].create(
            {"name": "Mill Works", "is_company": True}
        )
        cls.device = cls._device("SN-1")
        cls.contract = cls._contract([cls._usage(price=0.01)], cls.device)

    def _bill_january(self, pages=100):
        self._read(self.device, "2026-01-31", mono=pages)
        return self._bill(self.contract, "2026-01-31")

    # === Rows of devices === #

    def test_a_billed_row_stays_with_its_device_and_contract(self):
        row = self.contract.assignment_ids
        second = self._contract([self._usage(price=0.01)])
        spare = self._device("SN-2")
        self.assertFalse(row.is_billed)
        self._bill_january()
        row.invalidate_recordset()
        self.assertTrue(row.is_billed)
        with self._refused(UserError, "SN-1", self.contract.name, "stays as it is"):
            row.contract_id = second
        with self._refused(UserError, "SN-1", self.contract.name, "stays as it is"):
            row.device_id = spare
        # What a form sends again is no change.
        row.write({"device_id": self.device.id, "contract_id": self.contract.id})
        # One that is not billed is still to be chosen.
        self.contract.assignment_ids = [Command.create({"device_id": spare.id})]
        self.contract.assignment_ids[-1].contract_id = second
        self.assertEqual(second.assignment_ids.device_id, spare)

    def test_a_device_twice_in_a_period(self):
        """At Mill Works from the 11th to the 19th: each line has its own pages."""
        there = self._contract([self._usage(price=0.02)], partner_id=self.other.id)
        meter = self.device.meter_ids
        for day, value, contract, partner in (
            ("2026-01-10", 150, there, self.other),
            ("2026-01-19", 180, self.contract, self.customer),
        ):
            self.device._move(
                Date.to_date(day), {meter: value}, contract, {"partner_id": partner.id}
            )
        self._read(self.device, "2026-01-31", mono=300)
        january = self._bill(self.contract, "2026-01-31")
        self.assertRecordValues(
            january.line_ids,
            [
                {"start_value": 0, "end_value": 150, "pages": 150, "amount": 1.5},
                {"start_value": 180, "end_value": 300, "pages": 120, "amount": 1.2},
            ],
        )
        self.assertEqual(january.page_count, 270)
        self.assertEqual(self._bill(there, "2026-01-31").amount_total, 0.6)
        # Ten pages more of the second time alone
        last = self.device.meter_ids.last_reading_id
        last._correct(310, "misread")
        self.contract.action_correct_now()
        correction = self.contract.statement_ids - january
        self.assertRecordValues(
            correction.line_ids,
            [{"start_value": 180, "end_value": 310, "pages": 10, "amount": 0.1}],
        )
        self.assertEqual(correction.amount_total, 0.1)

    # === Whose they are === #

    def test_a_billed_contract_stays_with_its_customer(self):
        contact = self.env["res.partner"].create(
            {"name": "Desk", "parent_id": self.customer.id}
        )
        second = self._contract([self._usage()])
        second.partner_id = self.other  # nothing is billed yet
        self._bill_january()
        self.contract.partner_id = contact
        with self._refused(ValidationError, self.contract.name, "Harbour", "Mill"):
            self.contract.partner_id = self.other

    def test_a_device_leaves_its_contract_by_a_move_only(self):
        with self._refused(UserError, "SN-1", self.contract.name, "Move"):
            self.device.partner_id = self.other
        with self._refused(UserError, "SN-1", self.contract.name, "Move"):
            self.device.partner_id = False
        self.device._move(
            Date.to_date("2026-06-15"),
            {self.device.meter_ids: 10},
            self.env["meter.contract"],
            {"partner_id": self.other.id},
        )
        self.assertEqual(self.device.partner_id, self.other)
        # In no contract: nothing is lost.
        self.device.partner_id = self.customer

    def test_a_device_of_another_customer_is_a_finding(self):
        device = self._device("SN-9", partner_id=self.other.id)
        self.assertFalse(self.contract._get_findings())
        self.contract.assignment_ids = [Command.create({"device_id": device.id})]
        (finding,) = self.contract._get_findings()
        self.assertEqual((finding.severity, finding.device), ("warning", device))
        self.assertIn("Mill Works", finding.message)

    def test_a_late_reading_is_of_who_had_the_device_then(self):
        # The counters were read on the day of the move already.
        self._read(self.device, "2026-06-01", mono=500)
        self.device._move(
            Date.to_date("2026-06-01"),
            {self.device.meter_ids: 500},
            self.env["meter.contract"],
            {"partner_id": self.other.id},
        )
        self.device._move(
            Date.to_date("2026-06-08"),
            {self.device.meter_ids: 600},
            self.env["meter.contract"],
            {"partner_id": self.partner_a.id},
        )
        Reading = self.env["meter.reading"]
        verdicts = Reading._ingest(
            [
                self._row(self.device, day, value)
                for day, value in (
                    ("2026-05-25", 450),
                    ("2026-05-31", 480),
                    ("2026-06-02", 510),
                    ("2026-06-08", 600),
                    ("2026-06-09", 610),
                )
            ],
            source="import",
        )
        readings = Reading.browse(verdict["reading_id"] for verdict in verdicts)
        self.assertEqual(
            [reading.partner_id for reading in readings],
            [
                self.customer,
                self.customer,
                self.other,
                self.other,
                self.partner_a,
            ],
        )
        self.env["meter.usage"]._update()
        pages = self.env["meter.usage"]._read_group(
            [("meter_id", "=", self.device.meter_ids.id)],
            ["partner_id"],
            ["pages:sum"],
        )
        self.assertEqual(
            dict(pages), {self.customer: 500, self.other: 100, self.partner_a: 10}
        )

    # === Nothing to charge by === #

    def _let_charge_end(self):
        self.contract.date_end = "2026-01-31"
        usage = self.contract.charge_ids.filtered(lambda c: c.kind == "usage")
        usage.date_to = "2026-01-31"
        self._bill_january()
        self.contract.renewal_months = 1
        return self.contract.action_renew()

    def test_pages_without_a_charge_wait(self):
        warning = self._let_charge_end()
        self.assertIn("Pages (until 01/31/2026)", warning["params"]["message"])
        self._read(self.device, "2026-02-28", mono=300)
        line = self._run("2026-02-28", self.contract).line_ids
        self.assertEqual(line.status, "waiting")
        self.assertIn("No charge applies from 02/01/2026", line.message)
        self.assertEqual(self.contract.billing_issue, line.message)
        self.contract.charge_ids.date_to = False
        self.assertEqual(self._bill(self.contract, "2026-02-28").amount_total, 2)
        self.assertFalse(self.contract.billing_issue)

    def test_fixed_amounts_alone_are_charges(self):
        """The pages of a flat rate are meant to cost nothing."""
        self.contract.charge_ids = [
            Command.create({"name": "Rental", "kind": "fixed", "amount": 50})
        ]
        self._let_charge_end()
        self.assertEqual(self._bill(self.contract, "2026-02-28").amount_total, 50)

    def test_without_devices_nothing_waits(self):
        self._let_charge_end()
        self.contract.assignment_ids.date_end = "2026-01-31"
        self.assertEqual(self._bill(self.contract, "2026-02-28").amount_total, 0)

    # === What is over === #

    def test_a_closed_contract_is_corrected_by_the_run(self):
        self._bill_january()
        self.contract.action_close()
        self.device.meter_ids.last_reading_id._correct(120, "misread")
        figures = self.env["meter.dashboard"].get_figures()["tiles"]
        self.assertEqual(figures["to_bill"]["value"], 1)
        correction = self._bill(self.contract, "2026-06-15")
        self.assertRecordValues(
            correction, [{"kind": "correction", "amount_total": 0.2}]
        )
        # February has begun, but a closed contract is not billed on.
        self.assertEqual(self.contract.billed_through, Date.to_date("2026-01-31"))
        self.assertFalse(self._run("2026-06-15", self.contract).line_ids)

    def test_devices_not_billed_where_only_corrections_are_due(self):
        self.contract.date_end = "2026-01-31"
        self._bill_january()
        self.device.meter_ids.last_reading_id._correct(120, "misread")
        self.assertTrue(self.contract.correct_from)
        Unbilled = self.env["meter.unbilled.device"]
        self.assertFalse(Unbilled._find(self.company, Date.to_date("2026-01-31")))
        (found,) = Unbilled._find(self.company, Date.to_date("2026-02-28"))
        self.assertEqual(found["reason"], "ended")

    # === Pages of a statement === #

    def test_pages_are_counted_once(self):
        """A charge for all pages and a surcharge for colour: 150 were printed."""
        all_pages = self.env["meter.type"].create(
            {
                "name": "All",
                "code": "all",
                "category": "total",
                "add_type_ids": [Command.set((self.mono | self.colour).ids)],
            }
        )
        device = self._device("SN-3", opening={"mono": 0, "colour": 0})
        contract = self._contract(
            [
                self._usage(all_pages.code, price=0.01),
                self._usage("colour", name="Surcharge", price=0.05),
            ],
            device,
        )
        self._read(device, "2026-01-31", mono=100, colour=50)
        statement = self._bill(contract, "2026-01-31")
        self.assertEqual(statement.amount_total, 4)  # 1.50 + 2.50
        self.assertEqual(statement.page_count, 150)

    def test_pages_of_the_own_period_alone(self):
        self._read(self.device, "2026-01-25", mono=100)
        self._bill(self.contract, "2026-01-31")
        self._read(self.device, "2026-01-31", mono=120)
        self._read(self.device, "2026-02-28", mono=300)
        february = self._bill(self.contract, "2026-02-28")
        self.assertEqual(february.amount_total, 2)  # 20 of January, 180 of February
        self.assertEqual(february.page_count, 180)
