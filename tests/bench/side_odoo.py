# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo alone: the same invoices, created in one batch and posted, nothing rated."""

from odoo.fields import Command

from . import dealer


def prepare(env, customers):
    """Nothing but customers and the product is needed."""


def plan(env, customers):
    """Return what creates and posts the customers' invoices; values are ready made."""
    product = dealer.find_product(env)
    values = [
        {
            "move_type": "out_invoice",
            "partner_id": customer.id,
            "invoice_date": dealer.INVOICE_DATE,
            "invoice_line_ids": [
                Command.create(
                    {
                        "product_id": product.id,
                        "name": dealer.line_text(customer, code, pages),
                        "quantity": pages,
                        "price_unit": dealer.PRICES[code],
                    }
                )
                for code, pages in dealer.pages_of(customer).items()
            ],
        }
        for customer in customers
    ]

    def bill():
        env["account.move"].create(values).action_post()

    return bill
