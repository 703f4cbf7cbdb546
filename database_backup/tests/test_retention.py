# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from ..archive.retention import keep


def moments(*texts):
    return [datetime.fromisoformat(text) for text in texts]


@tagged("post_install", "-at_install")
class TestRetention(BaseCase):
    def test_the_last_ones(self):
        made = moments("2026-06-01 01:00", "2026-06-01 13:00", "2026-06-02 01:00")
        self.assertEqual(keep(made, last=2), set(made[1:]))
        self.assertEqual(keep(made, last=9), set(made))
        self.assertEqual(keep([], last=1), set())

    def test_the_newest_of_each_day_week_and_month(self):
        made = moments(
            "2026-04-30 01:00",  # the newest of April
            "2026-05-24 01:00",  # a Sunday: the newest of its week
            "2026-05-25 01:00",
            "2026-05-31 01:00",  # a Sunday; the newest of May as well
            "2026-06-01 01:00",
            "2026-06-01 13:00",
        )
        self.assertEqual(keep(made, last=1, daily=2), {made[3], made[5]})
        self.assertEqual(keep(made, last=1, weekly=3), {made[1], made[3], made[5]})
        self.assertEqual(keep(made, last=1, monthly=3), {made[0], made[3], made[5]})

    def test_days_without_a_backup_do_not_count(self):
        made = moments("2025-01-01 01:00", "2026-06-01 01:00")
        self.assertEqual(keep(made, last=1, daily=7), set(made))

    def test_a_year_of_nights(self):
        nights = [datetime(2026, 1, 1, 1) + timedelta(days=day) for day in range(365)]
        kept = keep(nights, last=7, daily=7, weekly=5, monthly=12)
        # December 25 to 31; Sundays 27 (in it), 20, 13, 6; the ends of 11 months.
        self.assertEqual(len(kept), 7 + 3 + 11)
        self.assertIn(datetime(2026, 2, 28, 1), kept)
