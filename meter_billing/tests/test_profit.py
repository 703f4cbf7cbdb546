# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Revenue is what statements charge, to the cent; costs are pages at their cost."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestProfit(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = cls._device("P-1", opening={"mono": 0, "colour": 0})
        cls.env["meter.page.cost"].create(
            [
                {"model_id": cls.model.id, "type_id": cls.mono.id, "cost": 0.004},
                {
                    "model_id": cls.model.id,
                    "type_id": cls.mono.id,
                    "cost": 0.005,
                    "date_from": "2026-02-15",
                },
                {"model_id": cls.model.id, "type_id": cls.colour.id, "cost": 0.04},
            ]
        )
        cls.contract = cls._contract(
            [
                cls._usage("mono", name="Mono", price=0.01),
                cls._usage("colour", name="Colour", price=0.1),
                {"name": "Rental", "kind": "fixed", "amount": 50},
            ],
            cls.device,
        )
        cls._read(cls.device, "2026-01-31", mono=1000, colour=100)
        cls._read(cls.device, "2026-02-28", mono=3000, colour=200)
        cls._run("2026-02-28", cls.contract)
        cls.env["meter.usage"]._update()
        cls.report = cls.env["meter.profit.report"]

    def _sums(self, *domain, by=()):
        return self.report._read_group(
            [("contract_id", "=", self.contract.id), *domain],
            list(by),
            ["pages:sum", "revenue:sum", "cost:sum", "margin:sum"],
        )

    def test_revenue_and_cost_by_month(self):
        self.assertEqual(
            [(str(month), *rest) for month, *rest in self._sums(by=["month:month"])],
            [
                # 1000 x 0.01 + 100 x 0.1 + 50; 1000 x 0.004 + 100 x 0.04
                ("2026-01-01", 1100, 70.0, 8.0, 62.0),
                # the new cost counts from the month of its day on
                ("2026-02-01", 2100, 80.0, 14.0, 66.0),
            ],
        )

    def test_revenue_is_what_statements_say(self):
        (total,) = self._sums()
        self.assertEqual(
            total[1], sum(self.contract.statement_ids.mapped("amount_total"))
        )

    def test_by_device_the_pages_alone(self):
        rows = self._sums(("device_id", "=", self.device.id))
        self.assertEqual(rows, [(3200, 50.0, 22.0, 28.0)])
        rows = self._sums(("kind", "=", "other"))
        self.assertEqual(rows, [(0, 100.0, 0.0, 100.0)])

    def test_ratios_are_those_of_the_sums(self):
        ((revenue, cost, rate),) = self.report._read_group(
            [("device_id", "=", self.device.id)],
            [],
            ["revenue_per_page:avg", "cost_per_page:avg", "margin_rate:avg"],
        )
        self.assertAlmostEqual(revenue, 50 / 3200)
        self.assertAlmostEqual(cost, 22 / 3200)
        self.assertAlmostEqual(rate, 28 / 50)

    def test_a_minimum_is_other_revenue(self):
        device = self._device("P-2")
        contract = self._contract([self._usage(name="Mono", price=0.01)], device)
        self.env["meter.contract.charge"].create(
            {
                "contract_id": contract.id,
                "name": "At least",
                "kind": "minimum_amount",
                "amount": 20,
                "covered_charge_ids": contract.charge_ids.ids,
            }
        )
        self._read(device, "2026-01-31", mono=500)
        statement = self._bill(contract, "2026-01-31")
        groups = self.report._read_group(
            [("statement_id", "=", statement.id)], ["kind"], ["revenue:sum"]
        )
        self.assertEqual(dict(groups), {"pages": 5.0, "other": 15.0})

    def test_a_cancelled_statement_brings_nothing(self):
        statement = self.contract._get_last_statement()
        statement.move_ids._reverse_moves(cancel=True)
        self.assertEqual(statement.state, "cancelled")
        self.assertEqual(self._sums(("statement_id", "=", statement.id))[0][1], 0)

    def test_other_currencies_are_converted_on_the_statement_s_day(self):
        currency = self.env["res.currency"].create(
            {"name": "XTS", "symbol": "X", "rounding": 0.01}
        )
        self.env["res.currency.rate"].create(
            [
                {"currency_id": currency.id, "name": day, "rate": rate}
                for day, rate in (("2026-01-15", 2), ("2026-02-15", 4))
            ]
        )
        device = self._device("P-3")
        contract = self._contract(
            [self._usage(price=0.1)], device, currency_id=currency.id
        )
        self._read(device, "2026-01-31", mono=1000)
        self._bill(contract, "2026-01-31")
        ((revenue,),) = self.report._read_group(
            [("contract_id", "=", contract.id)], [], ["revenue:sum"]
        )
        self.assertEqual(revenue, 50.0)

    def test_costs_are_the_manager_s(self):
        values = {"model_id": self.model.id, "type_id": self.total.id, "cost": 1}
        user = self._user("biller", "meter_billing.group_meter_billing_user")
        with self.assertRaises(AccessError):
            self.env["meter.page.cost"].with_user(user).create(values)
        manager = self._user("boss", "meter_billing.group_meter_billing_manager")
        self.env["meter.page.cost"].with_user(manager).create(values)
        with self._refused(Exception, "already"):
            self.env["meter.page.cost"].with_user(manager).create(values)
