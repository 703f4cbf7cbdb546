# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.partner_extension.tests.common import PartnerExtensionCommon


@tagged("post_install", "-at_install")
class TestHiddenPurchase(PartnerExtensionCommon):
    """Who may not see tax IDs and bank accounts buys from suppliers that have them."""

    def test_ordered_and_billed(self):
        self.partner.write(
            {
                "vat": "BE0477472701",
                "country_id": self.env.ref("base.be").id,
                "bank_ids": [Command.create({"acc_number": "BE71096123456769"})],
            }
        )
        self.company.vat = "BE0428759497"
        self.env["res.config.settings"].sudo().create(
            {"group_partner_sensitive": False}
        ).execute()
        buyer = new_test_user(
            self.env,
            "partner_buyer",
            groups="base.group_user,purchase.group_purchase_user,"
            "account.group_account_invoice",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        self.product_a.purchase_method = "purchase"
        self.env.invalidate_all()
        with Form(self.env["purchase.order"].with_user(buyer)) as form:
            form.partner_id = self.partner.with_user(buyer)
            with form.order_line.new() as line:
                line.product_id = self.product_a.with_user(buyer)
                line.price_unit = 10
        order = form.record
        order.button_confirm()
        self.env.invalidate_all()
        order.action_create_invoice()
        bill = order.invoice_ids
        self.assertEqual(bill.sudo().partner_bank_id, self.partner.bank_ids)
        # Once read with all rights, it is in the cache of who has fewer.
        self.assertEqual(bill.partner_bank_id.display_name, "•••• 6769")
        bill.invoice_date = "2026-06-01"
        self.env.invalidate_all()
        bill.action_post()
        self.assertEqual(bill.state, "posted")
