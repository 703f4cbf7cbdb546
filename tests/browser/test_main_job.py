# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The main job as its users do it: counters in, posted invoice out."""

from odoo.fields import Command, Date
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestMainJob(AccountTestInvoicingCommon, HttpCase):
    """The browser has the real clock, so days count from today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.env.company._meter_today()
        cls.installed = Date.subtract(cls.today, days=29)
        cls.clerk = new_test_user(
            cls.env,
            login="clerk",
            groups="meter_billing.group_meter_billing_user,"
            "account.group_account_invoice,base.group_partner_manager",
            company_id=cls.env.company.id,
            company_ids=[Command.set(cls.env.company.ids)],
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Harbour Office", "is_company": True}
        )
        cls.model = cls.env["meter.device.model"].create(
            {
                "name": "C 300",
                "manufacturer_id": cls.env["meter.manufacturer"]
                .create({"name": "Inkwell"})
                .id,
                "colour_mode": "colour",
            }
        )
        cls.mono = cls.env.ref("meter_billing.meter_type_mono")
        cls.colour = cls.env.ref("meter_billing.meter_type_colour")
        cls.colour_copier = cls._device(
            "BT-1001", {cls.mono: 10000, cls.colour: 4294967296}
        )
        cls.mono_printer = cls._device("BT-1002", {cls.mono: 0})

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref(
            "meter_billing.group_meter_billing_manager"
        )

    @classmethod
    def _device(cls, serial, opening):
        return cls.env["meter.device"].create(
            {
                "serial_number": serial,
                "model_id": cls.model.id,
                "partner_id": cls.customer.id,
                "install_date": cls.installed,
                "meter_ids": [
                    Command.create({"type_id": meter_type.id, "opening_value": value})
                    for meter_type, value in opening.items()
                ],
            }
        )

    def _contract(self):
        """A contract with one period, which ends today."""
        tax = self.company_data["default_tax_sale"]
        product = self.env.ref("meter_billing.product_pages")
        product.taxes_id = tax
        contract = self.env["meter.contract"].create(
            {
                "description": "Office printers",
                "partner_id": self.customer.id,
                "date_start": self.installed,
                "first_period_end": self.today,
                "invoice_mode": "post",
                "charge_ids": [
                    Command.create(
                        {
                            "name": "Mono pages",
                            "kind": "usage",
                            "meter_type_ids": self.mono.ids,
                            "price": 0.012,
                            "included": 300,
                        }
                    ),
                    Command.create(
                        {
                            "name": "Colour pages",
                            "kind": "usage",
                            "meter_type_ids": self.colour.ids,
                            "price": 0.08,
                        }
                    ),
                ],
                "assignment_ids": [
                    Command.create({"device_id": device.id})
                    for device in (self.colour_copier, self.mono_printer)
                ],
            }
        )
        contract.action_start()
        return contract

    def _readings(self):
        """The customer's readings as (meter, value, state), by meter."""
        readings = self.env["meter.reading"].search(
            [("device_id", "in", (self.colour_copier + self.mono_printer).ids)],
        )
        self.assertLessEqual(set(readings.mapped("source")), {"grid"})
        return sorted(
            (reading.meter_id.display_name, reading.value, reading.state)
            for reading in readings
        )

    def _open_grid(self, tour):
        url = f"/odoo/meter-customers/{self.customer.id}/update-meters"
        self.start_tour(url, tour, login="clerk")

    def test_from_the_counters_to_the_posted_invoice(self):
        contract = self._contract()
        self.start_tour("/odoo", "meter_billing_main_job", login="clerk")
        self.assertEqual(
            self._readings(),
            [
                ("BT-1001 Colour", 4294967796, "valid"),
                ("BT-1001 Mono", 12500, "valid"),
                ("BT-1002 Mono", 800, "valid"),
            ],
        )
        statement = contract.statement_ids
        self.assertRecordValues(
            statement,
            [
                {
                    "date_from": self.installed,
                    "date_to": self.today,
                    # 3300 mono pages less 300 at 0.012, 500 colour pages at 0.08
                    "amount_total": 76.0,
                    "state": "confirmed",
                }
            ],
        )
        invoice = statement.move_ids
        self.assertRecordValues(
            invoice,
            [
                {
                    "move_type": "out_invoice",
                    "state": "posted",
                    "partner_id": self.customer.id,
                    "amount_untaxed": 76.0,
                }
            ],
        )
        self.assertRecordValues(
            invoice.invoice_line_ids.filtered(lambda line: line.quantity),
            [
                {"quantity": 3000, "price_unit": 0.012, "price_subtotal": 36.0},
                {"quantity": 500, "price_unit": 0.08, "price_subtotal": 40.0},
            ],
        )
        self.assertGreater(invoice.amount_tax, 0)
        self.assertEqual(invoice.create_uid, self.clerk)

    def test_wrong_values_are_said_and_nothing_is_saved(self):
        self._open_grid("meter_billing_grid_refusals")
        self.assertEqual(self._readings(), [])

    def test_a_lower_value_is_saved_on_hold(self):
        self._open_grid("meter_billing_grid_hold")
        self.assertEqual(
            self._readings(),
            [("BT-1001 Mono", 9000, "hold"), ("BT-1002 Mono", 800, "valid")],
        )

    def test_a_device_with_counters_of_any_size(self):
        self.start_tour(
            "/odoo/meter-devices", "meter_billing_new_device", login="clerk"
        )
        device = self.env["meter.device"].search([("serial_number", "=", "BT-2001")])
        self.assertEqual(
            {m.type_id.code: m.opening_value for m in device.meter_ids},
            {"mono": 0, "colour": 4294967295},
        )
