# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Every form of the portal, reached, filled in and sent without a mouse."""

import tempfile
import time
from pathlib import Path

from odoo.fields import Command, Date
from odoo.tests import tagged

from odoo.addons.meter_billing.tests.test_portal import PNG
from odoo.addons.partner_extension.models.partner_registration import FASTEST

from .keyboard import Keyboard
from .test_portal import PortalCase


@tagged("post_install", "-at_install")
class TestKeyboard(PortalCase):
    browser_size = "1366x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.due, cls.labelled, cls.asked = (
            cls._add_device(f"BT-100{number}") for number in (2, 3, 4)
        )
        cls.labelled._ensure_label()
        devices = (cls.device, cls.due, cls.labelled, cls.asked)
        cls.numbers = [device.id for device in devices]
        cls.mono_of = [
            device.meter_ids.filtered(lambda meter: meter.type_id == cls.mono).id
            for device in devices
        ]
        cls.statement_number = cls.statement.id
        cls.invoice_number = cls.statement.move_ids.id
        # It asks for the address of who has none.
        cls.customer.email = "office@harbour.example"
        contract = cls.env["meter.contract"].search(
            [("partner_id", "=", cls.customer.id)]
        )
        contract.assignment_ids = [Command.create({"device_id": cls.due.id})]
        day = Date.subtract(cls.today, days=1)
        cls.request = cls.env["meter.reading.request"]._ask_for(
            {cls.asked.id: (day, day)}
        )
        cls.env.company.sudo().partner_registration = True
        cls.env["partner.document.kind"].sudo().create({"name": "Licence"})

    @classmethod
    def _add_device(cls, serial):
        return cls.env["meter.device"].create(
            {
                "serial_number": serial,
                "model_id": cls.device.model_id.id,
                "partner_id": cls.customer.id,
                "install_date": cls.installed,
                "meter_ids": [
                    Command.create({"type_id": cls.mono.id, "opening_value": 0})
                ],
            }
        )

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.photo = Path(folder.name, "counter.png")
        self.photo.write_bytes(PNG)
        self.table = Path(folder.name, "readings.csv")
        self.table.write_text(
            f"Serial Number,Meter,Date,Value\nBT-1001,Colour,{self.today},720\n"
        )

    def test_every_form(self):
        keyboard = Keyboard(self)
        link, label = self.request._get_link(), self.labelled._get_label_token()
        with self.allow_requests(browser=keyboard.browser):
            self.authenticate("harbour", "harbour", browser=keyboard.browser)
            self.cr.flush()
            self.cr.clear()
            # What is stored is looked at afterwards: pages go on asking for things.
            self._all_due(keyboard)
            self._one_device(keyboard)
            self._file(keyboard)
            self._read_at(keyboard, f"/meter/device/{label}", self.mono_of[2])
            self._read_at(keyboard, link, self.mono_of[3])
            self._dispute_of_a_reading(keyboard)
            self._dispute_of_a_statement(keyboard)
            self._dispute_of_an_invoice(keyboard)
            self._wrong_device(keyboard)
            self._answer(keyboard)
            self._own_data(keyboard)
            self._document(keyboard)
            self._registration(keyboard)
            keyboard.close()
            self._wait_remaining_requests()
        self.env.invalidate_all()
        self._check_readings()
        self._check_disputes()
        self._check_partner()

    # === Readings === #

    SEND_READINGS = ".o_meter_entry button[type=submit]"

    def _all_due(self, keyboard):
        keyboard.open("/my/readings")
        keyboard.fill(f"#meter_{self.mono_of[1]}", "200")
        keyboard.send(self.SEND_READINGS, "Thank you")

    def _one_device(self, keyboard):
        number, mono = self.numbers[0], f"#meter_{self.mono_of[0]}"
        keyboard.open("/my/devices")
        keyboard.send(f"a[href='/my/devices/{number}/read']", "Last: 12,500")
        keyboard.fill(mono, "12000")
        keyboard.tab_to(self.SEND_READINGS)
        said = keyboard.run(
            f"document.querySelector('{mono}').parentElement"
            ".querySelector('[role=status]').textContent"
        )
        self.assertIn("lower than the last", said)
        # What was opened lies between: back to it.
        keyboard.tab_to(f"[name=confirmed_{number}]", back=True)
        keyboard.press("Space")
        keyboard.fill(f"[name=note_{number}]", "New board")
        keyboard.choose_file(f"[name=photo_{number}]", self.photo)
        keyboard.send(self.SEND_READINGS, "We check it before it counts")

    def _file(self, keyboard):
        keyboard.open("/my/readings/file")
        keyboard.choose_file("#file", self.table)
        keyboard.send("form[action='/my/readings/file'] [type=submit]", "1 of 1")

    def _read_at(self, keyboard, path, meter):
        """Enter readings where no login is needed."""
        keyboard.open(path)
        keyboard.fill(f"#meter_{meter}", "100")
        keyboard.send(self.SEND_READINGS, "Thank you")

    def _check_readings(self):
        readings = self.env["meter.reading"].search([("source", "=", "portal")])
        self.assertEqual(
            sorted((r.device_id.serial_number, r.value, r.state) for r in readings),
            [
                ("BT-1001", 720, "valid"),
                ("BT-1001", 12000, "hold"),
                ("BT-1002", 200, "valid"),
                ("BT-1003", 100, "valid"),
                ("BT-1004", 100, "valid"),
            ],
        )
        held = readings.filtered(lambda reading: reading.state == "hold")
        self.assertIn("New board", held.note)
        self.assertEqual(held.photo_ids.raw, PNG)

    # === Disputes === #

    def _dispute(self, keyboard, words):
        """Describe what is wrong, and send it."""
        keyboard.fill("#description", words)
        keyboard.send("form[action='/my/disputes/new'] [type=submit]", "Thank you")

    def _dispute_of_a_reading(self, keyboard):
        keyboard.open(f"/my/devices/{self.numbers[0]}")
        keyboard.send("a[href*='reading_id=']", "This is wrong")
        self._dispute(keyboard, "Not what it shows")

    def _dispute_of_a_statement(self, keyboard):
        keyboard.open(f"/my/statements/{self.statement_number}")
        keyboard.tab_to("summary")
        keyboard.press("Enter")
        self.assertTrue(keyboard.run("!!document.querySelector('details[open]')"))
        keyboard.send("a[href*='statement_line_id=']", "This is wrong")
        self._dispute(keyboard, "Too much")

    def _dispute_of_an_invoice(self, keyboard):
        keyboard.open(f"/my/invoices/{self.invoice_number}")
        keyboard.send("a[href*='disputes/new?move_id=']", "Which line is it?")
        keyboard.tab_to("#line")
        keyboard.press("ArrowDown")
        self._dispute(keyboard, "This line")

    def _wrong_device(self, keyboard):
        keyboard.open(f"/my/devices/{self.numbers[1]}")
        keyboard.send("a[href*='disputes/new?device_id=']", "What is wrong?")
        keyboard.tab_to("[name=kind]")
        keyboard.press("Space")
        keyboard.press("ArrowDown")
        self._dispute(keyboard, "On the 3rd floor")

    def _answer(self, keyboard):
        """Write below the dispute that was just opened."""
        shadow = "document.querySelector('#chatterRoot')?.shadowRoot"
        keyboard.wait_for(
            f"!!{shadow}?.querySelector('.o-mail-Composer-input')",
            "There is nothing to write into",
        )
        keyboard.fill(".o-mail-Composer-input", "Are you there?")
        keyboard.tab_to(".o-mail-Composer-send")
        keyboard.press("Enter")
        keyboard.wait_for(
            f"[...{shadow}.querySelectorAll('.o-mail-Message')]"
            ".some((each) => each.innerText.includes('Are you there?'))",
            "What was written does not show",
        )

    def _check_disputes(self):
        disputes = self.env["meter.dispute"].search([], order="id")
        self.assertEqual(
            [(dispute.kind, dispute.description) for dispute in disputes],
            [
                ("reading", "Not what it shows"),
                ("amount", "Too much"),
                ("amount", "This line"),
                ("moved", "On the 3rd floor"),
            ],
        )
        of_reading, of_statement, of_invoice, of_device = disputes
        self.assertTrue(of_reading.reading_id)
        self.assertEqual(of_statement.statement_line_id.statement_id, self.statement)
        self.assertEqual(of_invoice.move_line_id.move_id, self.statement.move_ids)
        self.assertEqual(of_device.device_id, self.due)
        self.assertIn("Are you there?", str(of_device.message_ids.mapped("body")))

    # === Partners === #

    def _own_data(self, keyboard):
        keyboard.open("/my/partner")
        keyboard.fill("#phone", "+1 212 555 0100")
        keyboard.send("form[action='/my/partner'] [type=submit]", "your data was saved")

    def _document(self, keyboard):
        keyboard.open("/my/partner")
        keyboard.tab_to("#kind_id")
        keyboard.fill("#number", "L 7")
        keyboard.choose_file("#documents #file", self.photo)
        keyboard.send("form[action$='/document'] [type=submit]", "We look at")

    def _registration(self, keyboard):
        keyboard.open("/partner/register")
        keyboard.tab_to("[name=role]")
        keyboard.press("Space")
        keyboard.fill("#name", "Toner World")
        keyboard.fill("#email", "sales@toner.example")
        keyboard.tab_to("main [type=submit]")
        time.sleep(FASTEST)  # a form that is sent sooner was not read by a person
        keyboard.press("Tab", shift=True)
        keyboard.send("main [type=submit]", "mail")

    def _check_partner(self):
        self.assertIn("555", self.customer.phone)
        # sudo: whoever bills does not verify partners
        document = self.env["partner.document"].sudo().search([("number", "=", "L 7")])
        self.assertEqual(document.partner_id, self.customer)
        found = self.env["partner.registration"].sudo().search([], limit=1)
        self.assertEqual((found.name, found.is_customer), ("Toner World", True))
