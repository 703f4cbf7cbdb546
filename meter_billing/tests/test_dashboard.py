# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The dashboard: right figures, the records behind each, in a handful of queries."""

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestDashboard(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = cls._user("dash", "meter_billing.group_meter_billing_reader")
        cls.dashboard = cls.env["meter.dashboard"].with_user(cls.reader)

    def _fill(self):
        """Make a fleet: one read, one overdue, one held, one silent."""
        self.model.rated_monthly_volume = 400
        self.read, self.late, self.held, self.silent = (
            self._device(f"D-{number}") for number in range(1, 5)
        )
        self.contract = self._contract(
            [self._usage(price=0.02)],
            self.read | self.late | self.held,
            reading_plan="monthly",
            reading_day=31,
            date_end="2026-08-31",
        )
        for day, value in (
            ("2026-02-28", 400),
            ("2026-03-31", 600),
            ("2026-04-30", 800),
            ("2026-05-31", 1900),
        ):
            self._read(self.read, day, mono=value)
        held = self.env["meter.reading"].search([("state", "=", "hold")])
        held._accept("Checked")
        self._read(self.late, "2026-03-31", mono=100)
        self._read(self.held, "2026-05-31", mono=300)
        row = self._row(self.held, "2026-06-10", 10)
        self.env["meter.reading"]._ingest([row], source="import")
        self._read(self.silent, "2026-02-28", mono=300)
        self._run("2026-02-28", self.contract)
        self.env["meter.usage"]._update()

    def _steps(self, dashboard):
        return {
            step["key"]: step["is_done"] for step in dashboard.get_figures()["steps"]
        }

    def _figures(self):
        self.env.invalidate_all()
        return self.dashboard.get_figures()

    def test_tiles(self):
        self._fill()
        tiles = self._figures()["tiles"]
        self.assertEqual(
            {name: tile["value"] for name, tile in tiles.items()},
            {
                "collected": 1 / 3,
                "missing": 1,
                "due": 0,
                "hold": 1,
                "not_taken": 0,
                "to_bill": 1,
                "waiting": 1,
                "ending": 1,
                "overloaded": 1,
                "idle": 0,
                "silent": 1,
            },
        )

    def test_every_figure_opens_its_records(self):
        self._fill()
        tiles = self._figures()["tiles"]
        for name, tile in tiles.items():
            opened = tile["open"]
            records = self.env[opened["res_model"]].with_user(self.reader)
            count = records.search_count(opened["domain"])
            expected = tile["count"] if name == "collected" else tile["value"]
            self.assertEqual(count, expected, name)

    def test_months_and_movers(self):
        self._fill()
        figures = self._figures()
        months = {month["month"]: month for month in figures["months"]}
        self.assertEqual(len(months), 12)
        february = months["2026-02-01"]
        # By day: 28 of 58 days of 400 and of 300, 28 of 89 of 100, 28 of 150 of 300
        self.assertEqual(february["pages"], 194 + 145 + 32 + 56)
        self.assertFalse(months["2025-12-01"]["pages"])
        rows = self.env["meter.profit.report"].search(february["open"]["domain"])
        self.assertEqual(sum(rows.mapped("pages")), 427)
        mover = figures["movers"][0]
        # 1100 in May; 194 + 200 + 200 in 89 days before, for 31 days
        self.assertEqual(
            (mover["id"], mover["pages"], mover["before"], mover["month"]),
            (self.read.id, 1100, 207, "2026-05-01"),
        )
        self.assertEqual([row["id"] for row in figures["silent"]], [self.silent.id])

    def test_the_months_end_with_the_last_one_that_has_figures(self):
        with freeze_time("2027-11-20 10:00:00"):
            months = [month["month"] for month in self._figures()["months"]]
            self.assertEqual((months[0], months[-1]), ("2026-12-01", "2027-11-01"))
            self._fill()
            months = [month["month"] for month in self._figures()["months"]]
            self.assertEqual((months[0], months[-1]), ("2025-06-01", "2026-05-01"))

    def test_what_charts_and_lists_open(self):
        self._fill()
        figures = self._figures()
        report = self.env["meter.profit.report"].with_user(self.reader)
        for month in figures["months"]:
            rows = report.search(month["open"]["domain"])
            self.assertEqual(sum(rows.mapped("pages")), month["pages"])
            self.assertAlmostEqual(sum(rows.mapped("revenue")), month["revenue"])
        for mover in figures["movers"]:
            rows = self.env[mover["open"]["res_model"]].search(mover["open"]["domain"])
            of_month = rows.filtered(
                lambda row, m=mover: row.counts_pages and str(row.month) == m["month"]
            )
            self.assertEqual(sum(of_month.mapped("pages")), mover["pages"])

    def test_a_device_of_two_sources_went_silent_once(self):
        self._fill()
        self.env["meter.reading"]._ingest(
            [self._row(self.silent, "2026-03-10", 320)], source="portal"
        )
        figures = self._figures()
        self.assertEqual([row["id"] for row in figures["silent"]], [self.silent.id])
        self.assertEqual(figures["tiles"]["silent"]["value"], 1)

    def test_first_steps_are_shown_until_they_are_done(self):
        other = self.setup_other_company()["company"]
        self.reader.write(
            {"company_ids": [Command.link(other.id)], "company_id": other.id}
        )
        dashboard = self.dashboard.with_context(allowed_company_ids=other.ids)
        steps = self._steps(dashboard)
        self.assertEqual(
            steps,
            {
                "models": True,
                "devices": False,
                "contracts": False,
                "readings": False,
                "billing": False,
            },
        )
        self._fill()
        # In the other company nothing has happened still.
        steps = self._steps(dashboard)
        self.assertFalse(steps["devices"])
        tiles = dashboard.get_figures()["tiles"]
        self.assertFalse(tiles["silent"]["value"])
        self.assertFalse(dashboard.get_figures()["movers"])

    def test_it_needs_a_handful_of_queries(self):
        self._fill()
        self._figures()
        self.env.invalidate_all()
        with self.assertQueryCount(30):
            self.dashboard.get_figures()

    def test_technicians_see_no_figures(self):
        user = self._user("tech", "meter_billing.group_meter_billing_technician")
        with self.assertRaises(AccessError):
            self.env["meter.dashboard"].with_user(user).get_figures()
