# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestPurchasePolicy(TransactionCase):
    """Orders of unverified suppliers: allowed, warned of or stopped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier = cls.env["res.partner"].create(
            {"name": "Paper & Co", "is_company": True}
        )
        cls.product = cls.env["product.product"].create({"name": "Paper"})

    def _order(self):
        return self.env["purchase.order"].create(
            {
                "partner_id": self.supplier.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_qty": 1,
                            "price_unit": 10,
                        }
                    )
                ],
            }
        )

    def test_nothing_is_blocked_by_default(self):
        order = self._order()
        self.assertFalse(order.partner_verification_warning)
        order.button_confirm()
        self.assertEqual(order.state, "purchase")

    def test_warned(self):
        self.env.company.partner_unverified_purchase = "warn"
        order = self._order()
        self.assertEqual(
            order.partner_verification_warning, "Paper & Co is not verified (New)"
        )
        order.button_confirm()
        self.assertEqual(order.state, "purchase")

    def test_blocked_until_verified(self):
        self.env.company.partner_unverified_purchase = "block"
        order, second = self._order(), self._order()
        second.state = "to approve"
        for attempt in (order.button_confirm, second.button_approve):
            with self.assertRaisesRegex(UserError, "Paper & Co is not verified"):
                attempt()
        self.assertEqual(order.state, "draft")
        self.supplier.action_verify()
        order.button_confirm()
        second.button_approve()
        self.assertEqual((order | second).mapped("state"), ["purchase"] * 2)
