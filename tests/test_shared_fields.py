# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the modules add to Odoo's own records is the dealer's, unless it stands here.

Customers read their own partner, the company and their own invoices. A field that is
added later fails the test until it has a group, or is named.
"""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, new_test_user, tagged

from .stack import modules

#: What customers may read, each with the reason.
OPEN = {
    # Their own tax ID, as Odoo's field is.
    "res.partner": {"vat_normalized", "vat_unique"},
    # The statement that their invoice bills, and how it came about.
    "account.move": {"meter_statement_ids", "meter_statement_count"},
    "account.move.line": {
        "meter_statement_charge_id",
        "meter_site_id",
        "meter_explanation",
        "has_meter_explanation",
    },
}


@tagged("post_install", "-at_install")
class TestSharedFields(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create(
            {"name": "Harbour Office", "is_company": True}
        )
        cls.portal = new_test_user(cls.env, "harbour", "base.group_portal")
        cls.portal.partner_id.parent_id = cls.customer
        cls.public = cls.env.ref("base.public_user")
        cls.ours = set(modules.names())

    def _is_added(self, field):
        """Tell whether a field is ours, on a model that is Odoo's."""
        origin = field.base_field
        return bool(origin._modules) and set(origin._modules) <= self.ours

    def _readable(self, user):
        """Return ``{model: names of our fields on it}`` that a user may read."""
        found = {}
        for name, model in self.env.registry.items():
            if model._abstract or model._original_module in self.ours:
                continue
            records = self.env[name].with_user(user)
            if not records.has_access("read"):
                continue
            fields = {
                field.name
                for field in model._fields.values()
                if self._is_added(field) and records._has_field_access(field, "read")
            }
            if fields:
                found[name] = fields
        return found

    def test_of_odoos_records_only_what_is_named(self):
        opened = self._readable(self.portal)
        # A user is a partner as well.
        opened["res.partner"] |= opened.pop("res.users", set())
        self.assertEqual(opened, OPEN)
        for model, names in self._readable(self.public).items():
            with self.subTest(model=model):
                self.assertLessEqual(names, OPEN.get(model, OPEN["res.partner"]))

    def test_what_the_dealer_thinks_is_not_told(self):
        self.customer.write(
            {
                "verification_state": "refused",
                "verification_reason": "looks like fraud",
            }
        )
        company = self.portal.company_id
        for record, field in (
            (self.customer, "verification_reason"),
            (self.customer, "missing_text"),
            (self.customer, "registry_message"),
            (company, "meter_mail_senders"),
            (company, "partner_unverified_invoice"),
        ):
            for user in (self.portal, self.public):
                own = self.env[record._name].with_user(user)
                with self.subTest(field=field, user=user.login):
                    with self.assertRaises(AccessError):
                        call_kw(own, "read", [record.ids, [field]], {})
                    with self.assertRaises(AccessError):
                        call_kw(own, "search", [[(field, "=", "block")]], {})
                    self.assertNotIn(field, call_kw(own, "fields_get", [], {}))

    def test_colleagues_read_it_all(self):
        clerk = new_test_user(
            self.env,
            "clerk",
            "base.group_user,base.group_partner_manager",
            company_ids=[Command.set(self.env.company.ids)],
        )
        names = ["verification_reason", "completeness", "meter_device_count"]
        (seen,) = self.customer.with_user(clerk).read(names)
        self.assertLessEqual(set(names), set(seen))
