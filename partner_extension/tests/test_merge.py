# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A merge loses nothing, whatever both partners have of their own."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user

from .common import GROUP, PartnerExtensionCommon

KEPT_VAT, GONE_VAT = "BE0477472701", "BE0428759497"
IBAN, OTHER_IBAN = "BE71096123456769", "BE68539007547034"


class TestMergeLosesNothing(PartnerExtensionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Partner = cls.env["res.partner"]
        cls.belgium = cls.env.ref("base.be")
        cls.kept, cls.gone, cls.third, cls.fourth = Partner.create(
            [
                {"name": name, "is_company": True, "country_id": cls.belgium.id}
                for name in ("Kept", "Gone", "Third", "Fourth")
            ]
        )
        cls.supplies = cls.env.ref("partner_extension.link_kind_supplies")
        cls.works = cls.env.ref("partner_extension.link_kind_works")

    def _link(self, partner, other, kind=None, **values):
        return self.env["partner.link"].create(
            {
                "partner_id": partner.id,
                "other_partner_id": other.id,
                "kind_id": (kind or self.supplies).id,
                **values,
            }
        )

    def _merge(self, *more):
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo()
        gone = self.gone.union(*more)
        wizard._merge((self.kept | gone).ids, self.kept, extra_checks=False)
        self.env.invalidate_all()
        self.assertFalse(gone.exists())

    def _get_notes(self):
        return "".join(self.kept.message_ids.mapped("body"))

    # === Links === #

    def test_links_move(self):
        """One link that cannot move takes none of the others with it."""
        ours = self._link(self.kept, self.third, note="Since the fair")
        twin = self._link(self.gone, self.third, note="Pays late")
        other = self._link(self.gone, self.fourth, note="By truck")
        back = self._link(self.fourth, self.gone)
        later = self._link(self.gone, self.kept, self.works)
        self._merge()
        self.assertFalse((twin | later).exists())
        self.assertEqual(
            (ours | other | back).mapped(
                lambda x: (x.partner_id, x.other_partner_id, x.note)
            ),
            [
                (self.kept, self.third, "Since the fair"),
                (self.kept, self.fourth, "By truck"),
                (self.fourth, self.kept, False),
            ],
        )
        self.assertIn("Gone supplies Third, Pays late", self._get_notes())
        self.assertIn("Gone works together with Kept", self._get_notes())

    def test_links_of_other_times_are_no_twins(self):
        self._link(self.kept, self.third, date_to="2025-12-31")
        after = self._link(self.gone, self.third, date_from="2026-01-01")
        # Symmetric ones are the same from both sides.
        self._link(self.kept, self.third, self.works, date_from="2026-02-01")
        before = self._link(self.third, self.gone, self.works, date_to="2026-01-31")
        twin = self._link(self.fourth, self.gone, self.works)
        self._link(self.kept, self.fourth, self.works)
        self._merge()
        self.assertEqual(after.partner_id, self.kept)
        self.assertEqual(before.other_partner_id, self.kept)
        self.assertFalse(twin.exists())

    def test_two_that_go_with_the_same_link(self):
        second = self.fourth
        first_link = self._link(self.gone, self.third)
        self._link(second, self.third)
        self._link(self.gone, second)
        self._merge(second)
        links = self.env["partner.link"].search([("partner_id", "=", self.kept.id)])
        self.assertEqual(links, first_link)
        self.assertIn("Fourth supplies Third", self._get_notes())

    # === What a partner has once === #

    def test_alarms_of_one_kind(self):
        alarms = self.env["partner.alarm"].sudo()
        for partner in (self.kept, self.gone):
            alarms._raise("conflict", {partner.id: f"About {partner.name}"})
        alarms._raise("review", {self.gone.id: "Gone only"})
        self._merge()
        found = alarms.search([("partner_id", "=", self.kept.id)])
        self.assertEqual(
            {(a.kind, a.state, a.reason) for a in found},
            {
                ("conflict", "open", "About Kept"),
                ("conflict", "closed", "About Gone"),
                ("review", "open", "Gone only"),
            },
        )

    def test_pending_changes_of_one_field(self):
        requests = self.env["partner.change.request"].sudo()
        for partner, field, value in (
            (self.gone, "name", "Gone & Sons"),
            (self.kept, "name", "Kept & Sons"),
            (self.kept, "bank", IBAN),
            (self.gone, "bank", OTHER_IBAN),
        ):
            requests.create(
                {"partner_id": partner.id, "field_name": field, "new_value": value}
            )
        self._merge()
        found = requests.search([("partner_id", "=", self.kept.id)])
        self.assertEqual(
            {(r.new_value, r.state) for r in found},
            {
                ("Gone & Sons", "replaced"),
                ("Kept & Sons", "pending"),
                (IBAN, "replaced"),
                (OTHER_IBAN, "pending"),
            },
        )

    def test_reminders_not_sent_yet(self):
        """One remains, and tells of what both owe."""
        company = self.company
        company.write({"partner_reminder_mode": "review", "email": "us@dealer.example"})
        Reminder = self.env["partner.reminder"].sudo()
        invoices = self.env["account.move"]
        for partner in (self.kept, self.gone):
            partner.email = f"{partner.name}@customer.example"
            invoices |= self._create_invoice_one_line(
                price_unit=100,
                tax_ids=[],
                partner_id=partner,
                invoice_date="2026-01-01",
                invoice_date_due="2026-06-01",
                invoice_payment_term_id=False,
                post=True,
            )
        self.assertEqual(len(Reminder._prepare(company)), 2)
        self._merge()
        reminder = Reminder.search([("partner_id", "=", self.kept.id)])
        self.assertEqual(reminder.state, "draft")
        Reminder._prepare(company)
        self.assertEqual(reminder.line_ids.move_id, invoices)
        self.assertEqual(reminder.amount_due, 200)

    # === Tax IDs and accounts === #

    def test_another_tax_id_stays_to_be_seen_by_who_may(self):
        self.kept.vat = KEPT_VAT
        self.gone.vat = GONE_VAT
        self.gone.company_registry = "Registry 17"
        self._merge()
        self.assertEqual(self.kept.vat, KEPT_VAT)
        self.assertNotIn(GONE_VAT, self._get_notes())
        for user, is_seen in ((self.verifier, True), (self.reader, False)):
            if not is_seen:
                self.env["res.config.settings"].sudo().create(
                    {"group_partner_sensitive": False}
                ).execute()
            values = self.kept.message_ids.sudo().tracking_value_ids
            seen = values._filter_has_field_access(self.env(user=user))
            old = seen.mapped("old_value_char")
            self.assertEqual(GONE_VAT in old, is_seen, user.login)
            self.assertEqual("Registry 17" in old, is_seen, user.login)

    def test_a_tax_id_that_the_other_lacks_is_taken_over(self):
        self.gone.vat = GONE_VAT
        self._merge()
        self.assertEqual(self.kept.vat, GONE_VAT)
        values = self.kept.message_ids.sudo().tracking_value_ids
        self.assertNotIn(GONE_VAT, values.mapped("old_value_char"))

    def test_accounts_that_are_archived_or_not_seen(self):
        self.kept.bank_ids = [Command.create({"acc_number": IBAN, "active": False})]
        self.gone.bank_ids = [
            Command.create({"acc_number": IBAN}),
            Command.create({"acc_number": OTHER_IBAN, "active": False}),
        ]
        self.env["res.config.settings"].sudo().create(
            {"group_partner_sensitive": False}
        ).execute()
        user = new_test_user(
            self.env,
            "partner_merger",
            groups=f"base.group_user,{GROUP}editor,base.group_partner_manager",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        self.env.invalidate_all()
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(user)
        wizard._merge(
            (self.kept | self.gone).ids,
            self.kept.with_user(user),
            extra_checks=False,
        )
        self.env.invalidate_all()
        self.assertFalse(self.gone.exists())
        with self.assertRaises(AccessError):
            self.env["res.partner.bank"].with_user(user).browse(
                self.kept.bank_ids.ids
            ).read(["acc_number"])
        banks = self.kept.with_context(active_test=False).bank_ids
        self.assertEqual(
            set(banks.mapped(lambda b: (b.sanitized_acc_number, b.active))),
            {(IBAN, True), (OTHER_IBAN, False)},
        )
