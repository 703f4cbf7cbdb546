# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
import time
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

import dns.resolver
from freezegun import freeze_time

from odoo import fields
from odoo.tests.common import _super_send

from ..models import res_partner_email, res_partner_geo
from .common import TODAY, PartnerExtensionCommon
from .contact_servers import Geocoder, NameServer

DAY = fields.Date.to_date(TODAY)


class TestEmailCheck(PartnerExtensionCommon):
    """Syntax at once, the domain later; no answer is no finding."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.names = NameServer()
        cls.addClassCleanup(cls.names.close)
        cls.env["ir.config_parameter"].sudo().set_param(
            "partner_extension.dns", cls.names.address
        )
        cls.company.partner_email_online = True
        cls.env["res.partner"].search([]).write({"email_check": "none"})
        cls.startClassPatcher(patch.object(res_partner_email, "TIMEOUT", 0.3))
        # dnspython has to see time pass, to give up.
        clock = SimpleNamespace(
            time=lambda: time.clock_gettime(time.CLOCK_REALTIME), sleep=time.sleep
        )
        cls.startClassPatcher(patch.object(dns.resolver, "time", clock))

    def _partner(self, email):
        return self.env["res.partner"].create({"name": "X", "email": email})

    def _work(self, day=DAY):
        with freeze_time(f"{day} 10:00:00"), self.enter_registry_test_mode():
            self.env.ref(
                "partner_extension.ir_cron_partner_email"
            ).method_direct_trigger()
            self.env.invalidate_all()

    def test_syntax(self):
        for email, state in (
            (False, "none"),
            ("ann@paper-shop.be", "to_check"),
            ("Ann <ann@paper-shop.be>", "to_check"),
            ("ann@paper-shop.be, bob@paper-shop.be", "to_check"),
            ("jürgen@müller-papier.de", "to_check"),
            ("ann.paper-shop.be", "syntax"),
            ("ann@paper", "syntax"),
            ("ann..b@paper-shop.be", "syntax"),
            ("ann@-paper.be", "syntax"),
            ("ann@shop.invalid", "syntax"),
        ):
            partner = self._partner(email)
            self.assertEqual(partner.email_check, state, email)
            self.assertEqual(bool(partner.email_check_message), state == "syntax")
        self.assertFalse(self.names.asked, "nothing is asked while saving")

    def test_domains(self):
        self.names.zones.update({"good.be": "mx", "old.be": "a", "null.be": "null"})
        partners = {
            "good": self._partner("ann@good.be"),
            "good too": self._partner("Bob@GOOD.be"),
            "good by a": self._partner("ann@old.be"),
            "bad": self._partner("ann@null.be"),
            "bad, gone": self._partner("ann@gone.be"),
        }
        self._work()
        for expected, partner in partners.items():
            self.assertEqual(partner.email_check, expected[:4].split(",")[0], expected)
            self.assertEqual(partner.email_check_date, DAY)
        self.assertIn("does not exist", partners["bad, gone"].email_check_message)
        self.assertEqual(self.names.asked.count(("good.be", "MX")), 1)

    def test_no_answer_is_no_finding(self):
        self.names.zones.update({"s1.be": "silent", "s2.be": "servfail"})
        partners = self._partner("a@s1.be") | self._partner("a@s2.be")
        self._work()
        self.assertEqual(partners.mapped("email_check"), ["to_check"] * 2)
        self.assertFalse(any(partners.mapped("email_check_message")))
        self.names.zones.update({"s1.be": "mx", "s2.be": "mx"})
        self._work()
        self.assertEqual(partners.mapped("email_check"), ["good"] * 2)

    def test_offline_gives_up_soon(self):
        self.env["ir.config_parameter"].sudo().set_param(
            "partner_extension.dns", "127.0.0.1:9"
        )
        partners = self.env["res.partner"].browse(
            [self._partner(f"a@offline{n}.be").id for n in range(6)]
        )
        Partner = type(self.env["res.partner"])
        ask = Partner._ask_email_domain
        asked = []

        def counting(records, domain, resolver):
            asked.append(domain)
            return ask(records, domain, resolver)

        with patch.object(Partner, "_ask_email_domain", counting):
            self._work()
        self.assertEqual(len(asked), 3)
        self.assertEqual(set(partners.mapped("email_check")), {"to_check"})

    def test_checked_again_and_after_a_change(self):
        self.names.zones["good.be"] = "mx"
        partner = self._partner("ann@good.be")
        self._work()
        del self.names.zones["good.be"]
        self._work(DAY + timedelta(days=89))
        self.assertEqual(partner.email_check, "good")
        self._work(DAY + timedelta(days=90))
        self.assertEqual(partner.email_check, "bad")
        partner.email = "ann@other.be"
        self.assertEqual(partner.email_check, "to_check")

    def test_off_by_default(self):
        self.company.partner_email_online = False
        partner = self._partner("ann@gone.be")
        self._work()
        self.assertEqual(partner.email_check, "to_check")
        self.assertFalse(self.names.asked)

    def setUp(self):
        super().setUp()
        self.names.zones.clear()
        self.names.asked.clear()


class TestGeolocation(PartnerExtensionCommon):
    """In the background; what cannot be reached is not an error."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.geocoder = Geocoder()
        cls.addClassCleanup(cls.geocoder.close)
        set_param = cls.env["ir.config_parameter"].sudo().set_param
        set_param("partner_extension.nominatim_url", cls.geocoder.url)
        set_param(
            "base_geolocalize.geo_provider",
            cls.env.ref("base_geolocalize.geoprovider_open_street").id,
        )
        cls.company.partner_geo_auto = True
        cls.env["res.partner"].search([]).write({"geo_state": "none"})
        cls.partner.write(
            {
                "street": "Stationsstraat 12",
                "zip": "9000",
                "city": "Gent",
                "country_id": cls.env.ref("base.be").id,
                "is_customer": True,
            }
        )

    @classmethod
    def _request_handler(cls, s, r, /, **kw):
        return _super_send(s, r, **kw)  # with the time-out that is tested

    def _work(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "partner_extension.ir_cron_partner_geo"
            ).method_direct_trigger()
            self.env.invalidate_all()

    def test_located_and_again_after_a_move(self):
        self.geocoder.places = {"Gent": (51.05, 3.72), "Brugge": (51.2, 3.22)}
        self.assertEqual(self.partner.geo_state, "to_locate")
        self._work()
        self.assertRecordValues(
            self.partner,
            [
                {
                    "geo_state": "located",
                    "partner_latitude": 51.05,
                    "partner_longitude": 3.72,
                    "date_localization": DAY,
                }
            ],
        )
        self.partner.write({"city": "Brugge", "zip": "8000"})
        self.assertEqual(self.partner.geo_state, "to_locate")
        self._work()
        self.assertEqual(self.partner.partner_longitude, 3.22)

    def test_what_is_not_found_is_not_asked_for_again(self):
        self.geocoder.places = {}
        self._work()
        self.assertEqual(self.partner.geo_state, "unknown")
        asked = len(self.geocoder.asked)
        self._work()
        self.assertEqual(len(self.geocoder.asked), asked)
        self.partner.street = "Kaai 1"
        self.assertEqual(self.partner.geo_state, "to_locate")

    def test_unreachable_is_not_an_error(self):
        self.geocoder.status = 503
        self._work()
        self.assertEqual(self.partner.geo_state, "to_locate")
        self.env["ir.config_parameter"].sudo().set_param(
            "partner_extension.nominatim_url", "http://127.0.0.1:9/"
        )
        self._work()
        self.assertEqual(self.partner.geo_state, "to_locate")

    def _use_google(self):
        set_param = self.env["ir.config_parameter"].sudo().set_param
        set_param("partner_extension.google_geocode_url", self.geocoder.url)
        set_param("base_geolocalize.google_map_api_key", "secret")
        set_param(
            "base_geolocalize.geo_provider",
            self.env.ref("base_geolocalize.geoprovider_google_map").id,
        )

    def test_a_service_that_does_not_answer_holds_nothing_up(self):
        self.patch(res_partner_geo, "TIMEOUT", 0.2)
        self.geocoder.places = {"Gent": (51.05, 3.72)}
        for use in (lambda: None, self._use_google):
            use()
            self.geocoder.open.clear()
            self._work()
            self.assertEqual(self.partner.geo_state, "to_locate")
            self.geocoder.open.set()
        self.assertEqual(len(self.geocoder.asked), 2)

    def test_google(self):
        self._use_google()
        self.geocoder.places = {"Gent": (51.05, 3.72)}
        with self.assertLogs(res_partner_geo.__name__, logging.INFO) as logs:
            self.geocoder.says = {"status": "REQUEST_DENIED", "error_message": "No"}
            self._work()
            self.assertEqual(self.partner.geo_state, "to_locate")
            self.assertEqual(len(self.geocoder.asked), 1)
            self.geocoder.says = {}
            self.geocoder.status = 503
            self._work()
            self.assertEqual(self.partner.geo_state, "to_locate")
        self.assertNotIn("secret", "".join(logs.output))
        self.geocoder.status = 200
        self._work()
        self.assertRecordValues(
            self.partner, [{"geo_state": "located", "partner_latitude": 51.05}]
        )
        self.partner.city = "Nowhere"
        self._work()
        self.assertEqual(self.partner.geo_state, "unknown")

    def test_an_address_that_is_refused_does_not_hold_up_the_next(self):
        self.geocoder.places = {"Gent": (51.05, 3.72)}
        self.geocoder.refused = "Brugge"
        other = self.partner.copy({"city": "Gent", "is_customer": True})
        self.partner.city = "Brugge"
        self._work()
        self.assertEqual(self.partner.geo_state, "unknown")
        self.assertEqual(other.geo_state, "located")

    def test_off_by_default(self):
        self.company.partner_geo_auto = False
        self._work()
        self.assertFalse(self.geocoder.asked)

    def setUp(self):
        super().setUp()
        self.geocoder.status = 200
        self.geocoder.refused = None
        self.geocoder.says = {}
        self.geocoder.asked.clear()
