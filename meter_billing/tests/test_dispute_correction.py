# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A dispute is closed as corrected where something was, and looked at again."""

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from .test_portal import PortalCommon


@tagged("post_install", "-at_install")
class TestDisputeCorrection(PortalCommon, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls._user(
            "clerk",
            "meter_billing.group_meter_billing_user",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.contract.user_id = cls.clerk

    def _open(self, kind, **about):
        dispute = self.env["meter.dispute"]._open_for_customer(
            {
                "kind": kind,
                "description": "It is wrong",
                "company_id": self.company.id,
                **about,
            },
            self.portal.partner_id,
        )
        dispute.answer = "You are right."
        return dispute.with_user(self.clerk)

    def _close(self, dispute, correction):
        dispute.action_corrected()
        self.assertEqual(dispute.state, "corrected")
        self.assertEqual(dispute.correction_ref, correction)

    def test_nothing_was_corrected(self):
        reading = self.env["meter.reading"].search([("value", "=", 8500)])
        statement = self.statement[:1]
        for kind, about in (
            ("reading", {"reading_id": reading.id, "device_id": self.device.id}),
            ("amount", {"statement_id": statement.id}),
            ("gone", {"device_id": self.device.id}),
            ("moved", {"device_id": self.device.id}),
            ("unknown", {"device_id": self.device.id}),
            ("missing", {"serial_number": "SN-77"}),
        ):
            dispute = self._open(kind, **about)
            with self.subTest(kind=kind):
                with self._refused(UserError, "nothing was corrected"):
                    dispute.action_corrected()
                dispute.action_explained()
                self.assertFalse(dispute.correction_ref)

    def test_a_reading_was_corrected_or_rejected(self):
        reading = self.env["meter.reading"].search([("value", "=", 8500)])
        dispute = self._open("reading", reading_id=reading.id)
        reading.with_user(self.clerk)._correct(8050, "Customer")
        later = self.env["meter.reading"].search([("supersedes_id", "=", reading.id)])
        self._close(dispute, later)
        dispute = self._open("reading", reading_id=later.id)
        later.with_user(self.clerk)._reject("Wrong device")
        self._close(dispute, later)

    def test_a_device_was_removed_moved_or_added(self):
        dispute = self._open("gone", device_id=self.device.id)
        action = dispute.action_remove_device()
        self.assertEqual(action["context"]["default_device_id"], self.device.id)
        other = self._device("SN-2")
        moved = self._open("moved", device_id=other.id)
        action = moved.action_move_device()
        self.assertEqual(action["context"]["default_device_id"], other.id)
        other._move(
            self.company._meter_today(),
            {other.meter_ids: 50},
            self.env["meter.contract"],
            {
                "partner_id": self.customer.id,
                "location_id": self.customer.id,
                "place": "3rd floor",
            },
        )
        reading = self.env["meter.reading"].search(
            [("device_id", "=", other.id), ("source", "=", "move")]
        )
        self._close(moved, reading)
        self.device._remove(
            self.company._meter_today(),
            {meter: 9000 for meter in self.device.meter_ids},
        )
        self._close(dispute, self.device)
        missing = self._open("missing", serial_number=" sn-77 ")
        action = missing.action_add_device()
        self.assertEqual(action["context"]["default_partner_id"], self.customer.id)
        self._close(missing, self._device("SN-77"))

    def test_a_credit_note_puts_an_amount_right(self):
        statement = self.statement.sorted("date_from")[0]
        dispute = self._open("amount", statement_id=statement.id)
        invoice = statement.charge_ids.move_line_ids.move_id
        if invoice.state == "draft":
            invoice.action_post()
        credit = invoice._reverse_moves()
        # The clerk bills, but reads no invoices: the statement it is about
        self._close(dispute, statement)
        again = self._open("amount", move_id=invoice.id).with_user(self.env.user)
        self._close(again, credit)

    def test_what_was_corrected_can_be_chosen(self):
        dispute = self._open("moved", device_id=self.device.id)
        dispute.correction_ref = self.device
        self._close(dispute, self.device)

    def test_a_reply_to_what_is_closed_opens_it_again(self):
        dispute = self._open("gone", device_id=self.device.id)
        dispute.action_explained()
        self.assertFalse(dispute.activity_ids)
        # As the portal's page posts it
        reply = dispute.with_user(self.portal).sudo()
        reply.message_post(
            body="But it is gone!",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertEqual((dispute.state, dispute.closed_date), ("open", False))
        self.assertEqual(dispute.activity_ids.user_id, self.clerk)
        # What colleagues write below it opens nothing.
        dispute.action_explained()
        dispute.message_post(body="Called them", subtype_xmlid="mail.mt_note")
        dispute.message_post(
            body="See above", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertEqual(dispute.state, "explained")
