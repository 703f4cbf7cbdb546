# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.partner_extension.tests.common import GROUP, PartnerExtensionCommon

KNOWN, NEW = "BE68539007547034", "BE71096123456769"


@tagged("post_install", "-at_install")
class TestBillAccount(PartnerExtensionCommon):
    """The account in an electronic bill waits where accounts wait."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.known = cls.env["res.partner.bank"].create(
            {"partner_id": cls.partner.id, "acc_number": KNOWN}
        )
        cls.company.sudo().partner_change_approval = "users"
        cls.clerk = new_test_user(
            cls.env,
            "partner_clerk",
            groups=f"base.group_user,{GROUP}editor,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )

    def _import(self, *numbers, user=None):
        bill = (
            self.env["account.move"]
            .with_user(user or self.clerk)
            .create(
                {
                    "move_type": "in_invoice",
                    "partner_id": self.partner.id,
                    "invoice_line_ids": [
                        Command.create({"name": "Toner", "price_unit": 1})
                    ],
                }
            )
        )
        bill.env["account.edi.common"]._import_partner_bank(bill, list(numbers))
        return bill

    def test_a_new_account_waits_and_the_bill_has_none(self):
        bill = self._import(NEW)
        self.assertFalse(bill.partner_bank_id)
        self.assertEqual(self.partner.bank_ids, self.known)
        request = self.partner.change_request_ids
        self.assertRecordValues(
            request,
            [
                {
                    "field_name": "bank",
                    "new_value": NEW,
                    "state": "pending",
                    "requested_user_id": self.clerk.id,
                }
            ],
        )
        self.assertIn("waits for a verifier", str(bill.message_ids[0].body))
        self._import(NEW)
        self.assertEqual(self.partner.change_request_ids, request)
        request.with_user(self.verifier).action_approve()
        bill = self._import(NEW)
        self.assertEqual(bill.partner_bank_id.sanitized_acc_number, NEW)
        self.assertEqual(self.partner.change_request_ids, request)

    def test_a_known_account_is_taken(self):
        bill = self._import(NEW, "BE68 5390 0754 7034")
        self.assertEqual(bill.partner_bank_id, self.known)
        self.assertFalse(self.partner.change_request_ids)

    def test_an_archived_account_waits_too(self):
        self.known.active = False
        self.assertFalse(self._import(KNOWN).partner_bank_id)
        self.assertFalse(self.known.active)
        self.partner.change_request_ids.with_user(self.verifier).action_approve()
        self.assertTrue(self.known.active)
        self.assertEqual(self._import(KNOWN).partner_bank_id, self.known)

    def test_what_is_no_account_is_said(self):
        bill = self._import("BE71096123456768")
        self.assertFalse(bill.partner_bank_id)
        self.assertIn("was not taken", str(bill.message_ids[0].body))
        self.assertFalse(self.partner.change_request_ids)

    def test_verifiers_import_as_always(self):
        accountant = new_test_user(
            self.env,
            "partner_accountant",
            groups=f"base.group_user,{GROUP}verifier,account.group_account_invoice",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        bill = self._import(NEW, user=accountant)
        self.assertEqual(bill.partner_bank_id.sanitized_acc_number, NEW)
