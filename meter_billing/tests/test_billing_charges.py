# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Every shape of charge, from the reading to the posted invoice.

All amounts are worked out by hand.
"""

from odoo.fields import Command
from odoo.tests import tagged

from .common import MeterBillingCommon

MONTH_ENDS = ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30")


@tagged("post_install", "-at_install")
class TestBillingCharges(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = cls._device("SN-1", opening={"mono": 1000})

    def _bill_months(self, contract, *pages):
        """Read so many mono pages on the device month by month; bill each month.

        :return: the statements
        """
        statements = self.env["meter.statement"]
        value = 1000
        for day, count in zip(MONTH_ENDS, pages, strict=False):
            value += count
            self._read(self.device, day, mono=value)
            statements += self._bill(contract, day)
        return statements

    def _assert_invoiced(self, statement, *lines):
        """Check the posted invoice: (quantity, price, amount) of each line."""
        move = statement.move_ids
        self.assertEqual(len(move), 1)
        self.assertEqual((move.state, move.move_type), ("posted", "out_invoice"))
        self.assertEqual(self._invoice_lines(move), list(lines))
        total = round(sum(amount for _quantity, _price, amount in lines), 2)
        self.assertEqual((statement.amount_total, move.amount_untaxed), (total, total))

    # === Price per page === #

    def test_price_with_six_decimals(self):
        contract = self._contract([self._usage(price=0.004510)], self.device)
        (statement,) = self._bill_months(contract, 1234)
        self._assert_invoiced(statement, (1234, 0.00451, 5.57))  # 5.56534
        self.assertRecordValues(
            statement.line_ids,
            [
                {
                    "device_id": self.device.id,
                    "type_id": self.mono.id,
                    "start_value": 1000,
                    "end_value": 2234,
                    "pages": 1234,
                    "quantity": 1234,
                    "included": 0,
                    "billable": 1234,
                    "price_unit": 0.00451,
                    "amount": 5.57,
                }
            ],
        )

    def test_included_pages(self):
        contract = self._contract([self._usage(price=0.01, included=500)], self.device)
        (statement,) = self._bill_months(contract, 1234)
        self._assert_invoiced(statement, (734, 0.01, 7.34))
        line = statement.line_ids
        self.assertEqual((line.pages, line.included, line.billable), (1234, 500, 734))

    def test_nothing_above_the_included_pages_is_no_invoice(self):
        contract = self._contract([self._usage(price=0.01, included=500)], self.device)
        (statement,) = self._bill_months(contract, 300)
        self.assertEqual(self._lines(statement), [("usage", 0, 0.01, 0)])
        self.assertFalse(statement.move_ids)
        self.assertEqual(statement.line_ids.pages, 300)

    def test_included_pages_carried_over(self):
        contract = self._contract(
            [self._usage(price=0.01, included=500, carry_over_periods=1)], self.device
        )
        statements = self._bill_months(contract, 300, 900)
        self.assertEqual(statements[0].amount_total, 0)
        self._assert_invoiced(statements[1], (200, 0.01, 2.00))  # 900 - 500 - 200

    # === Tiers and packages === #

    def test_graduated(self):
        contract = self._contract(
            [
                self._usage(
                    pricing="graduated",
                    tier_ids=self._tiers((5000, 0.015, 5), (1000, 0.02), (None, 0.01)),
                )
            ],
            self.device,
        )
        (statement,) = self._bill_months(contract, 6000)
        self._assert_invoiced(
            statement, (1000, 0.02, 20), (4000, 0.015, 60), (1, 5, 5), (1000, 0.01, 10)
        )
        self.assertEqual(
            statement.charge_ids.mapped("kind"), ["tier", "tier", "flat", "tier"]
        )

    def test_volume(self):
        contract = self._contract(
            [
                self._usage(
                    pricing="volume",
                    tier_ids=self._tiers((1000, 0.02), (5000, 0.015), (None, 0.01)),
                )
            ],
            self.device,
        )
        statements = self._bill_months(contract, 6000, 5000)
        self._assert_invoiced(statements[0], (6000, 0.01, 60))
        self._assert_invoiced(statements[1], (5000, 0.015, 75))

    def test_package(self):
        contract = self._contract(
            [self._usage(pricing="package", package_size=1000, price=8)], self.device
        )
        statements = self._bill_months(contract, 2100, 0)
        self._assert_invoiced(statements[0], (3, 8, 24))
        self.assertEqual(statements[1].amount_total, 0)

    # === Minimum, prepaid === #

    def test_minimum_pages_and_clawback(self):
        contract = self._contract(
            [
                self._usage(
                    price=0.01,
                    minimum_quantity=1000,
                    minimum_price=0.008,
                    clawback_periods=1,
                )
            ],
            self.device,
        )
        statements = self._bill_months(contract, 600, 1300)
        self._assert_invoiced(statements[0], (600, 0.01, 6), (400, 0.008, 3.20))
        self._assert_invoiced(statements[1], (1300, 0.01, 13), (-300, 0.008, -2.40))

    def test_prepaid_blocks(self):
        contract = self._contract(
            [self._usage(prepaid_block=1000, prepaid_price=0.009, prepaid_opening=200)],
            self.device,
        )
        statements = self._bill_months(contract, 1500, 400, 600)
        # 1300 beyond the opening balance: two blocks, 700 left; 300 left; one more
        self.assertEqual(
            [line for line in self._lines(statements[0]) if line[0] == "prepaid"],
            [("prepaid", 2000, 0.009, 18)],
        )
        self.assertEqual(statements[0].move_ids.amount_untaxed, 18)
        self.assertEqual(statements[1].amount_total, 0)
        self.assertEqual(statements[2].move_ids.amount_untaxed, 9)

    def test_minimum_amount(self):
        contract = self._contract([self._usage(price=0.01)], self.device)
        contract.charge_ids = [
            Command.create(
                {
                    "name": "Minimum",
                    "kind": "minimum_amount",
                    "amount": 50,
                    "covered_charge_ids": contract.charge_ids.ids,
                }
            )
        ]
        statements = self._bill_months(contract, 1234, 5001)
        self._assert_invoiced(statements[0], (1234, 0.01, 12.34), (1, 37.66, 37.66))
        self._assert_invoiced(statements[1], (5001, 0.01, 50.01))

    def test_maximum_amount(self):
        contract = self._contract([self._usage(price=0.01)], self.device)
        contract.charge_ids = [
            Command.create(
                {
                    "name": "Cap",
                    "kind": "maximum_amount",
                    "amount": 10,
                    "covered_charge_ids": contract.charge_ids.ids,
                }
            )
        ]
        (statement,) = self._bill_months(contract, 1234)
        self._assert_invoiced(statement, (1234, 0.01, 12.34), (-1, 2.34, -2.34))

    # === Fixed amounts === #

    def test_fixed_amount_for_the_period_billed(self):
        contract = self._contract([{"name": "Service", "kind": "fixed", "amount": 25}])
        (statement,) = self._bill(contract, "2026-01-31")
        self._assert_invoiced(statement, (1, 25, 25))

    def test_fixed_amount_ahead(self):
        contract = self._contract(
            [{"name": "Service", "kind": "fixed", "amount": 25, "timing": "advance"}]
        )
        first, second = self._bill(contract, "2026-02-28")
        self._assert_invoiced(first, (2, 25, 50))
        self._assert_invoiced(second, (1, 25, 25))

    def test_fixed_amount_for_each_device(self):
        other = self._device("SN-2", install="2026-02-10")
        contract = self._contract(
            [{"name": "Rental", "kind": "fixed", "amount": 15, "per": "device"}],
            self.device + other,
        )
        first, second = self._bill(contract, "2026-02-28")
        self._assert_invoiced(first, (1, 15, 15))
        self._assert_invoiced(second, (2, 15, 30))

    def test_a_replaced_device_is_one_rental(self):
        contract = self._contract(
            [{"name": "Rental", "kind": "fixed", "amount": 15, "per": "device"}],
            self.device,
        )
        new = self._device("SN-2", install="2026-01-20")
        day = new.install_date
        self.device._remove(day, {self.device.meter_ids: 1500}, new)
        (statement,) = self._bill(contract, "2026-01-31")
        self._assert_invoiced(statement, (1, 15, 15))

    def test_partial_first_period_by_days(self):
        contract = self._contract(
            [{"name": "Service", "kind": "fixed", "amount": 100}],
            start="2026-01-16",
            first_period_end="2026-01-31",
            prorate="days",
        )
        (statement,) = self._bill(contract, "2026-01-31")
        # 16 of 31 days = 51.6129; as 0.52 x 100 it would be 52.00
        self._assert_invoiced(statement, (1, 51.61, 51.61))

    # === Meters and rhythm === #

    def test_pooled_and_for_each_device(self):
        other = self._device("SN-2")
        for pooling, quantity in (("contract", 200), ("device", 400)):
            with self.subTest(pooling=pooling), self.env.cr.savepoint() as savepoint:
                included = 1000 if pooling == "contract" else 500
                contract = self._contract(
                    [self._usage(price=0.01, included=included, pooling=pooling)],
                    self.device + other,
                )
                self._read(self.device, "2026-01-31", mono=1300)
                self._read(other, "2026-01-31", mono=900)
                (statement,) = self._bill(contract, "2026-01-31")
                self._assert_invoiced(statement, (quantity, 0.01, quantity / 100))
                self.assertAlmostEqual(
                    sum(statement.line_ids.mapped("amount")), quantity / 100
                )
                savepoint.rollback()

    def test_weighted_pages(self):
        device = self._device("SN-3", opening={"mono": 0, "mono_a3": 0})
        contract = self._contract([self._usage("mono", "mono_a3", price=0.01)], device)
        self._read(device, "2026-01-31", mono=1000, mono_a3=101)
        (statement,) = self._bill(contract, "2026-01-31")
        self._assert_invoiced(statement, (1202, 0.01, 12.02))
        self.assertEqual(
            [(line.pages, line.quantity) for line in statement.line_ids],
            [(1000, 1000), (101, 202)],
        )

    def test_weight_with_decimals_keeps_the_amount(self):
        banner = self.env["meter.type"].create(
            {"name": "Banner", "code": "banner", "weight": 1.333333}
        )
        device = self._device("SN-3", opening={"banner": 0})
        contract = self._contract([self._usage(banner.code, price=0.09)], device)
        self._read(device, "2026-01-31", banner=1001)
        (statement,) = self._bill(contract, "2026-01-31")
        # 1334.666333 x 0.09 = 120.11997; as 1334.67 x 0.09 it would look exact
        self.assertEqual(self._lines(statement), [("usage", 1334.666333, 0.09, 120.12)])
        self._assert_invoiced(statement, (1, 120.12, 120.12))

    def test_derived_meter(self):
        device = self._device("SN-3", opening={"total": 100, "mono": 60})
        contract = self._contract(
            [
                self._usage("mono", price=0.01, name="Mono"),
                self._usage("colour_from_total", price=0.05, name="Colour"),
            ],
            device,
        )
        self._read(device, "2026-01-31", total=1100, mono=660)
        (statement,) = self._bill(contract, "2026-01-31")
        self._assert_invoiced(statement, (600, 0.01, 6), (400, 0.05, 20))
        mono, colour, total = statement.line_ids
        self.assertEqual((mono.pages, mono.charge_id.name), (600, "Mono"))
        self.assertEqual(
            (colour.start_value, colour.end_value, colour.pages, colour.meter_id.id),
            (40, 440, 400, False),
        )
        self.assertEqual((total.pages, total.charge_id.id), (1000, False))
        self.assertEqual(statement.page_count, 1000)

    def test_two_charges_on_the_same_pages(self):
        contract = self._contract(
            [
                self._usage(price=0.01, name="Clicks"),
                self._usage(price=0.002, name="Toner"),
            ],
            self.device,
        )
        (statement,) = self._bill_months(contract, 1000)
        self._assert_invoiced(statement, (1000, 0.01, 10), (1000, 0.002, 2))
        self.assertEqual(statement.page_count, 1000)

    def test_every_third_period(self):
        contract = self._contract(
            [
                {"name": "Service", "kind": "fixed", "amount": 25},
                self._usage(price=0.01, included=100, every=3),
            ],
            self.device,
        )
        first, second, third = self._bill_months(contract, 200, 50, 250)
        self._assert_invoiced(first, (1, 25, 25))
        self._assert_invoiced(second, (1, 25, 25))
        self._assert_invoiced(third, (1, 25, 25), (200, 0.01, 2))  # 500 - 3 x 100

    def test_quarterly(self):
        contract = self._contract(
            [
                self._usage(price=0.01),
                {"name": "Service", "kind": "fixed", "amount": 75},
            ],
            self.device,
            period_months=3,
        )
        self._read(self.device, "2026-03-30", mono=1900)
        (statement,) = self._bill(contract, "2026-03-31")
        self._assert_invoiced(statement, (900, 0.01, 9), (1, 75, 75))
        self.assertEqual(
            (str(statement.date_from), str(statement.date_to)),
            ("2026-01-01", "2026-03-31"),
        )
