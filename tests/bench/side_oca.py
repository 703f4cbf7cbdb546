# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""OCA's contracts with variable quantities.

Each line's formula returns a quantity that lies ready on the line: no reading is looked
up, nothing rated. A dealer's real formulas cost more.
"""

from odoo.fields import Command
from odoo.tools import split_every

from . import dealer

#: Created at once: with some hundreds, its check of the next date fails.
AT_ONCE = 50


def prepare(env, customers):
    """Create a contract of four lines for each customer."""
    product = dealer.find_product(env)
    formula = env["contract.line.qty.formula"].create(
        {"name": "Pages of the month", "code": "result = quantity"}
    )
    recurrence = {
        "date_start": dealer.FIRST_DAY,
        "recurring_rule_type": "monthly",
        "recurring_interval": 1,
        "recurring_invoicing_type": "post-paid",
    }
    for some in split_every(AT_ONCE, customers, list):
        env["contract.contract"].create(
            [
                {
                    "name": f"Contract {customer.ref}",
                    "partner_id": customer.id,
                    **recurrence,
                    "contract_line_ids": [
                        Command.create(
                            {
                                **recurrence,
                                "product_id": product.id,
                                "name": f"{code}\n#START# – #END#",
                                "quantity": pages,
                                "qty_type": "variable",
                                "qty_formula_id": formula.id,
                                "price_unit": dealer.PRICES[code],
                            }
                        )
                        for code, pages in dealer.pages_of(customer).items()
                    ],
                }
                for customer in some
            ]
        )


def plan(env, customers):
    """Return what invoices the customers' contracts, as its scheduled action does."""
    contracts = env["contract.contract"].search([("partner_id", "in", customers.ids)])

    def bill():
        contracts._recurring_create_invoice(dealer.INVOICE_DATE).action_post()

    return bill
