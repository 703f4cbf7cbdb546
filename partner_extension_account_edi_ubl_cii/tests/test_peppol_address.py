# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.partner_extension.tests.common import GROUP, PartnerExtensionCommon

VAT = "BE0477472701"


@tagged("post_install", "-at_install")
class TestPeppolAddress(PartnerExtensionCommon):
    """A Peppol address is a tax ID with another name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner.write({"vat": VAT, "country_id": cls.env.ref("base.be").id})
        cls.env["res.config.settings"].sudo().create(
            {"group_partner_sensitive": False}
        ).execute()
        cls.clerk = new_test_user(
            cls.env,
            "partner_clerk",
            groups=f"base.group_user,{GROUP}editor,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )

    def test_it_is_hidden(self):
        self.assertIn("0477472701", self.partner.peppol_endpoint)
        Partner = self.env["res.partner"].with_user(self.clerk)
        with self.assertRaises(AccessError):
            Partner.browse(self.partner.id).read(["peppol_endpoint"])
        with self.assertRaises(AccessError):
            Partner.search([("peppol_endpoint", "ilike", "0477")])
        self.assertNotIn("peppol_endpoint", Partner.get_view()["arch"])
        Seeing = self.env["res.partner"].with_user(self.verifier)
        self.assertTrue(Seeing.search([("peppol_endpoint", "ilike", "0477472701")]))

    def test_an_electronic_invoice_is_sent_all_the_same(self):
        self.partner.invoice_edi_format = "ubl_bis3"
        move = self.init_invoice(
            "out_invoice", partner=self.partner, products=self.product_a, post=True
        ).with_user(self.clerk)
        wizard = self.env["account.move.send.wizard"].with_user(self.clerk)
        wizard = wizard.with_context(active_model="account.move", active_ids=move.ids)
        wizard = wizard.create({"move_id": move.id})
        self.assertIsNotNone(wizard.alerts)
        wizard.action_send_and_print()
        xml = move.sudo().ubl_cii_xml_id
        self.assertIn(b"0477472701", xml.raw)
