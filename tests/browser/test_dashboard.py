# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The dashboard in a browser: it draws its chart and opens records."""

from odoo.fields import Command, Date
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestDashboard(HttpCase):
    def test_figures_open_their_records(self):
        today = self.env.company._meter_today()
        mono = self.env.ref("meter_billing.meter_type_mono")
        device = self.env["meter.device"].create(
            {
                "serial_number": "BT-3001",
                "model_id": self.env["meter.device.model"]
                .create(
                    {
                        "name": "M 1",
                        "manufacturer_id": self.env["meter.manufacturer"]
                        .create({"name": "Inkwell"})
                        .id,
                    }
                )
                .id,
                "partner_id": self.env["res.partner"].create({"name": "Ada"}).id,
                "install_date": Date.subtract(today, days=60),
                "meter_ids": [Command.create({"type_id": mono.id, "opening_value": 9})],
            }
        )
        for days, value in ((30, 100), (1, 5)):  # it went back: on hold
            self.env["meter.reading"]._ingest(
                [
                    {
                        "meter_id": device.meter_ids.id,
                        "date": Date.subtract(today, days=days),
                        "value": value,
                    }
                ],
                source="import",
            )
        new_test_user(
            self.env, login="reader", groups="meter_billing.group_meter_billing_reader"
        )
        url = "/odoo/meter-dashboard"
        self.start_tour(url, "meter_billing_dashboard", login="reader")
