# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Two customers, and neither sees the other's: whatever way it tries.

The walk goes over the registry and the routing map: a model or a route that is added
later is walked as well, or fails the test that asks how to walk it.
"""

import json
import threading
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.http import Request
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .test_portal import PNG, PortalCommon

MODULES = ("meter_billing", "partner_extension")
#: Customers read these, and there is nobody's in them.
SHARED = {"partner.document.kind"}
#: The walking customer has none of these itself.
NONE_OWN = {"meter.dispute", "partner.document"}
#: What stands in all that is the other customer's, and nowhere else.
SECRETS = ("QUARRY", "7654321", "7,654,321")


@tagged("post_install", "-at_install")
class TestTwoCustomers(PortalCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        before = cls._all_ids()
        cls._set_up_other()
        cls.env.flush_all()
        cls.theirs = {
            name: sorted(ids - before.get(name, set()))
            for name, ids in cls._all_ids().items()
        }
        cls.key = (
            cls.env["res.users.apikeys"]
            .with_user(cls.portal)
            .sudo()
            ._generate("rpc", "walk", cls.env.cr.now().replace(year=2027))
        )

    @classmethod
    def _set_up_other(cls):
        cls.other = cls.env["res.partner"].create(
            {"name": "QUARRY Mining", "is_company": True, "email": "q@quarry.example"}
        )
        cls.stranger = cls._portal_user("quarry", cls.other)
        cls.their_device = cls._device(
            "QUARRY-1",
            opening={"mono": 7000000},
            partner_id=cls.other.id,
            note="QUARRY",
        )
        cls.their_contract = cls._contract(
            [cls._usage(name="QUARRY pages", price=0.01, included=100)],
            cls.their_device,
            partner_id=cls.other.id,
            description="QUARRY contract",
            reading_plan="monthly",
        )
        cls.their_reading = cls._read(cls.their_device, "2026-01-31", mono=7654321)
        cls.their_statement = cls._run(
            "2026-01-31", cls.their_contract
        ).line_ids.statement_id
        cls.their_dispute = cls.env["meter.dispute"]._open_for_customer(
            {
                "kind": "reading",
                "reading_id": cls.their_reading.id,
                "device_id": cls.their_device.id,
                "description": "QUARRY says no",
                "company_id": cls.company.id,
            },
            cls.stranger.partner_id,
        )
        cls.their_dispute.message_post(
            body="QUARRY answer", subtype_xmlid="mail.mt_comment"
        )
        cls.their_device._ensure_label()
        cls.their_request = cls.env["meter.reading.request"]._ask_for(
            {cls.their_device.id: (cls._day("2026-06-15"),) * 2}
        )
        cls.their_papers = cls.env["ir.attachment"].create(
            [
                {"name": "QUARRY.png", "raw": PNG, "res_model": model, "res_id": key}
                for model, key in (
                    ("meter.reading", cls.their_reading.id),
                    ("meter.device", cls.their_device.id),
                    ("meter.dispute", cls.their_dispute.id),
                    ("meter.contract", cls.their_contract.id),
                )
            ]
        )

        # As the other customer sends it: superuser's rights, its own user.
        theirs = cls.their_reading.with_user(cls.stranger).sudo()
        theirs._attach_photos({theirs.id: ("QUARRY", PNG)})
        cls.their_photo = theirs.photo_ids.filtered(
            lambda photo: photo.create_uid == cls.stranger
        )

        if "partner.document" in cls.env:
            kind = cls.env["partner.document.kind"].sudo().create({"name": "Licence"})
            cls.env["partner.document"].sudo().create(
                {"partner_id": cls.other.id, "kind_id": kind.id, "number": "QUARRY"}
            )

    @classmethod
    def _day(cls, text):
        return cls.env["meter.reading"]._fields["date"].to_date(text)

    @classmethod
    def _models(cls):
        """Return the names of the stored models that the modules define."""
        return sorted(
            name
            for name, model in cls.env.registry.items()
            if model._original_module.startswith(MODULES)
            and not model._abstract
            and model._auto
            and not model._transient
        )

    @classmethod
    def _all_ids(cls):
        return {
            name: set(
                cls.env[name].sudo().with_context(active_test=False).search([]).ids
            )
            for name in cls._models()
        }

    def _seen(self):
        """Return the names of models that customers may read of at all."""
        return [
            name
            for name in self._models()
            if name not in SHARED
            and self.env[name].with_user(self.portal).has_access("read")
        ]

    def _assert_nothing_of_theirs(self, text, what):
        for secret in SECRETS:
            self.assertNotIn(secret, text, what)

    # === The ORM === #

    def test_customers_change_nothing(self):
        for name in self._models():
            for operation in ("write", "create", "unlink"):
                with self.subTest(model=name, operation=operation):
                    model = self.env[name].with_user(self.portal)
                    self.assertFalse(model.has_access(operation))

    def test_transient_models_are_the_dealers(self):
        for name, model in self.env.registry.items():
            if model._original_module.startswith(MODULES) and model._transient:
                with self.subTest(model=name):
                    own = self.env[name].with_user(self.portal)
                    self.assertFalse(own.has_access("create"))

    def test_of_every_model_only_the_own_records(self):
        self.assertGreater(len(self._seen()), 6)
        for name in self._seen():
            theirs = self.env[name].browse(self.theirs[name]).with_user(self.portal)
            with self.subTest(model=name):
                self.assertTrue(theirs, "give the other customer one of these as well")
                own = theirs.with_context(active_test=False).search([])
                self.assertTrue(own or name in NONE_OWN)
                self.assertFalse(own & theirs)
                self.assertEqual(theirs.search_count([("id", "in", theirs.ids)]), 0)
                for record in theirs:
                    self.assertFalse(record.has_access("read"))
                    with self._refused(AccessError):
                        record.read(["id"])
                found = {key for key, _name in own.name_search("", limit=None)}
                self.assertFalse(found & set(theirs.ids))
                self._assert_nothing_of_theirs(
                    json.dumps(own.read(), default=str), name
                )

    def test_only_the_named_fields(self):
        """Reasons, notes, previews and links to people are the dealer's own."""
        for name in self._seen():
            model = self.env[name].with_user(self.portal)
            if model._original_module != "meter_billing":
                continue  # names the fields that are not to be read
            with self.subTest(model=name):
                self.assertIn("_portal_fields", dir(type(model)), "name its fields")
                self.assertEqual(
                    set(model.fields_get()),
                    set(model._portal_fields) | {"id", "display_name"},
                )
        reading = self.env["meter.reading"].with_user(self.portal)
        for field in ("reason", "note", "check_code", "create_uid"):
            with self.subTest(field=field):
                with self._refused(AccessError):
                    reading.search([(field, "!=", False)])
                with self._refused(AccessError):
                    reading.search([], limit=1).read([field])
                with self._refused(AccessError):
                    reading.search([], order=field)
                with self._refused(AccessError):
                    reading._read_group([], [field])
        with self._refused(AccessError):
            self.env["meter.statement"].with_user(self.portal).search(
                [("line_ids.assignment_id.device_id", "!=", False)]
            )

    def test_nothing_is_exported(self):
        for name in self._seen():
            own = self.env[name].with_user(self.portal).search([])
            with self.subTest(model=name), self._refused(UserError):
                own.export_data(["id"])

    def test_what_users_write_below_records(self):
        self.device.message_post(body="costs too much", subtype_xmlid="mail.mt_comment")
        Message = self.env["mail.message"].with_user(self.portal)
        for model in self._models():
            with self.subTest(model=model):
                self.assertFalse(Message.search([("model", "=", model)]))
        own = self.env["meter.dispute"]._open_for_customer(
            {
                "kind": "gone",
                "device_id": self.device.id,
                "description": "It is gone",
                "company_id": self.company.id,
            },
            self.portal.partner_id,
        )
        own.message_post(body="internal", subtype_xmlid="mail.mt_note")
        own.message_post(body="answer", subtype_xmlid="mail.mt_comment")
        messages = Message.search([("model", "=", "meter.dispute")])
        self.assertEqual(messages.mapped("body"), ["<p>answer</p>"])

    # === URLs, JSON-2, files === #

    def _json2(self, model, method, **arguments):
        return self.url_open(
            f"/json/2/{model}/{method}",
            json=arguments,
            headers={"Authorization": f"Bearer {self.key}"},
        )

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.json2")
    def test_json_2(self):
        for name in self._models():
            with self.subTest(model=name):
                answer = self._json2(name, "search_read", domain=[])
                self.assertIn(answer.status_code, (200, 403))
                if name not in SHARED:
                    is_seen = name in self._seen()
                    self.assertEqual(answer.status_code == 200, is_seen, answer.text)
                self._assert_nothing_of_theirs(answer.text, name)
                for method in ("read", "export_data") if name not in SHARED else ():
                    answer = self._json2(
                        name,
                        method,
                        ids=self.theirs[name] or [1],
                        **{
                            "fields" if method == "read" else "fields_to_export": ["id"]
                        },
                    )
                    self.assertGreaterEqual(answer.status_code, 400)
                    self._assert_nothing_of_theirs(answer.text, name)

    @mute_logger("odoo.http")
    def test_web_rpc(self):
        self.authenticate("harbour", "harbour")
        for name in self._seen():
            with self.subTest(model=name):
                answer = self.url_open(
                    f"/web/dataset/call_kw/{name}/web_search_read",
                    json={
                        "params": {
                            "model": name,
                            "method": "web_search_read",
                            "args": [],
                            "kwargs": {
                                "domain": [],
                                "specification": {
                                    field: {"fields": {"display_name": {}}}
                                    for field in self.env[name]
                                    .with_user(self.portal)
                                    .fields_get()
                                },
                            },
                        }
                    },
                )
                self._assert_nothing_of_theirs(answer.text, name)

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_http")
    def test_papers(self):
        """Attachments are opened by nobody but users, not even one's own."""
        own = self.env["ir.attachment"].create(
            [
                {"name": "own.png", "raw": PNG, "res_model": model, "res_id": key}
                for model, key in (
                    (
                        "meter.reading",
                        self.env["meter.reading"]
                        .search([("device_id", "=", self.device.id)], limit=1)
                        .id,
                    ),
                    ("meter.device", self.device.id),
                    ("meter.contract", self.contract.id),
                    ("meter.statement", self.statement[0].id),
                )
            ]
        )
        self.authenticate("harbour", "harbour")
        for paper in self.their_papers + own:
            for path in ("content", "image"):
                with self.subTest(paper=paper.res_model, path=path):
                    answer = self.url_open(f"/web/{path}/{paper.id}")
                    # Of a picture that is not to be seen Odoo shows a placeholder.
                    self.assertNotEqual(answer.content, PNG)
        Attachment = self.env["ir.attachment"].with_user(self.portal)
        self.assertFalse(
            Attachment.search([("id", "in", (self.their_papers + own).ids)])
        )

    @mute_logger("odoo.http", "odoo.addons.http_routing.models.ir_http")
    def test_photos(self):
        """Customers open the photos that they have sent, and no others."""
        reading = self.env["meter.reading"].search(
            [("device_id", "=", self.device.id)], limit=1
        )
        public = self.env.ref("base.public_user")
        sent = {"own": self.portal, "by label": public}
        others = {"dealer": self.env.user, "other customer": self.stranger}
        photos = {}
        for name, user in {**sent, **others}.items():
            with_user = reading.with_user(user).sudo()
            known = reading.photo_ids
            with_user._attach_photos({reading.id: (name, PNG)})
            reading.invalidate_recordset(["photo_ids"])
            photos[name] = reading.photo_ids - known
        with self._refused(UserError, "no picture"):
            self._dispute(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
        dispute = self._dispute(PNG)
        photos["dispute"] = dispute._get_customer_photos()[dispute.id]
        photos["their own"] = self.their_photo
        seen = {"harbour": {*sent, "dispute"}, "quarry": {"their own"}}
        for login, opened in seen.items():
            self.authenticate(login, login)
            for name, photo in photos.items():
                with self.subTest(login=login, photo=name):
                    answer = self.url_open(f"/my/photos/{photo.id}")
                    expected = 200 if name in opened else 404
                    self.assertEqual(answer.status_code, expected)
                    self.assertEqual(answer.content == PNG, name in opened)
        self.authenticate("harbour", "harbour")
        page = self.url_open(f"/my/devices/{self.device.id}").text
        shown = {name for name, each in photos.items() if f'photos/{each.id}"' in page}
        self.assertEqual(shown & {*sent, *others}, set(sent))
        self.assertIn(
            f"/my/photos/{photos['dispute'].id}",
            self.url_open(f"/my/disputes/{dispute.id}").text,
        )
        self.authenticate(None, None)
        answer = self.url_open(f"/my/photos/{photos['own'].id}", allow_redirects=False)
        self.assertEqual(answer.status_code, 303)

    def _dispute(self, photo):
        return (
            self.env["meter.dispute"]
            .with_user(self.portal)
            ._open_for_customer(
                {
                    "kind": "gone",
                    "device_id": self.device.id,
                    "description": "It is gone",
                    "company_id": self.company.id,
                },
                self.portal.partner_id,
                photo,
            )
        )

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_actions_report")
    def test_reports(self):
        self.authenticate("harbour", "harbour")
        reports = self.env["ir.actions.report"].search(
            [("model", "in", self._models())]
        )
        self.assertGreaterEqual(len(reports), 3)
        for report in reports:
            ids = ",".join(map(str, self.theirs[report.model]))
            for kind in ("html", "pdf", "xlsx"):
                with self.subTest(report=report.report_name, kind=kind):
                    answer = self.url_open(f"/report/{kind}/{report.report_name}/{ids}")
                    self.assertGreaterEqual(answer.status_code, 400)
                    self._assert_nothing_of_theirs(answer.text, report.report_name)

    def _routes(self):
        """Yield (path with the other's ids, methods) of the modules' routes."""
        values = {
            "device_id": self.their_device.id,
            "statement_id": self.their_statement.id,
            "dispute_id": self.their_dispute.id,
            "photo_id": self.their_photo.id,
            "page": 1,
            "delivery": 1,
            "company_id": self.company.id,
            # Signed for another device: what is in it counts for nothing.
            "token": f"{self.their_device.id}-{self.device._get_label_token()[-32:]}",
        }
        self.device._ensure_label()
        with patch.object(
            threading.current_thread(), "dbname", self.env.cr.dbname, create=True
        ):
            routing_map = self.env["ir.http"].routing_map()
        for rule in routing_map.iter_rules():
            module = getattr(rule.endpoint.func, "__module__", "")
            if not module.removeprefix("odoo.addons.").startswith(MODULES):
                continue
            self.assertLessEqual(
                set(rule.arguments), set(values), f"say what {rule.rule} takes"
            )
            path = "".join(
                str(values[text]) if is_dynamic else text
                for is_dynamic, text in _parts(rule)
            )
            yield path, rule.endpoint.routing.get("methods") or ["GET", "POST"]

    @mute_logger("odoo.http", "odoo.addons.http_routing.models.ir_http")
    def test_every_route(self):
        self.authenticate("harbour", "harbour")
        csrf = Request.csrf_token(self)
        names = {
            "device_id": self.their_device.id,
            "reading_id": self.their_reading.id,
            "statement_id": self.their_statement.id,
            "statement_line_id": self.their_statement.line_ids[:1].id,
            "move_id": self.their_statement.move_ids.id,
            "line": f"meter_{self.their_statement.line_ids[:1].id}",
            "search": "1",
            "access_token": self.their_dispute._portal_ensure_token()[:-1] + "x",
            f"meter_{self.their_device.meter_ids.id}": "9999999",
            "kind": "gone",
            "description": "x",
            f"confirmed_{self.their_device.id}": "1",
        }
        files = {
            "file": ("f.csv", b"Serial Number,Meter,Value\nQUARRY-1,mono,9999999\n")
        }
        before = self._fingerprint()
        walked = 0
        for path, methods in self._routes():
            with self.subTest(path=path):
                walked += 1
                if "GET" in methods:
                    answer = self.url_open(path, params=names)
                    self.assertLess(answer.status_code, 500)
                    self.assertNotEqual(answer.content, PNG)
                    self._assert_nothing_of_theirs(answer.text, path)
                if "POST" in methods:
                    answer = self.url_open(
                        path, data={**names, "csrf_token": csrf}, files=files
                    )
                    self.assertLess(answer.status_code, 500)
                    told = answer.text.replace(
                        "<span>QUARRY-1</span>", ""
                    )  # its own words
                    self._assert_nothing_of_theirs(told, path)
        self.assertGreater(walked, 15)
        self.assertEqual(self._fingerprint(), before)

    def _fingerprint(self):
        """Return what there is of the other customer's."""
        self.env.invalidate_all()
        return [
            self.env["meter.reading"].search_count(
                [("device_id", "=", self.their_device.id)]
            ),
            self.env["meter.dispute"].search_count(
                [
                    "|",
                    ("device_id", "=", self.their_device.id),
                    "|",
                    ("statement_id", "=", self.their_statement.id),
                    ("move_id", "=", self.their_statement.move_ids.id),
                ]
            ),
        ]

    def test_a_device_that_moved_keeps_what_was_read_before_to_its_old_customer(self):
        device = self._device("SN-MOVED", partner_id=self.other.id)
        (before,) = self._read(device, "2026-02-01", mono=1234567)
        device._move(
            self._day("2026-03-01"),
            {device.meter_ids: 1234600},
            self.env["meter.contract"],
            {"partner_id": self.customer.id, "location_id": self.customer.id},
        )
        (meter,) = device._get_entry_devices()[0]["meters"]
        self.assertIsNone(meter["value"])
        (after,) = self._read(device, "2026-04-01", mono=1234999)
        own = (
            self.env["meter.reading"]
            .with_user(self.portal)
            .search([("device_id", "=", device.id)])
        )
        self.assertEqual(own.ids, after.ids)
        self.assertFalse(before.with_user(self.portal).has_access("read"))
        self.assertTrue(before.with_user(self.stranger).has_access("read"))
        self.assertIn("SN-MOVED", before.with_user(self.stranger).display_name)
        self.authenticate("harbour", "harbour")
        page = self.url_open(f"/my/devices/{device.id}").text
        self.assertIn("1,234,999", page)
        for value in ("1,234,567", "1,234,600"):
            self.assertNotIn(value, page)


def _parts(rule):
    """Yield (is an argument, text or name) of a route's path."""
    yield from rule._trace[1:]
