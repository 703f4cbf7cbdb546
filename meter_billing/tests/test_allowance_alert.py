# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Alerts at 80 and 100 percent of included pages: each once, to whom it concerns."""

from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo.fields import Command, Date
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import MeterBillingCommon

LOGGER = "odoo.addons.meter_billing.models.meter_allowance_alert"


@tagged("post_install", "-at_install")
class TestAllowanceAlert(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "office@harbour.example"
        cls.clerk = cls._user("clerk", "meter_billing.group_meter_billing_user")
        # Nobody but the scheduled action gives alerts.
        root = cls.env.ref("base.user_root")
        cls.Alert = cls.env["meter.allowance.alert"].with_user(root)

    def _included(self, devices, *codes, values=None, **charge):
        """Return a running contract with included pages, of the clerk."""
        return self._contract(
            [self._usage(*codes, price=0.01, **charge)],
            devices,
            user_id=self.clerk.id,
            **(values or {}),
        )

    def _alerts(self, contract):
        """Give the contract's alerts and return (threshold, used, available, %)."""
        alerts = self.Alert._give_alerts(contract)
        return [(a.threshold, a.used, a.available, a.percent) for a in alerts]

    def _mails(self):
        """Return the e-mails to the customer."""
        return self.env["mail.mail"].search(
            [("recipient_ids", "in", self.customer.ids)]
        )

    # === What is used === #

    def test_below_at_and_above(self):
        device = self._device("SN-1")
        contract = self._included(device, included=1000)
        self._read(device, "2026-01-10", mono=799)
        self.assertEqual(self._alerts(contract), [])
        self._read(device, "2026-01-11", mono=800)
        self.assertEqual(self._alerts(contract), [(80, 800, 1000, 80)])
        self._read(device, "2026-01-20", mono=950)
        self.assertEqual(self._alerts(contract), [])  # said already
        self._read(device, "2026-01-25", mono=1100)
        self.assertEqual(self._alerts(contract), [(100, 1100, 1000, 110)])
        self.assertEqual(
            contract.alert_ids.mapped("period_end"), [Date.to_date("2026-01-31")] * 2
        )

    def test_the_latest_valid_reading_counts(self):
        device = self._device("SN-1")
        contract = self._included(device, included=1000)
        self._read(device, "2026-01-10", mono=850)
        held = self._read(device, "2026-01-12", mono=100)
        self.assertEqual(held.state, "hold")
        self.assertEqual(self._alerts(contract), [(80, 850, 1000, 85)])

    def test_pooled_weighted_and_derived(self):
        self.colour.weight = 5
        every = self.env["meter.type"].create(
            {
                "name": "Weighted total",
                "code": "every",
                "weight": 2,
                "add_type_ids": [Command.set([self.mono.id])],
            }
        )
        one = self._device("SN-1", opening={"mono": 0, "colour": 0})
        two = self._device("SN-2")
        contract = self._contract(
            [
                self._usage("colour", name="C", price=0.01, included=1000),
                self._usage(every.code, name="E", price=0.01, included=500),
            ],
            one | two,
        )
        self._read(one, "2026-01-10", mono=100, colour=160)
        self._read(two, "2026-01-12", mono=110)
        # 160 x 5 of 1000, (100 + 110) x 2 of 500
        self.assertEqual(
            self._alerts(contract), [(80, 420, 500, 84), (80, 800, 1000, 80)]
        )

    def test_each_device_on_its_own(self):
        devices = self._device("SN-1") | self._device("SN-2")
        contract = self._included(devices, included=1000, pooling="device")
        self._read(devices[0], "2026-01-10", mono=500)
        self._read(devices[1], "2026-01-10", mono=900)
        self.assertEqual(self._alerts(contract), [(80, 900, 1000, 90)])
        self.assertEqual(contract.alert_ids.device_id, devices[1])
        self.assertIn("SN-2", contract.alert_ids.description)
        charge = contract.allowance_charge_ids
        self.assertEqual(charge.allowance_percent, 90)
        self.assertEqual(
            charge.allowance_used, "SN-2: 900 of 1,000 pages (the fullest of 2)"
        )
        # The other one's alert is its own.
        self._read(devices[0], "2026-01-11", mono=800)
        self.assertEqual(self._alerts(contract), [(80, 800, 1000, 80)])

    def test_carried_pages(self):
        device = self._device("SN-1")
        contract = self._included(device, included=1000, carry_over_periods=1)
        self._read(device, "2026-01-31", mono=400)
        self._bill(contract, "2026-01-31")
        self._read(device, "2026-02-10", mono=400 + 1279)
        self.assertEqual(self._alerts(contract), [])
        self._read(device, "2026-02-11", mono=400 + 1280)
        # 600 of January and 1000 of February
        self.assertEqual(self._alerts(contract), [(80, 1280, 1600, 80)])
        self.assertEqual(
            contract.alert_ids.mapped("period_start"), [Date.to_date("2026-02-01")]
        )

    def test_prepaid_pages(self):
        device = self._device("SN-1")
        contract = self._included(
            device, prepaid_block=1000, prepaid_price=0.01, prepaid_opening=1000
        )
        self._read(device, "2026-01-31", mono=300)
        self._bill(contract, "2026-01-31")
        self._read(device, "2026-02-10", mono=300 + 560)
        self.assertEqual(self._alerts(contract), [(80, 560, 700, 80)])

    def test_charge_of_three_periods(self):
        device = self._device("SN-1")
        contract = self._included(device, included=1000, every=3)
        self._read(device, "2026-01-31", mono=1500)
        self.assertEqual(self._alerts(contract), [])
        self._bill(contract, "2026-01-31")
        self._read(device, "2026-02-15", mono=2400)
        self.assertEqual(self._alerts(contract), [(80, 2400, 3000, 80)])
        alert = contract.alert_ids
        self.assertEqual(str(alert.period_start), "2026-01-01")
        self.assertEqual(str(alert.period_end), "2026-03-31")
        # The next period of the same round says nothing again.
        self._read(device, "2026-02-28", mono=2500)
        self._bill(contract, "2026-02-28")
        self.assertEqual(self._alerts(contract), [])

    def test_next_period_alerts_again(self):
        device = self._device("SN-1")
        contract = self._included(device, included=1000)
        self._read(device, "2026-01-31", mono=1000)
        self.assertEqual(len(self._alerts(contract)), 2)
        self._bill(contract, "2026-01-31")
        self.assertEqual(self._alerts(contract), [])
        self._read(device, "2026-02-20", mono=1900)
        self.assertEqual(self._alerts(contract), [(80, 900, 1000, 90)])

    def test_thresholds_of_the_contract(self):
        device = self._device("SN-1")
        contract = self._included(
            device, included=1000, values={"alert_first": 50, "alert_second": 0}
        )
        self._read(device, "2026-01-10", mono=2000)
        self.assertEqual(self._alerts(contract), [(50, 2000, 1000, 200)])

    def test_without_allowance_or_not_running(self):
        device = self._device("SN-1")
        contract = self._included(device, included=0)
        self._read(device, "2026-01-10", mono=5000)
        self.assertEqual(self._alerts(contract), [])
        self.assertFalse(contract.allowance_charge_ids)
        contract.charge_ids.included = 1000
        contract.action_close()
        self.assertEqual(self._alerts(contract), [])

    # === Who is told === #

    def test_dealer(self):
        device = self._device("SN-1")
        contract = self._included(device, included=1000, name="Mono pages")
        self._read(device, "2026-01-10", mono=1250)
        # Both thresholds at once are one piece of news.
        self.assertEqual(len(self._alerts(contract)), 2)
        activity = contract.activity_ids
        self.assertEqual(activity.user_id, self.clerk)
        words = "Mono pages: 1,250 of 1,000 pages are used (125 %)"
        self.assertEqual(str(activity.note).count(words), 1)
        self.assertEqual(str(contract.message_ids.mapped("body")).count(words), 1)
        self.assertFalse(self._mails())
        self.assertFalse(any(contract.alert_ids.mapped("is_mailed")))

    def test_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        device = self._device("SN-1")
        contract = self._included(
            device,
            included=1000,
            name="Mono pages",
            values={"alert_customer": True},
        )
        contract.charge_ids.with_context(lang="fr_FR").name = "Pages noires"
        self._read(device, "2026-01-10", mono=900)
        self._alerts(contract)
        mail = self._mails()
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertIn("Pages noires", mail.body_html)
        self.assertIn("90", mail.body_html)
        self.assertTrue(contract.alert_ids.is_mailed)
        self.assertEqual(mail.body_html.count("<li"), 1)
        self._read(device, "2026-01-20", mono=1000)
        self._alerts(contract)
        second = self._mails() - mail
        self.assertEqual(len(second), 1)
        # What was said before is not said again.
        self.assertEqual(second.body_html.count("<li"), 1)
        self.assertIn("100", second.body_html)
        self._alerts(contract)
        self.assertEqual(len(self._mails()), 2)

    def test_customer_without_an_address(self):
        self.customer.email = False
        device = self._device("SN-1")
        contract = self._included(
            device, included=1000, values={"alert_customer": True}
        )
        self._read(device, "2026-01-10", mono=900)
        self._alerts(contract)
        self.assertFalse(self._mails())
        self.assertFalse(contract.alert_ids.is_mailed)

    # === The scheduled action === #

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "meter_billing.ir_cron_meter_allowance_alert"
            ).method_direct_trigger()

    def test_cron_once_a_day(self):
        device = self._device("SN-1")
        contract = self._included(
            device, included=1000, values={"alert_customer": True}
        )
        self._read(device, "2026-01-10", mono=900)
        self._run_cron()
        self.assertEqual(len(contract.alert_ids), 1)
        self._read(device, "2026-01-11", mono=1000)
        self._run_cron()
        self.assertEqual(len(contract.alert_ids), 1)
        with freeze_time("2026-06-16 10:00:00"):
            self._run_cron()
        self.assertEqual(len(contract.alert_ids), 2)
        self.assertEqual(len(self._mails()), 2)

    def test_one_failure_is_one_contract_s(self):
        one, two = self._device("SN-1"), self._device("SN-2")
        contracts = self._included(one, included=100) | self._included(
            two, included=100
        )
        self._read(one, "2026-01-10", mono=900)
        self._read(two, "2026-01-10", mono=900)
        give = type(self.Alert)._give_alerts

        def fail(alert_model, batch):
            if contracts[0] in batch:
                give(alert_model, batch)
                raise ValueError("no")
            return give(alert_model, batch)

        day = Date.today()
        with (
            patch.object(type(self.Alert), "_give_alerts", fail),
            mute_logger(LOGGER),
        ):
            self.Alert._check_batch(contracts, day)
        self.assertFalse(contracts[0].alert_ids)
        self.assertFalse(contracts[0].activity_ids)
        self.assertEqual(len(contracts[1].alert_ids), 2)
        self.assertEqual(contracts.mapped("alerts_checked"), [day, day])

    def test_terms_that_cannot_be_rated_hide_nobody_else(self):
        one, two = self._device("SN-1"), self._device("SN-2")
        good = self._included(one, included=100)
        bad = self._included(two, included=100)
        bad.charge_ids.flush_recordset()
        self.env.cr.execute(
            "UPDATE meter_contract_charge SET pricing = 'graduated' WHERE id = %s",
            [bad.charge_ids.id],
        )
        self.env.invalidate_all()
        self._read(one, "2026-01-10", mono=900)
        self._read(two, "2026-01-10", mono=900)
        self.assertEqual(self.Alert._give_alerts(good | bad).contract_id, good)
        self.assertFalse(bad.allowance_charge_ids)

    @mute_logger("odoo.sql_db")
    def test_the_database_keeps_an_alert_single(self):
        device = self._device("SN-1")
        contract = self._included(device, included=1000)
        self._read(device, "2026-01-10", mono=900)
        self._alerts(contract)
        with self._refused(psycopg2.errors.UniqueViolation):
            contract.alert_ids.sudo().copy()

    # === On the screen === #

    def test_form_of_the_contract(self):
        device = self._device("SN-1")
        contract = self._included(device, included=1000)
        self._read(device, "2026-01-10", mono=250)
        self.assertEqual(contract.allowance_charge_ids, contract.charge_ids)
        self.assertEqual(contract.charge_ids.allowance_percent, 25)
        self.assertEqual(contract.charge_ids.allowance_used, "250 of 1,000 pages")
        with Form(contract.with_user(self.clerk)) as form:
            form.alert_customer = True
        self.assertTrue(contract.alert_customer)
        self._alerts(contract)
        self._read(device, "2026-01-20", mono=900)
        self._alerts(contract)
        self.assertEqual(contract.alert_ids.action_open()["res_id"], contract.id)

    def test_many_contracts_in_hardly_more_queries(self):
        def make(prefix, number):
            contracts = self.env["meter.contract"]
            for index in range(number):
                device = self._device(f"{prefix}{index}")
                contracts |= self._included(device, included=100)
                self._read(device, "2026-01-10", mono=10)
            return contracts

        def count(contracts):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Alert._give_alerts(contracts)
            return self.env.cr.sql_log_count - before

        few, many = make("A", 2), make("B", 12)
        count(few)  # warm up
        self.assertLessEqual(count(many), count(few) + 2)
