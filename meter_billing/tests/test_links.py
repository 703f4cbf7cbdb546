# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Each record leads to what belongs to it, and back."""

from lxml import etree

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
            (device.action_view_invoices(), invoice),
            (self.reading.action_view_device(), device),
            (self.reading.action_view_statements(), statement),
            (self.reading.action_view_contracts(), contract),
            (self.reading.action_view_invoices(), invoice),
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
            (invoice.action_view_meter_devices(), device),
            (invoice.action_view_meter_readings(), self.reading),
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

    def test_every_pair_has_a_button_or_a_field(self):
        """From each of the six kinds of records to each other one, on its form."""
        invoicing = "account.group_account_invoice"
        user = self._user("biller", "meter_billing.group_meter_billing_user", invoicing)
        ways = {
            "res.partner": {
                "meter.contract": "action_view_meter_contracts",
                "meter.device": "action_view_meter_devices",
                "meter.reading": "action_view_meter_readings",
                "meter.statement": "action_view_meter_statements",
                "account.move": "action_view_partner_invoices",
            },
            "meter.contract": {
                "res.partner": "partner_id",
                "meter.device": "action_view_devices",
                "meter.reading": "action_view_readings",
                "meter.statement": "action_view_statements",
                "account.move": "action_view_invoices",
            },
            "meter.device": {
                "res.partner": "partner_id",
                "meter.contract": "action_view_contracts",
                "meter.reading": "action_view_readings",
                "meter.statement": "action_view_statements",
                "account.move": "action_view_invoices",
            },
            "meter.reading": {
                "res.partner": "partner_id",
                "meter.contract": "action_view_contracts",
                "meter.device": "action_view_device",
                "meter.statement": "action_view_statements",
                "account.move": "action_view_invoices",
            },
            "meter.statement": {
                "res.partner": "partner_id",
                "meter.contract": "action_view_contract",
                "meter.device": "action_view_devices",
                "meter.reading": "action_view_readings",
                "account.move": "action_view_invoices",
            },
            "account.move": {
                "res.partner": "partner_id",
                "meter.contract": "action_view_meter_contracts",
                "meter.device": "action_view_meter_devices",
                "meter.reading": "action_view_meter_readings",
                "meter.statement": "action_view_meter_statements",
            },
        }
        for model, others in ways.items():
            self.assertEqual({model, *others}, set(ways))
            views = self.env[model].with_user(user).get_views([(False, "form")])
            form = etree.fromstring(views["views"]["form"]["arch"])
            names = set(form.xpath("//button/@name | //field/@name"))
            self.assertLessEqual(set(others.values()), names, model)

    def test_who_may_not_see_it_has_no_button(self):
        user = self._user("tech", "meter_billing.group_meter_billing_technician")
        for model in ("meter.device", "meter.reading"):
            views = self.env[model].with_user(user).get_views([(False, "form")])
            for hidden in ("statements", "contracts", "invoices", "profit"):
                self.assertNotIn(
                    f"action_view_{hidden}", views["views"]["form"]["arch"]
                )

    def test_a_payer_of_no_pages_leads_to_no_device(self):
        leasing = self.env["res.partner"].create({"name": "Leasing"})
        device = self._device("L-3")
        contract = self._contract(
            [
                self._usage(price=0.1),
                {"name": "R", "kind": "fixed", "amount": 5, "payer_id": leasing.id},
            ],
            device,
        )
        self._read(device, "2026-01-31", mono=100)
        moves = self._bill(contract, "2026-01-31").move_ids
        paid = moves.filtered(lambda move: move.partner_id == leasing)
        self.assertEqual(len(paid), 1)
        self.assertFalse(self._met(paid.action_view_meter_devices()))
        self.assertEqual(self._met((moves - paid).action_view_meter_devices()), device)


@tagged("post_install", "-at_install")
class TestEmptyScreens(MeterBillingCommon):
    def test_every_list_says_what_to_do_first(self):
        data = self.env["ir.model.data"].search(
            [("module", "=", "meter_billing"), ("model", "=", "ir.actions.act_window")]
        )
        actions = self.env["ir.actions.act_window"].browse(data.mapped("res_id"))
        self.assertGreater(len(actions), 30)
        for action in actions:
            if action.view_mode != "form":
                self.assertIn("o_view_nocontent", action.help or "", action.name)
