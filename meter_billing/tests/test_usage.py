# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Pages a month: always what the readings say, also after corrections and events."""

from odoo.exceptions import AccessError
from odoo.fields import Date, Datetime
from odoo.tests import tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestUsage(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = cls._device("U-1", opening={"mono": 1000, "colour": 0})
        cls.meter = cls._meter(cls.device)
        cls._read(cls.device, "2026-01-31", mono=1500, colour=40)
        cls._read(cls.device, "2026-02-10", mono=1700)
        cls._read(cls.device, "2026-02-28", mono=1900)
        cls._read(cls.device, "2026-04-30", mono=2900)
        cls.env["meter.usage"]._update()

    def _usage(self, meter=None):
        """Return ``{month: (pages, days)}`` of a meter, brought up to date."""
        self.env["meter.usage"]._update()
        found = {}
        for row in self.env["meter.usage"].search(
            [("meter_id", "=", (meter or self.meter).id)]
        ):
            pages, days = found.get(str(row.month)[:7], (0, 0))
            found[str(row.month)[:7]] = (pages + row.pages, days + row.days)
        return found

    def test_pages_are_spread_by_the_days_between_the_readings(self):
        self.assertEqual(
            self._usage(),
            {
                "2026-01": (500, 30),
                "2026-02": (400, 28),
                # 1000 pages in 61 days: 31/61 of them is 508.2
                "2026-03": (508, 31),
                "2026-04": (492, 30),
            },
        )

    def test_who_reads_on_the_first_finds_the_month_before(self):
        device = self._device("U-7", install="2026-03-01", opening={"mono": 50})
        for day, value in (("2026-04-01", 360), ("2026-05-03", 679)):
            self._read(device, day, mono=value)
        # 310 in 31 days: 30 of March, 1 of April; 319 in 32: 29 of April, 3 of May.
        self.assertEqual(
            self._usage(self._meter(device)),
            {"2026-03": (300, 30), "2026-04": (10 + 289, 30), "2026-05": (30, 3)},
        )
        counts = self.env["meter.usage.report"]._read_group(
            [("device_id", "=", device.id)], ["month:month"], ["reading_count:sum"]
        )
        self.assertEqual([count for _month, count in counts], [0, 1, 1])

    def test_customers_and_clerks_see_the_same_months(self):
        self._read(self.device, "2026-06-11", mono=3333)
        mine = self.device._get_customer_months()
        months = {f"{row['month']:%Y-%m}": row["mono"] for row in mine if row["mono"]}
        self.assertEqual(months, {m: pages for m, (pages, _d) in self._usage().items()})

    def test_several_readings_of_a_day_lose_no_page(self):
        row = self._row(self.device, "2026-04-30", 2977)
        row["read_at"] = Datetime.to_datetime("2026-04-30 18:00:00")
        self.env["meter.reading"]._ingest_or_raise([row], source="manual")
        self.assertEqual(self._usage()["2026-04"], (492 + 77, 30))

    def test_pages_open_the_readings_that_they_lie_between(self):
        self._usage()
        row = self.env["meter.usage.report"].search(
            [("meter_id", "=", self.meter.id), ("month", "=", "2026-03-01")]
        )
        action = row.action_view_readings()
        readings = self.env["meter.reading"].search(
            action["domain"], order="date desc", limit=2
        )
        self.assertEqual(readings.mapped("value"), [2900, 1900])

    def test_it_equals_what_the_readings_say(self):
        totals = self.env["meter.usage.report"]._read_group(
            [("device_id", "=", self.device.id)], ["type_id"], ["pages:sum"]
        )
        self.assertEqual(totals, [(self.mono, 2900 - 1000), (self.colour, 40)])

    def test_a_late_reading_divides_what_it_lies_in(self):
        self._read(self.device, "2026-03-31", mono=2300)
        self.assertEqual(self._usage()["2026-03"], (400, 31))
        self.assertEqual(self._usage()["2026-04"], (600, 30))

    def test_a_correction_moves_pages_to_the_month_after(self):
        reading = self.env["meter.reading"].search(
            [("meter_id", "=", self.meter.id), ("value", "=", 1900)]
        )
        reading._correct(1750, "Misread")
        self.assertEqual(self._usage()["2026-02"], (250, 28))
        # 1150 pages in 61 days
        self.assertEqual(self._usage()["2026-03"], (584, 31))
        self.assertEqual(self._usage()["2026-04"], (566, 30))

    def test_a_rejected_reading_counts_no_more(self):
        reading = self.env["meter.reading"].search(
            [("meter_id", "=", self.meter.id), ("value", "=", 1500)]
        )
        reading._reject("Wrong")
        # 700 up to 10 February, in 40 days of which 30 are of January
        self.assertEqual(
            self._usage(),
            {
                "2026-01": (525, 30),
                "2026-02": (175 + 200, 28),
                "2026-03": (508, 31),
                "2026-04": (492, 30),
            },
        )

    def test_held_readings_count_once_they_are_accepted(self):
        row = self._row(self.device, "2026-05-31", 90000)
        (verdict,) = self.env["meter.reading"]._ingest([row], source="import")
        self.assertEqual(verdict["status"], "hold")
        self.assertNotIn("2026-05", self._usage())
        self.env["meter.reading"].browse(verdict["reading_id"])._accept("Checked")
        self.assertEqual(self._usage()["2026-05"], (87100, 31))

    def test_events_count_as_they_are_billed(self):
        self.env["meter.event"].create(
            {
                "meter_id": self.meter.id,
                "kind": "reset",
                "happened_at": "2026-05-10 08:00:00",
                "closing_value": 3000,
                "opening_value": 10,
                "reason": "New board",
            }
        )
        self._read(self.device, "2026-05-31", mono=60)
        # 100 up to the new board, 50 after it
        self.assertEqual(self._usage()["2026-05"], (150, 31))

    def test_an_earlier_opening_value_is_seen(self):
        self.meter.opening_value = 900
        self.assertEqual(self._usage()["2026-01"], (600, 30))

    def test_an_unchanged_meter_is_not_touched(self):
        other = self._meter(self._device("U-2"))
        before = self.env["meter.usage"].search([("meter_id", "=", self.meter.id)])
        # From the reading before on they are made anew.
        kept = before.filtered(lambda row: row.month < Date.to_date("2026-04-01"))
        self._read(other.device_id, "2026-05-31", mono=5)
        self._read(self.device, "2026-05-31", mono=2950)
        self.env["meter.usage"]._update()
        after = self.env["meter.usage"].search([("meter_id", "=", self.meter.id)])
        self.assertEqual(before & after, kept)
        self.assertEqual(len(after), len(before) + 1)

    def test_the_scheduled_action_works_off_what_changed(self):
        self._read(self.device, "2026-05-31", mono=2950)
        self.assertTrue(self.env["meter.usage.change"].search_count([]))
        with self.enter_registry_test_mode():
            self.env.ref("meter_billing.ir_cron_meter_usage").method_direct_trigger()
        self.assertFalse(self.env["meter.usage.change"].search_count([]))
        self.assertEqual(self._usage()["2026-05"], (50, 31))

    def test_a_device_s_volume_counts_pages_once(self):
        opening = {"mono": 0, "colour": 0, "total": 0, "scan": 0}
        device = self._device("U-3", opening=opening)
        self.assertEqual(
            device.meter_ids.filtered("counts_pages").type_id, self.mono | self.colour
        )
        # Beside mono alone a total has the colour pages as well.
        derived = self._device("U-4", opening={"mono": 0, "total": 0})
        self.assertEqual(derived.meter_ids.filtered("counts_pages").type_id, self.total)
        mono = self._device("U-5", opening={"mono": 0, "scan": 0})
        self.assertEqual(mono.meter_ids.filtered("counts_pages").type_id, self.mono)

    def test_reports_by_site_are_of_the_customer_s_own_time(self):
        report = self.env["meter.usage.report"]
        self.assertEqual(
            report.search([("device_id", "=", self.device.id)]).location_id,
            self.customer,
        )
        self.device.partner_id = self.partner_a
        self.env.invalidate_all()
        rows = report.search([("device_id", "=", self.device.id)])
        self.assertFalse(rows.location_id)
        self.assertEqual(rows.partner_id, self.customer)

    def test_who_sees_usage(self):
        reader = self._user("reader", "meter_billing.group_meter_billing_reader")
        report = self.env["meter.usage.report"]
        rows = report.with_user(reader).search([])
        self.assertEqual(rows.device_id, self.device)
        technician = self._user("tech", "meter_billing.group_meter_billing_technician")
        for model in ("meter.usage", "meter.usage.report", "meter.profit.report"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(technician).search([])
        other = self.setup_other_company()["company"]
        reader.write({"company_ids": other.ids, "company_id": other.id})
        elsewhere = self.env(user=reader, context={"allowed_company_ids": other.ids})
        self.assertFalse(elsewhere["meter.usage.report"].search([]))
        self.assertFalse(elsewhere["meter.device.performance"].search([]))

    # === Performance === #

    def _performance(self, device):
        self.env["meter.usage"]._update()
        self.env.invalidate_all()
        return self.env["meter.device.performance"].search(
            [("device_id", "=", device.id)]
        )

    def test_performance_compares_with_the_rated_volume(self):
        self.model.rated_monthly_volume = 1000
        self._read(self.device, "2026-05-31", mono=3500, colour=160)
        row = self._performance(self.device)
        # Since March: mono 1600 pages in 92 days, colour 120 in 120 days
        self.assertEqual(row.monthly_volume, 552)
        self.assertAlmostEqual(row.load, 0.552, places=3)
        self.assertEqual(row.status, "normal")
        self.assertEqual(row.lifetime_pages, 3500 - 1000 + 160)
        self.assertEqual(row.last_reading_date, Date.to_date("2026-05-31"))
        self.assertEqual((row.days_unread, row.age_months), (15, 5))
        self.model.rated_monthly_volume = 500
        self.assertEqual(self._performance(self.device).status, "overloaded")

    def test_performance_finds_idle_and_unread_devices(self):
        self.model.rated_monthly_volume = 1000
        row = self._performance(self.device)
        self.assertEqual((row.status, row.days_unread), ("unread", 46))
        # February to April: 1400 pages in 89 days; colour: 40 in 30 days of January.
        self.assertEqual(row.monthly_volume, 512)
        idle = self._device("U-6")
        self._read(idle, "2026-06-10", mono=3)
        self.assertEqual(self._performance(idle).status, "idle")
        idle._remove(Date.to_date("2026-06-12"), {meter: 3 for meter in idle.meter_ids})
        self.assertFalse(self._performance(idle))

    def test_merged_customers_have_the_pages_of_both(self):
        """Also of a device that was at both in one month."""
        other = self.env["res.partner"].create({"name": "Harbour"})
        device = self._device(
            "U-9", install="2026-03-01", opening={"mono": 0}, partner_id=other.id
        )
        self._read(device, "2026-03-11", mono=100)
        device.partner_id = self.customer
        self._read(device, "2026-03-31", mono=300)
        meter = self._meter(device)
        before = self._usage(meter)
        rows = self.env["meter.usage"].search([("meter_id", "=", meter.id)])
        self.assertEqual(rows.partner_id, self.customer | other)
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (self.customer | other).ids, self.customer, extra_checks=False
        )
        self.env.invalidate_all()
        rows = self.env["meter.usage"].search([("meter_id", "=", meter.id)])
        self.assertEqual(rows.partner_id.exists(), self.customer)
        self.assertEqual(rows.partner_id, self.customer)
        self.assertEqual(self._usage(meter), before)
