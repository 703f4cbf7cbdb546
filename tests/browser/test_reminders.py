# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""An accountant looks who owes, reads what would be sent, and sends it."""

from odoo.fields import Command, Date
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

SCRIPT = """
(async () => {
    const wait = async (find, what) => {
        for (let i = 0; i < 100; i++) {
            const found = find();
            if (found) {
                return found;
            }
            await new Promise((done) => setTimeout(done, 100));
        }
        throw new Error("Not seen: " + what);
    };
    const one = (selector, text = "") => () =>
        [...document.querySelectorAll(selector)].find((element) =>
            element.textContent.includes(text)
        );
    (await wait(one("button[name=action_prepare]"), "the button to look")).click();
    (await wait(one(".o_data_row .o_data_cell", "Harbour Office"), "a row")).click();
    (await wait(one("a[name=mail]"), "the page of the mail")).click();
    await wait(one("[name=preview]", "Dear Harbour Office"), "the mail's text");
    (await wait(one("button[name=action_send]"), "the button to send")).click();
    await wait(one(".o_arrow_button_current", "Sent"), "the state");
    await wait(one("[name=preview]", "Dear Harbour Office"), "the mail that was sent");
    (await wait(one("button[name=action_open_partner]"), "the button")).click();
    await wait(one("button[name=action_open_overdue]", "100"), "what is overdue");
    (await wait(one("button[name=action_open_statistics]"), "the graph")).click();
    await wait(one(".o_graph_renderer canvas"), "the graph itself");
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""


@tagged("post_install", "-at_install")
class TestReminders(AccountTestInvoicingCommon, HttpCase):
    """The browser has the real clock, so days count from today."""

    def test_look_read_send(self):
        today = Date.today()
        new_test_user(
            self.env,
            login="accountant",
            groups="account.group_account_invoice,"
            "partner_extension.group_partner_extension_reader",
            company_id=self.env.company.id,
            company_ids=[Command.set(self.env.company.ids)],
        )
        customer = self.env["res.partner"].create(
            {
                "name": "Harbour Office",
                "is_company": True,
                "email": "office@harbour.example",
                "customer_rank": 1,
            }
        )
        self._create_invoice_one_line(
            price_unit=100.0,
            tax_ids=[],
            partner_id=customer,
            invoice_date=Date.subtract(today, days=40),
            invoice_date_due=Date.subtract(today, days=10),
            invoice_payment_term_id=False,
            post=True,
        )
        self.browser_js("/odoo/payment-reminders", SCRIPT, login="accountant")
        reminder = self.env["partner.reminder"].search(
            [("partner_id", "=", customer.id)]
        )
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(reminder.amount_due, 100.0)
