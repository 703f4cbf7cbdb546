# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import time
from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests.common import _super_send
from odoo.tools import mute_logger

from .common import TODAY, PartnerExtensionCommon
from .test_sensitive import SensitiveCommon
from .vies_server import ViesServer

NOW = datetime.fromisoformat(f"{TODAY} 10:00:00")
VALID = "BE0477472701"
OTHER = "BE0428759497"
FRENCH = "FR23334175221"


class RegistryCommon(PartnerExtensionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vies = ViesServer()
        cls.addClassCleanup(cls.vies.close)
        set_param = cls.env["ir.config_parameter"].sudo().set_param
        set_param("partner_extension.vies_url", cls.vies.url)
        set_param("partner_extension.registry_timeout", "1")
        cls.company.write({"partner_vat_online": True, "partner_vat_recheck_days": 90})
        cls.company.partner_id.write(
            {"country_id": cls.env.ref("base.be").id, "vat": OTHER}
        )
        cls.company.sudo().partner_id.registry_state = "none"
        # What the database brings is not asked for here.
        everybody = cls.env["res.partner"].sudo().search([])
        everybody.write({"registry_state": "none", "vat": "/"})
        cls.company.partner_id.vat = OTHER
        cls.company.sudo().partner_id.registry_next_try = NOW + timedelta(days=999)
        cls.address = {
            "street": "Stationsstraat 12",
            "zip": "9000",
            "city": "Gent",
            "country_id": cls.env.ref("base.be").id,
        }

    @classmethod
    def _request_handler(cls, s, r, /, **kw):
        return _super_send(s, r, **kw)  # with the time-out that is tested

    def setUp(self):
        super().setUp()
        self.vies.register.clear()
        self.vies.asked.clear()

    def _partner(self, vat=VALID, **values):
        return self.env["res.partner"].create(
            {
                "name": "Papier & Co BV",
                "is_company": True,
                "vat": vat,
                **self.address,
                **values,
            }
        )

    def _work(self, now=NOW):
        with freeze_time(now, tick=False), self.enter_registry_test_mode():
            self.env.ref(
                "partner_extension.ir_cron_partner_registry"
            ).method_direct_trigger()
            self.env.invalidate_all()


class TestVies(RegistryCommon):
    """Asked in the background; only an answer makes a tax ID valid or invalid."""

    def _answers_well(self, vat=VALID, **values):
        self.vies.register[vat] = {
            "valid": True,
            "name": "BV PAPIER &amp; CO",
            "address": "Stationsstraat 12\n9000 GENT",
            **values,
        }

    def test_valid_with_evidence(self):
        self._answers_well()
        partner = self._partner()
        self.assertEqual(partner.registry_state, "to_check")
        self.assertFalse(partner.vies_valid)
        self.assertFalse(self.vies.asked, "nothing is asked while saving")
        self._work()
        self.assertEqual(self.vies.asked, [(VALID, OTHER)])
        self.assertRecordValues(
            partner,
            [
                {
                    "registry_state": "valid",
                    "registry_date": NOW,
                    "registry_next_try": False,
                    "vies_valid": True,
                    "verification_state": "new",
                }
            ],
        )
        self.assertRecordValues(
            partner.registry_answer_ids,
            [
                {
                    "registry": "VIES",
                    "tax_id": VALID,
                    "asked_on": NOW,
                    "is_valid": True,
                    "requester_vat": OTHER,
                    "consultation": "WAPIAAAAX1",
                    "name": "BV PAPIER & CO",
                    "address": "Stationsstraat 12\n9000 GENT",
                    "name_match": "same",
                    "address_match": "same",
                    "company_id": self.company.id,
                }
            ],
        )
        self.assertIn("<ns2:valid>true</ns2:valid>", partner.registry_answer_ids.raw)

    def test_invalid(self):
        partner = self._partner()
        self._work()
        self.assertEqual(partner.registry_state, "invalid")
        self.assertFalse(partner.vies_valid)
        self.assertEqual(partner.verification_state, "conflict")
        self.assertEqual(partner.verification_reason, "VIES: the tax ID is not valid")

    def test_another_name_or_address_is_a_conflict(self):
        self._answers_well(name="SOMEBODY ELSE SA")
        partner = self._partner()
        partner.action_verify()
        self._work()
        self.assertEqual(partner.registry_state, "valid")
        self.assertEqual(partner.registry_answer_ids.name_match, "different")
        self.assertEqual(partner.verification_state, "conflict")
        self.assertIn("SOMEBODY ELSE", partner.verification_reason)

        self._answers_well(OTHER, address="Rue Neuve 3\n1000 BRUXELLES")
        partner = self._partner(OTHER)
        self._work()
        self.assertEqual(partner.registry_answer_ids.address_match, "different")
        self.assertEqual(partner.verification_state, "conflict")

    def test_what_a_verifier_decided_does_not_come_back(self):
        self._answers_well(name="SOMEBODY ELSE SA")
        partner = self._partner()
        self._work()
        self.assertEqual(partner.verification_state, "conflict")
        for days, name, state in (
            (1, "SOMEBODY ELSE SA", "verified"),
            (2, "A THIRD ONE SA", "conflict"),
        ):
            if partner.verification_state == "conflict":
                with freeze_time(NOW + timedelta(hours=1)):
                    partner.action_verify()
            self._answers_well(name=name)
            partner._queue_registry_check()
            self._work(NOW + timedelta(days=days))
            self.assertEqual(len(partner.registry_answer_ids), days + 1)
            self.assertEqual(partner.verification_state, state, name)

    def test_a_verifier_did_not_decide_on_what_changed_since(self):
        self._answers_well(name="SOMEBODY ELSE SA")
        partner = self._partner()
        self._work()
        partner.action_verify()
        partner.name = "Papier International"
        partner._queue_registry_check()
        self._work(NOW + timedelta(days=1))
        self.assertEqual(partner.verification_state, "conflict")

    def test_what_a_country_does_not_tell_is_no_conflict(self):
        self.vies.register[VALID] = {"valid": True}
        partner = self._partner()
        self._work()
        self.assertRecordValues(
            partner.registry_answer_ids,
            [
                {
                    "name": False,
                    "address": False,
                    "name_match": "unknown",
                    "address_match": "unknown",
                }
            ],
        )
        self.assertEqual(partner.verification_state, "new")

    def test_whatever_is_no_answer_leaves_to_be_checked(self):
        for trouble in (
            "MS_UNAVAILABLE",
            "SERVICE_UNAVAILABLE",
            "TIMEOUT",
            "MS_MAX_CONCURRENT_REQ",
            "INVALID_INPUT",
            "garbage",
            "empty",
            "late",
            "huge",
            "bomb",
        ):
            with self.subTest(trouble=trouble):
                self.vies.register[VALID] = trouble
                partner = self._partner()
                began = time.monotonic()
                self._work()
                self.assertLess(time.monotonic() - began, self.vies.late)
                self.assertEqual(partner.registry_state, "to_check")
                self.assertTrue(partner.registry_message)
                self.assertFalse(partner.registry_answer_ids)
                self.assertFalse(partner.vies_valid)
                self.assertEqual(partner.verification_state, "new")
                self.assertNotIn("root:", partner.registry_message)
                partner.active = False
                partner.vat = "/"

    def test_a_service_that_is_gone(self):
        self.env["ir.config_parameter"].sudo().set_param(
            "partner_extension.vies_url", "http://127.0.0.1:9/"
        )
        partner = self._partner()
        self._work()
        self.assertEqual(partner.registry_state, "to_check")
        self.assertIn("Connection", partner.registry_message)

    def test_asked_again_later_and_later_until_there_is_an_answer(self):
        self.vies.register[VALID] = "MS_UNAVAILABLE"
        partner = self._partner()
        moment = NOW
        for attempt, minutes in enumerate((15, 30, 60, 120, 240, 480, 960, 1440, 1440)):
            self._work(moment)
            self.assertEqual(partner.registry_attempts, attempt + 1)
            later = moment + timedelta(minutes=minutes)
            self.assertEqual(partner.registry_next_try, later)
            self._work(later - timedelta(minutes=1))
            self.assertEqual(len(self.vies.asked), attempt + 1, "not before its time")
            moment = later
        self._answers_well()
        self._work(moment)
        self.assertEqual(partner.registry_state, "valid")
        self.assertEqual(partner.registry_attempts, 0)

    def test_one_country_that_is_down_does_not_stop_the_others(self):
        self.vies.register[VALID] = "MS_UNAVAILABLE"
        self._answers_well(FRENCH)
        belgians = self._partner() | self._partner(OTHER)
        french = self._partner(FRENCH, country_id=self.env.ref("base.fr").id)
        self._work()
        self.assertEqual(french.registry_state, "valid")
        self.assertEqual(belgians.mapped("registry_state"), ["to_check"] * 2)
        self.assertEqual(len(self.vies.asked), 2, "one Belgian is enough to know")

    def test_a_requester_that_is_not_known_costs_the_number_only(self):
        self.vies.register[OTHER] = "not a requester"
        self._answers_well()
        partner = self._partner()
        self._work()
        self.assertEqual(self.vies.asked, [(VALID, OTHER), (VALID, "")])
        self.assertRecordValues(
            partner.registry_answer_ids,
            [{"is_valid": True, "consultation": False, "requester_vat": False}],
        )

    def test_a_changed_tax_id_is_asked_for_and_the_old_evidence_stays(self):
        self._answers_well()
        self._answers_well(OTHER)
        partner = self._partner()
        self._work()
        partner.vat = OTHER
        self.assertEqual(partner.registry_state, "to_check")
        self.assertFalse(partner.vies_valid)
        self._work()
        self.assertEqual(partner.registry_state, "valid")
        self.assertEqual(partner.registry_answer_ids.mapped("tax_id"), [OTHER, VALID])
        partner.vat = "BE 0477.472.701"
        self.assertEqual(partner.registry_state, "valid", "known already")
        self.assertTrue(partner.vies_valid)

    def test_changed_while_the_registry_was_asked(self):
        self._answers_well()
        partner = self._partner()
        ask = type(self.env["partner.registry.vies"])._ask

        def slow(registry, settings, vat, requester):
            if vat == VALID:
                partner.vat = OTHER
                partner.flush_recordset()
            return ask(registry, settings, vat, requester)

        with patch.object(type(self.env["partner.registry.vies"]), "_ask", slow):
            self._work()
            self.assertFalse(
                partner.registry_answer_ids.filtered("is_valid"),
                "an answer about another tax ID than it has now",
            )
            self._work()
        self.assertRecordValues(
            partner.registry_answer_ids, [{"tax_id": OTHER, "is_valid": False}]
        )
        self.assertEqual(partner.registry_state, "invalid")

    def test_checked_again_by_schedule(self):
        self._answers_well()
        partner = self._partner()
        self._work()
        self.vies.register[VALID] = {"valid": False}
        self._work(NOW + timedelta(days=89))
        self.assertEqual(len(self.vies.asked), 1)
        self._work(NOW + timedelta(days=90))
        self.assertEqual(partner.registry_state, "invalid")
        self.assertEqual(partner.registry_answer_ids.mapped("is_valid"), [False, True])

    def test_checked_again_in_bulk(self):
        self._answers_well()
        partners = self._partner() | self._partner(country_id=False, vat=VALID)
        self._work()
        with self.assertRaises(AccessError):
            partners.with_user(self.reader).action_check_registry()
        cron = self.env.ref("partner_extension.ir_cron_partner_registry")
        triggers = self.env["ir.cron.trigger"].sudo()
        before = triggers.search([("cron_id", "=", cron.id)])
        partners.with_user(self.editor).action_check_registry()
        now = triggers.search([("cron_id", "=", cron.id)])
        self.assertEqual(len(now - before), 1)
        self.assertEqual(partners.mapped("registry_state"), ["to_check"] * 2)
        self._work()
        self.assertEqual([len(p.registry_answer_ids) for p in partners], [2, 2])

    def test_what_was_there_before_the_setting_is_asked_for(self):
        self.company.partner_vat_online = False
        partner = self._partner()
        self.assertEqual(partner.registry_state, "none")
        self._work()
        self.assertFalse(self.vies.asked)
        self.company.partner_vat_online = True
        self._answers_well()
        self._work()
        self.assertEqual(partner.registry_state, "valid")

    def test_no_registry_no_question(self):
        american = self._partner("123456789", country_id=self.env.ref("base.us").id)
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": self._partner("/").id}
        )
        self.assertEqual((american | contact).mapped("registry_state"), ["none"] * 2)
        self._work()
        self.assertFalse(self.vies.asked)

    def test_contacts_have_what_their_company_has(self):
        self._answers_well()
        partner = self._partner()
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": partner.id}
        )
        self._work()
        self.assertTrue(contact.vies_valid)
        late = self.env["res.partner"].create({"name": "Bob", "parent_id": partner.id})
        self.assertTrue(late.vies_valid)

    @mute_logger("odoo.addons.base_vat.models.res_partner")
    def test_odoo_asks_while_saving_only_where_we_do_not(self):
        self.company.vat_check_vies = True
        path = "odoo.addons.base_vat.models.res_partner.check_vies"
        with patch(path, return_value={"valid": True}) as check:
            self.assertFalse(self._partner().vies_valid)
            check.assert_not_called()
            self.company.partner_vat_online = False
            self.assertTrue(self._partner(OTHER).vies_valid)
            check.assert_called_once()

    def test_evidence_is_for_readers_and_nobody_writes_it(self):
        self._answers_well()
        partner = self._partner()
        self._work()
        answer = partner.registry_answer_ids
        self.assertTrue(answer.with_user(self.reader).is_valid)
        with self.assertRaises(AccessError):
            answer.with_user(self.employee).read(["is_valid"])
        for attempt in (
            lambda a: a.write({"is_valid": False}),
            lambda a: a.unlink(),
            lambda a: a.create(
                {"partner_id": partner.id, "registry": "X", "tax_id": "Y"}
            ),
            lambda a: partner.with_user(self.manager).write(
                {"registry_answer_ids": [(2, a.id)]}
            ),
        ):
            with self.assertRaises(AccessError):
                attempt(answer.with_user(self.manager))


class TestHiddenTaxIds(SensitiveCommon):
    """Who may not see tax IDs does not get them from what was made of them."""

    def test_neither_read_nor_searched(self):
        self.env["partner.registry.answer"].sudo().create(
            {
                "partner_id": self.partner.id,
                "registry": "VIES",
                "tax_id": VALID,
                "asked_on": NOW,
                "raw": f"<vatNumber>{VALID}</vatNumber>",
            }
        )
        answer = self.partner.registry_answer_ids
        partner = self._as(self.clerk).browse(self.partner.id)
        answers = self._as(self.clerk, "partner.registry.answer")
        self.assertNotIn("0477", answers.browse(answer.id).display_name)
        for attempt in (
            lambda: partner.read(["vat_normalized"]),
            lambda: partner.read(["vat_unique"]),
            lambda: partner.search([("vat_normalized", "=", VALID)]),
            lambda: partner.search([("registry_answer_ids.tax_id", "=", VALID)]),
            lambda: partner._read_group([], ["vat_normalized"], ["__count"]),
            lambda: partner.search([], order="vat_normalized"),
            lambda: partner.export_data(["registry_answer_ids/tax_id"]),
            lambda: answers.browse(answer.id).read(["tax_id"]),
            lambda: answers.browse(answer.id).read(["raw"]),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_a_change_is_noticed_without_being_told(self):
        self.partner.action_verify()
        partner = self._as(self.clerk).browse(self.partner.id)
        partner.phone = "+32 2 555 11 22"
        self.assertEqual(partner.verification_state, "review")
        partner.action_check_registry()
        self.assertEqual(partner.registry_state, "to_check")
