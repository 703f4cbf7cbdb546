# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Each record leads to what belongs to it, and back."""

from odoo.tests import tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestLinks(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = cls._device("L-1")
        cls.contract = cls._contract([cls._usage(price=0.1)], cls.device)
        cls.reading = cls._read(cls.device, "2026-01-31", mono=100)
        cls.statement = cls._run("2026-01-31", cls.contract).line_ids.statement_id
        # Of another customer: not to be met.
        other = cls._device("L-2", partner_id=cls.partner_a.id)
        contract = cls._contract(
            [cls._usage(price=0.1)], other, partner_id=cls.partner_a.id
        )
        cls._read(other, "2026-01-31", mono=100)
        cls._run("2026-01-31", contract)

    def _met(self, action):
        """Return the records that an action opens."""
        records = self.env[action["res_model"]]
        if action.get("res_id"):
            return records.browse(action["res_id"])
        return records.search(action["domain"])

    def test_each_leads_to_the_others(self):
        device, contract, statement = self.device, self.contract, self.statement
        invoice, customer = statement.move_ids, self.customer
        for action, records in (
            (device.action_view_contracts(), contract),
            (device.action_view_statements(), statement),
            (device.action_view_readings(), self.reading),
            (self.reading.action_view_device(), device),
            (self.reading.action_view_statements(), statement),
            (contract.action_view_devices(), device),
            (contract.action_view_readings(), self.reading),
            (contract.action_view_statements(), statement),
            (contract.action_view_invoices(), invoice),
            (statement.action_view_contract(), contract),
            (statement.action_view_devices(), device),
            (statement.action_view_readings(), self.reading),
            (statement.action_view_invoices(), invoice),
            (invoice.action_view_meter_statements(), statement),
            (invoice.action_view_meter_contracts(), contract),
            (customer.action_view_meter_devices(), device),
            (customer.action_view_meter_contracts(), contract),
            (customer.action_view_meter_statements(), statement),
            (customer.action_view_meter_readings(), self.reading),
        ):
            self.assertEqual(self._met(action), records)

    def test_counts(self):
        self.assertEqual(self.reading.statement_count, 1)
        self.assertEqual(self.statement.device_count, 1)
        user = self._user("tech", "meter_billing.group_meter_billing_technician")
        views = self.env["meter.reading"].with_user(user).get_views([(False, "form")])
        self.assertNotIn("statement_count", views["views"]["form"]["arch"])
