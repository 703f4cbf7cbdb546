# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Used devices that come back: their past stays, what lies between is nobody's."""

from odoo.exceptions import UserError
from odoo.fields import Date
from odoo.tests import Form, tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestDeviceReturn(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.partner"].create(
            {"name": "Mill Works", "is_company": True}
        )
        cls.device = cls._device("SN-1")
        cls.meter = cls.device.meter_ids
        cls.contract = cls._contract([cls._usage(price=0.01)], cls.device)
        cls.next_contract = cls._contract(
            [cls._usage(price=0.02)], partner_id=cls.other.id
        )
        cls._read(cls.device, "2026-01-31", mono=300)
        cls._day = staticmethod(Date.to_date)

    def _remove(self, day, value):
        self.device._remove(self._day(day), {self.meter: value})

    def _install(self, day, value, contract=None):
        """Install the device again at Mill Works, as a clerk does."""
        action = self.device.action_install_again()
        self.assertEqual(action["name"], "Install Again")
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.install_date = day
        form.partner_id = self.other
        if contract:
            form.contract_id = contract
        with form.line_ids.edit(0) as line:
            line.value = value
        form.save().action_move()

    def test_each_page_is_of_who_printed_it(self):
        self._remove("2026-02-10", 500)
        self.assertEqual(self.device.state, "removed")
        # 120 pages in the workshop
        self._install("2026-03-05", 620, self.next_contract)
        self.assertRecordValues(
            self.device,
            [
                {
                    "state": "installed",
                    "partner_id": self.other.id,
                    "location_id": self.other.id,
                    "install_date": self._day("2026-01-01"),
                    "reinstall_date": self._day("2026-03-05"),
                    "removal_date": False,
                }
            ],
        )
        self._read(self.device, "2026-03-31", mono=720)
        billed = self._bill(self.contract, "2026-02-28")
        self.assertEqual(billed.mapped("amount_total"), [3, 2])
        there = self._bill(self.next_contract, "2026-03-31")
        self.assertEqual(there.mapped("amount_total"), [0, 0, 2])  # 100 x 0.02
        self.assertRecordValues(
            there.line_ids, [{"start_value": 620, "end_value": 720, "pages": 100}]
        )
        # Its past is still corrected where it was: 10 pages from February to January
        january = self.env["meter.reading"].search(
            [("meter_id", "=", self.meter.id), ("value", "=", 300)]
        )
        january._correct(310, "misread")
        with self._refused(UserError, "make no difference"):
            self.next_contract.action_correct_now()
        self.contract.action_correct_now()
        correction = self.contract.statement_ids - billed
        self.assertEqual(correction.mapped("line_ids.pages"), [10, -10])
        self.assertEqual(correction.amount_total, 0)
        # The same in the figures of the customers
        self.env["meter.usage"]._update()
        pages = self.env["meter.usage"]._read_group(
            [("meter_id", "=", self.meter.id)], ["partner_id"], ["pages:sum"]
        )
        self.assertEqual(dict(pages), {self.customer: 500, self.other: 100})

    def test_on_the_day_after_it_was_removed(self):
        """Nor are pages billed that were printed before it was carried in."""
        self._read(self.device, "2026-02-28", mono=500)
        self._remove("2026-03-31", 700)
        self._install("2026-04-01", 760, self.next_contract)
        self._read(self.device, "2026-04-01", mono=765)
        self._read(self.device, "2026-04-30", mono=860)
        self.assertEqual(
            sum(self._bill(self.contract, "2026-03-31").mapped("amount_total")), 7
        )
        there = self._bill(self.next_contract, "2026-04-30")
        self.assertEqual(sum(there.mapped("amount_total")), 2)  # 760 to 860

    def test_with_another_counter(self):
        self._remove("2026-02-10", 500)
        self._install("2026-03-01", 7, self.next_contract)
        self._read(self.device, "2026-03-31", mono=57)
        there = self._bill(self.next_contract, "2026-03-31")
        self.assertEqual(sum(there.mapped("amount_total")), 1)  # 50 x 0.02

    def test_readings_of_the_time_between_are_refused(self):
        self._remove("2026-02-10", 500)
        self._install("2026-03-05", 620)
        self.assertFalse(self.device.contract_id)
        readings = self._read(self.device, "2026-02-09", mono=490)
        readings |= self._read(self.device, "2026-03-05", mono=625)
        self.assertEqual(
            [reading.partner_id for reading in readings], [self.customer, self.other]
        )
        for day in ("2026-02-11", "2026-03-04"):
            with self._refused(UserError, "SN-1 Mono", "removed (2026-02-10)"):
                self._read(self.device, day, mono=550)

    def test_what_is_refused(self):
        there = (
            self._day("2026-03-05"),
            {self.meter: 620},
            self.next_contract,
            {"partner_id": self.other.id},
        )
        with self._refused(UserError, "SN-1", "was not removed"):
            self.device._install_again(*there)
        self._remove("2026-02-10", 500)
        with self._refused(UserError, "SN-1", "Install Again"):
            self.device._move(*there)
        with self._refused(UserError, "SN-1", "02/10/2026"):
            self._install("2026-02-10", 620)
        with self._refused(UserError, "SN-1 Mono", "future"):
            self._install("2026-07-01", 620)
        self.assertEqual(self.device.state, "removed")
        self.assertEqual(self.device.partner_id, self.customer)

    def test_removed_and_installed_again_and_again(self):
        self._remove("2026-02-10", 500)
        self._install("2026-03-05", 620, self.next_contract)
        self._remove("2026-03-20", 700)
        self._install("2026-04-02", 800, self.next_contract)
        self._read(self.device, "2026-04-30", mono=830)
        there = self._bill(self.next_contract, "2026-04-30")
        # 80 in March, 30 in April
        self.assertEqual(there.mapped("amount_total"), [0, 0, 1.6, 0.6])
