# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""New prices from a day on, never for what is billed."""

from psycopg2.errors import CheckViolation, ExclusionViolation

from odoo.exceptions import UserError
from odoo.fields import Command, Date
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestPriceRevision(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = cls._device("SN-1")

    def _revise(self, contracts, day, percent=10, **values):
        revision = self.env["meter.price.revision"].create(
            {
                "contract_ids": contracts.ids,
                "date_from": day,
                "percent": percent,
                **values,
            }
        )
        revision.action_confirm()
        return revision

    def _fixed(self, **values):
        return {"name": "Service", "kind": "fixed", "amount": 100, **values}

    def _new(self, charge):
        """Return the successor of a charge."""
        self.assertEqual(len(charge.next_ids), 1)
        return charge.next_ids

    def test_in_the_middle_of_a_period(self):
        """The period that has begun keeps its price; the next one has the new price."""
        contract = self._contract([self._usage(price=0.01)], self.device)
        self._read(self.device, "2026-01-31", mono=1000)
        self._bill(contract, "2026-01-31")
        self._revise(contract, "2026-02-15")
        self._read(self.device, "2026-02-28", mono=2000)
        self._read(self.device, "2026-03-31", mono=3000)
        february, march = self._bill(contract, "2026-03-31")
        self.assertEqual(self._lines(february), [("usage", 1000, 0.01, 10)])
        self.assertEqual(self._lines(march), [("usage", 1000, 0.011, 11)])
        self.assertEqual(
            march.move_ids.invoice_line_ids.price_subtotal, 11, "invoiced as well"
        )

    def test_a_late_reading_is_rated_at_the_old_price(self):
        contract = self._contract([self._usage(price=0.01)], self.device)
        for day, value in (("2026-01-31", 1000), ("2026-02-28", 2000)):
            self._read(self.device, day, mono=value)
        self._bill(contract, "2026-02-28")
        self._revise(contract, "2026-03-01", percent=100)
        # 500 of January's pages turn out to be February's: no money moves. Then 300
        # more pages until the end of February, at February's price.
        january = self.env["meter.reading"].search(
            [("meter_id", "in", self.device.meter_ids.ids), ("value", "=", 2000)]
        )
        january._correct(2300, "misread")
        self._read(self.device, "2026-03-31", mono=2400)
        march = self._bill(contract, "2026-03-31")
        self.assertEqual(
            self._lines(march), [("usage", 300, 0.01, 3), ("usage", 100, 0.02, 2)]
        )

    def test_rounding_half_up(self):
        charges = [
            self._usage(price=0.012345, name="A"),
            self._usage("colour", price=0.000005, name="B"),
        ]
        contract = self._contract(charges, self.device)
        revision = self.env["meter.price.revision"].create(
            {"contract_ids": contract.ids, "percent": 10}
        )
        # 0.012345 x 1.1 = 0.0135795; 0.000005 x 1.1 = 0.0000055
        for decimals, expected in (
            (6, [0.01358, 0.000006]),
            (5, [0.01358, 0.00001]),
            (4, [0.0136, 0]),
            (2, [0.01, 0]),
            (1, [0, 0]),
        ):
            with self.subTest(decimals=decimals):
                revision.decimals = decimals
                self.assertEqual(revision.line_ids.mapped("new_value"), expected)
        for decimals in (0, 7):
            with (
                self.assertRaises(CheckViolation),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                revision.decimals = decimals
                revision.flush_recordset()

    def test_percent_is_exact(self):
        """0.07 x 1.005 = 0.07035 is a half: it goes up, whatever floats make of it."""
        contract = self._contract([self._usage(price=0.07)], self.device)
        self._revise(contract, "2026-01-02", percent=0.5, decimals=4)
        self.assertEqual(self._new(contract.charge_ids[0]).price, 0.0704)

    def test_tiers_minimum_and_amounts(self):
        contract = self._contract(
            [
                self._usage(
                    pricing="graduated",
                    tier_ids=self._tiers((1000, 0.02, 5), (None, 0.01)),
                    minimum_quantity=100,
                    minimum_price=0.015,
                ),
                self._fixed(amount=33.33),
            ],
            self.device,
        )
        usage, fixed = contract.charge_ids
        self._revise(contract, "2026-01-02", percent=10)
        tiers = self._new(usage).tier_ids
        self.assertEqual(
            [(tier.up_to, tier.price, tier.flat) for tier in tiers],
            [(1000, 0.022, 5.5), (0, 0.011, 0)],
        )
        self.assertEqual(self._new(usage).minimum_price, 0.0165)
        # 33.33 x 1.1 = 36.663
        self.assertEqual(self._new(fixed).amount, 36.66)
        self.assertEqual([tier.price for tier in usage.tier_ids], [0.02, 0.01])

    def test_only_the_chosen_kinds_and_edited_prices(self):
        contract = self._contract([self._usage(price=0.01), self._fixed()], self.device)
        usage, fixed = contract.charge_ids
        form = Form(
            self.env["meter.price.revision"].with_context(
                default_contract_ids=contract.ids
            )
        )
        form.percent = 10
        form.revise_fixed = False
        self.assertEqual(len(form.line_ids), 1)
        with form.line_ids.edit(0) as line:
            self.assertEqual((line.old_value, line.new_value), (0.01, 0.011))
            line.new_value = 0.0125
        form.save().action_confirm()
        self.assertEqual(self._new(usage).price, 0.0125)
        self.assertFalse(fixed.next_ids)
        log = contract.message_ids[0].body
        self.assertIn("0.01 → 0.0125", log)

    def test_not_retroactive(self):
        one = self._contract([self._fixed()])
        other = self._contract([self._fixed()])
        self._bill(other, "2026-02-28")
        with self._refused(UserError, other.name, "03/01/2026"):
            self._revise(one | other, "2026-02-28")
        self.assertFalse(one.charge_ids.next_ids, "all or none")
        revision = self.env["meter.price.revision"].create(
            {"contract_ids": (one | other).ids}
        )
        self.assertEqual(revision.date_from, Date.to_date("2026-03-01"))

    def test_prices_that_are_planned_already(self):
        contract = self._contract([self._fixed()])
        self._revise(contract, "2026-04-01")
        with self._refused(UserError, contract.name, "Service", "04/01/2026"):
            self._revise(contract, "2026-03-01")
        with self._refused(UserError, "04/01/2026"):
            self._revise(contract, "2026-04-01")
        self._revise(contract, "2026-05-01")
        self.assertEqual(
            self._bill(contract, "2026-05-31").mapped("amount_total"),
            [100, 100, 100, 110, 121],
        )

    def test_many_contracts_in_one_go(self):
        contracts = self.env["meter.contract"].union(
            *(self._contract([self._fixed(amount=n)]) for n in (10, 20, 30))
        )
        self._revise(contracts, "2026-02-01", percent=-10)
        self.assertEqual(
            [self._new(c.charge_ids[0]).amount for c in contracts], [9, 18, 27]
        )

    def test_nothing_changes(self):
        contract = self._contract([self._fixed()])
        with self._refused(UserError, "No price changes"):
            self._revise(contract, "2026-02-01", percent=0)

    def test_balances_go_on(self):
        """Carried pages and prepaid blocks belong to the charge, not to a version."""
        device = self._device("SN-2", opening={"mono": 0, "colour": 0})
        contract = self._contract(
            [
                self._usage(price=0.01, included=1000, carry_over_periods=3),
                self._usage(
                    "colour",
                    name="Colour",
                    prepaid_block=1000,
                    prepaid_price=0.1,
                    prepaid_opening=1500,
                ),
            ],
            device,
        )
        self._read(device, "2026-01-31", mono=400, colour=1200)
        self._bill(contract, "2026-01-31")
        self._revise(contract, "2026-02-01")
        self._read(device, "2026-02-28", mono=2100, colour=1700)
        february = self._bill(contract, "2026-02-28")
        # 1700 mono pages, 600 carried and 1000 free: 100 at 0.011. 500 colour pages,
        # 300 are paid for: a block of 1000 at 0.11.
        self.assertEqual(
            self._lines(february),
            [
                ("usage", 100, 0.011, 1.1),
                ("usage", 500, 0, 0),
                ("prepaid", 1000, 0.11, 110),
            ],
        )

    def test_a_minimum_covers_the_new_versions(self):
        contract = self._contract([self._fixed()])
        contract.charge_ids = [
            Command.create(
                {
                    "name": "Minimum",
                    "kind": "minimum_amount",
                    "amount": 150,
                    "covered_charge_ids": contract.charge_ids.ids,
                }
            )
        ]
        self._bill(contract, "2026-01-31")
        self._revise(contract, "2026-02-01", revise_limits=False)
        february = self._bill(contract, "2026-02-28")
        self.assertEqual(
            self._lines(february),
            [("fixed", 1, 110, 110), ("minimum", 1, 40, 40)],
        )
        self._revise(contract, "2026-03-01", percent=20, revise_fixed=False)
        march = self._bill(contract, "2026-03-31")
        self.assertEqual(
            self._lines(march), [("fixed", 1, 110, 110), ("minimum", 1, 70, 70)]
        )

    def test_in_advance(self):
        """What is charged ahead has the price of its own period."""
        contract = self._contract([self._fixed(timing="advance")])
        self._revise(contract, "2026-03-01")
        self.assertEqual(
            [
                self._lines(statement)
                for statement in self._bill(contract, "2026-03-31")
            ],
            [
                [("fixed", 2, 100, 200)],
                [("fixed", 1, 110, 110)],
                [("fixed", 1, 110, 110)],
            ],
        )
        # April is charged already: prices from April on begin with May.
        revision = self._revise(contract, "2026-04-01")
        self.assertEqual(str(revision.line_ids.date_from), "2026-05-01")
        self.assertEqual(
            self._lines(self._bill(contract, "2026-04-30")), [("fixed", 1, 121, 121)]
        )

    def test_a_charge_of_several_periods_changes_with_its_next_round(self):
        contract = self._contract(
            [self._usage(price=0.01, every=3), self._fixed()], self.device
        )
        self._read(self.device, "2026-01-31", mono=1000)
        self._bill(contract, "2026-01-31")
        revision = self._revise(contract, "2026-02-01")
        self.assertEqual(
            [str(day) for day in revision.line_ids.mapped("date_from")],
            ["2026-04-01", "2026-02-01"],
        )
        for day, value in (
            ("2026-02-28", 2000),
            ("2026-03-31", 3000),
            ("2026-04-30", 3500),
        ):
            self._read(self.device, day, mono=value)
        _february, march, _april = self._bill(contract, "2026-04-30")
        self.assertEqual(
            self._lines(march), [("usage", 3000, 0.01, 30), ("fixed", 1, 110, 110)]
        )

    # === What is billed stays === #

    def test_terms_of_a_billed_charge_stay(self):
        contract = self._contract(
            [
                self._usage(pricing="graduated", tier_ids=self._tiers((None, 0.02))),
                self._fixed(),
            ],
            self.device,
        )
        usage, fixed = contract.charge_ids
        self._read(self.device, "2026-01-31", mono=1000)
        self._bill(contract, "2026-01-31")
        for record, values in (
            (fixed, {"amount": 120}),
            (fixed, {"timing": "advance"}),
            (fixed, {"date_from": "2026-01-15"}),
            (usage, {"included": 100}),
            (usage, {"payer_id": self.company.partner_id.id}),
            (usage, {"meter_type_ids": [Command.link(self.colour.id)]}),
            (usage, {"tier_ids": [Command.clear()]}),
            (usage.tier_ids, {"price": 0.01}),
        ):
            with (
                self.subTest(values=values),
                self._refused(
                    UserError, "has been billed", contract.name, "Revise Prices"
                ),
            ):
                record.write(values)
        with self._refused(UserError, "stays"):
            fixed.unlink()
        with self._refused(UserError, "cannot end before"):
            fixed.date_to = "2026-01-30"
        fixed.write({"name": "Support", "sequence": 3, "amount": 100})
        fixed.date_to = "2026-02-28"
        self._read(self.device, "2026-02-28", mono=1000)
        self._read(self.device, "2026-03-31", mono=1000)
        february, march = self._bill(contract, "2026-03-31")
        self.assertEqual((february.amount_total, march.amount_total), (100, 0))

    def test_new_version_by_hand(self):
        contract = self._contract([self._usage(price=0.01)], self.device)
        self._read(self.device, "2026-01-31", mono=1000)
        self._bill(contract, "2026-01-31")
        charge = contract.charge_ids
        action = charge.action_new_version()
        version = self.env["meter.contract.charge"].browse(action["res_id"])
        self.assertEqual(str(version.date_from), "2026-02-01")
        version.included = 500
        with self._refused(UserError, "02/01/2026"):
            charge.action_new_version()
        self._read(self.device, "2026-02-28", mono=2000)
        self.assertEqual(
            self._lines(self._bill(contract, "2026-02-28")), [("usage", 500, 0.01, 5)]
        )

    def test_deleting_a_planned_version(self):
        contract = self._contract([self._fixed()])
        charge = contract.charge_ids
        self._revise(contract, "2026-02-01")
        charge.next_ids.unlink()
        self.assertFalse(charge.date_to)
        self.assertEqual(
            self._bill(contract, "2026-02-28").mapped("amount_total"), [100, 100]
        )

    def test_a_new_charge_is_not_retroactive(self):
        contract = self._contract([self._fixed()])
        self._bill(contract, "2026-01-31")
        values = self._fixed(name="Toner", contract_id=contract.id)
        charge = self.env["meter.contract.charge"].create(values)
        self.assertEqual(str(charge.date_from), "2026-02-01")
        with self._refused(UserError, "02/01/2026"):
            charge.create({**values, "date_from": "2026-01-15"})

    def test_a_charge_that_is_taken_up_again(self):
        device = self._device("SN-9", opening={"mono": 0, "colour": 0})
        contract = self._contract(
            [
                self._usage("mono", price=0.01),
                self._usage("colour", price=0.1, date_to="2026-01-31"),
                self._usage("colour", price=0.2, date_from="2026-03-01"),
            ],
            device,
        )
        for day, mono, colour in (
            ("2026-01-31", 1000, 100),
            ("2026-02-28", 2000, 250),
            ("2026-03-31", 3000, 300),
        ):
            self._read(device, day, mono=mono, colour=colour)
        self._bill(contract, "2026-03-31")
        # Colour: 100 pages of January, 50 of March; nobody agreed on February's.
        self.assertEqual(
            contract.statement_ids.sorted("date_to").mapped("amount_total"),
            [20, 10, 20],
        )

    def test_two_versions_never_apply_on_one_day(self):
        contract = self._contract([self._fixed()])
        self._revise(contract, "2026-02-01")
        with (
            self.assertRaises(ExclusionViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            contract.charge_ids[0].date_to = "2026-02-02"

    def test_duplicate_has_each_charge_once(self):
        contract = self._contract([self._fixed()])
        contract.charge_ids = [
            Command.create(
                {
                    "name": "Minimum",
                    "kind": "minimum_amount",
                    "amount": 150,
                    "covered_charge_ids": contract.charge_ids.ids,
                }
            )
        ]
        self._revise(contract, "2026-02-01", revise_limits=False)
        duplicate = contract.copy()
        self.env.invalidate_all()
        self.assertEqual(
            duplicate.charge_ids.mapped(lambda c: (c.name, c.amount, c.date_from)),
            [("Service", 110, False), ("Minimum", 150, False)],
        )
        service, minimum = duplicate.charge_ids
        self.assertEqual(minimum.covered_charge_ids, service)

    def test_the_form_shows_current_charges(self):
        contract = self._contract([self._fixed()])
        self._bill(contract, "2026-01-31")
        self._revise(contract, "2026-02-01")
        contract.invalidate_recordset()
        self.assertEqual(contract.current_charge_ids.mapped("amount"), [110])
        self.assertTrue(contract.has_past_charges)
        action = contract.action_view_charge_versions()
        shown = self.env["meter.contract.charge"].search(action["domain"])
        self.assertEqual(sorted(shown.mapped("amount")), [100, 110])
