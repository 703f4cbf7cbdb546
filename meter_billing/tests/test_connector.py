# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Readings from a fleet service, over HTTP to a server on loopback."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import MeterBillingCommon
from .fleet_server import KEY, FleetServer, a_device, a_meter


@tagged("post_install", "-at_install")
class TestConnector(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Nobody waits in a test for a service to recover.
        cls.startClassPatcher(patch("odoo.addons.meter_billing.fleet.http.TRIES", 2))
        cls.startClassPatcher(patch("time.sleep"))
        cls.device = cls._device("SN-1", opening={"mono": 100, "colour": 50})
        cls.responsible = cls._user("boss", "meter_billing.group_meter_billing_user")

    def _connector(self, server, **values):
        return self.env["meter.connector"].create(
            {
                "name": "Print Tracker",
                "url": server.url,
                "api_key": KEY,
                "entity": "dealer-1",
                "user_id": self.responsible.id,
                **values,
            }
        )

    def _readings(self):
        return self.env["meter.reading"].search(
            [("source", "=", "connector")], order="id"
        )

    def test_readings_come_with_where_from(self):
        devices = [a_device(1), a_device(2, "NEW-2")]
        meters = [a_meter(1, 200, 60), a_meter(2, 5)]
        with FleetServer(devices, meters) as server:
            connector = self._connector(server)
            self.assertEqual(connector.action_test()["params"]["type"], "success")
            connector.action_pull()
        self.assertEqual((connector.state, connector.reason), ("ok", False))
        self.assertEqual(self._readings().mapped("value"), [200, 60])
        delivery = self._readings().import_id
        self.assertEqual(delivery.connector_id, connector)
        self.assertEqual((delivery.source, delivery.created_count), ("connector", 2))
        self.assertEqual(delivery.line_ids.serial, "NEW-2")
        self.assertEqual((connector.device_count, connector.unknown_count), (2, 1))
        self.assertEqual(connector.device_ids.device_id, self.device)
        ours = self._device("SN-9")
        unknown_there = self.env["meter.device"].search(
            connector.action_view_unknown_there()["domain"]
        )
        self.assertEqual(unknown_there, ours)
        # As soon as the device is there its reading is taken.
        self._device("new-2")
        self.assertEqual(self._readings().mapped("value"), [200, 60, 5])

    def test_pulled_again_nothing_is_doubled(self):
        with FleetServer([a_device(1)], [a_meter(1, 200, 60)]) as server:
            connector = self._connector(server)
            for _time in range(3):
                connector.action_pull()
        self.assertEqual(len(self._readings()), 2)
        self.assertEqual(len(connector.device_ids), 1)

    def test_life_counts_and_meters_of_ones_own(self):
        with FleetServer([a_device(1)], [a_meter(1, 900, 60)]) as server:
            connector = self._connector(server, count_format="life")
            connector.counter_ids.filtered(
                lambda line: line.counter == "totalBlack"
            ).type_id = self.colour
            self.device.meter_ids.opening_value = 0
            connector.action_pull()
        self.assertEqual(
            (self._readings().type_id, self._readings().value), (self.colour, 7)
        )

    def test_a_failing_service_is_told_once_and_recovers(self):
        with FleetServer([a_device(1)], [a_meter(1, 200)], faults=[500] * 4) as server:
            connector = self._connector(server)
            for _time in range(2):
                connector.action_pull()
                self.assertEqual(connector.state, "failing")
                self.assertIn("status 500", connector.reason)
            self.assertEqual(connector.activity_ids.user_id, self.responsible)
            self.assertFalse(self._readings())
            connector.action_pull()
        self.assertEqual((connector.state, connector.reason), ("ok", False))
        self.assertEqual(len(self._readings()), 1)

    def test_a_page_that_breaks_stores_nothing_half(self):
        devices = [a_device(n) for n in range(1, 151)]
        meters = [a_meter(n, 200) for n in range(1, 151)]
        with FleetServer(devices, meters, [None, None, None, "object"]) as server:
            connector = self._connector(server)
            connector.action_pull()
            self.assertIn("something else than a list", connector.reason)
            self.assertFalse(self._readings())
            self.assertFalse(connector.device_ids)
            connector.action_pull()
        self.assertEqual(self._readings().value, 200)

    def test_a_wrong_key(self):
        with FleetServer([a_device(1)]) as server:
            connector = self._connector(server, api_key="wrong")
            with self._refused(UserError, "does not accept the API key"):
                connector.action_test()
            connector.action_pull()
        self.assertIn("API key", connector.reason)
        self.assertNotIn("wrong", connector.reason)

    def test_one_failing_service_is_not_the_others_end(self):
        with FleetServer([a_device(1)], [a_meter(1, 200)]) as server:
            broken = self._connector(server, url="http://127.0.0.1:9", sequence=1)
            good = self._connector(server, sequence=2)
            late = self._connector(server, sequence=3)
            late.last_run = "2026-06-15 09:00:00"  # an hour ago, asked once a day
            cron = self.env.ref("meter_billing.ir_cron_meter_connector")
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
        self.assertEqual(
            (broken.state, good.state, late.state), ("failing", "ok", "new")
        )
        self.assertIn("cannot be reached", broken.reason)
        self.assertEqual(len(self._readings()), 1)

    @mute_logger("odoo.addons.meter_billing.models.meter_connector")
    def test_an_error_of_the_program_is_seen_as_well(self):
        with FleetServer([a_device(1)], [a_meter(1, 200)]) as server:
            connector = self._connector(server)
            name = "odoo.addons.meter_billing.fleet.PrintTracker.devices"
            with patch(name, side_effect=ZeroDivisionError("oops")):
                connector.action_pull()
        self.assertEqual((connector.state, connector.reason), ("failing", "oops"))

    def test_who_sees_the_key(self):
        with FleetServer() as server:
            connector = self._connector(server)
        clerk = self._user("clerk", "meter_billing.group_meter_billing_user")
        as_clerk = connector.with_user(clerk)
        self.assertEqual(as_clerk.name, "Print Tracker")
        with self._refused(AccessError):
            as_clerk.read(["api_key"])
        with self._refused(AccessError):
            self.env["meter.connector"].with_user(clerk).search([("api_key", "=", KEY)])
        for name in ("action_test", "action_pull"):
            with self._refused(AccessError):
                getattr(as_clerk, name)()
