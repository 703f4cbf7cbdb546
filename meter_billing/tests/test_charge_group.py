# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Charges of a group of devices, and charges with an interval of their own."""

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Date
from odoo.tests import tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestChargeGroup(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.devices = cls.env["meter.device"].union(
            *(cls._device(f"SN-{number}") for number in (1, 2, 3))
        )
        cls.contract = cls._contract(
            [
                cls._usage(name="Office", price=0.01, included=500),
                cls._usage(name="Print room", price=0.005),
                {
                    "name": "Rental",
                    "kind": "fixed",
                    "per": "device",
                    "amount": 10,
                },
            ],
            cls.devices,
        )
        cls.office, cls.room, cls.rental = cls.contract.charge_ids
        first, second, third = cls.contract.assignment_ids.sorted("id")
        cls.office.place_ids = first | second
        cls.room.place_ids = third
        cls.rental.place_ids = second

    def _read_all(self, day, *values):
        for device, value in zip(self.devices, values, strict=True):
            self._read(device, day, mono=value)

    def test_each_group_its_own_pool(self):
        self._read_all("2026-01-31", 400, 300, 2000)
        statement = self._bill(self.contract, "2026-01-31")
        # The office prints 700, 500 are free; the print room pays all of its 2000.
        self.assertEqual(
            self._lines(statement),
            [
                ("usage", 200, 0.01, 2),
                ("usage", 2000, 0.005, 10),
                ("fixed", 1, 10, 10),
            ],
        )
        self.assertEqual(
            [(line.serial_number, line.charge_id.name) for line in statement.line_ids],
            [("SN-1", "Office"), ("SN-2", "Office"), ("SN-3", "Print room")],
        )
        self.assertEqual(statement.page_count, 2700)

    def test_a_replacement_stays_in_the_group(self):
        spare = self._device("SN-4", install="2026-01-16")
        self._read_all("2026-01-15", 100, 100, 100)
        self.devices[0]._remove(
            Date.to_date("2026-01-16"),
            {self._meter(self.devices[0]): 400},
            spare,
        )
        self._read(self.devices[1], "2026-01-31", mono=300)
        self._read(self.devices[2], "2026-01-31", mono=2000)
        self._read(spare, "2026-01-31", mono=50)
        statement = self._bill(self.contract, "2026-01-31")
        self.assertEqual(
            self._lines(statement)[:2],
            [("usage", 250, 0.01, 2.5), ("usage", 2000, 0.005, 10)],
        )

    def test_no_reading_is_missed_where_nothing_is_charged(self):
        self.room.unlink()
        for device, value in zip(self.devices[:2], (400, 300), strict=True):
            self._read(device, "2026-01-31", mono=value)
        self.assertEqual(self._bill(self.contract, "2026-01-31").amount_total, 12)

    def test_devices_of_another_contract(self):
        other = self._contract([self._usage(price=0.01)], self._device("SN-5"))
        with self._refused(ValidationError, "Office", "own contract"):
            self.office.place_ids = other.assignment_ids

    def test_the_last_device_of_a_group_cannot_vanish(self):
        """The charge would be everybody's."""
        with self._refused(UserError, "Print room"):
            self.room.place_ids.unlink()

    def test_a_billed_group_stays(self):
        self._read_all("2026-01-31", 1, 1, 1)
        self._bill(self.contract, "2026-01-31")
        with self._refused(UserError, "Office", "billed"):
            self.office.place_ids = [Command.clear()]
        version = self.office._add_version(
            self.contract._get_first_open_day(), {"included": 100}
        )
        self.assertEqual(version.place_ids, self.office.place_ids)


@tagged("post_install", "-at_install")
class TestChargeInterval(MeterBillingCommon):
    def test_monthly_base_and_quarterly_overage(self):
        """Included pages add up over the quarter; the end of the contract bills all."""
        device = self._device("SN-1")
        contract = self._contract(
            [
                {"name": "Base", "kind": "fixed", "amount": 50},
                self._usage(name="Overage", price=0.01, included=1000, every=3),
            ],
            device,
            date_end="2026-05-31",
        )
        for day, value in (
            ("2026-01-31", 3000),
            ("2026-02-28", 3500),
            ("2026-03-31", 4500),
            ("2026-04-30", 7000),
            ("2026-05-31", 7600),
        ):
            reading = self._read(device, day, mono=value)
            if reading.state == "hold":  # more than in the months before
                reading._accept("Checked")
        statements = self._bill(contract, "2026-05-31")
        # January to March: 4500 pages, 3000 free. April and May: 3100, 2000 free.
        self.assertEqual(
            [self._lines(statement) for statement in statements],
            [
                [("fixed", 1, 50, 50)],
                [("fixed", 1, 50, 50)],
                [("fixed", 1, 50, 50), ("usage", 1500, 0.01, 15)],
                [("fixed", 1, 50, 50)],
                [("fixed", 1, 50, 50), ("usage", 1100, 0.01, 11)],
            ],
        )
        self.assertEqual(
            [move.amount_untaxed for s in statements for move in s.move_ids],
            [50, 50, 65, 50, 61],
        )
        self.assertFalse(contract.next_period_end)
