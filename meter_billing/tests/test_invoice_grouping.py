# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Contracts that share an invoice, or are invoiced by site; sending."""

import socket
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server

from .common import MeterBillingCommon


def _fixed(amount, **values):
    return {"name": "Service", "kind": "fixed", "amount": amount, **values}


@tagged("post_install", "-at_install")
class TestSharedInvoices(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partners = cls.env["res.partner"]
        cls.leasing = partners.create({"name": "Leasing"})
        cls.neighbour = partners.create({"name": "Neighbour"})

    def _amounts(self, run):
        """Return (payer, untaxed amount with its sign) of the invoices of a run."""
        moves = run.line_ids.statement_id.move_ids.sorted("id")
        return [(move.partner_id.name, move.amount_untaxed_signed) for move in moves]

    def test_one_for_the_contract(self):
        contracts = self._contract([_fixed(10)]) | self._contract([_fixed(20)])
        self.assertEqual(
            self._amounts(self._run("2026-01-31", contracts)),
            [("Harbour Office", 10), ("Harbour Office", 20)],
        )

    def test_one_for_the_customer(self):
        shared = {"invoice_grouping": "customer"}
        lease = _fixed(50, name="Lease", payer_id=self.leasing.id)
        contracts = (
            self._contract([_fixed(10), lease], description="Ground floor", **shared)
            | self._contract([_fixed(20), lease], **shared)
            | self._contract([_fixed(40)], partner_id=self.neighbour.id, **shared)
            | self._contract([_fixed(80)])
        )
        run = self._run("2026-01-31", contracts)
        self.assertCountEqual(
            self._amounts(run),
            [
                ("Harbour Office", 30),
                ("Leasing", 100),
                ("Neighbour", 40),
                ("Harbour Office", 80),
            ],
        )
        first = contracts[0].statement_ids
        invoice = first.move_ids.filtered(lambda m: m.partner_id == self.customer)
        self.assertEqual(invoice.meter_statement_ids, contracts[:2].statement_ids)
        self.assertEqual(
            invoice.invoice_line_ids.mapped("display_type"),
            ["line_section", "product", "line_section", "product"],
        )
        self.assertIn("Ground floor", invoice.invoice_line_ids[0].name)
        self.assertEqual(invoice.state, "posted")

    def test_one_for_the_payer(self):
        shared = {"invoice_grouping": "payer"}
        lease = _fixed(50, name="Lease", payer_id=self.leasing.id)
        contracts = self._contract([_fixed(10), lease], **shared) | self._contract(
            [_fixed(20), lease], partner_id=self.neighbour.id, **shared
        )
        self.assertCountEqual(
            self._amounts(self._run("2026-01-31", contracts)),
            [("Harbour Office", 10), ("Neighbour", 20), ("Leasing", 100)],
        )

    def test_what_differs_is_not_shared(self):
        shared = {"invoice_grouping": "customer"}
        term = self.env["account.payment.term"].create({"name": "60 days"})
        contracts = (
            self._contract([_fixed(10)], **shared)
            | self._contract([_fixed(20)], payment_term_id=term.id, **shared)
            | self._contract([_fixed(40)], invoice_mode="draft", **shared)
        )
        self.assertEqual(len(self._amounts(self._run("2026-01-31", contracts))), 3)

    def test_credit_on_a_shared_invoice(self):
        shared = {"invoice_grouping": "customer"}
        contracts = self._contract([_fixed(-30)], **shared) | self._contract(
            [_fixed(20)], **shared
        )
        run = self._run("2026-01-31", contracts)
        self.assertEqual(self._amounts(run), [("Harbour Office", -10)])
        self.assertEqual(run.line_ids.statement_id.move_ids.move_type, "out_refund")

    def test_a_shared_invoice_stands_for_each_of_its_statements(self):
        shared = {"invoice_grouping": "customer"}
        contracts = self._contract([_fixed(10)], **shared) | self._contract(
            [_fixed(20)], **shared
        )
        self._run("2026-01-31", contracts)
        statements = contracts.statement_ids
        invoice = statements.move_ids
        self.assertEqual(len(invoice), 1)
        for statement in statements:
            self.assertEqual(statement._get_standing_invoices(), invoice)
            with self._refused(UserError, invoice.name):
                statement.action_cancel()
        # A credit note over the first of the two contracts alone.
        credit = invoice._reverse_moves()
        first = credit.invoice_line_ids.meter_statement_charge_id.statement_id[0]
        credit.invoice_line_ids.filtered(
            lambda line: line.meter_statement_charge_id.statement_id != first
        ).unlink()
        credit.action_post()
        self.assertFalse(first._get_standing_invoices())
        self.assertIn(invoice, (statements - first)._get_standing_invoices())

    def test_those_who_share_are_in_one_batch(self):
        shared = {"invoice_grouping": "customer"}
        one, other, last = (
            self._contract([_fixed(10)], **shared),
            self._contract([_fixed(10)]),
            self._contract([_fixed(20)], **shared),
        )
        contracts = one | other | last
        self.assertEqual(contracts._take_batch(1), one | last)
        self.assertEqual((other | one | last)._take_batch(1), other)
        with patch(
            "odoo.addons.meter_billing.models.meter_billing_run_work.BATCH_SIZE", 1
        ):
            run = self._run("2026-01-31", contracts)
        self.assertCountEqual(
            self._amounts(run), [("Harbour Office", 30), ("Harbour Office", 10)]
        )

    def test_one_that_fails_is_left_off_the_shared_invoice(self):
        shared = {"invoice_grouping": "customer"}
        contracts = self.env["meter.contract"].union(
            *(self._contract([_fixed(amount)], **shared) for amount in (10, 20, 40))
        )
        bad = contracts[1]
        prepare = type(contracts)._prepare_statement

        def fail_for_one(contract, *args):
            if contract == bad:
                raise UserError("Out of order")
            return prepare(contract, *args)

        with patch.object(type(contracts), "_prepare_statement", fail_for_one):
            run = self._run("2026-01-31", contracts)
        self.assertEqual(self._amounts(run), [("Harbour Office", 50)])
        self.assertEqual(bad.billing_issue, "Out of order")
        self.assertEqual(
            sorted(run.line_ids.mapped("status")), ["billed", "billed", "failed"]
        )

    def test_payers_link_contracts(self):
        shared = {"invoice_grouping": "payer"}
        lease = _fixed(50, name="Lease", payer_id=self.leasing.id)
        own = self._contract([_fixed(10)], **shared)
        linked = self._contract([_fixed(10), lease], **shared)
        far = self._contract([lease], partner_id=self.neighbour.id, **shared)
        alone = self._contract([_fixed(1)], partner_id=self.neighbour.id, **shared)
        self.assertEqual(
            (own | alone | far | linked)._take_batch(1), own | linked | far
        )


@tagged("post_install", "-at_install")
class TestInvoicesBySite(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sites = cls.env["res.partner"].create(
            [
                {"name": name, "parent_id": cls.customer.id, "type": "delivery"}
                for name in ("North", "South", "West")
            ]
        )
        cls.devices = [
            cls._device(f"SN-{site.name}", location_id=site.id) for site in cls.sites
        ]

    def _by_site(self, contract):
        """Return {delivery address: [(quantity, price, amount)]} of its invoices."""
        return {
            move.partner_shipping_id.name: self._invoice_lines(move)
            for move in contract.statement_ids.move_ids
        }

    def _bill_january(self, charges, *pages):
        contract = self._contract(charges, self.devices, invoice_grouping="site")
        for device, value in zip(self.devices, pages, strict=True):
            self._read(device, "2026-01-31", mono=value)
        statement = self._bill(contract, "2026-01-31")
        moves = statement.move_ids
        self.assertEqual(sum(moves.mapped("amount_untaxed")), statement.amount_total)
        return contract

    def test_pages_where_they_were_printed(self):
        contract = self._bill_january(
            [self._usage(price=0.01), _fixed(25)], 1000, 2000, 0
        )
        self.assertEqual(
            self._by_site(contract),
            {
                "North": [(1000, 0.01, 10)],
                "South": [(2000, 0.01, 20)],
                "Harbour Office": [(1, 25, 25)],
            },
        )
        north = contract.statement_ids.move_ids.filtered(
            lambda move: move.partner_shipping_id.name == "North"
        )
        self.assertEqual(north.partner_id, self.customer)
        self.assertIn("SN-North", north.invoice_line_ids.name)
        self.assertNotIn("SN-South", north.invoice_line_ids.name)
        [(_statement, lines)] = north._get_meter_annexes()
        self.assertEqual(lines.mapped("serial_number"), ["SN-North"])

    def test_cents_add_up(self):
        """3 x 333 pages at 0.005 are 4.995, so 5.00: not three times 1.67."""
        contract = self._bill_january([self._usage(price=0.005)], 333, 333, 333)
        self.assertEqual(contract.statement_ids.amount_total, 5)
        amounts = [lines[0][2] for lines in self._by_site(contract).values()]
        self.assertEqual(sorted(amounts), [1.66, 1.67, 1.67])

    def test_shared_tiers_go_by_usage(self):
        """1000 at 0.02 and 1000 at 0.01 are 30.00: a half, a quarter, a quarter."""
        contract = self._bill_january(
            [
                self._usage(
                    pricing="graduated",
                    tier_ids=self._tiers((1000, 0.02), (None, 0.01)),
                )
            ],
            1000,
            500,
            500,
        )
        self.assertEqual(
            {
                site: [amount for _quantity, _price, amount in lines]
                for site, lines in self._by_site(contract).items()
            },
            {"North": [10, 5], "South": [5, 2.5], "West": [5, 2.5]},
        )

    def test_a_site_stays_as_it_was_billed(self):
        contract = self._bill_january([self._usage(price=0.01)], 1000, 2000, 0)
        self.devices[0].location_id = self.sites[2]
        line = contract.statement_ids.line_ids.filtered(
            lambda line: line.device_id == self.devices[0]
        )
        line.invalidate_recordset()
        self.assertEqual(line.location_id.name, "North")


@tagged("post_install", "-at_install")
class TestSending(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "office@harbour.example"
        cls.contract = cls._contract([_fixed(10)], invoice_mode="send")

    def _run_sender(self):
        with self.enter_registry_test_mode():
            self.env.ref("account.ir_cron_account_move_send").method_direct_trigger()

    def _refusing_port(self):
        """Return a port of this machine where nobody listens."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return free.getsockname()[1]

    def test_sent_in_the_background(self):
        statement = self._bill(self.contract, "2026-01-31")
        move = statement.move_ids
        self.assertEqual(move.state, "posted")
        self.assertTrue(move.sending_data)
        self.assertFalse(move.is_move_sent)
        self._run_sender()
        self.assertFalse(move.sending_data)
        self.assertTrue(move.is_move_sent)
        mail = self.env["mail.mail"].search(
            [("model", "=", "account.move"), ("res_id", "=", move.id)]
        )
        self.assertEqual(mail.recipient_ids, self.customer)

    def test_a_mail_server_that_refuses_undoes_nothing(self):
        statement = self._bill(self.contract, "2026-01-31")
        move = statement.move_ids
        self.env["ir.mail_server"].search([]).unlink()
        self.env["ir.mail_server"].create(
            {
                "name": "Refuses",
                "smtp_host": "127.0.0.1",
                "smtp_port": self._refusing_port(),
            }
        )
        self._run_sender()
        mail = self.env["mail.mail"].search(
            [("model", "=", "account.move"), ("res_id", "=", move.id)]
        )
        with (
            patch.object(IrMail_Server, "_disable_send", return_value=False),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            mail.send(raise_exception=False)
        self.assertEqual(mail.state, "exception")
        self.assertEqual((move.state, statement.state), ("posted", "confirmed"))
        self.assertEqual(move.amount_untaxed, 10)

    def test_a_payer_without_an_address(self):
        self.customer.email = False
        move = self._bill(self.contract, "2026-01-31").move_ids
        self.assertIn("Harbour Office", move.activity_ids.summary)

    def test_billing_user_sends(self):
        clerk = self._user("clerk", "meter_billing.group_meter_billing_user")
        run = (
            self.env["meter.billing.run"]
            .with_user(clerk)
            .create({"through": "2026-01-31", "contract_ids": self.contract.ids})
        )
        run.action_bill()
        move = self.contract.statement_ids.move_ids
        self.assertEqual(move.sending_data["author_user_id"], self.contract.user_id.id)

    def test_only_posted(self):
        self.contract.invoice_mode = "post"
        move = self._bill(self.contract, "2026-01-31").move_ids
        self.assertFalse(move.sending_data)
