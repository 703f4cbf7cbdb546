# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The dealer that every side bills: customers with four counters each, one month.

All amounts are exact to the cent, so that the sides' invoices can be compared.
"""

from datetime import date

from odoo.fields import Command

FIRST_DAY, LAST_DAY = date(2026, 1, 1), date(2026, 1, 31)
INVOICE_DATE = date(2026, 2, 1)
#: Meter type codes of the module, with the price of a page.
PRICES = {"mono": 0.02, "colour": 0.09, "scan": 0.01, "fax": 0.05}
PRODUCT = "Benchmark pages"


def create_customers(env, count):
    """Create the customers and the product that all lines are for."""
    env["product.product"].create(
        {
            "name": PRODUCT,
            "type": "service",
            "taxes_id": [Command.set(env.company.account_sale_tax_id.ids)],
        }
    )
    env["res.partner"].create(
        [
            {"name": f"Customer {number:05}", "ref": bench_ref(number)}
            for number in range(count)
        ]
    )


def find_customers(env):
    """Return the customers in their order."""
    return env["res.partner"].search([("ref", "=like", "BENCH%")], order="ref")


def find_product(env):
    """Return the product of all lines."""
    return env["product.product"].search([("name", "=", PRODUCT)])


def bench_ref(number):
    """Return the customer's reference, by which they are found and sorted."""
    return f"BENCH{number:05}"


def pages_of(customer):
    """Return {meter type code: pages of the month} of a customer."""
    number = int(customer.ref.removeprefix("BENCH"))
    return {
        code: 100 + (number * 37 + position * 101) % 900
        for position, code in enumerate(PRICES)
    }


def line_text(customer, code, pages):
    """Return a text like those of the module's own invoice lines."""
    return (
        f"{code}\n{FIRST_DAY:%m/%d/%Y} – {LAST_DAY:%m/%d/%Y}\n"
        f"{customer.ref} {code}: 0 → {pages} = {pages}"
    )
