# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import AccessError

from .common import MeterBillingCommon


class TestDeviceHistory(MeterBillingCommon):
    """A device's counters as one timeline: readings, events, corrections, bills."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()  # today is 2026-06-15
        cls.device = cls._device("SN-1", opening={"mono": 100})
        cls.meter = cls._meter(cls.device)

    def _history(self, device=None, user=None, is_all=False):
        env = self.env(user=user) if user else self.env
        device = device or self.device
        return env["meter.device"].history_load(device.id, is_all)

    def _told(self, **options):
        """Return (day, kind, value, pages, state) of the entries, the oldest first."""
        return [
            (
                entry["date"],
                entry["kind"],
                entry["value"],
                entry["pages"],
                entry["state"],
            )
            for entry in self._history(**options)["entries"][::-1]
        ]

    def test_everything_in_the_order_of_time(self):
        contract = self._contract([self._usage(price=0.01)], self.device)
        first = self._read(self.device, "2026-01-31", mono=600)
        self._bill(contract, "2026-01-31")
        first._correct(550, "Two digits swapped")
        self.env["meter.event"].create(
            {
                "meter_id": self.meter.id,
                "kind": "reset",
                "happened_at": "2026-02-10 08:00:00",
                "closing_value": 700,
                "opening_value": 0,
                "reason": "Board replaced",
            }
        )
        self._read(self.device, "2026-02-28", mono=250)
        self._read(self.device, "2026-03-31", mono=90)  # lower: on hold
        self.assertEqual(
            self._told(),
            [
                ("2026-01-01", "opening", 100, False, ""),
                ("2026-01-31", "reading", 600, False, "superseded"),
                ("2026-01-31", "reading", 550, 450, "valid"),
                ("2026-01-31", "bill", 600, 500, ""),
                ("2026-02-10", "event", 0, False, ""),
                # 150 up to the board's end, 250 on the new one
                ("2026-02-28", "reading", 250, 400, "valid"),
                ("2026-03-31", "reading", 90, False, "hold"),
            ],
        )

    def test_says_who_and_why(self):
        reading = self._read(self.device, "2026-01-31", mono=600)
        clerk = self._user(
            "history_clerk", "base.group_user", "meter_billing.group_meter_billing_user"
        )
        reading.with_user(clerk)._reject("Other device")
        entry = self._history()["entries"][0]
        self.assertEqual(entry["decision"], f"{clerk.name}: Other device")
        self.assertIn("Entered by hand", entry["by"])

    def test_offers_what_can_be_done(self):
        self._read(self.device, "2026-01-31", mono=600)
        self._read(self.device, "2026-02-28", mono=50)  # lower

        def methods(user=None):
            return [
                [method for method, _label in entry["actions"]]
                for entry in self._history(user=user)["entries"]
            ]

        correct, reject = "action_correct", "action_reject"
        self.assertEqual(
            methods(),
            [["action_what_happened", correct, reject], [correct, reject], []],
        )
        technician = self._user(
            "history_technician", "meter_billing.group_meter_billing_technician"
        )
        self.assertEqual(methods(technician), [[], [], []])

    def test_a_technician_sees_no_bills(self):
        contract = self._contract([self._usage(price=0.01)], self.device)
        self._read(self.device, "2026-01-31", mono=600)
        self._bill(contract, "2026-01-31")
        technician = self._user(
            "history_technician", "meter_billing.group_meter_billing_technician"
        )
        kinds = [entry["kind"] for entry in self._history(user=technician)["entries"]]
        self.assertEqual(kinds, ["reading", "opening"])
        self.assertIn("bill", [one["kind"] for one in self._history()["entries"]])

    def test_two_years_at_first(self):
        old = self._device("SN-2", install="2023-01-01")
        for day, value in (("2023-06-30", 10), ("2024-05-31", 20), ("2024-06-30", 30)):
            self._read(old, day, mono=value)
        self.assertEqual(
            [date for date, *_rest in self._told(device=old)], ["2024-06-30"]
        )
        everything = self._told(device=old, is_all=True)
        self.assertEqual(len(everything), 4)

    def test_strangers_see_nothing(self):
        with self._refused(AccessError, "'Device'"):
            self._history(user=self._user("history_stranger", "base.group_user"))

    def test_queries_do_not_grow_with_readings(self):
        for month in range(1, 6):
            self._read(self.device, f"2026-{month:02}-28", mono=100 * (month + 1))
        self.env.invalidate_all()
        with self.assertQueryCount(26):
            self._history()
        self.env.invalidate_all()
        count = self.env.cr.sql_log_count
        self._history()
        before = self.env.cr.sql_log_count - count
        for day in range(1, 28):
            self._read(self.device, f"2026-05-{day:02}", mono=500 + day)
        self.env.invalidate_all()
        count = self.env.cr.sql_log_count
        self._history()
        self.assertLessEqual(self.env.cr.sql_log_count - count, before)
