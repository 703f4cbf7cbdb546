# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from .common import MeterBillingCommon


class TestInvoiceLog(MeterBillingCommon):
    """What is noted in the log of an invoice that billing made and posted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Odoo's tests note and track nothing; here it is what is tested.
        cls.env = cls.env(context={})

    def _bill_device(self):
        device = self._device("LOG-1")
        self._read(device, "2026-01-31", mono=1000)
        contract = self._contract(
            [self._usage(price=0.02)],
            device,
            invoice_mode="post",
            first_period_end="2026-01-31",
        )
        statement = self._bill(contract, "2026-01-31")
        # Odoo notes changes of tracked fields before a transaction ends.
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.assertEqual(statement.move_ids.state, "posted")
        return statement

    def test_one_entry_says_what_is_billed(self):
        statement = self._bill_device()
        entry = statement.move_ids.message_ids
        self.assertEqual(len(entry), 1)
        self.assertIn(statement.name, entry.body)
        self.assertIn(statement.contract_id.name, entry.body)
        self.assertEqual(entry.author_id, self.env.user.partner_id)

    def test_later_changes_are_noted(self):
        move = self._bill_device().move_ids
        move.button_draft()
        self.env.flush_all()
        self.env.cr.precommit.run()
        states = move.message_ids.tracking_value_ids.mapped("new_value_char")
        self.assertIn("Draft", states)

    def test_audit_trail_has_odoos_entries(self):
        self.company.restrictive_audit_trail = True
        move = self._bill_device().move_ids
        created = self.env.ref("account.mt_invoice_created")
        self.assertIn(created, move.message_ids.subtype_id)

    def test_statement_without_followers(self):
        statement = self._bill_device()
        self.assertFalse(statement.message_follower_ids)
        self.assertEqual(statement.create_uid, self.env.user)
