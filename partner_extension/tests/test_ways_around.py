# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Every model of the module, and every path to a partner, tried by who may not.

The models and fields come from the registry: a new one is tried as well, and fails
here until it says who may do what with it.
"""

import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common import GROUP, TODAY, PartnerExtensionCommon, paths_to

#: Read, write, create, delete (“u”) of each model by each group.
ROLES = ("employee", "reader", "editor", "verifier", "manager", "accountant", "portal")
RIGHTS = {
    "partner.alarm": ("", "r", "r", "r", "r", "", ""),
    "partner.area": ("r", "r", "r", "r", "rwcu", "r", ""),
    "partner.bill.digest": ("", "", "", "", "", "r", ""),
    "partner.bill.digest.line": ("", "", "", "", "", "r", ""),
    "partner.change.request": ("", "r", "rc", "rwc", "rwc", "", ""),
    "partner.document": ("", "r", "rwc", "rwc", "rwcu", "", "r"),
    "partner.document.kind": ("", "r", "r", "r", "rwcu", "", "r"),
    "partner.document.reminder": ("", "r", "r", "r", "r", "", ""),
    "partner.duplicate": ("", "", "r", "r", "r", "", ""),
    "partner.field.policy": ("", "r", "r", "r", "rwcu", "", ""),
    "partner.inquiry": ("", "r", "rw", "rw", "rwcu", "", ""),
    "partner.inquiry.answer": ("", "r", "r", "r", "r", "", ""),
    "partner.inquiry.rule": ("", "r", "r", "r", "rwcu", "", ""),
    "partner.link": ("", "r", "rwcu", "rwcu", "rwcu", "", ""),
    "partner.link.kind": ("", "r", "r", "r", "rwcu", "", ""),
    "partner.registration": ("", "", "r", "rwu", "rwu", "", ""),
    "partner.registry.answer": ("", "r", "r", "r", "r", "", ""),
    "partner.reminder": ("", "", "", "", "", "r", ""),
    "partner.reminder.level": ("", "", "", "", "rwcu", "r", ""),
    "partner.reminder.line": ("", "", "", "", "", "r", ""),
    "partner.supplier.category": ("r", "r", "r", "r", "rwcu", "r", ""),
    "partner.verification.decision": ("", "", "", "rwcu", "rwcu", "", ""),
}
OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}
#: Of no company and no partner: the same for everybody who sees them.
SHARED = {
    "partner.link.kind",
    "partner.supplier.category",
    "partner.verification.decision",
}


class WaysAroundCommon(PartnerExtensionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.everything = (
            f"base.group_user,{GROUP}manager,account.group_account_manager,"
            "base.group_allow_export"
        )
        cls.accountant = new_test_user(
            cls.env,
            "partner_accountant",
            groups="base.group_user,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )
        cls.portal = new_test_user(
            cls.env, "partner_portal", groups="base.group_portal"
        )
        cls.partner.write({"responsible_id": cls.editor.id, "customer_rank": 1})
        cls.records = cls._create_one_of_each()

    @classmethod
    def _create_one_of_each(cls):
        """Return a record of each model about `partner`, {model: record}."""
        env = cls.env(su=True)
        partner, company = cls.partner.with_env(env), cls.company
        other = env["res.partner"].create(
            {"name": "Sister", "responsible_id": cls.editor.id}
        )
        model_id = env["ir.model"]._get_id
        records = {}

        def create(model, **values):
            records[model] = env[model].create(values)
            return records[model].id

        kind = create("partner.document.kind", name="Permit", company_id=company.id)
        document = create(
            "partner.document",
            partner_id=partner.id,
            kind_id=kind,
            number="P-1",
            valid_until="2027-01-01",
        )
        create(
            "partner.document.reminder",
            document_id=document,
            valid_until="2027-01-01",
            days=30,
        )
        create("partner.alarm", partner_id=partner.id, kind="review", date=TODAY)
        create("partner.area", name="Docks", company_id=company.id)
        create("partner.supplier.category", name="Paper mills")
        create(
            "partner.change.request",
            partner_id=partner.id,
            field_name="name",
            new_value="Paper and Co",
        )
        create("partner.duplicate", partner_id=partner.id, other_id=other.id)
        create(
            "partner.field.policy",
            company_id=company.id,
            field_name="phone",
        )
        template = env["mail.template"].create(
            {"name": "T", "model_id": model_id("partner.inquiry"), "subject": "T"}
        )
        rule = create(
            "partner.inquiry.rule",
            name="Ink",
            words="ink",
            template_id=template.id,
            company_id=company.id,
        )
        inquiry = create(
            "partner.inquiry",
            name="Ink?",
            partner_id=partner.id,
            company_id=company.id,
        )
        create(
            "partner.inquiry.answer",
            inquiry_id=inquiry,
            rule_id=rule,
            email="office@paper.example",
            date=TODAY,
        )
        link_kind = create("partner.link.kind", name="owns", inverse_name="is owned by")
        create(
            "partner.link",
            partner_id=partner.id,
            other_partner_id=other.id,
            kind_id=link_kind,
        )
        create(
            "partner.registration",
            name="Paper & Co",
            email="office@paper.example",
            is_customer=True,
            company_id=company.id,
            partner_id=partner.id,
        )
        create(
            "partner.registry.answer",
            partner_id=partner.id,
            company_id=company.id,
            registry="vies",
            tax_id="BE0477472701",
            asked_on=TODAY,
        )
        level = create(
            "partner.reminder.level",
            name="Own",
            delay=77,
            company_id=company.id,
            template_id=env.ref(
                "partner_extension.reminder_level_first"
            ).template_id.id,
        )
        create(
            "partner.reminder",
            company_id=company.id,
            partner_id=partner.id,
            contact_id=partner.id,
            level_id=level,
            date=TODAY,
            line_ids=[
                Command.create(
                    {
                        "name": "INV/1",
                        "date_due": TODAY,
                        "currency_id": company.currency_id.id,
                    }
                )
            ],
        )
        records["partner.reminder.line"] = records["partner.reminder"].line_ids
        bill = cls._create_invoice_one_line(
            price_unit=1.0,
            tax_ids=[],
            partner_id=cls.partner,
            move_type="in_invoice",
            post=True,
        )
        create(
            "partner.bill.digest",
            company_id=company.id,
            user_id=cls.manager.id,
            date=TODAY,
            line_ids=[
                Command.create({"move_line_id": bill.line_ids[0].id, "stage": "due"})
            ],
        )
        records["partner.bill.digest.line"] = records["partner.bill.digest"].line_ids
        create("partner.verification.decision", state="refused", reason="No")
        return records

    @classmethod
    def _models(cls):
        """Return the names of the module's own models that have records."""
        return sorted(
            name
            for name, model in cls.env.registry.items()
            if model._original_module == "partner_extension" and not model._abstract
        )

    def _ways_to_read(self, record):
        """Yield the name of each way to read a record, and what tries it."""
        mine = [("id", "=", record.id)]
        yield "read", lambda: record.read(["display_name"])
        yield "web_read", lambda: record.web_read({"display_name": {}})
        yield "export", lambda: record.export_data(["create_date"])["datas"]
        yield "copy", record.copy
        yield "search", lambda: record.search(mine)
        yield "count", lambda: record.search_count(mine)
        yield "search_read", lambda: record.search_read(mine, ["id"])
        yield (
            "web_search_read",
            lambda: record.web_search_read(mine, {"id": {}})["records"],
        )
        yield "name_search", lambda: record.name_search("", mine)
        yield "group", lambda: record._read_group(mine, ["create_uid"])
        yield (
            "formatted_group",
            lambda: record.formatted_read_group(mine, ["create_uid"], ["__count"]),
        )

    def _assert_out_of_sight(self, record):
        """Assert that no way leads to a record: nothing is found, the rest refused."""
        refusing = {"read", "web_read", "export", "copy"}
        for way, attempt in self._ways_to_read(record):
            with self.subTest(model=record._name, way=way, user=record.env.user.login):
                self.env.invalidate_all()
                if way not in refusing:
                    try:
                        self.assertFalse(attempt())
                    except AccessError:
                        pass  # the whole model is closed
                    continue
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    attempt()
        for operation in (lambda: record.write({}), record.unlink):
            with (
                self.subTest(model=record._name, operation=operation),
                self.assertRaises(AccessError),
                self.env.cr.savepoint(),
            ):
                operation()


class TestRights(WaysAroundCommon):
    def test_each_model_is_in_the_table(self):
        self.assertEqual(self._models(), sorted(RIGHTS))
        self.assertEqual(self._models(), sorted(self.records))

    def test_each_group_has_its_rights_and_no_more(self):
        for model in self._models():
            for role, rights in zip(ROLES, RIGHTS[model], strict=True):
                user = getattr(self, role)
                Model = self.env[model].with_user(user).sudo(False)
                with self.subTest(model=model, role=role):
                    has = "".join(
                        letter
                        for letter, operation in OPERATIONS.items()
                        if Model.has_access(operation)
                    )
                    self.assertEqual(has, rights)

    def test_what_a_group_has_not_is_refused_whichever_way_it_is_tried(self):
        for model, record in self.records.items():
            values = record.sudo().copy_data()[0]
            for role, rights in zip(ROLES, RIGHTS[model], strict=True):
                theirs = record.with_user(getattr(self, role)).sudo(False)
                attempts = []
                if "r" not in rights:
                    attempts += self._ways_to_read(theirs)
                    if role not in ("employee", "portal"):
                        attempts = attempts[:1]  # the same check refuses the others
                if "w" not in rights:
                    attempts.append(("write", lambda r=theirs: r.write({})))
                if "c" not in rights:
                    attempts.append(
                        ("create", lambda r=theirs, v=values: r.create(dict(v)))
                    )
                if "u" not in rights:
                    attempts.append(("unlink", theirs.unlink))
                for way, attempt in attempts:
                    with (
                        self.subTest(model=model, role=role, way=way),
                        # Who may export nothing at all is told so by a UserError.
                        self.assertRaises(
                            UserError if way == "export" else AccessError
                        ),
                        self.env.cr.savepoint(),
                    ):
                        attempt()


class TestOthersPartners(WaysAroundCommon):
    """Who sees only own partners sees nothing that is about those of others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(
            cls.env,
            "partner_seller",
            groups=f"{cls.everything},{GROUP}own",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )

    @classmethod
    def _models_about_partners(cls):
        """Return the module's models that point to a partner, over others of it too."""
        found, models = set(), set(cls._models())
        while True:
            more = {
                name
                for name in models - found
                if any(
                    field.type == "many2one"
                    and (
                        field.comodel_name == "res.partner"
                        or field.comodel_name in found
                    )
                    for field in cls.env[name]._fields.values()
                )
            }
            if not more:
                return found
            found |= more

    def test_whatever_is_about_others_is_out_of_sight(self):
        about = self._models_about_partners()
        self.assertIn("partner.document.reminder", about)
        self.assertIn("partner.inquiry.answer", about)
        for model in sorted(about):
            self._assert_out_of_sight(
                self.records[model].with_user(self.seller).sudo(False)
            )

    def test_what_is_about_their_own_is_seen(self):
        self.partner.responsible_id = self.seller
        for model in sorted(self._models_about_partners() - {"partner.duplicate"}):
            with self.subTest(model=model):
                theirs = self.records[model].with_user(self.seller).sudo(False)
                self.assertEqual(theirs.search([("id", "=", theirs.id)]), theirs)

    def test_a_salesperson_sees_them_only_where_nobody_is_responsible(self):
        self.partner.user_id = self.seller
        alarm = self.records["partner.alarm"].with_user(self.seller).sudo(False)
        self._assert_out_of_sight(alarm)
        self.partner.responsible_id = False
        self.assertTrue(alarm.search([("id", "=", alarm.id)]))
        self.assertTrue(self.partner.with_user(self.seller).is_own)
        self.assertIn(
            self.partner,
            self.env["res.partner"].with_user(self.seller).search([("is_own", "=", 1)]),
        )

    def test_nor_its_messages_activities_and_files(self):
        self.partner.message_post(body="They complain", message_type="comment")
        self.partner.activity_schedule("mail.mail_activity_data_todo", summary="Call")
        file = self.env["ir.attachment"].create(
            {
                "name": "offer.pdf",
                "raw": b"offer",
                "res_model": "res.partner",
                "res_id": self.partner.id,
            }
        )
        for model, key in (("mail.message", "model"), ("mail.activity", "res_model")):
            domain = [(key, "=", "res.partner"), ("res_id", "=", self.partner.id)]
            found = self.env[model].search(domain)
            with self.subTest(model=model):
                self.assertTrue(found)
                theirs = self.env[model].with_user(self.seller)
                self.assertFalse(theirs.search(domain))
                with self.assertRaises(AccessError):
                    theirs.browse(found.ids).read(["display_name"])
        theirs = file.with_user(self.seller)
        self.assertFalse(theirs.search([("id", "=", file.id)]))
        with self.assertRaises(AccessError):
            theirs.read(["datas"])

    def test_nor_by_a_path_from_any_other_model(self):
        """No model finds or groups by what a partner of others is."""
        self.partner.ref = "ONLY-THIS-ONE"
        self.env.flush_all()
        for model, name, field in paths_to(self.env, "res.partner", self.seller):
            Model = self.env[model].with_user(self.seller).sudo(False)
            with self.subTest(model=model, field=name):
                try:
                    found = Model.search([(f"{name}.ref", "=", "ONLY-THIS-ONE")])
                    self.assertFalse(found)
                    if field.type == "many2one":
                        groups = Model._read_group([], [f"{name}.ref"])
                        self.assertNotIn(("ONLY-THIS-ONE",), groups)
                except AccessError:
                    pass


class TestOtherCompanies(WaysAroundCommon):
    def test_users_of_another_company_see_nothing(self):
        sister = self._create_company(name="Sister Company")
        self.partner.company_id = self.company
        stranger = new_test_user(
            self.env,
            "partner_stranger",
            groups=self.everything,
            company_id=sister.id,
            company_ids=sister.ids,
        )
        for model in sorted(set(self._models()) - SHARED):
            self._assert_out_of_sight(
                self.records[model].with_user(stranger).sudo(False)
            )


@tagged("post_install", "-at_install")
class TestRpc(WaysAroundCommon, HttpCase):
    def test_employees_get_nothing_over_rpc(self):
        until = fields.Datetime.now() + timedelta(days=365 * 20)
        keys = self.env["res.users.apikeys"].with_user(self.employee).sudo()
        headers = {
            "Authorization": f"bearer {keys._generate('rpc', 'test', until)}",
            "Content-Type": "application/json",
            "X-Odoo-Database": self.env.cr.dbname,
        }
        for model in self._models():
            if RIGHTS[model][0]:
                continue
            ids = self.records[model].ids
            for method, body in (
                ("read", {"ids": ids, "fields": ["display_name"]}),
                ("search_read", {"domain": [], "fields": ["id"]}),
                ("formatted_read_group", {"domain": [], "groupby": ["create_uid"]}),
                ("unlink", {"ids": ids}),
            ):
                with self.subTest(model=model, method=method):
                    response = self.url_open(
                        f"/json/2/{model}/{method}",
                        data=json.dumps(body),
                        headers=headers,
                    )
                    self.assertEqual(response.status_code, 403, response.text)
