# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Ways around the approval of changes, each of which ends at a verifier."""

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user

from .common import PartnerExtensionCommon

VAT, OTHER_VAT = "BE0477472701", "BE0428759497"
IBAN, OTHER_IBAN = "BE71096123456769", "BE68539007547034"


class ChangeGuardCommon(PartnerExtensionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sudo().partner_change_approval = "users"
        cls.belgium = cls.env.ref("base.be")
        cls.partner.write({"country_id": cls.belgium.id, "vat": VAT})
        cls.theirs = cls.partner.with_user(cls.editor)

    def _asked(self, partner=None):
        """Return what waits of a partner, {field name: value}."""
        requests = (partner or self.partner).change_request_ids
        return {
            request.field_name: request.new_value
            for request in requests.filtered(lambda r: r.state == "pending")
        }


class TestTaxIdGuard(ChangeGuardCommon):
    """A tax ID that is there is another when a verifier agrees."""

    def test_cleared_first(self):
        self.theirs.vat = False
        self.assertEqual(self.partner.vat, VAT)
        self.assertEqual(self._asked(), {"vat": False})
        self.theirs.vat = OTHER_VAT
        self.assertEqual(self.partner.vat, VAT)
        self.assertEqual(self._asked(), {"vat": OTHER_VAT})

    def test_a_removal_that_is_approved_is_made(self):
        self.theirs.vat = False
        self.partner.change_request_ids.with_user(self.verifier).action_approve()
        self.assertFalse(self.partner.vat)
        self.theirs.vat = OTHER_VAT
        self.assertEqual(self.partner.vat, OTHER_VAT, "a first value replaces nothing")

    def test_as_a_person_for_a_while(self):
        with self.assertRaisesRegex(UserError, "company or a person"):
            self.theirs.is_company = False
        with self.assertRaisesRegex(UserError, "company or a person"):
            self.theirs.write({"company_type": "person"})
        # Without a tax ID, the name is guarded still.
        nameless = self.env["res.partner"].create({"name": "Plain", "is_company": True})
        with self.assertRaisesRegex(UserError, "company or a person"):
            nameless.with_user(self.editor).is_company = False
        self.partner.with_user(self.verifier).is_company = False
        self.assertFalse(self.partner.is_company)

    def test_of_a_sole_trader(self):
        trader = self.env["res.partner"].create(
            {"name": "Tom", "vat": VAT, "country_id": self.belgium.id}
        )
        trader.with_user(self.editor).write({"name": "Tom B.", "vat": OTHER_VAT})
        self.assertRecordValues(trader, [{"name": "Tom B.", "vat": VAT}])
        self.assertEqual(self._asked(trader), {"vat": OTHER_VAT})
        for kind in ({"is_company": True}, {"parent_id": self.partner.id}):
            with self.assertRaisesRegex(UserError, "company or a person"):
                trader.with_user(self.editor).write(kind)

    def test_by_a_contact(self):
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": self.partner.id}
        )
        contact.with_user(self.editor).vat = OTHER_VAT
        self.assertEqual((contact.vat, self.partner.vat), (VAT, VAT))
        self.assertEqual(self._asked(), {"vat": OTHER_VAT})
        self.env["res.partner"].with_user(self.editor).create(
            {"name": "Bob", "parent_id": self.partner.id, "vat": "BE0202239951"}
        )
        self.assertEqual(self.partner.vat, VAT)

    def test_by_what_is_computed(self):
        other = self.env["res.partner"].create({"name": "Fraud", "is_company": True})
        with self.assertRaisesRegex(UserError, "company or a person"):
            self.theirs.commercial_partner_id = other
        self.theirs.vat_normalized = False
        self.theirs.vat = OTHER_VAT
        self.assertEqual(self.partner.vat, VAT)

    def test_contacts_move_as_they_like(self):
        other = self.env["res.partner"].create(
            {
                "name": "Other Ltd",
                "is_company": True,
                "vat": OTHER_VAT,
                "country_id": self.belgium.id,
            }
        )
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": self.partner.id}
        )
        contact.with_user(self.editor).parent_id = other
        self.assertEqual(contact.vat, OTHER_VAT)
        contact.with_user(self.editor).parent_id = self.partner
        self.assertEqual(contact.vat, VAT)
        self.assertFalse(self._asked() or self._asked(other))

    def test_by_another_company_of_the_user(self):
        lax = self.env["res.company"].sudo().create({"name": "Lax"})
        self.editor.sudo().company_ids |= lax
        theirs = self.theirs.with_context(allowed_company_ids=lax.ids)
        theirs.vat = OTHER_VAT
        self.assertEqual(self.partner.vat, VAT)
        self.partner.company_id = self.company
        with self.assertRaisesRegex(UserError, "company or a person"):
            self.theirs.with_context(
                allowed_company_ids=(self.company | lax).ids
            ).company_id = lax

    def test_a_first_value_is_taken_beside_what_waits(self):
        partner = self.env["res.partner"].create(
            {"name": "New Ltd", "is_company": True, "country_id": self.belgium.id}
        )
        partner.with_user(self.editor).write({"name": "Newer Ltd", "vat": OTHER_VAT})
        self.assertRecordValues(partner, [{"name": "New Ltd", "vat": OTHER_VAT}])
        self.assertEqual(self._asked(partner), {"name": "Newer Ltd"})

    def test_on_the_portal(self):
        portal = new_test_user(
            self.env, "ann@paper.example", groups="base.group_portal"
        )
        portal.partner_id.parent_id = self.partner
        partner = self.partner.with_user(portal).sudo()
        for vat in (OTHER_VAT, "", OTHER_VAT):
            partner.write({"vat": vat})
            self.assertEqual(self.partner.vat, VAT)
        self.assertEqual(self._asked(), {"vat": OTHER_VAT})
        # A person's own name is the person's, with an account as well.
        account = self.env["res.partner.bank"].create(
            {"partner_id": portal.partner_id.id, "acc_number": IBAN}
        )
        portal.partner_id.with_user(portal).sudo().name = "Ann B."
        self.assertEqual(account.acc_holder_name, "Ann B.")

    def test_names_are_not_cleared(self):
        with self.assertRaisesRegex(ValidationError, "enter the new value"):
            self.theirs.name = False


class TestAccountGuard(ChangeGuardCommon):
    """A bank account is another when a verifier agrees."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.env["res.partner.bank"].create(
            {"partner_id": cls.partner.id, "acc_number": OTHER_IBAN}
        )

    def test_by_an_account_of_our_own(self):
        Bank = self.env["res.partner.bank"].with_user(self.editor)
        own = Bank.create(
            {"partner_id": self.company.partner_id.id, "acc_number": IBAN}
        )
        with self.assertRaises(UserError) as refused:
            own.partner_id = self.partner
        self.assertIn("Paper & Co are changed by verifiers", str(refused.exception))
        self.assertEqual(own.partner_id, self.company.partner_id)
        own.acc_holder_name = "Our Company"

    def test_by_a_default(self):
        Bank = self.env["res.partner.bank"].with_user(self.editor)
        with self.assertRaisesRegex(UserError, "changed by verifiers"):
            Bank.with_context(default_partner_id=self.partner.id).create(
                {"acc_number": IBAN}
            )

    def test_all_that_a_payment_goes_by(self):
        account = self.account.with_user(self.editor)
        bank = self.env["res.bank"].create({"name": "Bank", "bic": "GEBABEBB"})
        for change in (
            {"acc_number": IBAN},
            {"partner_id": self.company.partner_id.id},
            {"acc_holder_name": "Fraud & Co"},
            {"bank_id": bank.id},
            {"sequence": 1},
            {"active": False},
        ):
            with (
                self.subTest(change=change),
                self.assertRaisesRegex(UserError, "changed by verifiers"),
            ):
                account.write(change)
        with self.assertRaisesRegex(UserError, "changed by verifiers"):
            account.unlink()
        self.assertTrue(self.account.active)
        with self.assertRaisesRegex(UserError, "changed by verifiers"):
            self.theirs.bank_ids = [fields.Command.delete(self.account.id)]
        account.write({"note": "Called on Monday", "acc_number": OTHER_IBAN})
        self.account.with_user(self.verifier).write({"sequence": 1})

    def test_the_holder_follows_the_name(self):
        trader = self.env["res.partner"].create({"name": "Tom"})
        account = self.env["res.partner.bank"].create(
            {"partner_id": trader.id, "acc_number": IBAN}
        )
        trader.with_user(self.editor).name = "Tom B."
        self.assertEqual(account.acc_holder_name, "Tom B.")
        # The same name again changes nothing, and is not refused.
        self.theirs.write({"name": "Paper & Co", "ref": "S-1"})
        self.assertEqual(self.partner.ref, "S-1")

    def test_an_archived_account_comes_back_when_approved(self):
        self.account.active = False
        self.env["partner.change.request"].with_user(self.editor).create(
            {
                "partner_id": self.partner.id,
                "field_name": "bank",
                "new_value": "BE68 5390 0754 7034",
            }
        ).with_user(self.verifier).action_approve()
        self.assertTrue(self.account.active)
        self.assertEqual(self.partner.bank_ids, self.account)


class TestDefaultsDecideNothing(ChangeGuardCommon):
    """Nobody decides by a default, of the context or of a user."""

    def _with_defaults(self, model, **values):
        """Return a model with each value as a default in both ways."""
        Default = self.env["ir.default"].with_user(self.editor)
        for name, value in values.items():
            if isinstance(value, str):
                Default.set(model, name, value, user_id=True)
        defaults = {f"default_{name}": value for name, value in values.items()}
        return self.env[model].with_user(self.editor).with_context(**defaults)

    def test_of_a_document(self):
        kind = self.env["partner.document.kind"].sudo().create({"name": "Licence"})
        document = self._with_defaults(
            "partner.document",
            decision="verified",
            decision_date="2026-01-01 00:00:00",
            decision_user_id=self.verifier.id,
        ).create({"partner_id": self.partner.id, "kind_id": kind.id})
        self.assertRecordValues(
            document,
            [
                {
                    "decision": "to_verify",
                    "decision_date": False,
                    "decision_user_id": False,
                }
            ],
        )

    def test_of_a_change(self):
        Request = self._with_defaults(
            "partner.change.request",
            state="approved",
            origin="portal",
            reason="Fine",
            requested_user_id=self.verifier.id,
            decision_date="2026-01-01 00:00:00",
            decision_user_id=self.verifier.id,
        )
        asked = {"partner_id": self.partner.id, "new_value": OTHER_VAT}
        Request.create({**asked, "field_name": "vat"})
        # What a user's write asks for is created with all rights.
        self.theirs.with_context(**Request.env.context).name = "Other"
        self.assertEqual(self.partner.name, "Paper & Co")
        self.assertEqual(len(self.partner.change_request_ids), 2)
        for request in self.partner.change_request_ids:
            self.assertRecordValues(
                request,
                [
                    {
                        "state": "pending",
                        "origin": "user",
                        "reason": False,
                        "requested_user_id": self.editor.id,
                        "decision_date": False,
                        "decision_user_id": False,
                    }
                ],
            )

    def test_of_a_registration(self):
        Registration = self._with_defaults(
            "partner.registration", state="approved", confirmed_date="2026-01-01"
        ).sudo()
        registration = Registration.create(
            {"name": "Toner World", "email": "a@a.example", "is_supplier": True}
        )
        self.assertRecordValues(
            registration, [{"state": "new", "confirmed_date": False}]
        )

    def test_of_the_verification_of_a_partner(self):
        forged = {
            "verification_user_id": self.verifier.id,
            "verification_reason": "Seen in person",
        }
        for name, value in forged.items():
            Partner = self.env["res.partner"].with_user(self.editor)
            Partner = Partner.with_context(**{f"default_{name}": value})
            with self.subTest(name=name), self.assertRaises(AccessError):
                Partner.create({"name": "Forged"})
        Partner = Partner.with_context(
            default_verification_state="verified", default_verified_date="2026-01-01"
        )
        self.assertEqual(
            Partner.sudo().create({"name": "Forged"}).verification_state, "new"
        )

    def test_of_what_a_registry_answered(self):
        for name, value in (
            ("registry_state", "valid"),
            ("registry_date", "2026-01-01"),
            ("registry_message", "x"),
        ):
            with self.subTest(name=name), self.assertRaises(AccessError):
                self.theirs.write({name: value})
        Partner = self._with_defaults("res.partner", registry_state="valid")
        self.assertEqual(Partner.create({"name": "New"}).registry_state, "none")


class TestChangesAreTold(ChangeGuardCommon):
    """Whoever changes what waits hears of it; a way of writing is no change."""

    def _get_notifications(self):
        values = self.env.cr.precommit.data.get("bus.bus.values", [])
        return [v["message"] for v in values if "simple_notification" in v["message"]]

    def test_in_the_result_of_an_import(self):
        Partner = self.env["res.partner"].with_user(self.editor)
        external = self.env["ir.model.data"].create(
            {
                "module": "__import__",
                "name": "paper",
                "model": "res.partner",
                "res_id": self.partner.id,
            }
        )
        columns = ["id", "name", "city"]
        rows = [[external.complete_name, "Fraud & Co", "Ghent"]]
        result = Partner.load(columns, rows)
        self.assertEqual(result["ids"], self.partner.ids)
        self.assertRecordValues(self.partner, [{"name": "Paper & Co", "city": "Ghent"}])
        (message,) = result["messages"]
        self.assertEqual(message["type"], "warning")
        self.assertIn("Paper & Co (Name)", message["message"])
        # The wish waits already: nothing new is to be told, and the import goes on.
        result = Partner.load(columns, rows)
        self.assertEqual(result["messages"], [])
        self.assertEqual(len(self.partner.change_request_ids), 1)
        result = Partner.load(columns, [[external.complete_name, "Paper & Co", "Gent"]])
        self.assertEqual(result["messages"], [])

    def test_on_the_screen(self):
        self.theirs.write({"name": "Fraud & Co", "city": "Ghent"})
        (message,) = self._get_notifications()
        self.assertIn("a verifier decides first", message)
        self.assertIn("Paper & Co (Name)", message)
        self.assertEqual(self.theirs.pending_change_count, 1)

    def test_another_way_of_writing_is_no_change(self):
        germany = self.env.ref("base.de")
        partner = self.env["res.partner"].create(
            {
                "name": "Müller GmbH",
                "is_company": True,
                "country_id": germany.id,
                "vat": "DE136695976",
            }
        )
        theirs = partner.with_user(self.editor)
        theirs.vat = "DE 136 695 976"
        theirs.vat = "136695976"
        theirs.name = "MÜLLER  GmbH"
        self.assertFalse(partner.change_request_ids)
        self.assertFalse(self._get_notifications())
        self.assertEqual(partner.vat_normalized, "DE136695976")
        theirs.vat = "/"
        self.assertEqual(self._asked(partner), {"vat": "/"})
