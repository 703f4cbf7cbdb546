# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Work is done in sets: more rows, meters or contracts are hardly more queries."""

from datetime import timedelta

from odoo.fields import Date
from odoo.tests import tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestQueryCounts(MeterBillingCommon):
    def _count(self, function, *args):
        """Return how many queries a call takes, from a cold cache to the flush."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function(*args)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _devices(self, prefix, count):
        devices = self.env["meter.device"]
        for number in range(count):
            devices += self._device(
                f"{prefix}-{number}", opening={"mono": 0, "colour": 0}
            )
        return devices

    def _rows(self, devices, day):
        return [
            self._row(device, day, 100, code)
            for device in devices
            for code in ("mono", "colour")
        ]

    def _ingest(self, rows):
        verdicts = self.env["meter.reading"]._ingest(rows, source="import")
        self.assertEqual({v["status"] for v in verdicts}, {"created"})

    def test_ingest(self):
        few, many = self._devices("A", 5), self._devices("B", 50)
        self._count(self._ingest, self._rows(few, "2026-01-30"))  # warm up
        of_few = self._count(self._ingest, self._rows(few, "2026-01-31"))
        of_many = self._count(self._ingest, self._rows(many, "2026-01-31"))
        # 10 rows and 100 rows
        self.assertLessEqual(of_few, 15)
        self.assertLessEqual(of_many, of_few + 2)

    def test_grid(self):
        few, many = self._devices("A", 5), self._devices("B", 50)
        many.partner_id = self.partner_a
        Reading = self.env["meter.reading"]

        def save(devices):
            values = [
                {"meter_id": row["meter_id"], "value": "100"}
                for row in self._rows(devices, "2026-01-31")
            ]
            self.assertEqual(
                Reading.grid_save("2026-01-31", values)["saved"], len(values)
            )

        self._count(Reading.grid_load, self.customer.id)
        loads = [
            self._count(Reading.grid_load, partner.id)
            for partner in (self.customer, self.partner_a)
        ]
        saves = [self._count(save, devices) for devices in (few, many)]
        self.assertLessEqual(loads[1], loads[0] + 2, loads)
        self.assertLessEqual(saves[1], saves[0] + 2, saves)
        self.assertLessEqual(saves[0], 24)

    def test_old_readings_are_no_matter(self):
        device = self._device("A")
        row = self._row(device, "2026-05-31", 200)
        self._count(self._ingest, [self._row(device, "2026-01-01", 1)])
        start = Date.to_date("2026-01-02")
        self._ingest(
            [
                self._row(device, start + timedelta(days=number), 1 + number)
                for number in range(140)
            ]
        )
        self.assertLessEqual(self._count(self._ingest, [row]), 15)

    def _contracts(self, prefix, count):
        """Return contracts with two devices and three charges each, all read."""
        contracts = self.env["meter.contract"]
        for number in range(count):
            devices = self._devices(f"{prefix}{number}", 2)
            contracts += self._contract(
                [
                    self._usage("mono", name="Mono", price=0.01, included=50),
                    self._usage("colour", name="Colour", price=0.07),
                    {"name": "Rental", "kind": "fixed", "amount": 5, "per": "device"},
                ],
                devices,
            )
            for day, value in (("2026-01-31", 100), ("2026-02-28", 200)):
                self.env["meter.reading"]._ingest(
                    [dict(row, value=value) for row in self._rows(devices, day)],
                    source="import",
                )
        return contracts

    def _bill_month(self, contracts, through):
        run = self._run(through, contracts)
        self.assertEqual(
            run.billed_count, len(contracts), run.line_ids.mapped("message")
        )

    def test_billing(self):
        """25 contracts: what grows with each is Odoo's posting, and it is bounded."""
        warm, few, many = (
            self._contracts("W", 1),
            self._contracts("A", 5),
            self._contracts("B", 25),
        )
        self._count(self._bill_month, warm, "2026-01-31")
        for through in ("2026-01-31", "2026-02-28"):
            of_few = self._count(self._bill_month, few, through)
            of_many = self._count(self._bill_month, many, through)
            each = (of_many - of_few) / 20
            self.assertLessEqual(each, 12, (through, of_few, of_many))

    def test_statements_alone(self):
        """Without Odoo's invoices: the number of the statement is one query each."""
        few, many = self._contracts("A", 5), self._contracts("B", 25)

        def prepare(contracts):
            chains, waiting = contracts._prepare_chains()
            self.assertFalse(waiting)
            self.assertEqual(len(contracts._prepare_statements(chains)), len(contracts))

        self._count(prepare, few)
        of_few, of_many = self._count(prepare, few), self._count(prepare, many)
        self.assertLessEqual(of_many, of_few + 2, (of_few, of_many))
