# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""No term is missing in the languages that we ship, and customers get theirs."""

import re

import polib

from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged
from odoo.tools.translate import TranslationModuleReader

from odoo.addons.meter_billing.tests.common import MeterBillingCommon

from .stack import modules, paths
from .stack.run_i18n import LANGUAGES

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\{.*?\}\}|</?\w+")


def read(module, name):
    return polib.pofile(str(paths.ROOT / module / "i18n" / name))


@tagged("post_install", "-at_install")
class TestTerms(TransactionCase):
    def test_every_term_is_in_the_template(self):
        """After a change of terms: `make i18n`, and translate what it names."""
        for module in modules.names():
            with self.subTest(module=module):
                reader = TranslationModuleReader(self.env.cr, modules=[module])
                terms = {row[4].strip() for row in reader if row[4]}
                template = {
                    entry.msgid.strip() for entry in read(module, f"{module}.pot")
                }
                self.assertEqual(sorted(terms - template), [])

    def test_every_term_is_translated(self):
        for module in modules.names():
            template = {entry.msgid for entry in read(module, f"{module}.pot")}
            for language in LANGUAGES:
                with self.subTest(module=module, language=language):
                    entries = read(module, f"{language}.po")
                    self.assertEqual({entry.msgid for entry in entries}, template)
                    self.assertEqual(
                        [e.msgid for e in entries if not e.msgstr or e.fuzzy], []
                    )

    def test_translations_keep_placeholders_and_tags(self):
        for module in modules.names():
            for language in LANGUAGES:
                for entry in read(module, f"{language}.po"):
                    with self.subTest(module=module, term=entry.msgid):
                        self.assertEqual(
                            sorted(PLACEHOLDER.findall(entry.msgstr)),
                            sorted(PLACEHOLDER.findall(entry.msgid)),
                        )


class TranslatedCase(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("tr_TR")
        cls.env["res.lang"]._activate_lang("es_ES")
        cls.env["ir.module.module"].search(
            [("name", "in", ["meter_billing", "portal"])]
        )._update_translations(["tr_TR", "es_ES"])
        cls.device = cls._device("SN-1")

    @classmethod
    def _speak(cls, lang):
        """Let the customer speak a language."""
        cls.customer.write({"lang": lang, "email": "musteri@customer.example"})


@tagged("post_install", "-at_install")
class TestCustomersLanguage(TranslatedCase):
    """What a customer reads is in the customer's language, whoever made it."""

    def _bill_in(self, lang):
        """Return the name of an invoice line, and the invoice with its annex."""
        self._speak(lang)
        contract = self._contract([self._usage(price=0.05)], self.device)
        self._read(self.device, "2026-01-31", kind="estimated", mono=600)
        statement = self._bill(contract, "2026-01-31")
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("account.report_invoice", statement.move_ids.ids)[0]
            .decode()
        )
        self.assertNotIn("Annex to", html)
        return statement.move_ids.invoice_line_ids.name, html

    def test_a_bill(self):
        line, html = self._bill_in("tr_TR")
        self.assertIn("(tahmini)", line)
        self.assertIn("Okumalar", html)  # the annex
        self.assertIn("tah.: tahmini", html)

    def test_a_bill_in_spanish(self):
        line, html = self._bill_in("es_ES")
        self.assertIn("(estimada)", line)
        self.assertIn("Lecturas", html)  # the annex

    def test_a_request_for_readings(self):
        for language, words in (("tr_TR", "okuma"), ("es_ES", "lectura")):
            with self.subTest(language=language):
                customer = self.customer.copy(
                    {"lang": language, "email": f"{language}@customer.example"}
                )
                device = self._device(f"SN-{language}", partner_id=customer.id)
                action = self.env["meter.reading.request"]._ask_now(device)
                request = self.env["meter.reading.request"].search(action["domain"])
                mail = request.reminder_ids.mail_id
                self.assertIn(words, mail.subject.lower())
                self.assertIn(words, mail.body_html.lower())
                self.assertNotIn("Enter the readings", mail.body_html)


@tagged("post_install", "-at_install")
class TestPortalLanguage(TranslatedCase, HttpCase):
    def _open_portal(self, lang):
        """Return the page of devices as the customer's user sees it."""
        self._speak(lang)
        customer = new_test_user(
            self.env,
            "musteri",
            groups="base.group_portal",
            password="musteri12",
            partner_id=self.customer.id,
            lang=lang,
        )
        self.assertEqual(customer.partner_id, self.customer)
        self.authenticate("musteri", "musteri12")
        page = self.url_open("/my/devices").text
        self.assertIn("SN-1", page)
        self.assertNotIn("Enter readings", page)
        return page

    def test_the_portal(self):
        self.assertIn("Cihazlar", self._open_portal("tr_TR"))

    def test_the_portal_in_spanish(self):
        self.assertIn("Equipos", self._open_portal("es_ES"))
