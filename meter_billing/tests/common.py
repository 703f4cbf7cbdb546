# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A small dealer to test with: one company, meter types, a model, a customer."""

from contextlib import contextmanager

from freezegun import freeze_time
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from odoo.fields import Command, Date
from odoo.tests import new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from .invariants import find_broken

TODAY = "2026-06-15"


@tagged("post_install", "-at_install")
class MeterBillingCommon(AccountTestInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(f"{TODAY} 10:00:00"))
        cls.company = cls.env.company
        cls.company.partner_id.tz = "UTC"
        cls.mono = cls.env.ref("meter_billing.meter_type_mono")
        cls.colour = cls.env.ref("meter_billing.meter_type_colour")
        cls.total = cls.env.ref("meter_billing.meter_type_total")
        cls.mono_a3 = cls.env.ref("meter_billing.meter_type_mono_a3")
        cls.manufacturer = cls.env["meter.manufacturer"].create({"name": "Inkwell"})
        cls.model = cls.env["meter.device.model"].create(
            {
                "name": "C 300",
                "manufacturer_id": cls.manufacturer.id,
                "colour_mode": "colour",
            }
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Harbour Office", "is_company": True}
        )

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref(
            "meter_billing.group_meter_billing_manager"
        )

    def setUp(self):
        super().setUp()
        # Last in, first out: before what the test did is rolled back.
        self.addCleanup(self._assert_invariants)

    def _assert_invariants(self):
        """Check what must hold of the database, whatever a test has done."""
        status = self.env.cr._cnx.get_transaction_status()
        if status != TRANSACTION_STATUS_INERROR:  # the test itself has failed
            self.assertFalse(find_broken(self.env))

    # === People === #

    @classmethod
    def _user(cls, login, *groups, **values):
        """Return a new user of the company with these groups only."""
        return new_test_user(cls.env, login=login, groups=",".join(groups), **values)

    # === Devices and readings === #

    @classmethod
    def _device(cls, serial, install="2026-01-01", opening=None, **values):
        """Return a device at the customer.

        :param dict opening: meter type code: opening value (default: mono from 0)
        """
        opening = {"mono": 0} if opening is None else opening
        return cls.env["meter.device"].create(
            {
                "serial_number": serial,
                "model_id": cls.model.id,
                "partner_id": cls.customer.id,
                "install_date": install,
                "meter_ids": [
                    Command.create(
                        {"type_id": cls._type(code).id, "opening_value": value}
                    )
                    for code, value in opening.items()
                ],
                **values,
            }
        )

    @classmethod
    def _type(cls, code):
        return cls.env["meter.type"].search([("code", "=", code)])

    @classmethod
    def _meter(cls, device, code="mono"):
        return device.meter_ids.filtered(lambda meter: meter.type_id.code == code)

    @classmethod
    def _row(cls, device, day, value, code="mono", **values):
        """Return a row for ``_ingest``."""
        return {
            "meter_id": cls._meter(device, code).id,
            "date": Date.to_date(day),
            "value": value,
            **values,
        }

    @classmethod
    def _read(cls, device, day, kind="actual", **values):
        """Store readings of a device, by meter type code, and return them."""
        return cls.env["meter.reading"]._ingest_or_raise(
            [
                cls._row(device, day, value, code, kind=kind)
                for code, value in values.items()
            ],
            source="manual",
        )

    # === Contracts and billing === #

    @classmethod
    def _usage(cls, *codes, name="Pages", **values):
        """Return the values of a charge for pages."""
        types = [cls._type(code).id for code in codes or ("mono",)]
        return {"name": name, "kind": "usage", "meter_type_ids": types, **values}

    @classmethod
    def _tiers(cls, *tiers):
        """Return tier commands from (up_to, price[, flat])."""
        return [
            Command.create({"up_to": up_to or 0, "price": price, "flat": (*flat, 0)[0]})
            for up_to, price, *flat in tiers
        ]

    @classmethod
    def _contract(cls, charges, devices=(), start="2026-01-01", **values):
        """Return a running contract of the customer."""
        contract = cls.env["meter.contract"].create(
            {
                "partner_id": cls.customer.id,
                "date_start": start,
                "charge_ids": [Command.create(charge) for charge in charges],
                "assignment_ids": [
                    Command.create({"device_id": device.id}) for device in devices
                ],
                **values,
            }
        )
        contract.action_start()
        return contract

    @classmethod
    def _run(cls, through, contracts=None, **values):
        """Return a billing run that is done."""
        run = cls.env["meter.billing.run"].create(
            {
                "through": through,
                "contract_ids": contracts and contracts.ids,
                **values,
            }
        )
        run.action_bill()
        return run

    def _bill(self, contract, through):
        """Bill one contract and return its new statements, oldest first."""
        run = self._run(through, contract)
        self.assertEqual(
            set(run.line_ids.mapped("status")),
            {"billed"},
            run.line_ids.mapped("message"),
        )
        return run.line_ids.statement_id.sorted("date_from")

    def _lines(self, record):
        """Return (kind, quantity, price, amount) of a statement's charge lines."""
        return [
            (line.kind, line.quantity, line.price_unit, line.amount)
            for line in record.charge_ids
        ]

    def _invoice_lines(self, move):
        """Return (quantity, price, untaxed amount) of an invoice's lines."""
        return [
            (line.quantity, line.price_unit, line.price_subtotal)
            for line in move.invoice_line_ids
        ]

    @contextmanager
    def _refused(self, error, *words):
        """Expect an error whose message holds all these words; changes are undone."""
        with self.assertRaises(error) as caught, self.env.cr.savepoint():
            yield
            self.env.flush_all()
        for word in words:
            self.assertIn(word, str(caught.exception))
