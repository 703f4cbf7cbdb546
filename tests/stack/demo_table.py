# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Print statements and their invoices as a table."""

COLUMNS = (
    "Customer",
    "Device",
    "Meter",
    "Start",
    "End",
    "Pages",
    "Included",
    "Billable",
    "Price",
    "Amount",
)
TEXT_COLUMNS = 3


def print_statements(statements):
    """Print each meter of the statements with its charges, then their invoices.

    The amounts of a statement's rows add up to its invoices without tax.

    :param statements: meter.statement records, in the order to print
    """
    print_table(COLUMNS, [row for one in statements for row in statement_rows(one)])
    print()
    header = ("Customer", "Billed to", "Invoice", "Date", "Untaxed", "Tax", "Total")
    print_table(header, [row for one in statements for row in invoice_rows(one)])
    print()


def statement_rows(statement):
    """Yield a row for each meter and each charge that is not for pages."""
    customer = statement.partner_id.name
    for line in statement.line_ids:
        yield (
            customer,
            line.device_id.serial_number,
            line.type_id.name,
            f"{line.start_value:,}",
            f"{line.end_value:,}",
            f"{line.pages:,}",
            *(line_charge(line) if line.charge_id else ("", "", "", "")),
        )
    for charge in statement.charge_ids.filtered(lambda c: c.charge_id.kind != "usage"):
        count = number(charge.quantity)
        price, amount = decimals(charge.price_unit), f"{charge.amount:,.2f}"
        name = charge.charge_id.name
        yield (customer, "", name, "", "", "", "", count, price, amount)


def line_charge(line):
    """Return included, billable, price and amount of one meter's pages."""
    one_price = line.charge_id.pricing == "per_unit"
    return (
        number(line.included),
        number(line.billable),
        decimals(line.price_unit) if one_price else "tiers",
        f"{line.amount:,.2f}",
    )


def invoice_rows(statement):
    """Yield a row for each invoice of a statement."""
    for move in statement.move_ids.sorted("id"):
        yield (
            statement.partner_id.name,
            move.partner_id.name,
            move.name,
            move.invoice_date.isoformat(),
            f"{move.amount_untaxed:,.2f}",
            f"{move.amount_tax:,.2f}",
            f"{move.amount_total:,.2f}",
        )


def number(value):
    """Return pages, which may be parts of pages, without needless decimals."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def decimals(price):
    """Return a price with all the decimals that it has, two at least."""
    whole, _point, rest = f"{price:,.6f}".rstrip("0").partition(".")
    return f"{whole}.{rest:0<2}"


def print_table(header, rows):
    """Print rows of texts below each other, the numbers to the right."""
    rows = [header, *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    is_text = [
        all(not row[i] or not row[i][-1].isdigit() for row in rows[1:])
        or i < TEXT_COLUMNS
        for i in range(len(header))
    ]
    for row in rows:
        cells = [
            cell.ljust(width) if left else cell.rjust(width)
            for cell, width, left in zip(row, widths, is_text, strict=True)
        ]
        print("  ".join(cells).rstrip())
