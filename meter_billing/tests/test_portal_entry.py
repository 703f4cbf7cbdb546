# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Customers who enter readings: many devices, twice at once, in their language."""

import re

from odoo.exceptions import ConcurrencyError
from odoo.tests import HttpCase, TransactionCase, tagged

from ..models.meter_portal_entry import MOST_DEVICES
from .test_portal import PortalCommon

METER = re.compile(r'name="(meter_\d+)"')


@tagged("post_install", "-at_install")
class TestManyDevices(PortalCommon, HttpCase):
    """What a form of hundreds of devices sends, the server refuses as a whole."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.many = cls.env["meter.device"].union(
            *(cls._device(f"MANY-{number:03}") for number in range(MOST_DEVICES + 5))
        )
        cls._contract([cls._usage(price=0.01)], cls.many, reading_plan="monthly")

    def _shown(self, page):
        return METER.findall(page)

    def test_the_portal_asks_for_them_page_by_page(self):
        self.authenticate("harbour", "harbour")
        page = self.url_open("/my/readings").text
        total = MOST_DEVICES + 6  # SN-1 as well, with two meters
        self.assertEqual(len(self._shown(page)), MOST_DEVICES + 1)
        text = " ".join(re.sub("<[^>]*>", "", page).split())
        self.assertIn(f"1–{MOST_DEVICES} / {total} Send these", text)
        self.assertIn("/my/readings/file", page)
        rest = self._shown(self.url_open("/my/readings?page=2").text)
        self.assertEqual(len(rest), 6)
        self.assertFalse(set(rest) & set(self._shown(page)))
        for odd in ("0", "-1", "x", "99999", "٣"):
            self.assertEqual(self.url_open(f"/my/readings?page={odd}").status_code, 200)
        # What was typed comes back where one value is wrong
        values = dict.fromkeys(rest, "120")
        values[rest[-1]] = "12 or 13"
        answer = self._post("/my/readings", **values)
        self.assertIn("Nothing was saved yet", answer)
        self.assertEqual(self._shown(answer), rest)
        self.assertEqual(answer.count('value="120"'), 5)
        self.assertEqual(self._given(), [])
        # And is stored, whatever page the devices were on
        values[rest[-1]] = "130"
        answer = self._post("/my/readings", **values)
        self.assertIn("Thank you", answer)
        self.assertEqual(len(self._given()), 6)
        self.assertEqual(len(self._shown(answer)), MOST_DEVICES + 1)

    def test_a_link_by_mail_asks_for_them_page_by_page(self):
        self.customer.email = "office@harbour.example"
        day = self.env["meter.reading"]._fields["date"].to_date("2026-06-15")
        asked = self.env["meter.reading.request"]._ask_for(
            dict.fromkeys(self.many.ids, (day, day))
        )
        link = asked._get_link()
        self.authenticate(None, None)
        page = self.url_open(link).text
        self.assertEqual(len(self._shown(page)), MOST_DEVICES)
        (following,) = re.findall(r'href="(/meter/read\?page=2[^"]*)"', page)
        rest = self._shown(self.url_open(following.replace("&amp;", "&")).text)
        self.assertEqual(len(rest), 5)
        token = link.partition("token=")[2]
        values = dict.fromkeys(rest, "120")
        answer = self._post("/meter/read", token=token, **{**values, rest[0]: "x"})
        self.assertEqual(self._shown(answer), rest)
        self.assertEqual(answer.count('value="120"'), 4)
        answer = self._post("/meter/read", token=token, **values)
        self.assertIn("Thank you", answer)
        self.assertEqual(len(self._given()), 5)


@tagged("post_install", "-at_install")
class TestGivenReadings(PortalCommon, TransactionCase):
    def _rows(self, value=9900):
        return [self._row(self.device, "2026-06-15", value)]

    def test_what_another_form_has_stored_meanwhile_is_looked_at_anew(self):
        Reading = self.env["meter.reading"]
        first, second = (Reading._judge(self._rows(), "portal") for _form in range(2))
        Reading._store_given(*first)
        with self.assertRaises(ConcurrencyError):
            Reading._store_given(*second)
        _rows, (verdict,) = Reading._judge(self._rows(), "portal")
        self.assertEqual(verdict["status"], "duplicate")
        self.assertEqual(len(Reading.search([("value", "=", 9900)])), 1)

    def test_the_dealer_reads_its_own_language(self):
        for lang in ("tr_TR", "es_ES"):
            self.env["res.lang"]._activate_lang(lang)
        self.env["ir.module.module"].search(
            [("name", "=", "meter_billing")]
        )._update_translations(["tr_TR", "es_ES"])
        self.company.partner_id.lang = "es_ES"
        clerk = self._user("clerk", "meter_billing.group_meter_billing_user")
        clerk.lang = "es_ES"
        self.contract.user_id = clerk
        mine = self.device.with_context(lang="tr_TR")
        name = self._names()["mono"]
        result = mine._take_customer_form({name: "7000"}, {}, self.portal.partner_id)
        (said,) = result["warnings"].values()
        turkish = self.env(context={"lang": "tr_TR"})._(
            "This is lower than before. Counters do not count backwards: check the "
            "number."
        )
        self.assertEqual(said, turkish)
        self.assertNotIn("lower", turkish)
        result = mine._take_customer_form(
            {name: "7000", f"confirmed_{self.device.id}": "1"},
            {},
            self.portal.partner_id,
        )
        reading = result["readings"]
        self.assertEqual(reading.state, "hold")
        spanish = self.env(context={"lang": "es_ES"})
        contact = self.portal.partner_id.display_name
        self.assertEqual(
            reading.note, spanish._("Given by %(contact)s", contact=contact)
        )
        self.assertNotIn("Given by", reading.note)
        self.assertIn("anterior", reading.reason)
        dispute = self.env["meter.dispute"].with_context(lang="tr_TR")
        dispute = dispute._open_for_customer(
            {
                "kind": "gone",
                "device_id": self.device.id,
                "description": "Cihaz yok",
                "company_id": self.company.id,
            },
            self.portal.partner_id,
        )
        self.assertEqual(dispute.activity_ids.summary, spanish._("Answer the customer"))
        self.assertNotEqual(dispute.activity_ids.summary, "Answer the customer")
