# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who may not see tax IDs and accounts still works with partners that have them."""

import traceback

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form

from .test_sensitive import VAT, SensitiveCommon


class TestHiddenFlows(SensitiveCommon):
    def _bill(self, **values):
        return self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.partner.id,
                "partner_bank_id": self.bank.id,
                "invoice_date": "2026-06-01",
                "invoice_line_ids": [
                    fields.Command.create({"name": "Paper", "price_unit": 100})
                ],
                **values,
            }
        )

    def test_a_bill_is_made_and_posted(self):
        Move = self._as(self.clerk, "account.move")
        with Form(Move.with_context(default_move_type="in_invoice")) as form:
            form.partner_id = self.partner.with_user(self.clerk)
            form.invoice_date = "2026-06-01"
            with form.invoice_line_ids.new() as line:
                line.name = "Paper"
                line.price_unit = 10
        form.record.action_post()
        self.assertEqual(form.record.state, "posted")
        self.assertEqual(form.record.sudo().partner_bank_id, self.bank)
        shown = form.record.read(["partner_bank_id"])[0]["partner_bank_id"][1]
        self.assertEqual(shown, "•••• 6769")

    def test_bills_with_an_account_are_posted_and_paid(self):
        bills = self._bill() | self._bill()
        bills = self._as(self.clerk, "account.move").browse(bills.ids)
        bills.action_post()
        self.assertEqual(bills.mapped("state"), ["posted"] * 2)
        self.assertEqual(bills.sudo().partner_bank_id, self.bank)
        self.env.invalidate_all()
        wizard = Form.from_action(
            self.env(user=self.clerk), bills.action_force_register_payment()
        )
        wizard.save().action_create_payments()
        self.assertIn(bills[0].payment_state, ("paid", "in_payment"))

    def test_an_archived_account_is_still_refused(self):
        bill = self._bill()
        self.bank.active = False
        bill = self._as(self.clerk, "account.move").browse(bill.id)
        with self.assertRaisesRegex(UserError, "archived"):
            bill.action_post()

    def test_the_fiscal_position_goes_by_the_tax_id(self):
        position = self.env["account.fiscal.position"].create(
            {
                "name": "With a tax ID",
                "auto_apply": True,
                "vat_required": True,
                "country_id": self.env.ref("base.be").id,
                "sequence": 0,
            }
        )
        Position = self._as(self.clerk, "account.fiscal.position")
        partner = self.partner.with_user(self.clerk)
        found = Position._get_fiscal_position(partner, delivery=partner)
        self.assertEqual(found, position)
        self.assertFalse(found.env.su)
        self.partner.property_account_position_id = position
        self.assertFalse(Position._get_fiscal_position(partner).env.su)

    def test_a_document_names_a_tax_id(self):
        Partner = self._as(self.clerk)
        for vat in (VAT, "BE 0477.472.701", "0477472701"):
            with self.subTest(vat=vat):
                found = Partner._retrieve_partner(vat=vat)
                self.assertEqual(found, self.partner)
                self.assertFalse(found.env.su)
        self.assertFalse(Partner._retrieve_partner(vat="BE0428759497"))
        self.clerk.group_ids += self.env.ref(
            "partner_extension.group_partner_extension_own"
        )
        self.assertFalse(self._as(self.clerk)._retrieve_partner(vat=VAT))

    def test_a_contact_gets_its_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Ann", "company_name": "Ann Ltd", "vat": "BE0428759497"}
        )
        self._as(self.clerk).browse(contact.id).create_company()
        self.assertEqual(contact.parent_id.name, "Ann Ltd")
        self.assertEqual(contact.parent_id.vat, "BE0428759497")

    def test_what_is_wrong_with_a_number_is_said_without_it(self):
        self.partner.vat = "0477472701"
        self.env.invalidate_all()
        partner = self.partner.with_user(self.clerk)
        with self.assertRaises(ValidationError) as caught:
            partner.country_id = self.env.ref("base.nl")
        told = "".join(traceback.format_exception(caught.exception))
        self.assertIn("Paper & Co", told)
        self.assertNotIn("0477472701", told)
        with self.assertRaisesRegex(ValidationError, "0477472701"):
            self.partner.with_user(self.seer).country_id = self.env.ref("base.nl")
