# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The pages on which partners keep their own data: theirs, and nobody else's."""

import re
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from .common import TODAY, PartnerExtensionCommon

VAT, OTHER_VAT = "BE0477472701", "BE0428759497"
IBAN = "BE71096123456769"
PDF = b"%PDF-1.4 a licence"


@tagged("post_install", "-at_install")
class TestPartnerPages(PartnerExtensionCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner.write(
            {"country_id": cls.env.ref("base.be").id, "vat": VAT, "is_supplier": True}
        )
        cls.portal = new_test_user(
            cls.env, "ann@paper.example", groups="base.group_portal"
        )
        cls.portal.partner_id.parent_id = cls.partner
        cls.other = cls.env["res.partner"].create(
            {"name": "Rival Ltd", "is_company": True, "email": "x@rival.example"}
        )
        cls.kind = (
            cls.env["partner.document.kind"].sudo().create({"name": "Trade Licence"})
        )
        cls.env["partner.document"].sudo().create(
            {
                "partner_id": cls.other.id,
                "kind_id": cls.kind.id,
                "number": "RIVAL-1",
            }
        )

    def _login(self):
        self.authenticate("ann@paper.example", "ann@paper.example")

    def _post(self, path, files=None, **form):
        page = self.url_open(path.replace("/document", "")).text
        token = re.search(r'name="csrf_token"\s+value="([^"]+)"', page)
        form["csrf_token"] = token.group(1)
        return self.url_open(path, data=form, files=files)

    def test_without_login(self):
        page = self.url_open("/my/partner", allow_redirects=False)
        self.assertIn("/web/login", page.headers["Location"])

    def test_employees_keep_partners_by_their_own_rights(self):
        self.employee.partner_id.parent_id = self.partner
        self.authenticate("partner_employee", "partner_employee")
        self.assertEqual(self.url_open("/my/partner").status_code, 404)
        self.assertNotIn("/my/partner", self.url_open("/my/home").text)

    def test_own_data_is_kept(self):
        self._login()
        page = self.url_open("/my/partner").text
        self.assertIn("Paper &amp; Co", page)
        self.assertNotIn("Rival", page)
        self.assertNotIn("RIVAL-1", page)
        form = {"name": "Paper & Co", "vat": VAT, "email": "new@paper.example"}
        page = self._post("/my/partner", **form, city="Ghent").text
        self.assertIn("your data was saved", page)
        self.assertRecordValues(
            self.partner, [{"email": "new@paper.example", "city": "Ghent"}]
        )
        self.assertFalse(self.partner.change_request_ids)
        self.assertIn("Changed by the partner", str(self.partner.message_ids[0].body))

    def test_other_partners_cannot_be_reached(self):
        self._login()
        for extra in (
            {"partner_id": self.other.id},
            {"id": self.other.id},
            {"commercial_partner_id": self.other.id},
            {"parent_id": self.other.id},
        ):
            self._post("/my/partner", email="me@paper.example", city="Here", **extra)
        self.assertRecordValues(
            self.other, [{"email": "x@rival.example", "city": False}]
        )
        self.assertEqual(self.partner.commercial_partner_id, self.partner)
        self.assertFalse(self.partner.parent_id)
        for path in (
            f"/my/partner/{self.other.id}",
            f"/web/content/partner.document/{self.other.document_ids.id}/file",
            f"/my/address?partner_id={self.other.id}",
        ):
            with self.subTest(path=path):
                page = self.url_open(path)
                self.assertIn(page.status_code, (403, 404))
                self.assertNotIn("rival.example", page.text)

    def test_what_is_not_the_partners_to_change(self):
        self._login()
        self._post(
            "/my/partner",
            email="me@paper.example",
            is_supplier="",
            ref="hacked",
            active="",
            responsible_id=str(self.portal.id),
            credit_limit="99",
        )
        self.assertRecordValues(
            self.partner,
            [{"is_supplier": True, "ref": False, "active": True}],
        )
        self.assertFalse(self.partner.responsible_id)

    def test_guarded_data_waits(self):
        self._login()
        page = self._post(
            "/my/partner",
            email=self.partner.email,
            name="Paper Group",
            vat=OTHER_VAT,
            bank=IBAN,
        ).text
        self.assertIn("Waits for approval", page)
        self.assertIn("Waits for approval", self.url_open("/my/home").text)
        self.assertRecordValues(self.partner, [{"name": "Paper & Co", "vat": VAT}])
        self.assertFalse(self.partner.bank_ids)
        self.assertEqual(
            sorted(self.partner.change_request_ids.mapped("field_name")),
            ["bank", "name", "vat"],
        )

    def test_guarded_data_waits_on_odoos_own_page_as_well(self):
        self.partner.write({"street": "Rue 1", "city": "Ghent", "phone": "+3292100000"})
        boss = new_test_user(self.env, "boss@paper.example", groups="base.group_portal")
        boss.partner_id = self.partner
        self.authenticate("boss@paper.example", "boss@paper.example")
        page = self.url_open("/my/account").text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)
        answer = self.url_open(
            "/my/address/submit",
            data={
                "csrf_token": token,
                "partner_id": self.partner.id,
                "address_type": "billing",
                "use_delivery_as_billing": "true",
                "name": "Paper Group",
                "vat": OTHER_VAT,
                "email": "boss@paper.example",
                "phone": "+3292100000",
                "street": "Rue 2",
                "city": "Ghent",
                "zip": "9000",
                "country_id": self.partner.country_id.id,
            },
        )
        self.assertIn("redirectUrl", answer.json())
        self.assertRecordValues(
            self.partner,
            [{"name": "Paper & Co", "vat": VAT, "street": "Rue 2", "zip": "9000"}],
        )
        self.assertEqual(
            {r.field_name: r.new_value for r in self.partner.change_request_ids},
            {"name": "Paper Group", "vat": OTHER_VAT},
        )

    def test_a_tax_id_is_not_cleared_first_on_odoos_own_page(self):
        boss = new_test_user(self.env, "boss@paper.example", groups="base.group_portal")
        boss.partner_id = self.partner
        self.partner.write({"street": "Rue 1", "city": "Ghent", "phone": "+3292100000"})
        self.authenticate("boss@paper.example", "boss@paper.example")
        page = self.url_open("/my/account").text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)
        for vat in (OTHER_VAT, "", OTHER_VAT):
            answer = self.url_open(
                "/my/address/submit",
                data={
                    "csrf_token": token,
                    "partner_id": self.partner.id,
                    "address_type": "billing",
                    "use_delivery_as_billing": "true",
                    "name": "Paper & Co",
                    "vat": vat,
                    "email": "boss@paper.example",
                    "phone": "+3292100000",
                    "street": "Rue 1",
                    "city": "Ghent",
                    "zip": "9000",
                    "country_id": self.partner.country_id.id,
                },
            )
            self.assertIn("redirectUrl", answer.json())
            self.env.invalidate_all()
            self.assertEqual(self.partner.vat, VAT)
        waiting = self.partner.change_request_ids.filtered(
            lambda request: request.state == "pending"
        )
        self.assertRecordValues(
            waiting, [{"field_name": "vat", "new_value": OTHER_VAT}]
        )
        self._login()
        self.partner.with_user(boss).sudo().vat = False
        self.assertIn("removed", self.url_open("/my/partner").text)

    def test_what_no_form_sends(self):
        """Programs send what browsers do not: it is answered, not failed on."""
        self._login()
        kind = str(self.kind.id)
        pdf = {"file": ("a\0.pdf", PDF, "application/pdf")}
        for files, form in (
            (None, {"country_id": "9" * 5000}),
            (None, {"city": "Gh\0ent", "country_id": "9" * 200}),
            (None, {"state_id": "99999999999"}),
            ({"city": ("a.txt", b"x", "text/plain")}, {}),
            ({"vat": ("a.txt", b"x", "text/plain")}, {}),
        ):
            page = self._post("/my/partner", files, email="a@paper.example", **form)
            self.assertEqual(page.status_code, 200)
        self.assertEqual(self.partner.city, "Ghent")
        for files, form in (
            (None, {"kind_id": "9" * 5000}),
            (None, {"kind_id": "99999999999"}),
            (None, {"kind_id": kind, "file": "text"}),
            (pdf, {"kind_id": kind, "number": "\0", "valid_until": "\0"}),
            (
                {**pdf, "number": ("a", b"x"), "valid_until": ("a", b"x")},
                {"kind_id": kind},
            ),
            ({**pdf, "kind_id": ("a", b"x")}, {}),
        ):
            page = self._post("/my/partner/document", files, **form)
            self.assertEqual(page.status_code, 200)
        for path in ("/partner/data?token=%00", "/partner/data?token=\u0663"):
            self.assertEqual(self.url_open(path).status_code, 404)
        path = f"/partner/{self._path()}"
        page = self._post(path, {"street": ("a", b"x")}, city="\0", zip="1\x000")
        self.assertEqual((page.status_code, self.partner.zip), (200, "10"))

    def test_nothing_is_half_saved(self):
        self._login()
        page = self._post(
            "/my/partner", email="nonsense", city="Ghent", vat="BE0477472702"
        ).text
        self.assertIn("Nothing was saved yet", page)
        self.assertIn("This is not an e-mail address", page)
        self.assertIn('value="Ghent"', page)
        self.assertFalse(self.partner.city)
        self.assertFalse(self.partner.change_request_ids)

    def test_documents_are_sent(self):
        self._login()
        page = self._post(
            "/my/partner/document",
            files={"file": ("licence.pdf", PDF, "application/pdf")},
            kind_id=str(self.kind.id),
            number="L-1",
            valid_until="2027-01-01",
        ).text
        self.assertIn("We look at the document", page)
        document = self.partner.sudo().document_ids
        self.assertRecordValues(
            document,
            [
                {
                    "kind_id": self.kind.id,
                    "number": "L-1",
                    "valid_until": fields.Date.to_date("2027-01-01"),
                    "decision": "to_verify",
                    "file_name": "licence.pdf",
                }
            ],
        )
        self.assertIn("L-1", page)
        path = f"/web/content/partner.document/{document.id}/file"
        self.assertEqual(self.url_open(path).content, PDF)
        page = self._post(
            "/my/partner/document",
            files={"file": ("x.pdf", b"<script>alert(1)</script>", "application/pdf")},
            kind_id=str(self.kind.id),
        ).text
        self.assertIn("Please send a PDF", page)
        self.assertEqual(len(self.partner.sudo().document_ids), 1)

    # === Behind the link by mail === #

    def _path(self):
        return self.partner._get_self_url().split("/partner/", 1)[1]

    def test_the_link_takes_what_is_missing_and_shows_nothing(self):
        path = f"/partner/{self._path()}"
        page = self.url_open(path).text
        self.assertIn("Street", page)
        self.assertNotIn(VAT, page)
        self.assertNotIn("office@paper.example", page)
        page = self._post(
            path,
            street="Rue 1",
            bank=IBAN,
            email="hacker@evil.example",
            vat=OTHER_VAT,
            name="Evil",
        ).text
        self.assertIn("your data was saved", page)
        self.assertRecordValues(
            self.partner,
            [
                {
                    "street": "Rue 1",
                    "email": "office@paper.example",
                    "vat": VAT,
                    "name": "Paper & Co",
                }
            ],
        )
        request = self.partner.change_request_ids
        self.assertRecordValues(
            request, [{"field_name": "bank", "origin": "link", "state": "pending"}]
        )
        # What is there now is not to be changed any more.
        self._post(path, street="Rue 2", city="Ghent")
        self.assertRecordValues(self.partner, [{"street": "Rue 1", "city": "Ghent"}])

    def test_the_link_takes_documents_that_are_missing(self):
        self.kind.required_of = "supplier"
        path = f"/partner/{self._path()}"
        self.assertIn("Trade Licence", self.url_open(path).text)
        for content, told in ((b"<script>", "Please send a PDF"), (PDF, "")):
            page = self._post(
                path,
                files={f"document_{self.kind.id}": ("a.pdf", content, "text/html")},
                **{
                    f"number_{self.kind.id}": "L-7",
                    f"valid_until_{self.kind.id}": "2027-01-01",
                    "street": "Rue 1",
                },
            ).text
            self.assertIn(told, page)
        self.assertNotIn("Trade Licence", page, "it is there now")
        self.assertRecordValues(
            self.partner.document_ids,
            [
                {
                    "kind_id": self.kind.id,
                    "number": "L-7",
                    "valid_until": fields.Date.to_date("2027-01-01"),
                    "decision": "to_verify",
                }
            ],
        )
        # What is held, or was never asked for, is not taken.
        other = self.kind.copy({"required_of": "none"})
        self._post(
            path,
            files={
                f"document_{kind.id}": ("a.pdf", PDF, "application/pdf")
                for kind in (self.kind, other)
            },
        )
        self.assertEqual(len(self.partner.document_ids), 1)
        self.assertEqual(self.partner.street, "Rue 1")

    def test_links_that_are_not_valid(self):
        path = f"/partner/{self._path()}"
        for wrong in ("/partner/data", "/partner/data?token=x", path[:-4] + "AAAA"):
            with self.subTest(path=wrong):
                self.assertEqual(self.url_open(wrong).status_code, 404)
        with freeze_time(fields.Datetime.to_datetime(TODAY) + timedelta(days=31)):
            self.assertEqual(self.url_open(path).status_code, 404)
        self.partner.email = "moved@paper.example"
        self.assertEqual(self.url_open(path).status_code, 404)
