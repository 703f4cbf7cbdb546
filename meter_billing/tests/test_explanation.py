# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""“Why this amount”: the rows that a reader sees, each worked out by hand."""

from odoo.fields import Command
from odoo.tests import tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestExplanation(MeterBillingCommon):
    def _rows(self, line):
        """All rows of a charge line's calculation, as (label, value)."""
        return [
            (row["label"], row["value"])
            for section in line._explain_sections()
            for row in section["rows"]
        ]

    def _billed(self, charges, **pages):
        """Statements of January and February of a device that printed these pages."""
        device = self._device("SN-1", opening=dict.fromkeys(pages, 0))
        contract = self._contract(charges, device)
        for index, day in enumerate(("2026-01-31", "2026-02-28")):
            self._read(
                device,
                day,
                **{code: sum(each[: index + 1]) for code, each in pages.items()},
            )
        return self._bill(contract, "2026-02-28")

    def test_allowance_and_tiers(self):
        charge = self._usage(
            pricing="graduated",
            tier_ids=self._tiers((1000, 0.02, 5), (0, 0.01)),
            included=500,
            carry_over_periods=1,
        )
        _january, february = self._billed([charge], mono=(300, 2400))
        line = february.charge_ids[0]
        # 500 + 200 carried; 1,700 to bill: 1,000 x 0.02 + 5 + 700 x 0.01
        self.assertEqual(
            self._rows(line),
            [
                ("Pages, weighted", "2,400"),
                ("Carried over from the period to 01/31/2026", "200"),
                ("Included", "500"),
                ("Used, the oldest first", "700"),
                ("Tier 1, page 1 to 1,000: 1,000 × 0.02", "$\xa020.00"),
                ("Tier 1, flat fee", "$\xa05.00"),
                ("Tier 2, from page 1,001 on: 700 × 0.01", "$\xa07.00"),
                ("Pages in a tier 1: 1,000 × 0.02", "$\xa020.00"),
                ("Flat fee of a tier 1: 1 × 5.00", "$\xa05.00"),
                ("Pages in a tier 2: 700 × 0.01", "$\xa07.00"),
            ],
        )
        html = str(line.explanation)
        for text in ("SN-1", "Mono", "300", "2,700", "2,400"):
            self.assertIn(text, html)

    def test_rounding_and_weights(self):
        charge = self._usage("mono", "mono_a3", price=0.0125)
        january, _february = self._billed([charge], mono=(101, 0), mono_a3=(10, 0))
        line = january.charge_ids
        # 101 + 10 x 2 = 121 x 0.0125 = 1.5125
        self.assertEqual(
            self._rows(line),
            [
                ("Pages, weighted", "121"),
                ("121 pages to bill × 0.0125", "1.5125"),
                ("Pages: 121 × 0.0125 = 1.5125, rounded", "$\xa01.51"),
            ],
        )
        self.assertEqual(
            [
                (row["meter"], row["pages"], row["weight"], row["quantity"])
                for row in line._explain_meters()
            ],
            [("Mono", "101", "1", "101"), ("Mono A3", "10", "2", "20")],
        )

    def test_what_a_derived_meter_is_made_of(self):
        charge = self._usage("colour_from_total", price=0.1)
        january, _february = self._billed([charge], total=(500, 0), mono=(380, 0))
        self.assertEqual(
            [
                (row.get("sign"), row["meter"], row["pages"])
                for row in january.charge_ids._explain_meters()
            ],
            [
                (None, "Colour (total less mono)", "120"),
                ("+", "Total", "500"),
                ("−", "Mono", "380"),
            ],
        )

    def test_minimum_taken_back_and_prepaid(self):
        charges = [
            self._usage(
                price=0.01,
                minimum_quantity=1000,
                minimum_price=0.008,
                clawback_periods=2,
            ),
            self._usage(
                name="Card",
                prepaid_block=1000,
                prepaid_price=0.009,
                prepaid_opening=300,
            ),
        ]
        january, february = self._billed(charges, mono=(700, 1200))
        self.assertEqual(
            self._rows(january.charge_ids[0])[2:6],
            [
                ("Minimum", "1,000"),
                ("Pages, before allowances", "700"),
                ("Short of the minimum: 300 pages × 0.008", "$\xa02.40"),
                ("Later pages can still take back, of the period to 01/31/2026", "300"),
            ],
        )
        self.assertEqual(
            self._rows(february.charge_ids[0])[2:7],
            [
                ("Minimum", "1,000"),
                ("Pages, before allowances", "1,200"),
                ("Shortfall paid for in the period to 01/31/2026", "300"),
                ("Above the minimum, given back: 200 × 0.008", "$\xa0-1.60"),
                ("Later pages can still take back, of the period to 01/31/2026", "100"),
            ],
        )
        # 300 had, 700 used: one block bought, 600 left; February uses them and 600 more
        card = january.charge_ids.filtered(lambda line: line.charge_id.name == "Card")[
            0
        ]
        self.assertEqual(
            self._rows(card)[1:6],
            [
                ("Pages to cover", "700"),
                ("Had from the period to 01/31/2026", "300"),
                ("Used of them, the oldest first", "300"),
                ("Bought: 1 × 1,000 pages × 0.009", "$\xa09.00"),
                ("Left for later, from the period to 01/31/2026", "600"),
            ],
        )

    def test_packages_fixed_and_minimum_amount(self):
        device = self._device("SN-1", install="2026-01-16")
        contract = self._contract(
            [
                self._usage(pricing="package", package_size=500, price=4),
                {"name": "Rent", "kind": "fixed", "amount": 31, "per": "device"},
            ],
            device,
            prorate="days",
        )
        contract.charge_ids = [
            Command.create(
                {
                    "name": "Least",
                    "kind": "minimum_amount",
                    "amount": 50,
                    "covered_charge_ids": [Command.set(contract.charge_ids.ids)],
                }
            )
        ]
        self._read(device, "2026-01-31", mono=1001)
        pages, rent, least = self._bill(contract, "2026-01-31").charge_ids
        self.assertEqual(
            self._rows(pages)[1],
            ("1,001 pages to bill: 3 started packages of 500 × 4.00", "$\xa012.00"),
        )
        # In force 16 of 31 days
        self.assertEqual(
            self._rows(rent)[:2],
            [("SN-1", "16/31"), ("16/31 × 31.00", "$\xa016.00")],
        )
        self.assertEqual(
            self._rows(least)[:4],
            [
                ("At least", "$\xa050.00"),
                ("Pages", "$\xa012.00"),
                ("Rent", "$\xa016.00"),
                ("Missing to the minimum", "$\xa022.00"),
            ],
        )

    def test_correction_is_now_less_before(self):
        device = self._device("SN-1")
        other = self._device("SN-2")
        charge = self._usage(
            pricing="graduated", tier_ids=self._tiers((1000, 0.02), (0, 0.01))
        )
        contract = self._contract([charge], device | other)
        reading = self._read(device, "2026-01-31", mono=900)
        self._read(other, "2026-01-31", mono=50)
        first = self._bill(contract, "2026-01-31")
        reading._correct(1150, "Misread")
        contract.action_correct_now()
        correction = contract.statement_ids - first
        # 950 x 0.02 = 19; now 1,200: 20 + 2 = 22
        self.assertEqual(
            correction.charge_ids[0]._explain_correction(),
            {
                "now": "$\xa022.00",
                "before": "$\xa019.00",
                "difference": "$\xa03.00",
                "statements": first.name,
            },
        )
        # The meter that did not change is shown as well.
        self.assertEqual(
            [
                (row["serial"], row["pages"])
                for row in correction.charge_ids[0]._explain_meters()
            ],
            [("SN-1", "1,150"), ("SN-2", "50")],
        )
        self.assertIn("Difference", str(correction.charge_ids[0].explanation))

    def test_an_accountant_opens_it_from_the_invoice_line(self):
        january, _february = self._billed([self._usage(price=0.01)], mono=(250, 0))
        accountant = self._user(
            "accountant",
            "account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        line = january.move_ids.invoice_line_ids.with_user(accountant)
        action = line.action_explain_meter_charge()
        self.assertEqual((action["res_model"], action["res_id"]), (line._name, line.id))
        self.assertTrue(line.has_meter_explanation)
        self.assertIn("250 pages to bill", str(line.meter_explanation))
        self.assertEqual(january.charge_ids.action_explain()["target"], "new")

    def test_what_users_wrote_is_escaped(self):
        charge = self._usage(name="<b>Pages</b>", price=0.01)
        january, _february = self._billed([charge], mono=(250, 0))
        self.assertIn("&lt;b&gt;Pages", str(january.charge_ids.explanation))
