# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Texts that an older version left in a database can be brought up to date."""

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestMailTemplates(TransactionCase):
    def test_reset_brings_the_module_s_texts_in_every_language(self):
        self.env["res.lang"]._activate_lang("tr_TR")
        data = self.env["ir.model.data"].search(
            [("module", "=", "meter_billing"), ("model", "=", "mail.template")]
        )
        templates = self.env["mail.template"].browse(data.mapped("res_id"))
        self.assertEqual(len(templates), 3)
        # What the files have; a database may have been changed.
        templates.reset_template()
        english, turkish = templates, templates.with_context(lang="tr_TR")
        texts = [(one.subject, one.body_html) for one in (*english, *turkish)]
        self.assertNotEqual(texts[: len(templates)], texts[len(templates) :])
        for one in english:
            one.write({"subject": "Old", "body_html": "<p>Old</p>"})
        for one in turkish:
            one.write({"subject": "Eski", "body_html": "<p>Eski</p>"})
        self.env["mail.template.reset"].create(
            {"template_ids": [(6, 0, templates.ids)]}
        ).reset_template()
        self.env.invalidate_all()
        now = [(one.subject, one.body_html) for one in (*english, *turkish)]
        self.assertEqual(now, texts)
