# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Contracts that end: told of once, renewed with their prices indexed."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Date
from odoo.tests import tagged

from ..models.meter_contract_renewal import ACTIVITY
from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestContractRenewal(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.responsible = cls._user("resp", "meter_billing.group_meter_billing_user")
        cls.device = cls._device("R-1")
        cls.contract = cls._contract(
            [
                cls._usage(price=0.01),
                {"name": "Rental", "kind": "fixed", "amount": 50},
            ],
            cls.device,
            date_end="2026-08-31",
            user_id=cls.responsible.id,
            renewal_percent=3.5,
        )

    def _told(self):
        """Return the activities of the contract, after a night."""
        with self.enter_registry_test_mode():
            self.env.ref(
                "meter_billing.ir_cron_meter_contract_ending"
            ).method_direct_trigger()
        self.contract.invalidate_recordset()
        return self.contract.activity_ids.filtered(
            lambda a: a.activity_type_id == self.env.ref(ACTIVITY)
        )

    # === Telling === #

    def test_the_responsible_is_told_once(self):
        activity = self._told()
        self.assertEqual(activity.user_id, self.responsible)
        self.assertEqual(activity.date_deadline, Date.to_date("2026-08-31"))
        self.assertIn("08/31/2026", activity.summary)
        activity.action_feedback()
        self.assertFalse(self._told())

    def test_somebody_is_told_where_nobody_is_responsible(self):
        """The scheduled action's own user reads nothing."""
        self.contract.user_id = False
        self.assertEqual(self._told().user_id, self.responsible)
        self.responsible.active = False
        biller = self._user("biller", "meter_billing.group_meter_billing_user")
        self._told().unlink()
        self.contract.write({"user_id": self.responsible.id, "notice_told_for": False})
        self.assertEqual(self._told().user_id, biller)

    def test_not_before_the_days_of_notice(self):
        self.contract.notice_days = 76  # from 16 June on
        self.assertFalse(self._told())
        with freeze_time("2026-06-16 10:00:00"):
            self.assertEqual(len(self._told()), 1)

    def test_not_at_all_with_no_days(self):
        self.contract.notice_days = 0
        self.assertFalse(self._told())

    def test_told_again_once_it_has_ended(self):
        self._told()
        with freeze_time("2026-08-31 10:00:00"):
            self.assertIn("Ends", self._told().summary)
        with freeze_time("2026-09-01 10:00:00"):
            (activity,) = self._told()
            self.assertIn("Ended", activity.summary)
            activity.action_feedback()
            self.assertFalse(self._told())

    def test_a_new_end_is_told_of_anew(self):
        self._told().action_feedback()
        self.contract.date_end = "2026-07-31"
        self.assertEqual(len(self._told()), 1)

    def test_drafts_and_closed_contracts_are_not_told_of(self):
        self.contract.action_close()
        self.assertFalse(self._told())

    # === Renewing === #

    def test_renewal_extends_and_indexes(self):
        activity = self._told()
        self.assertTrue(self.contract.is_to_renew)
        self.contract.with_user(self.responsible).action_renew()
        self.assertEqual(self.contract.date_end, Date.to_date("2027-08-31"))
        self.assertEqual(
            [
                (charge.name, str(charge.date_from or ""), charge.price, charge.amount)
                for charge in self.contract.charge_ids.sorted(
                    lambda c: (c.name, c.date_from or Date.to_date("2000-01-01"))
                )
            ],
            [
                ("Pages", "", 0.01, 0.0),
                ("Pages", "2026-09-01", 0.01035, 0.0),
                ("Rental", "", 0.0, 50.0),
                ("Rental", "2026-09-01", 0.0, 51.75),
            ],
        )
        self.assertFalse(activity.exists().active)
        self.assertFalse(self.contract.is_to_renew)  # not a second time by mistake
        self.assertIn("08/31/2027", self.contract.message_ids[1].body)
        self.assertFalse(self._told())

    def test_the_last_day_of_a_month_stays_the_last(self):
        self.contract.date_end = "2027-02-28"
        self.contract.renewal_months = 1
        self.assertEqual(self.contract.renewal_end, Date.to_date("2027-03-31"))
        self.contract.date_end = "2026-08-14"
        self.assertEqual(self.contract.renewal_end, Date.to_date("2026-09-14"))

    def test_renewal_without_indexation_keeps_prices(self):
        self.contract.renewal_percent = 0
        self.contract.action_renew()
        self.assertEqual(len(self.contract.charge_ids), 2)
        self.assertEqual(self.contract.date_end, Date.to_date("2027-08-31"))
        self.assertIn("Prices stay as they are", self.contract.message_ids[0].body)

    def test_renewal_where_there_is_nothing_to_index(self):
        free = self._contract(
            [self._usage(price=0)],
            self._device("R-3"),
            date_end="2026-08-31",
            renewal_percent=3.5,
        )
        self.assertIsNone(free.action_renew())
        self.assertEqual(free.date_end, Date.to_date("2027-08-31"))
        self.assertEqual(len(free.charge_ids), 1)

    def test_billing_goes_on_at_the_new_price(self):
        self.contract.write({"date_end": "2026-02-28"})
        self._read(self.device, "2026-01-31", mono=500)
        self._read(self.device, "2026-02-28", mono=1000)
        self._run("2026-02-28", self.contract)
        self.contract.action_renew()
        self._read(self.device, "2026-03-31", mono=2000)
        (march,) = self._bill(self.contract, "2026-03-31")
        self.assertEqual(march.date_from, Date.to_date("2026-03-01"))
        self.assertEqual(march.amount_total, 62.1)  # 1000 x 0.01035 + 51.75

    def test_all_or_none_are_renewed(self):
        endless = self._contract([self._usage()], self._device("R-2"))
        with self._refused(UserError, endless.name, "no end"):
            (self.contract | endless).action_renew()
        self.assertEqual(self.contract.date_end, Date.to_date("2026-08-31"))
        self.contract.renewal_months = 0
        with self._refused(UserError, "how many months"):
            self.contract.action_renew()
        self.contract.action_close()
        with self._refused(UserError, "not running"):
            self.contract.action_renew()

    def test_indexation_comes_on_top_of_earlier_revisions(self):
        self.env["meter.price.revision"].create(
            {
                "contract_ids": self.contract.ids,
                "date_from": "2026-08-01",
                "percent": 2,
            }
        ).action_confirm()
        self.contract.action_renew()
        usage = self.contract.charge_ids.filtered(lambda c: c.kind == "usage")
        self.assertEqual(sorted(usage.mapped("price")), [0.01, 0.0102, 0.010557])

    def test_prices_planned_for_then_stand_in_the_way(self):
        self.contract.charge_ids[:1]._add_version(
            Date.to_date("2026-10-01"), {"price": 0.02}
        )
        with self._refused(UserError, "new prices"):
            self.contract.action_renew()
        self.assertEqual(self.contract.date_end, Date.to_date("2026-08-31"))

    def test_readers_do_not_renew(self):
        reader = self._user("reader", "meter_billing.group_meter_billing_reader")
        with self.assertRaises(AccessError):
            self.contract.with_user(reader).action_renew()
