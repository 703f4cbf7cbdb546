# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.partner_extension.tests.common import GROUP, PartnerExtensionCommon

KNOWN, NEW = "BE0477472701", "BE0428759497"
IBAN, OTHER_IBAN = "BE71096123456769", "BE68539007547034"
INVOICE = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
  <cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>
  <cbc:ID>A-17</cbc:ID>
  <cbc:IssueDate>2026-06-01</cbc:IssueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cac:AccountingSupplierParty><cac:Party>
    <cbc:EndpointID schemeID="9925">{vat}</cbc:EndpointID>
    <cac:PartyName><cbc:Name>{name}</cbc:Name></cac:PartyName>
    <cac:PostalAddress>
      <cac:Country><cbc:IdentificationCode>BE</cbc:IdentificationCode></cac:Country>
    </cac:PostalAddress>
    <cac:PartyTaxScheme><cbc:CompanyID>{vat}</cbc:CompanyID>
      <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
    <cac:PartyLegalEntity><cbc:RegistrationName>{name}</cbc:RegistrationName>
    </cac:PartyLegalEntity>
  </cac:Party></cac:AccountingSupplierParty>
  <cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>
    <cac:PayeeFinancialAccount><cbc:ID>{iban}</cbc:ID></cac:PayeeFinancialAccount>
  </cac:PaymentMeans>
  <cac:LegalMonetaryTotal>
    <cbc:TaxExclusiveAmount currencyID="EUR">10.00</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="EUR">10.00</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount currencyID="EUR">10.00</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
  <cac:InvoiceLine><cbc:ID>1</cbc:ID>
    <cbc:InvoicedQuantity unitCode="C62">1</cbc:InvoicedQuantity>
    <cbc:LineExtensionAmount currencyID="EUR">10.00</cbc:LineExtensionAmount>
    <cac:Item><cbc:Name>Paper</cbc:Name></cac:Item>
    <cac:Price><cbc:PriceAmount currencyID="EUR">10.00</cbc:PriceAmount></cac:Price>
  </cac:InvoiceLine>
</Invoice>"""


@tagged("post_install", "-at_install")
class TestHiddenImport(PartnerExtensionCommon):
    """Who may not see tax IDs and accounts imports invoices that name them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner.write(
            {
                "vat": KNOWN,
                "country_id": cls.env.ref("base.be").id,
                "bank_ids": [Command.create({"acc_number": IBAN})],
            }
        )
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

    def _import(self, **values):
        xml = INVOICE.format(**values)
        attachment = (
            self.env["ir.attachment"]
            .with_user(self.clerk)
            .create({"name": "invoice.xml", "raw": xml.encode()})
        )
        self.env.invalidate_all()
        journal = self.company_data["default_journal_purchase"].with_user(self.clerk)
        return journal._create_document_from_attachment(attachment.ids)

    def test_a_known_supplier_and_account(self):
        bill = self._import(name="Another Name", vat=KNOWN, iban=IBAN)
        self.assertEqual(bill.ref, "A-17")
        self.assertEqual(bill.partner_id, self.partner)
        self.assertEqual(bill.sudo().partner_bank_id, self.partner.bank_ids)

    def test_an_account_that_is_not_known_is_left_to_who_sees_accounts(self):
        bill = self._import(name="Paper", vat=KNOWN, iban=OTHER_IBAN)
        self.assertEqual(bill.partner_id, self.partner)
        self.assertEqual(self.partner.bank_ids.sanitized_acc_number, IBAN)
        notes = "".join(bill.message_ids.mapped("body"))
        self.assertIn("The bank account of this document is not known", notes)
        self.assertNotIn(OTHER_IBAN[-8:], notes)

    def test_a_new_supplier(self):
        bill = self._import(name="New Supplier", vat=NEW, iban=OTHER_IBAN)
        self.assertEqual(bill.partner_id.name, "New Supplier")
        self.assertEqual(bill.partner_id.sudo().vat, NEW)
        self.assertFalse(bill.partner_id.sudo().bank_ids)
