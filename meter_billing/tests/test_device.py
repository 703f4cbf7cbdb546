# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Devices: who is who, where they stand, how they go."""

from psycopg2.errors import ExclusionViolation, UniqueViolation

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Date
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestDevice(MeterBillingCommon):
    # === Serial numbers === #

    def _assert_taken(self, serial, **values):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
        ):
            self._device(serial, **values)
            self.env.flush_all()

    def test_serial_is_unique_for_company_and_manufacturer(self):
        self._device("SN-1a")
        for serial in ("SN-1a", "sn-1A", "  SN-1A "):
            with self.subTest(serial=serial):
                self._assert_taken(serial)
        other_model = self.env["meter.device.model"].create(
            {"name": "C 400", "manufacturer_id": self.manufacturer.id}
        )
        self._assert_taken("SN-1a", model_id=other_model.id)

    def test_same_serial_of_another_manufacturer_or_company(self):
        self._device("SN-1")
        zed = self.env["meter.manufacturer"].create({"name": "Zed"})
        model = self.env["meter.device.model"].create(
            {"name": "Z", "manufacturer_id": zed.id}
        )
        self._device("SN-1", model_id=model.id)
        company = self.setup_other_company()["company"]
        self._device("SN-1", company_id=company.id)
        self.assertEqual(
            self.env["meter.device"].search_count([("serial_number", "=", "SN-1")]), 3
        )

    def test_serial_is_kept_without_blanks(self):
        device = self._device(" SN-1\t")
        self.assertEqual(device.serial_number, "SN-1")
        device.serial_number = " SN-2 "
        self.assertEqual(device.serial_number, "SN-2")
        with self._refused(ValidationError, "serial number"):
            device.serial_number = "   "

    def test_copy_is_another_device_in_stock(self):
        copy = self._device("SN-1").copy()
        self.assertRecordValues(
            copy,
            [{"serial_number": "SN-1 (copy)", "partner_id": False, "state": "stock"}],
        )

    # === Where it stands === #

    def test_device_at_a_customer_needs_its_installation_date(self):
        with self._refused(ValidationError, "SN-1", "installation date"):
            self._device("SN-1", install=False)

    def test_location_follows_the_customer(self):
        branch = self.env["res.partner"].create(
            {"name": "Pier 2", "parent_id": self.customer.id}
        )
        device = self._device("SN-1", location_id=branch.id)
        self.assertEqual(device.location_id, branch)
        device.partner_id = self.partner_a
        self.assertEqual(device.location_id, self.partner_a)

    def test_form_offers_the_meters_of_the_model(self):
        form = Form(self.env["meter.device"])
        form.serial_number = "SN-1"
        form.model_id = self.model
        device_types = [
            form.meter_ids.edit(index).type_id for index in range(len(form.meter_ids))
        ]
        self.assertEqual(device_types, [self.mono, self.colour])
        with self.assertRaises(AssertionError):  # opening values are to be entered
            form.save()

    # === Removal === #

    def _remove(self, device, date, replacement=None, **values):
        form = Form(
            self.env["meter.device.removal"].with_context(default_device_id=device.id)
        )
        form.date = date
        if replacement:
            form.replacement_id = replacement
        for index in range(len(form.line_ids)):
            with form.line_ids.edit(index) as line:
                code = line.meter_id.type_id.code
                if code in values:
                    line.value = values[code]
        form.save().action_remove()

    def test_removal(self):
        device = self._device("SN-1", opening={"mono": 0, "colour": 0})
        contract = self._contract([self._usage("mono", price=0.01)], device)
        self._remove(device, "2026-03-10", mono=500, colour=60)
        self.assertRecordValues(
            device, [{"state": "removed", "removal_date": Date.to_date("2026-03-10")}]
        )
        self.assertEqual(str(contract.assignment_ids.date_end), "2026-03-10")
        readings = self.env["meter.reading"].search([("device_id", "=", device.id)])
        self.assertEqual(set(readings.mapped("source")), {"removal"})
        self.assertEqual(
            {r.meter_id.type_id.code: r.value for r in readings},
            {"mono": 500, "colour": 60},
        )

    def test_removal_needs_every_closing_value(self):
        device = self._device("SN-1", opening={"mono": 0, "colour": 0})
        with self.assertRaises(AssertionError):
            self._remove(device, "2026-03-10", mono=500)
        with self._refused(UserError, "SN-1 Colour", "closing value"):
            device._remove(Date.to_date("2026-03-10"), {self._meter(device): 500}, None)
        self.assertEqual(device.state, "installed")

    def test_refused_closing_value_removes_nothing(self):
        device = self._device("SN-1")
        with self._refused(UserError, "SN-1 Mono", "negative"):
            self._remove(device, "2026-03-10", mono=-1)
        with self._refused(UserError, "SN-1 Mono", "in the future"):
            self._remove(device, "2026-07-10", mono=1)
        self.assertEqual(device.state, "installed")
        self.assertFalse(
            self.env["meter.reading"].search([("device_id", "=", device.id)])
        )

    def test_removal_only_once(self):
        device = self._device("SN-1")
        self._remove(device, "2026-03-10", mono=500)
        with self._refused(UserError, "SN-1", "was removed on 2026-03-10"):
            self._remove(device, "2026-03-09", mono=400)

    def test_replacement_takes_over_the_place(self):
        old, new = self._device("SN-1"), self._device("SN-2", install="2026-03-10")
        contract = self._contract([self._usage("mono", price=0.01)], old)
        self._remove(old, "2026-03-10", replacement=new, mono=500)
        before, after = contract.assignment_ids.sorted("id")
        self.assertRecordValues(
            after,
            [
                {
                    "device_id": new.id,
                    "date_start": Date.to_date("2026-03-10"),
                    "date_end": False,
                    "replaces_id": before.id,
                    "place_id": before.place_id.id,
                }
            ],
        )
        self.assertEqual(before.place_id, before)

    def test_replacement_from_stock_is_installed(self):
        old = self._device("SN-1", place="Copy room")
        new = self._device("SN-2", install=False, partner_id=False)
        self._contract([self._usage("mono", price=0.01)], old)
        self._remove(old, "2026-03-10", replacement=new, mono=500)
        self.assertRecordValues(
            new,
            [
                {
                    "state": "installed",
                    "install_date": Date.to_date("2026-03-10"),
                    "partner_id": self.customer.id,
                    "place": "Copy room",
                }
            ],
        )

    # === In a contract === #

    def test_in_two_contracts_at_once(self):
        device = self._device("SN-1")
        self._contract([self._usage("mono", price=0.01)], device)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(ExclusionViolation),
            self.env.cr.savepoint(),
        ):
            self._contract([self._usage("mono", price=0.02)], device)
            self.env.flush_all()

    def test_in_two_contracts_one_after_the_other(self):
        device = self._device("SN-1")
        first = self._contract([self._usage("mono", price=0.01)], device)
        first.assignment_ids.date_end = "2026-03-31"
        second = self._contract(
            [self._usage("mono", price=0.02)], device, start="2026-04-01"
        )
        self.env.flush_all()
        self.assertEqual(second.assignment_ids.device_id, device)
        self.assertEqual(device.contract_id, second)

    def test_joins_neither_before_the_contract_nor_before_installation(self):
        device = self._device("SN-1", install="2026-02-01")
        with self._refused(ValidationError, "SN-1", "before it is installed"):
            self._contract(
                [self._usage("mono", price=0.01)],
                assignment_ids=[
                    Command.create({"device_id": device.id, "date_start": "2026-01-15"})
                ],
            )
        with self._refused(ValidationError, "SN-1", "before the contract starts"):
            self._contract(
                [self._usage("mono", price=0.01)],
                start="2026-03-01",
                assignment_ids=[
                    Command.create({"device_id": device.id, "date_start": "2026-02-15"})
                ],
            )
