# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The portal as customers use it: at the machine with a phone, and at a desk."""

import json

from odoo.fields import Command, Date
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..stack import accessibility

#: What axe-core calls a violation that keeps somebody out.
SERIOUS = ["serious", "critical"]
#: Opens one page after the other in a frame of the window's size, for axe to look at.
#: Of [path, names and values of a form], at the page that answers the form.
LOOK = """(async () => {
    const told = [];
    for (const [path, values] of %(paths)s) {
        const frame = document.createElement("iframe");
        frame.title = "Page";
        frame.style = "position: fixed; inset: 0; width: 100%%; height: 100%%";
        frame.src = path;
        await new Promise((resolve) => {
            frame.onload = resolve;
            document.body.append(frame);
        });
        if (values) {
            const form = frame.contentDocument.querySelector(".o_meter_entry");
            for (const name in values) {
                form.elements[name].value = values[name];
            }
            await new Promise((resolve) => {
                frame.onload = resolve;
                form.submit();
            });
            if (!frame.contentDocument.querySelector(".alert-warning")) {
                told.push([path, "asks for nothing"]);
            }
        }
        const page = frame.contentDocument;
        page.querySelectorAll("details").forEach((each) => (each.open = true));
        const script = page.createElement("script");
        script.src = "/axe.min.js";
        await new Promise((resolve) => {
            script.onload = resolve;
            page.head.append(script);
        });
        const { violations } = await frame.contentWindow.axe.run();
        for (const one of violations.filter((x) => %(serious)s.includes(x.impact))) {
            told.push([path, one.id, ...one.nodes.map((node) => node.html)]);
        }
        if (!page.querySelector("h1, h2, h3, .o_portal_docs")) {
            told.push([path, "is empty"]);
        }
        frame.remove();
    }
    if (told.length) {
        console.error(JSON.stringify(told, null, 1));
    } else {
        console.log("test successful");
    }
})()"""


class PortalCase(AccountTestInvoicingCommon, HttpCase):
    """The browser has the real clock, so days count from today."""

    browser_size = "390x844"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = {
            "company_id": cls.env.company.id,
            "company_ids": [Command.set(cls.env.company.ids)],
        }
        cls.today = cls.env.company._meter_today()
        cls.installed = Date.subtract(cls.today, days=29)
        cls.clerk = new_test_user(
            cls.env, "clerk", "meter_billing.group_meter_billing_user", **company
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Harbour Office", "is_company": True}
        )
        user = new_test_user(cls.env, "harbour", "base.group_portal", **company)
        user.partner_id.parent_id = cls.customer
        cls._set_up_device()
        cls._set_up_statement()

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref(
            "meter_billing.group_meter_billing_manager"
        )

    @classmethod
    def _set_up_device(cls):
        cls.mono = cls.env.ref("meter_billing.meter_type_mono")
        cls.colour = cls.env.ref("meter_billing.meter_type_colour")
        maker = cls.env["meter.manufacturer"].create({"name": "Inkwell"})
        model = cls.env["meter.device.model"].create(
            {"name": "C 300", "manufacturer_id": maker.id, "colour_mode": "colour"}
        )
        cls.device = cls.env["meter.device"].create(
            {
                "serial_number": "BT-1001",
                "model_id": model.id,
                "partner_id": cls.customer.id,
                "place": "2nd floor",
                "install_date": cls.installed,
                "meter_ids": [
                    Command.create(
                        {
                            "type_id": cls.mono.id,
                            "opening_value": 10000,
                            "expected_monthly_pages": 9000,
                        }
                    ),
                    Command.create({"type_id": cls.colour.id, "opening_value": 500}),
                ],
            }
        )
        values = {cls.mono: 12500, cls.colour: 700}
        cls.env["meter.reading"]._ingest_or_raise(
            [
                {
                    "meter_id": meter.id,
                    "date": Date.subtract(cls.today, days=1),
                    "value": values[meter.type_id],
                }
                for meter in cls.device.meter_ids
            ],
            source="manual",
        )

    @classmethod
    def _set_up_statement(cls):
        """Bill a month that ended yesterday, and run into the next one."""
        usage = {"kind": "usage"}
        contract = cls.env["meter.contract"].create(
            {
                "description": "Office printers",
                "partner_id": cls.customer.id,
                "user_id": cls.clerk.id,
                "date_start": cls.installed,
                "first_period_end": Date.subtract(cls.today, days=1),
                "reading_plan": "daily",
                "charge_ids": [
                    Command.create(
                        {
                            **usage,
                            "name": "Mono pages",
                            "meter_type_ids": cls.mono.ids,
                            "price": 0.01,
                            "included": 1000,
                        }
                    ),
                    Command.create(
                        {
                            **usage,
                            "name": "Colour pages",
                            "meter_type_ids": cls.colour.ids,
                            "price": 0.1,
                        }
                    ),
                ],
                "assignment_ids": [Command.create({"device_id": cls.device.id})],
            }
        )
        contract.action_start()
        run = cls.env["meter.billing.run"].create(
            {
                "through": Date.subtract(cls.today, days=1),
                "contract_ids": contract.ids,
            }
        )
        run.action_bill()
        cls.statement = run.line_ids.statement_id
        cls.device._ensure_label()

    def _bill_an_estimate(self):
        """Return the statement of a device whose reading billing has estimated."""
        device = self.env["meter.device"].create(
            {
                "serial_number": "BT-1009",
                "model_id": self.device.model_id.id,
                "partner_id": self.customer.id,
                "install_date": self.installed,
                "meter_ids": [
                    Command.create({"type_id": self.mono.id, "opening_value": 0})
                ],
            }
        )
        day = Date.subtract(self.today, days=1)
        contract = self.env["meter.contract"].create(
            {
                "partner_id": self.customer.id,
                "date_start": self.installed,
                "first_period_end": day,
                "charge_ids": [
                    Command.create(
                        {
                            "name": "Mono pages",
                            "kind": "usage",
                            "meter_type_ids": self.mono.ids,
                            "price": 0.01,
                        }
                    )
                ],
                "assignment_ids": [Command.create({"device_id": device.id})],
            }
        )
        contract.action_start()
        self.env["meter.reading"]._ingest_or_raise(
            [
                {
                    "meter_id": device.meter_ids.id,
                    "date": day,
                    "value": 400,
                    "kind": "estimated",
                }
            ],
            source="manual",
        )
        run = self.env["meter.billing.run"].create(
            {"through": day, "contract_ids": contract.ids}
        )
        run.action_bill()
        self.assertTrue(run.line_ids.statement_id.line_ids.is_estimated)
        return run.line_ids.statement_id

    def _given(self):
        readings = self.env["meter.reading"].search([("source", "=", "portal")])
        return [(r.type_id.code, r.value, r.state) for r in readings]


@tagged("post_install", "-at_install")
class TestPortalOnThePhone(PortalCase):
    def test_an_unusual_reading_is_asked_again_and_held(self):
        self.start_tour("/my", "meter_billing_portal_reading", login="harbour")
        self.assertEqual(self._given(), [("mono", 12000, "hold")])
        reading = self.env["meter.reading"].search([("source", "=", "portal")])
        self.assertIn("The board was changed", reading.note)

    def test_a_label_takes_a_reading_without_a_login(self):
        self.start_tour(
            f"/meter/device/{self.device._get_label_token()}",
            "meter_billing_device_label",
        )
        self.assertEqual(self._given(), [("mono", 12900, "valid")])

    def test_a_line_of_a_statement_is_disputed(self):
        self.start_tour("/my", "meter_billing_portal_dispute", login="harbour")
        dispute = self.env["meter.dispute"].search([])
        self.assertEqual(dispute.statement_line_id.device_id, self.device)
        self.assertEqual(dispute.activity_ids.user_id, self.clerk)
        self.assertIn("Are you there?", str(dispute.message_ids.mapped("body")))

    def test_what_is_done_now_and_then(self):
        """All due readings, a file, a wrong device, a statement's files, paying."""
        self.start_tour(
            "/my/readings", "meter_billing_portal_now_and_then", login="harbour"
        )
        self.assertEqual(
            self._given(), [("colour", 720, "valid"), ("mono", 12900, "valid")]
        )
        dispute = self.env["meter.dispute"].search([])
        self.assertEqual((dispute.kind, dispute.device_id), ("moved", self.device))

    def test_everybody_can_use_every_page(self):
        self.env["ir.attachment"].create(
            {
                "name": "axe.min.js",
                "url": "/axe.min.js",
                "raw": accessibility.SCRIPT.read_bytes(),
                "mimetype": "text/javascript",
                "public": True,
            }
        )
        dispute = self.env["meter.dispute"]._open_for_customer(
            {
                "kind": "gone",
                "device_id": self.device.id,
                "description": "It is gone",
                "company_id": self.env.company.id,
            },
            self.env["res.users"].search([("login", "=", "harbour")]).partner_id,
        )
        self.customer.email = "office@harbour.example"
        estimated = self._bill_an_estimate()
        asked = self.env["meter.reading.request"]._ask_for(
            {estimated.line_ids.device_id.id: (self.today, self.today)}
        )
        mono = self.device.meter_ids.filtered(lambda each: each.type_id == self.mono)
        paths = [
            "/my/home",
            "/my/devices",
            f"/my/devices/{self.device.id}",
            f"/my/devices/{self.device.id}/read",
            "/my/readings",
            "/my/readings/file",
            "/my/usage",
            "/my/meter-contracts",
            "/my/statements",
            f"/my/statements/{self.statement.id}",
            "/my/disputes",
            f"/my/disputes/new?device_id={self.device.id}",
            f"/my/disputes/new?move_id={self.statement.move_ids.id}",
            f"/my/disputes/{dispute.id}",
            f"/meter/device/{self.device._get_label_token()}",
            f"/my/statements/{estimated.id}",
            asked._get_link().partition(self.base_url())[2],
        ]
        asked_again = [
            f"/my/devices/{self.device.id}/read",
            {f"meter_{mono.id}": "12000"},
        ]
        steps = [*([path, None] for path in paths), asked_again]
        code = LOOK % {"paths": json.dumps(steps), "serious": json.dumps(SERIOUS)}
        self.browser_js("/my/home", code, login="harbour", timeout=120)


@tagged("post_install", "-at_install")
class TestPortalAtTheDesk(TestPortalOnThePhone):
    browser_size = "1366x900"
