# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tests import HttpCase, new_test_user, tagged

from .test_portal import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalOfEmployees(PortalCommon, HttpCase):
    """Employees have these pages too, linked from their home, whatever they see."""

    def test_who_has_no_rights_to_devices_sees_none(self):
        new_test_user(self.env, "cook", "base.group_user")
        self.authenticate("cook", "cook")
        home = self.url_open("/my").text
        for page in (
            "/my/devices",
            "/my/usage",
            "/my/meter-contracts",
            "/my/statements",
            "/my/disputes",
            "/my/readings",
        ):
            with self.subTest(page=page):
                self.assertIn(f'href="{page}"', home)
                shown = self.url_open(page)
                self.assertEqual(shown.status_code, 200)
                self.assertNotIn(self.device.serial_number, shown.text)
        for page in ("/my/readings/file", "/my/readings/form.xlsx"):
            with self.subTest(page=page):
                self.assertEqual(self.url_open(page).status_code, 200)
        # Neither read nor written: back to the list.
        page = f"/my/devices/{self.device.id}/read"
        self.assertTrue(self.url_open(page).url.endswith("/my/devices"))
