# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from .common import PartnerExtensionCommon


class TestRoles(PartnerExtensionCommon):
    """Roles are what a user sets and sees; Odoo's ranks follow."""

    def test_a_role_sets_the_rank(self):
        self.partner.write({"is_customer": True, "is_supplier": True})
        self.assertRecordValues(
            self.partner, [{"customer_rank": 1, "supplier_rank": 1}]
        )
        self.partner.is_customer = False
        self.assertRecordValues(
            self.partner, [{"customer_rank": 0, "supplier_rank": 1}]
        )

    def test_a_role_that_is_set_keeps_how_often_it_was_used(self):
        self.partner.customer_rank = 7
        self.partner.is_customer = True
        self.assertEqual(self.partner.customer_rank, 7)

    def test_roles_are_searched(self):
        Partner = self.env["res.partner"]
        ours = [("id", "=", self.partner.id)]
        self.partner.supplier_rank = 3
        self.assertTrue(Partner.search([("is_supplier", "=", True), *ours]))
        self.assertFalse(Partner.search([("is_supplier", "!=", True), *ours]))
        self.assertTrue(Partner.search([("is_customer", "=", False), *ours]))
        self.assertFalse(Partner.search([("is_customer", "=", True), *ours]))
