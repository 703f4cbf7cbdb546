# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Tax IDs and accounts are reached from no other model, whichever field leads there.

The fields come from the registry: a new one is tried as well.
"""

from odoo.exceptions import AccessError

from odoo.addons.mail.tools.discuss import Store

from .common import paths_to
from .test_sensitive import IBAN, VAT, SensitiveCommon


class TestPathsToHiddenFields(SensitiveCommon):
    """The clerk keeps the books and partners, and sees no tax IDs and accounts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk.group_ids |= cls.env.ref("account.group_account_manager")
        Partner = cls.env["res.partner"].with_user(cls.clerk).sudo(False)
        cls.hidden = [
            name
            for name in ("vat", "company_registry", "vat_normalized", "vat_unique")
            if name in Partner._fields
        ]

    def _ways(self, Model, path):
        """Yield the name of each way along a path, and what tries it."""
        name, _dot, end = path.partition(".")
        yield "search", lambda: Model.search([(path, "!=", False)])
        yield "count", lambda: Model.search_count([(path, "=like", "B%")])
        yield "any", lambda: Model.search([(name, "any", [(end, "ilike", "B")])])
        yield "not any", lambda: Model.search([(name, "not any", [(end, "=", VAT)])])

    def test_no_model_leads_to_a_tax_id(self):
        seen = 0
        for model, name, field in paths_to(self.env, "res.partner", self.clerk):
            Model = self.env[model].with_user(self.clerk).sudo(False)
            seen += 1
            for hidden in self.hidden:
                for way, attempt in self._ways(Model, f"{name}.{hidden}"):
                    with (
                        self.subTest(model=model, path=f"{name}.{hidden}", way=way),
                        self.assertRaises(AccessError),
                    ):
                        attempt()
                if field.type == "many2one":
                    with self.subTest(
                        model=model, path=f"{name}.{hidden}", way="group"
                    ):
                        self._assert_no_group(Model, f"{name}.{hidden}")
            with (
                self.subTest(model=model, path=name, way="order"),
                self.assertRaises(ValueError),
            ):
                Model.search([], order=f"{name}.vat")
        self.assertGreater(seen, 50)

    def _assert_no_group(self, Model, path):
        """Assert that nothing is grouped by a path: refused, or no record is seen."""
        for group in (
            lambda: Model._read_group([], [path]),
            lambda: Model.formatted_read_group([], [path], ["__count"]),
        ):
            try:
                self.assertFalse(group())
                self.assertFalse(Model.search_count([]))
            except AccessError:
                pass

    def test_no_model_leads_to_an_account(self):
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.partner.id,
                "partner_bank_id": self.bank.id,
            }
        )
        self.env.flush_all()
        self.assertTrue(bill.search([("partner_bank_id.acc_number", "=", IBAN)]))
        for model, name, field in paths_to(self.env, "res.partner.bank", self.clerk):
            Model = self.env[model].with_user(self.clerk).sudo(False)
            path = f"{name}.acc_number"
            with self.subTest(model=model, path=path):
                self.assertFalse(Model.search([(path, "=like", f"{IBAN[:6]}%")]))
                self.assertFalse(
                    Model.search([(name, "any", [("acc_number", "=", IBAN)])])
                )
                if field.type == "many2one":
                    groups = Model._read_group([], [path])
                    self.assertNotIn((IBAN,), groups)

    def test_no_field_copies_what_is_hidden(self):
        """A field that follows others is read with all rights: it would open it."""
        own = {"res.company", "account.journal"}  # of our companies, for everybody
        ends = {("res.partner", name) for name in self.hidden}
        ends |= {
            ("res.partner.bank", name)
            for name in ("acc_number", "sanitized_acc_number")
        }
        for model in sorted(set(self.env.registry) - own):
            Model = self.env[model].with_user(self.clerk).sudo(False)
            for name, field in Model._fields.items():
                if not field.related or Model._transient:
                    continue
                target = Model
                *path, end = field.related.split(".")
                for step in path:
                    target = target[step]
                if (target._name, end) in ends and Model.has_access("read"):
                    with self.subTest(model=model, field=name):
                        self.assertFalse(Model._has_field_access(field, "read"))

    def test_no_export_over_a_record_that_points_there(self):
        move = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.partner.id}
        )
        for model, record, path in (
            ("account.move", move, "partner_id/vat"),
            ("account.move", move, "commercial_partner_id/vat"),
            ("res.users", self.editor, "partner_id/company_registry"),
        ):
            with self.subTest(path=path), self.assertRaises(AccessError):
                self._as(self.clerk, model).browse(record.id).export_data([path])

    def test_the_history_does_not_tell(self):
        tracking = self.env(context={})
        self.env.flush_all()
        self.cr.precommit.run()
        partner, bank = self.partner.with_env(tracking), self.bank.with_env(tracking)
        partner.vat = "BE0428759497"
        bank.acc_number = "BE68539007547034"
        self.env.flush_all()
        self.cr.precommit.run()
        bank.unlink()
        self.env.flush_all()
        for user, tells in ((self.clerk, False), (self.seer, True)):
            self.env.invalidate_all()
            messages = (
                self.env["mail.message"]
                .with_user(user)
                .search(
                    [("model", "=", "res.partner"), ("res_id", "=", self.partner.id)]
                )
            )
            self.assertTrue(messages)
            tracked = messages.sudo().tracking_value_ids
            seen = tracked._filter_has_field_access(messages.env)
            text = str(
                messages.mapped("body")
                + seen.mapped("old_value_char")
                + seen.mapped("new_value_char")
            ).replace(" ", "")  # IBANs are written in groups of four
            for number in (VAT, "BE0428759497", IBAN, "BE68539007547034"):
                with self.subTest(user=user.login, number=number):
                    self.assertEqual(number in text, tells)
            # As the browser gets them.
            shown = str(Store().add(messages).get_result()).replace(" ", "")
            self.assertEqual("BE68539007547034" in shown, tells)
        self.assertFalse(
            self.partner.message_ids.sudo()
            .tracking_value_ids._filter_free_field_access()
            .filtered(lambda v: "BE" in (v.old_value_char or "")),
            "Mails to followers would tell",
        )
        with self.assertRaises(AccessError):
            self._as(self.clerk, "mail.tracking.value").search([])
        with self.assertRaises(AccessError):
            self._as(self.clerk, "mail.message").search(
                [("tracking_value_ids.old_value_char", "ilike", "BE")]
            )
