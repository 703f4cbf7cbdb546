# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Nobody becomes a partner unseen: robots, floods, unconfirmed and refused ones."""

import re
from datetime import timedelta

from freezegun import freeze_time
from lxml import html

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged

from .common import TODAY, PartnerExtensionCommon

NOW = fields.Datetime.to_datetime(f"{TODAY} 10:00:00")
VAT = "BE0477472701"


@tagged("post_install", "-at_install")
class TestRegistration(PartnerExtensionCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sudo().partner_registration = True
        cls.path = f"/partner/register/{cls.company.id}"
        cls.Registration = cls.env["partner.registration"].sudo()
        cls.before = cls.Registration.search([]).ids

    def _find(self):
        self.env.invalidate_all()
        return self.Registration.search([("id", "not in", self.before)])

    def _open(self, path=None):
        """Return (csrf token, stamp) of a form that was just shown."""
        page = self.url_open(path or self.path).text
        return tuple(
            re.search(rf'name="{name}"\s+value="([^"]+)"', page).group(1)
            for name in ("csrf_token", "stamp")
        )

    def _form(self, opened=None, **form):
        csrf_token, stamp = opened or self._open()
        return {
            "csrf_token": csrf_token,
            "stamp": stamp,
            "role": "supplier",
            "kind": "company",
            "name": "Toner World",
            "email": "Sales@Toner.example",
            "contact_name": "Tom",
            "vat": VAT,
            "country_id": str(self.env.ref("base.be").id),
            "fax_number": "",
            **form,
        }

    def _send(self, form=None, after=5, **values):
        form = form or self._form(**values)
        with freeze_time(NOW + timedelta(seconds=after)):
            return self.url_open(self.path, data=form)

    def _get_mail(self):
        return self.env["mail.mail"].sudo().search([], order="id desc", limit=1)

    def _confirmed(self, **values):
        registration = self.Registration.create(
            {
                "name": "Toner World",
                "email": "sales@toner.example",
                "is_supplier": True,
                "company_id": self.company.id,
                **values,
            }
        )
        registration._confirm()
        return registration.with_user(self.verifier)

    # === The page === #

    def test_off_by_default(self):
        other = self.env["res.company"].sudo().create({"name": "Other"})
        self.assertFalse(other.partner_registration)
        page = self.url_open(f"/partner/register/{other.id}")
        self.assertEqual(page.status_code, 404)
        form = self._form()
        self.company.sudo().partner_registration = False
        self.assertEqual(self.url_open(self.path).status_code, 404)
        self.assertEqual(self._send(form).status_code, 404)
        self.assertFalse(self._find())

    def test_from_the_form_to_the_partner(self):
        page = self._send()
        self.assertIn("We sent you a mail", page.text)
        registration = self._find()
        self.assertRecordValues(
            registration,
            [
                {
                    "name": "Toner World",
                    "email": "sales@toner.example",
                    "is_supplier": True,
                    "is_customer": False,
                    "state": "new",
                    "company_id": self.company.id,
                    "ip": "127.0.0.1",
                }
            ],
        )
        mail = self._get_mail()
        self.assertIn("sales@toner.example", mail.email_to)
        url = re.search(r'href="[^"]*(/partner/register/confirm[^"]+)"', mail.body_html)
        path = url.group(1)
        with self.assertRaisesRegex(UserError, "not confirmed"):
            registration.with_user(self.verifier).action_approve()
        page = self.url_open(path)
        self.assertIn("Toner World", page.text)
        self.assertEqual(self._find().state, "new", "a look at it is no confirmation")
        token = re.search(r'name="csrf_token"\s+value="([^"]+)"', page.text).group(1)
        page = self.url_open(
            "/partner/register/confirm",
            data={"csrf_token": token, "token": path.split("token=")[1]},
        )
        self.assertIn("is confirmed", page.text)
        self.assertEqual(self._find().state, "confirmed")
        partners = self.env["res.partner"].search([("name", "=", "Toner World")])
        self.assertFalse(partners)
        registration.with_user(self.verifier).action_approve()
        self.assertRecordValues(
            registration.partner_id,
            [
                {
                    "name": "Toner World",
                    "is_company": True,
                    "is_supplier": True,
                    "is_customer": False,
                    "vat": VAT,
                    "email": "sales@toner.example",
                }
            ],
        )
        self.assertEqual(registration.partner_id.child_ids.name, "Tom")
        self.assertIn("approved", self._get_mail().body_html)
        with self.assertRaisesRegex(UserError, "decided already"):
            registration.with_user(self.verifier).action_approve()

    def test_robots(self):
        page = self._send(fax_number="123")
        self.assertIn("We sent you a mail", page.text)
        self.assertFalse(self._find())
        form = self._form()
        page = self._send(form, after=1)
        self.assertIn("too fast", page.text)
        self.assertIn("Toner World", page.text, "what was entered is not lost")
        for stamp in ("", "x", form["stamp"][:-6] + "AAAAAA"):
            page = self._send({**form, "stamp": stamp})
            self.assertIn("too fast, or too slow", page.text)
        page = self._send(form, after=5 * 3600)
        self.assertIn("too slow", page.text)
        self.assertFalse(self._find())

    def test_a_form_counts_once(self):
        form = self._form()
        for _twice in range(2):
            self.assertIn("We sent you a mail", self._send(form).text)
        self.assertEqual(len(self._find()), 1)

    def test_floods(self):
        for number in range(5):
            page = self._send(email=f"a{number}@toner.example")
            self.assertEqual(page.status_code, 200)
        page = self._send(email="a6@toner.example")
        self.assertEqual(page.status_code, 429)
        self.assertEqual(len(self._find()), 5)
        with freeze_time(NOW + timedelta(hours=1, minutes=5)):
            form = self._form(email="a6@toner.example")
        self.env.cr.execute(
            "UPDATE partner_registration SET create_date = %s WHERE id = ANY(%s)",
            [NOW, self._find().ids],
        )
        page = self._send(form, after=3600 + 400)
        self.assertEqual(page.status_code, 200)
        self.assertEqual(len(self._find()), 6)

    def test_nobody_is_bombed_with_mail(self):
        for _try in range(4):
            page = self._send(email="victim@toner.example")
            self.assertIn("We sent you a mail", page.text)
        self.assertEqual(len(self._find()), 3)

    def test_what_is_wrong_is_said(self):
        page = self._send(name="", email="nonsense", vat="BE0477472702", role="")
        self.assertIn("This is not an e-mail address", page.text)
        self.assertIn("Please fill this in", page.text)
        self.assertIn("BE0477472702", page.text)
        # A screen reader says it at the field.
        shown = html.fromstring(page.text)
        (email,) = shown.xpath("//input[@id='email']")
        self.assertEqual(email.get("aria-invalid"), "true")
        (error,) = shown.xpath(f"//*[@id='{email.get('aria-describedby')}']")
        self.assertEqual(error.text, "This is not an e-mail address.")
        (city,) = shown.xpath("//input[@id='city']")
        self.assertIsNone(city.get("aria-describedby"))
        page = self._send(name="x" * 200)
        self.assertIn("This is too long", page.text)
        self.assertFalse(self._find())

    def test_the_form_sets_nothing_else(self):
        self._send(state="approved", company_id="1", partner_id="1", reason="x")
        self.assertRecordValues(
            self._find(),
            [
                {
                    "state": "new",
                    "company_id": self.company.id,
                    "partner_id": False,
                    "reason": False,
                }
            ],
        )

    def test_what_no_form_sends(self):
        """Programs send what browsers do not: it is answered, not failed on."""
        for number, odd in enumerate(
            (
                {"name": "Toner\0World"},
                {"message": "\0", "stamp": "\0"},
                {"country_id": "9" * 5000},
                {"country_id": "99999999999"},
                {"country_id": "\u0663"},
                {"name": "x" * 100_000},
                {"kind": "\0", "role": "\0"},
            )
        ):
            with self.subTest(odd=str(odd)[:60]):
                page = self._send(**{"email": f"o{number}@toner.example", **odd})
                self.assertEqual(page.status_code, 200)
        names = self._find().mapped("name")
        self.assertIn("TonerWorld", names)
        form = self._form()
        files = {
            name: ("a.txt", b"text", "text/plain")
            for name in ("name", "vat", "country_id", "role", "email", "stamp")
        }
        for name in files:
            kept = {key: value for key, value in form.items() if key != name}
            page = self.url_open(self.path, data=kept, files={name: files[name]})
            self.assertEqual(page.status_code, 200, name)
        for path in (
            "/partner/register?role=%00",
            "/partner/register/99999999999999",
            "/partner/register/confirm?token=%00",
        ):
            self.assertIn(self.url_open(path).status_code, (200, 404), path)

    def test_a_stamp_written_otherwise_is_the_same(self):
        form = self._form()
        self._send(form)
        for number, stamp in enumerate(("!" + form["stamp"], form["stamp"] + "=")):
            other = {"stamp": stamp, "email": f"b{number}@toner.example"}
            self.assertIn("We sent you a mail", self._send({**form, **other}).text)
        self.assertEqual(len(self._find()), 1)

    def test_wrong_links_confirm_nothing(self):
        page = self.url_open("/partner/register/confirm?token=x")
        self.assertEqual(page.status_code, 404)
        registration = self.Registration.create(
            {"name": "A", "email": "a@a.example", "is_customer": True}
        )
        path = "/partner/" + registration._get_confirm_url().split("/partner/")[1]
        with freeze_time(NOW + timedelta(hours=73)):
            self.assertEqual(self.url_open(path).status_code, 404)

    # === Deciding === #

    def test_similar_names_in_the_same_place_are_shown(self):
        belgium = self.env.ref("base.be").id
        place = {"zip": "9000", "city": "Gent", "country_id": belgium}
        like = {"is_company": True, **place}
        same, by_city, *_others = self.env["res.partner"].create(
            [
                {**like, "name": "Toner-World N.V."},
                {**like, "name": "Toner World", "zip": False},
                {**like, "name": "Toner World BV", "zip": "8000", "city": "Brugge"},
                {**like, "name": "Toner World BV", "country_id": False},
                {**like, "name": "Bakkerij Peeters"},
                {**like, "name": "Toner World BV", "is_company": False},
                {**like, "name": "Toner World BV", "active": False},
            ]
        )
        registration = self._confirmed(
            name="Toner World NV", is_company=True, **{**place, "city": "GENT"}
        )
        self.assertEqual(registration.duplicate_ids.sorted("id"), same | by_city)

    def test_duplicates_are_shown(self):
        Partner = self.env["res.partner"]
        belgium = self.env.ref("base.be").id
        same = Partner.create(
            [
                {"name": "A", "vat": VAT, "country_id": belgium},
                {"name": "B", "email": "Sales <SALES@toner.example>"},
                {"name": "toner world"},
                {"name": "D", "phone": "+32 470 12 34 56", "country_id": belgium},
            ]
        )
        registration = self._confirmed(
            vat="BE 0477.472.701", phone="0470/12.34.56", country_id=belgium
        )
        self.assertEqual(registration.duplicate_ids.sorted("id"), same.sorted("id"))
        registration.existing_partner_id = same[0]
        registration.action_approve()
        self.assertEqual(registration.partner_id, same[0])
        self.assertRecordValues(same[0], [{"name": "A", "is_supplier": True}])

    def test_refusing_needs_a_reason_and_is_told(self):
        registration = self._confirmed()
        with self.assertRaisesRegex(UserError, "reason"):
            registration.action_refuse()
        registration.reason = "We have enough toner."
        registration.action_refuse()
        self.assertEqual(registration.state, "refused")
        self.assertIn("enough toner", self._get_mail().body_html)
        self.assertFalse(registration.partner_id)

    def test_only_verifiers_decide(self):
        registration = self._confirmed()
        for user in (self.reader, self.editor, self.employee):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    registration.with_user(user).action_approve()
                with self.assertRaises(AccessError):
                    registration.with_user(user).write({"reason": "x"})
        with self.assertRaises(AccessError):
            registration.write({"state": "approved"})
        with self.assertRaises(AccessError):
            registration.create(
                {"name": "X", "email": "x@x.example", "is_customer": True}
            )

    def test_policies_apply_to_who_registers(self):
        self.company.sudo().write(
            {"partner_vat_required": "companies", "partner_vat_severity": "block"}
        )
        registration = self._confirmed()
        with self.assertRaisesRegex(ValidationError, "Tax ID"):
            registration.action_approve()
        registration.vat = VAT
        registration.action_approve()
        self.assertEqual(registration.partner_id.vat, VAT)

    def test_what_nobody_confirmed_is_forgotten(self):
        kept = self._confirmed(ip="192.0.2.1").sudo()
        new = self.Registration.create(
            {"name": "A", "email": "a@a.example", "is_customer": True}
        )
        self.env.cr.execute(
            "UPDATE partner_registration SET create_date = %s WHERE id = ANY(%s)",
            [NOW - timedelta(days=8), (kept | new).ids],
        )
        self.env.invalidate_all()
        self.Registration._gc_registrations()
        self.assertFalse(new.exists())
        self.assertEqual((kept.exists(), kept.ip), (kept, False))
