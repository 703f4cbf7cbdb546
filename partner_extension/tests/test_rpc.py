# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What programs may not save either, and what they are told."""

import json
from datetime import timedelta
from xmlrpc.client import Fault

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import PartnerExtensionCommon

VAT, OTHER_VAT = "BE0477472701", "BE0428759497"


@tagged("post_install", "-at_install")
class TestRpc(PartnerExtensionCommon, HttpCase):
    """Mandatory fields and unique tax IDs over XML-RPC and JSON-2."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.belgium = cls.env.ref("base.be")
        # Odoo's own group too: users are created by who may.
        cls.program = cls.manager
        cls.program.group_ids += cls.env.ref("base.group_erp_manager")
        # Keys live in the database's own time, which is not frozen.
        until = fields.Datetime.now() + timedelta(days=365 * 20)
        cls.key = (
            cls.env(user=cls.program)["res.users.apikeys"]
            .sudo()
            ._generate("rpc", "test", until)
        )
        cls.owner = cls.env["res.partner"].create(
            {
                "name": "Owner",
                "vat": VAT,
                "country_id": cls.belgium.id,
                "is_company": True,
                "is_customer": True,
            }
        )
        cls.company.sudo().write(
            {
                "partner_vat_required": "companies",
                "partner_vat_severity": "block",
                "partner_vat_unique": "block",
            }
        )
        cls.env["partner.field.policy"].create(
            {"field_name": "phone", "role": "supplier", "severity": "block"}
        )

    # === As programs call === #

    def _xmlrpc(self, method, *args, model="res.partner"):
        return self.xmlrpc_object.execute_kw(
            self.env.cr.dbname, self.program.id, self.key, model, method, args
        )

    def _json2(self, method, model="res.partner", **arguments):
        answer = self.url_open(
            f"/json/2/{model}/{method}",
            data=json.dumps(arguments),
            headers={
                "Authorization": f"bearer {self.key}",
                "Content-Type": "application/json",
                "X-Odoo-Database": self.env.cr.dbname,
            },
        )
        return answer.status_code, answer.json()

    def _refused(self, expected, create=None, write=None):
        """Assert that both ways refuse with the same text, and store nothing."""
        before = self.env["res.partner"].search_count([])
        with self.assertRaises(Fault) as caught, mute_logger("odoo.http"):
            if create:
                self._xmlrpc("create", [create])
            else:
                self._xmlrpc("write", *write)
        self.assertIn(expected, caught.exception.faultString)
        self.assertNotIn("Traceback", caught.exception.faultString)
        with mute_logger("odoo.http", "odoo.addons.rpc.controllers.json2"):
            if create:
                status, answer = self._json2("create", vals_list=[create])
            else:
                status, answer = self._json2("write", ids=write[0], vals=write[1])
        self.assertEqual(status, 422, answer)
        self.assertIn(expected, answer["message"])
        self.env.invalidate_all()
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    # === Refused === #

    def test_mandatory_fields(self):
        customer = {"name": "New", "is_company": True, "is_customer": True}
        self._refused("New: Tax ID", create=customer)
        both = {**customer, "is_supplier": True, "vat": "/"}
        self._refused("New: Phone", create=both)
        # By Odoo's own fields as well as by ours.
        self._refused(
            "New: Phone", create={"name": "New", "supplier_rank": 1, "vat": "/"}
        )
        self._refused("Owner: Tax ID", write=([self.owner.id], {"vat": False}))
        self._refused("Owner: Phone", write=([self.owner.id], {"is_supplier": True}))
        self.assertEqual((self.owner.vat, self.owner.supplier_rank), (VAT, 0))

    def test_tax_ids_are_unique(self):
        twin = {"name": "Twin", "country_id": self.belgium.id, "is_company": True}
        self._refused("Owner has it already", create={**twin, "vat": VAT})
        self._refused("Owner has it already", create={**twin, "vat": "0477.472.701"})
        other = self.env["res.partner"].create({**twin, "vat": OTHER_VAT})
        self._refused("Owner has it already", write=([other.id], {"vat": VAT}))
        self.assertEqual(other.vat, OTHER_VAT)

    def test_import(self):
        """Nothing of a file is stored where a row is refused; the row is named."""
        names = ["name", "vat", "country_id", "is_company", "is_customer"]
        good = ["A", OTHER_VAT, "Belgium", "1", "1"]
        for row, expected in (
            (["B", "", "Belgium", "1", "1"], "B: Tax ID"),
            (["B", VAT, "Belgium", "1", "1"], "Owner has it already"),
            (["B", OTHER_VAT, "Belgium", "1", "1"], "A has it already"),
        ):
            with self.subTest(row=row):
                for result in (
                    self._xmlrpc("load", names, [good, row]),
                    self._json2("load", fields=names, data=[good, row])[1],
                ):
                    self.assertFalse(result["ids"])
                    text = "".join(m["message"] for m in result["messages"])
                    self.assertIn(expected, text)
        result = self._xmlrpc("load", names, [good])
        self.assertEqual(len(result["ids"]), 1)

    # === Not concerned === #

    def test_whom_no_policy_concerns_is_saved(self):
        """Contacts, addresses, partners without a role, persons, users, companies."""
        for values in (
            {"name": "Contact", "parent_id": self.owner.id},
            {"name": "Site", "parent_id": self.owner.id, "type": "delivery"},
            {"parent_id": self.owner.id, "type": "invoice", "street": "Rue 1"},
            {"name": "No role", "is_company": True},
            {"name": "Person", "is_customer": True},
        ):
            with self.subTest(values=values):
                [created] = self._xmlrpc("create", [values])
                status, answer = self._json2("create", vals_list=[values])
                self.assertEqual(status, 200, answer)
                self._xmlrpc("write", [created, *answer], {"city": "Ghent"})
        contacts = self.owner.child_ids
        self.assertEqual(len(contacts), 6)
        self.assertEqual(set(contacts.mapped("vat")), {VAT})
        status, answer = self._json2(
            "create",
            model="res.users",
            vals_list=[{"name": "Clerk", "login": "clerk@dealer.example"}],
        )
        self.assertEqual(status, 200, answer)
        user = self.env["res.users"].browse(answer)
        user.partner_id.write({"is_company": True, "is_customer": True})
        company = self.env["res.company"].create({"name": "Branch"})
        company.partner_id.write({"is_customer": True, "is_supplier": True})
        # What a supplier lacks does not stop another number of a customer.
        self._xmlrpc("write", [self.owner.id], {"ref": "C-1"})
        self.assertEqual(self.owner.ref, "C-1")
