# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a customer gets about its usage: a document in its language, and a chart."""

from lxml import etree, html

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..bar_chart import scale_end, stacked_bars
from .common import MeterBillingCommon

SVG = "{http://www.w3.org/2000/svg}"


@tagged("post_install", "-at_install")
class TestUsagePrint(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = cls._device("UP-1", opening={"mono": 0, "colour": 0, "total": 0})
        cls._read(cls.device, "2026-02-28", mono=12000, colour=300, total=12300)
        cls._read(cls.device, "2026-04-30", mono=13000, colour=500, total=13500)
        cls.env["meter.usage"]._update()

    def _wizard(self, **values):
        return self.env["meter.usage.print"].create(
            {
                "partner_ids": self.customer.ids,
                "month_from": "2026-01-01",
                "month_to": "2026-04-30",
                **values,
            }
        )

    def _render(self, wizard):
        content, _type = self.env["ir.actions.report"]._render_qweb_html(
            "meter_billing.report_meter_usage_print", wizard.ids
        )
        return html.fromstring(content)

    def _rows(self, table):
        return [
            [" ".join(cell.text_content().split()) for cell in row]
            for row in table.xpath(".//tr")
        ]

    def test_months_and_devices(self):
        tree = self._render(self._wizard())
        months, devices = tree.xpath("//table[contains(@class, 'o_main_table')]")
        self.assertEqual(
            self._rows(months),
            [
                ["Month", "Mono", "Colour", "All Pages"],
                # By day: 30 and 28 of 58, 31 and 30 of 61.
                ["Jan 26", "6,206", "155", "6,361"],
                ["Feb 26", "5,794", "145", "5,939"],
                ["Mar 26", "508", "101", "609"],
                ["Apr 26", "492", "99", "591"],
                ["Total", "13,000", "500", "13,500"],
            ],
        )
        _heading, _head, device = self._rows(devices)
        self.assertEqual(device[0], "UP-1 Inkwell C 300")
        self.assertEqual(device[2:], ["13,000", "500", "13,500"])

    def test_the_customer_s_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.customer.lang = "de_DE"
        tree = self._render(self._wizard())
        text = " ".join(tree.text_content().split())
        self.assertIn("Januar 2026 – April 2026", text)
        self.assertIn("6.361", text)

    def test_a_customer_without_readings_is_not_printed(self):
        with self._refused(UserError, "no readings"):
            self._wizard(partner_ids=self.partner_a.ids).action_print()
        layout = self.env.ref("web.external_layout_standard")
        self.company.external_report_layout_id = layout
        action = self._wizard().action_print()
        self.assertEqual(
            action["report_name"], "meter_billing.report_meter_usage_print"
        )

    def test_it_is_started_from_the_customer(self):
        contact = self.env["res.partner"].create(
            {"name": "Ada", "parent_id": self.customer.id}
        )
        wizard = self.env["meter.usage.print"].with_context(
            active_model="res.partner", active_ids=contact.ids
        )
        self.assertEqual(wizard.create({}).partner_ids, self.customer)

    def test_readers_only(self):
        user = self._user("tech", "meter_billing.group_meter_billing_technician")
        with self.assertRaises(AccessError):
            self.env["meter.usage.print"].with_user(user).create(
                {"partner_ids": self.customer.ids}
            )

    # === The chart === #

    def test_bars_are_as_high_as_their_values(self):
        chart = stacked_bars(
            ["Jan", "<Feb>"], [("Mono", [50, 100]), ("Colour", [0, 100])], str
        )
        tree = etree.fromstring(chart)
        bars = [
            float(rect.get("height"))
            for rect in tree.findall(f"{SVG}rect")
            if rect.get("height") != "12"
        ]
        # 190 high for 200 pages
        self.assertEqual(bars, [47.5, 0.0, 95.0, 95.0])
        texts = [text.text for text in tree.findall(f"{SVG}text")]
        self.assertIn("<Feb>", texts)
        self.assertEqual(texts[:5], ["0", "50", "100", "150", "200"])

    def test_the_chart_of_a_page_fits_it_and_says_what_it_is(self):
        chart = stacked_bars(
            ["Jan"], [("A", [1]), ("B", [1])], str, 380, ["#111111"], 'Pages "x"'
        )
        tree = etree.fromstring(chart)
        self.assertEqual(
            (tree.get("role"), tree.get("aria-label")), ("img", 'Pages "x"')
        )
        self.assertIsNone(tree.get("width"))
        rects = tree.findall(f"{SVG}rect")
        self.assertEqual({rect.get("fill") for rect in rects}, {"#111111"})
        self.assertLess(max(float(rect.get("x")) for rect in rects), 380)

    def test_the_scale_ends_with_a_round_number(self):
        self.assertEqual(
            [scale_end(value) for value in (0, 7, 99, 100, 101, 1234, 61000, 999999)],
            [1, 8, 100, 100, 150, 1500, 80000, 1000000],
        )

    def test_nothing_printed_is_no_error(self):
        self.assertIn("<svg", stacked_bars([], [], str))
        self.assertIn("<svg", stacked_bars(["Jan"], [("Mono", [-5])], str))
