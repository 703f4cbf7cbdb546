# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What waits for a decision is told, once; what was decided is kept."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from .common import GROUP, PartnerExtensionCommon

VAT, OTHER_VAT = "BE0477472701", "BE0428759497"
PDF = b"%PDF-1.4 a licence"


class WaitingCommon(PartnerExtensionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner.write({"country_id": cls.env.ref("base.be").id, "vat": VAT})
        cls.portal = new_test_user(
            cls.env, "ann@paper.example", groups="base.group_portal"
        )
        cls.portal.partner_id.parent_id = cls.partner
        cls.own = new_test_user(
            cls.env,
            "partner_own",
            groups=f"base.group_user,{GROUP}verifier,{GROUP}own",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )

    @classmethod
    def _registration(cls, **values):
        registration = (
            cls.env["partner.registration"]
            .sudo()
            .create(
                {
                    "name": "Toner World",
                    "email": "sales@toner.example",
                    "is_supplier": True,
                    "company_id": cls.company.id,
                    **values,
                }
            )
        )
        registration._confirm()
        return registration.with_user(cls.verifier)

    def _ask(self, **values):
        """Have the portal user ask for changes, and return what waits."""
        self.partner.with_user(self.portal).sudo().write(values)
        requests = self.partner.change_request_ids.sudo()
        return requests.filtered(lambda request: request.state == "pending")


class TestWaitingIsTold(WaitingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sudo().partner_alarm_user_id = cls.manager

    def _told(self, records):
        """Return the users with an activity on records."""
        activities = self.env["mail.activity"].search(
            [("res_model", "=", records._name), ("res_id", "in", records.ids)]
        )
        return [activity.user_id for activity in activities]

    def test_a_change(self):
        request = self._ask(vat=OTHER_VAT)
        self.assertEqual(self._told(request), [self.manager])
        # Asked for again: it waits once, and is told once.
        self.assertEqual(self._ask(vat="BE 0428.759.497"), request)
        self.assertEqual(self._told(request), [self.manager])
        later = self._ask(vat="BE0202239951")
        self.assertEqual(request.state, "replaced")
        self.assertEqual(self._told(request | later), [self.manager])
        later.with_user(self.verifier).action_approve()
        self.assertEqual(self._told(request | later), [])

    def test_who_looks_after_the_partner_comes_first(self):
        self.partner.responsible_id = self.verifier
        self.assertEqual(self._told(self._ask(vat=OTHER_VAT)), [self.verifier])

    def test_who_may_decide_comes_before_who_may_not(self):
        self.partner.responsible_id = self.reader
        asked = self._ask(vat=OTHER_VAT)
        self.assertEqual(self._told(asked), [self.manager])
        self.company.sudo().partner_alarm_user_id = False
        self.assertEqual(
            self._told(self._ask(name="Paper Group") - asked), [self.reader]
        )

    def test_nobody_is_told_of_what_is_not_to_be_seen(self):
        self.company.sudo().partner_alarm_user_id = self.own
        self.assertEqual(self._told(self._ask(vat=OTHER_VAT)), [])

    def test_a_registration(self):
        registration = (
            self.env["partner.registration"]
            .sudo()
            .create({"name": "A", "email": "a@a.example", "is_customer": True})
        )
        self.assertEqual(self._told(registration), [], "its e-mail is not confirmed")
        registration._confirm()
        registration._confirm()
        self.assertEqual(self._told(registration), [self.manager])
        registration.reason = "No"
        registration.with_user(self.verifier).action_refuse()
        self.assertEqual(self._told(registration), [])

    def test_a_document_from_the_portal(self):
        kind = self.env["partner.document.kind"].sudo().create({"name": "Licence"})
        theirs = self.partner.with_user(self.portal).sudo()
        for number in ("1", "2"):
            error = theirs._add_self_document(kind, number, "", "a.pdf", PDF)
            self.assertFalse(error)
        documents = self.partner.document_ids
        self.assertEqual(self._told(documents), [self.manager] * 2)
        documents[0].with_user(self.verifier).action_verify()
        self.assertEqual(self._told(documents), [self.manager])
        documents[1].reason = "Unreadable"
        documents[1].with_user(self.verifier).action_refuse()
        self.assertEqual(self._told(documents), [])


class TestEvidenceStays(WaitingCommon):
    def test_partners_with_evidence_are_archived(self):
        self._ask(vat=OTHER_VAT)
        asked = self.env["res.partner"].create({"name": "Asked"})
        answer = (
            self.env["partner.registry.answer"]
            .sudo()
            .create(
                {
                    "partner_id": asked.id,
                    "registry": "VIES",
                    "tax_id": VAT,
                    "asked_on": "2026-06-01",
                }
            )
        )
        for partner in (self.partner, asked):
            with self.assertRaisesRegex(UserError, "Archive them instead"):
                partner.with_user(self.manager).unlink()
        self.assertTrue(answer.exists())
        asked.active = False
        plain = self.env["res.partner"].create({"name": "Plain"})
        plain.unlink()
        self.assertFalse(plain.exists())

    def test_what_was_decided_is_not_deleted(self):
        registration = self._registration()
        other = self._registration(email="b@b.example")
        registration.reason = "No"
        registration.action_refuse()
        with self.assertRaisesRegex(UserError, "kept as evidence"):
            registration.unlink()
        other.unlink()
        self.assertFalse(other.exists())
        request = self._ask(vat=OTHER_VAT)
        request.with_user(self.verifier).action_approve()
        with self.assertRaisesRegex(UserError, "kept as evidence"):
            request.unlink()
        with self.assertRaises(AccessError):
            request.with_user(self.manager).unlink()

    def test_a_merge_takes_it_along(self):
        """Also where both partners have what a partner has once."""
        other = self.env["res.partner"].create(
            {
                "name": "Paper and Co",
                "is_company": True,
                "vat": OTHER_VAT,
                "country_id": self.partner.country_id.id,
            }
        )
        both = self.partner | other
        Request = self.env["partner.change.request"]
        first, second = Request.create(
            [
                {
                    "partner_id": partner.id,
                    "field_name": "vat",
                    "new_value": "BE0202239951",
                }
                for partner in both
            ]
        )
        self.company.sudo().partner_alarm_user_id = self.manager
        both._set_conflict("Something does not fit")
        self.env["partner.alarm"].sudo()._watch()
        answer = (
            self.env["partner.registry.answer"]
            .sudo()
            .create(
                {
                    "partner_id": other.id,
                    "registry": "VIES",
                    "tax_id": OTHER_VAT,
                    "asked_on": "2026-06-01",
                }
            )
        )
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo()
        wizard._merge(both.ids, self.partner)
        self.assertFalse(other.exists())
        self.assertEqual(answer.partner_id, self.partner)
        self.assertRecordValues(
            first | second,
            [
                {"partner_id": self.partner.id, "state": "replaced"},
                {"partner_id": self.partner.id, "state": "pending"},
            ],
        )
        alarms = self.partner.sudo().alarm_ids.filtered(lambda a: a.state == "open")
        self.assertEqual(alarms.mapped("kind"), ["conflict"])


class TestKnownPartners(WaitingCommon):
    """A registration is shown with whom it may be."""

    def _known(self, **values):
        return self._registration(**values).duplicate_ids

    def test_a_tax_id_however_it_is_written(self):
        germany = self.env.ref("base.de").id
        partner = self.env["res.partner"].create(
            {"name": "Müller GmbH", "vat": "DE136695976", "country_id": germany}
        )
        for vat in ("136695976", "DE 136 695 976", "de-136695976"):
            with self.subTest(vat=vat):
                known = self._known(vat=vat, country_id=germany, email=f"{vat}@x.de")
                self.assertEqual(known, partner)

    def test_names_are_no_patterns(self):
        for name in ("%", "_____ & Co", "Paper%", "%a%"):
            with self.subTest(name=name):
                self.assertFalse(self._known(name=name))
        self.assertEqual(self._known(name="PAPER & CO"), self.partner)
        odd = self.env["res.partner"].create({"name": "100%"})
        self.assertEqual(self._known(name="100%"), odd)

    def test_similar_names_at_the_same_place(self):
        self.partner.write({"zip": "1000", "city": "Brussels"})
        belgium = self.partner.country_id.id
        here = {"name": "Paper & Company", "zip": "10 00", "country_id": belgium}
        self.assertEqual(self._known(**here), self.partner)
        self.assertFalse(self._known(**{**here, "zip": "2000"}))
        self.assertFalse(self._known(**{**here, "name": "Toner World"}))
        self.assertFalse(self._known(**{**here, "is_company": False}))

    def test_partners_of_other_companies_are_not_shown(self):
        other = self.env["res.company"].sudo().create({"name": "Other"})
        self.env["res.partner"].sudo().create(
            {"name": "Rival Ltd", "company_id": other.id}
        )
        self.assertFalse(self._known(name="Rival Ltd"))

    def test_who_sees_only_their_own(self):
        registration = self._registration(name="Paper & Co").with_user(self.own)
        self.assertFalse(registration.duplicate_ids)
        self.assertEqual(
            (registration.duplicate_count, registration.hidden_duplicate_count), (1, 1)
        )
        with Form(registration) as form:
            form.city = "Ghent"
        self.partner.responsible_id = self.own
        registration.invalidate_recordset()
        self.assertEqual(registration.duplicate_ids, self.partner)
        self.assertFalse(registration.hidden_duplicate_count)

    def test_many_at_once(self):
        registrations = self.env["partner.registration"].concat(
            *(
                self._registration(name=name, email=f"{i}@x.example")
                for i, name in enumerate(["Paper & Co", "Nobody", "paper & co"])
            )
        )
        self.assertEqual(registrations.mapped("duplicate_count"), [1, 0, 1])
