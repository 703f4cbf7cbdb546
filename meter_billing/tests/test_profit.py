# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Revenue is what statements charge, to the cent; costs are pages or what is booked."""

from odoo.exceptions import AccessError
from odoo.fields import Command
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


@tagged("post_install", "-at_install")
class TestBookedCosts(MeterBillingCommon):
    """Analytic items of a device are its costs, once, and nothing else is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.analytic = cls.env.ref("analytic.group_analytic_accounting")
        cls.env.user.group_ids |= cls.analytic
        cls.plan, cls.other_plan = cls.env["account.analytic.plan"].create(
            [{"name": "Devices"}, {"name": "Vans"}]
        )
        cls.device = cls._device("A-1")
        cls.plain = cls._device("A-2")
        cls.account = cls._analytic(cls.plan, "A-1")
        cls.device.analytic_account_id = cls.account
        cls.page_cost = cls.env["meter.page.cost"].create(
            {"model_id": cls.model.id, "type_id": cls.mono.id, "cost": 0.01}
        )
        cls.contract = cls._contract([cls._usage(price=0.05)], cls.device | cls.plain)
        for day, value in (("2026-01-31", 1000), ("2026-02-28", 3000)):
            cls._read(cls.device, day, mono=value)
            cls._read(cls.plain, day, mono=value)
        cls.env["meter.usage"]._update()
        cls.expense = cls.company_data["default_account_expense"]
        cls.revenue = cls.company_data["default_account_revenue"]

    @classmethod
    def _analytic(cls, plan, name):
        return cls.env["account.analytic.account"].create(
            {"name": name, "plan_id": plan.id}
        )

    def _bill_of(self, amount, kind="in_invoice", account=None, distribution=None):
        """Post a document of one line that names the device; return it."""
        move = self.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": self.partner_a.id,
                "invoice_date": "2026-02-10",
                "date": "2026-02-10",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Fuser",
                            "price_unit": amount,
                            "tax_ids": [],
                            "account_id": (account or self.expense).id,
                            "analytic_distribution": distribution
                            or {str(self.account.id): 100},
                        }
                    )
                ],
            }
        )
        move.action_post()
        return move

    def _item(self, amount, account=None, **values):
        """Enter an analytic item by hand, as time is."""
        account = account or self.account
        return self.env["account.analytic.line"].create(
            {
                "name": "Technician",
                "date": "2026-02-20",
                "amount": amount,
                account.plan_id._column_name(): account.id,
                **values,
            }
        )

    def _costs(self, device=None):
        """Return ``{month: (cost of pages, booked costs)}`` of a device."""
        groups = self.env["meter.profit.report"]._read_group(
            [("device_id", "=", (device or self.device).id)],
            ["month:month"],
            ["page_cost:sum", "booked_cost:sum", "cost:sum"],
        )
        for _month, pages, booked, cost in groups:
            self.assertAlmostEqual(pages + booked, cost)
        return {f"{month:%m}": (pages, booked) for month, pages, booked, _c in groups}

    def test_booked_costs_count_instead_of_pages_from_their_first_month_on(self):
        self.assertEqual(self._costs(), {"01": (10, 0), "02": (20, 0)})
        self._bill_of(80)
        self._item(-35.5)
        self.assertEqual(self._costs(), {"01": (10, 0), "02": (0, 115.5)})
        # Another device of the same model goes on by its pages.
        self.assertEqual(self._costs(self.plain), {"01": (10, 0), "02": (20, 0)})

    def test_a_cost_of_pages_can_count_beside_them(self):
        self.page_cost.beside_booked = True
        self._bill_of(80)
        self.assertEqual(self._costs(), {"01": (10, 0), "02": (20, 80)})

    def test_refunds_count_against(self):
        self._bill_of(80)
        self._bill_of(30, kind="in_refund")
        self.assertEqual(self._costs()["02"], (0, 50))

    def test_revenue_and_assets_are_no_costs(self):
        self._bill_of(500, kind="out_invoice", account=self.revenue)
        self._bill_of(120, kind="out_refund", account=self.revenue)
        self._item(60)
        asset = self.env["account.account"].create(
            {"name": "Machines", "code": "159900", "account_type": "asset_fixed"}
        )
        self._bill_of(4000, account=asset)
        self.assertEqual(self._costs(), {"01": (10, 0), "02": (20, 0)})

    def test_a_bill_of_several_devices_counts_by_their_parts(self):
        other = self._analytic(self.plan, "A-2")
        self.plain.analytic_account_id = other
        self._bill_of(100, distribution={str(self.account.id): 70, str(other.id): 30})
        self.assertEqual(self._costs()["02"], (0, 70))
        self.assertEqual(self._costs(self.plain)["02"], (0, 30))

    def test_an_item_of_two_plans_counts_once(self):
        other = self._analytic(self.other_plan, "A-2")
        self.plain.analytic_account_id = other
        self._bill_of(100, distribution={f"{self.account.id},{other.id}": 100})
        self._item(-7, other)
        self.assertEqual(self._costs()["02"], (0, 100))
        self.assertEqual(self._costs(self.plain)["02"], (0, 7))

    def test_an_account_is_one_device_s(self):
        with self._refused(Exception, "analytic_account_uniq"):
            self.plain.analytic_account_id = self.account

    def test_only_items_of_the_device_s_company_count(self):
        other = self.setup_other_company()["company"]
        self._item(-10, company_id=other.id)
        self.assertEqual(self._costs()["02"], (20, 0))

    def test_whose_costs_they_are(self):
        self._item(-10)
        row = self.env["meter.profit.report"].search([("kind", "=", "booked")])
        self.assertEqual(row.partner_id, self.customer)
        self.assertEqual(row.contract_id, self.contract)
        self.assertEqual(row.currency_id, self.company.currency_id)

    def test_what_a_row_opens(self):
        bill = self._bill_of(80)
        row = self.env["meter.profit.report"].search([("kind", "=", "booked")])
        action = row.action_view_source()
        self.assertEqual((action["res_model"], action["res_id"]), (bill._name, bill.id))
        reader = self._user("reader", "meter_billing.group_meter_billing_reader")
        action = row.with_user(reader).action_view_source()
        self.assertEqual(action["res_id"], self.device.id)

    def test_the_device_opens_its_revenue_and_costs(self):
        bill = self._item(-10)
        reader = self._user("reader", "meter_billing.group_meter_billing_reader")
        action = self.device.with_user(reader).action_view_profit()
        rows = self.env[action["res_model"]].with_user(reader).search(action["domain"])
        self.assertEqual(rows.device_id, self.device)
        self.assertEqual(sum(rows.mapped("booked_cost")), 10)
        # Not what was booked: that is for those who may see the books.
        self.assertNotIn("analytic_line_id", rows.fields_get())
        self.assertEqual(rows.sudo().analytic_line_id, bill)
        self.assertNotIn(
            "analytic_account_id", self.device.with_user(reader).fields_get()
        )
