# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What Odoo's messages and activities let a customer do, called from outside.

The walk goes over the registry: a model with messages, or a method of Odoo's, that is
added later is walked as well.
"""

import inspect
from contextlib import suppress

from odoo.exceptions import AccessError
from odoo.models import BaseModel
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .test_portal import PortalCommon

MODULES = ("meter_billing", "partner_extension", "database_backup")
#: Where Odoo defines what is called here.
ODOO = ("odoo.addons.mail.", "odoo.addons.portal.")
#: What there is afterwards as well as before.
KEPT = ("mail.followers", "mail.message", "mail.notification", "mail.mail")


@tagged("post_install", "-at_install")
class TestCustomersAndMessages(PortalCommon, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dispute = cls.env["meter.dispute"]._open_for_customer(
            {
                "kind": "gone",
                "device_id": cls.device.id,
                "description": "It is gone",
                "company_id": cls.company.id,
            },
            cls.portal.partner_id,
        )
        cls.own = {
            "meter.device": cls.device,
            "meter.contract": cls.contract,
            "meter.statement": cls.statement[:1],
            "meter.dispute": cls.dispute,
        }
        if "partner.document" in cls.env:
            kind = cls.env["partner.document.kind"].sudo().create({"name": "Licence"})
            cls.own["partner.document"] = (
                cls.env["partner.document"]
                .sudo()
                .create({"partner_id": cls.customer.id, "kind_id": kind.id})
            )
        cls.template = cls.env["mail.template"].search([], limit=1)

    def _threads(self):
        """Return the names of the modules' models that have messages."""
        return sorted(
            name
            for name, model in self.env.registry.items()
            if model._original_module.startswith(MODULES)
            and not model._abstract
            and "message_post" in dir(model)
        )

    def _methods(self, model):
        """Return the names of the public methods that a model has from Odoo's mail."""
        return sorted(
            {
                name
                for cls in type(model).mro()
                if cls.__module__.startswith(ODOO)
                for name, method in vars(cls).items()
                if not name.startswith("_") and inspect.isfunction(method)
            }
            - set(dir(BaseModel))
        )

    def _arguments(self, method):
        """Return arguments by name, as far as a method has them."""
        partner = self.portal.partner_id
        known = {
            "partner_ids": partner.ids,
            "body": "From a customer",
            "subject": "From a customer",
            "source_ref": "mail.message_user_assigned",
            "template_id": self.template.id,
            "act_type_xmlid": "mail.mail_activity_data_todo",
            "act_type_xmlids": ["mail.mail_activity_data_todo"],
            "user_id": self.portal.id,
            "only_automated": False,
            "msg_dict": {"subject": "x", "email_from": "x@x.example"},
            "update_vals": {"active": False},
            "notification_type": "email",
            "new_thread": self.dispute,
            "model": "meter.dispute",
            "message": "From: x@x.example\n\nHello",
            "message_dict": {},
            "note": "From a customer",
        }
        names = inspect.signature(method).parameters
        return {name: known[name] for name in names if name in known}

    def _count(self):
        self.env.flush_all()
        self.env.invalidate_all()
        counts = {name: self.env[name].sudo().search_count([]) for name in KEPT}
        counts["mail.activity"] = (
            self.env["mail.activity"].with_context(active_test=False).search_count([])
        )
        return counts

    @mute_logger("odoo.addons.mail.models.mail_thread", "odoo.models.unlink")
    def test_no_method_of_odoo_lets_a_customer_write(self):
        threads = self._threads()
        self.assertLessEqual(set(self.own), set(threads))
        before = self._count()
        called = 0
        for name in threads:
            model = self.env[name].with_user(self.portal)
            record = self.own.get(name) or self.env[name].sudo().search([], limit=1)
            for method in self._methods(model):
                function = getattr(type(model), method)
                arguments = self._arguments(function)
                ids = [] if getattr(function, "_api_model", False) else [record.ids]
                called += 1
                with self.subTest(model=name, method=method):
                    # It is refused, or fails as nobody outside can call it rightly.
                    with suppress(Exception), self.env.cr.savepoint():
                        call_kw(model, method, ids, arguments)
                    after = self._count()
                    if name != "meter.dispute" or not method.endswith("subscribe"):
                        self.assertEqual(after, before)
                    before = after
        self.assertGreater(called, 100)

    def test_a_customer_does_not_follow_what_is_the_dealers(self):
        partner = self.portal.partner_id
        for name, record in self.own.items():
            own = record.with_user(self.portal)
            with self.subTest(model=name):
                if name == "meter.dispute":
                    own.message_subscribe(partner.ids)
                    self.assertIn(partner, record.message_partner_ids)
                    continue
                with self._refused(AccessError):
                    call_kw(own, "message_subscribe", [record.ids, partner.ids], {})
                record.message_post(
                    body="costs too much", subtype_xmlid="mail.mt_comment"
                )
                told = record.message_ids[0].notified_partner_ids
                self.assertNotIn(partner, told)
                seen = self.env["mail.message"].with_user(self.portal)
                self.assertFalse(seen.search([("model", "=", name)]))

    def test_a_customer_lets_nobody_else_follow_its_dispute(self):
        own = self.dispute.with_user(self.portal)
        with self._refused(AccessError):
            own.message_subscribe(self.env.user.partner_id.ids)
        with self._refused(AccessError):
            own.message_post(body="We agree", author_id=self.env.user.partner_id.id)

    def test_a_draft_of_an_answer_is_the_dealers(self):
        self.dispute.answer = "We think that it is fraud"
        own = self.dispute.with_user(self.portal)
        with self._refused(AccessError):
            own.read(["answer"])
        self.assertNotIn("fraud", str(own.read()))
