# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What `make demo` does inside Odoo: the demo dealer's first three months.

Everything is done as the dealer's billing manager does it, and only where it is still
to be done: a second time nothing is imported or billed twice. See run_demo.
"""

import base64
import sys
from datetime import date

from odoo.tools.misc import file_open

from .demo_table import print_statements
from .say import say
from .session import environment

MONTHS = (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31))
#: What the clinic said on the phone: its device reported "n/a" in February.
ASKED_FOR = {date(2026, 2, 28): {"meter_vnb3r22025_mono": 10080}}
#: Replaced in March; the technician read the old device before he took it away.
REPLACED_ON = date(2026, 3, 17)
OLD_DEVICE, NEW_DEVICE = "device_u66541l3n204452", "device_u66541m5n300188"
CLOSING_VALUES = {"meter_u66541l3n204452_mono": 201284}


def main(database):
    """Bill the demo months in `database`; print what came of them and the logins.

    :return: exit status: 1 where a contract could not be billed
    """
    with environment(database) as env:
        manager = env.ref("meter_billing.user_manager")
        # Who keeps the customers' records keeps them in both modules.
        manager.group_ids |= env.ref(
            "partner_extension.group_partner_extension_manager"
        )
        env = env(user=manager)
        bill_months(env)
        print_statements(find_statements(env))
        left_out = find_due(env, MONTHS[-1])
        for contract in left_out:
            say(f"{contract.name} was not billed: {contract.billing_issue}")
    print("Log in as manager (password: manager), the dealer's billing manager,")
    print("or as customer (password: customer), a customer in the portal.", flush=True)
    return 1 if left_out else 0


def bill_months(env):
    """Do what is still to be done of the three months, in the order of time.

    :param env: the billing manager's
    """
    for month in MONTHS:
        if REPLACED_ON <= month:
            replace_device(env)
        import_readings(env, month)
        bill(env, month)


def demo(env, name):
    """Return a record of the module's demo data."""
    return env.ref(f"meter_billing.{name}")


def import_readings(env, month):
    """Import the month's report of the devices, as from the list of imports."""
    name = f"print_tracker_{month:%Y-%m}.csv"
    imports = env["meter.reading.import"]
    if imports.search_count([("name", "=", name), ("state", "=", "done")], limit=1):
        say(f"{name}: imported already.")
        return
    with file_open(f"meter_billing/demo/readings/{name}", "rb") as file:
        content = base64.b64encode(file.read())
    report = imports.create({"name": name, "file": content})
    report.action_import()
    say(f"{name}: {report.created_count} readings imported.")
    for line in report.line_ids:
        say(f"  row {line.row}, {line.meter_code}: {line.message}")


def replace_device(env):
    """Let the new device take over the place of the old one."""
    old = demo(env, OLD_DEVICE)
    if old.removal_date:
        return
    closing = {demo(env, name): value for name, value in CLOSING_VALUES.items()}
    old._remove(REPLACED_ON, closing, demo(env, NEW_DEVICE))
    say(f"{old.serial_number} was replaced by {demo(env, NEW_DEVICE).serial_number}.")


def bill(env, month):
    """Bill what is due; enter what was asked for on the phone and bill the rest."""
    if not find_due(env, month):
        return
    waiting = start_run(env, month)
    if waiting and month in ASKED_FOR:
        for line in waiting:
            say(f"  {line.partner_id.name} waits: {line.message}")
        env["meter.reading"].grid_save(
            month.isoformat(),
            [
                {"meter_id": demo(env, name).id, "value": value}
                for name, value in ASKED_FOR[month].items()
            ],
        )
        say("  The missing values were asked for and entered.")
        start_run(env, month)


def start_run(env, month):
    """Bill once and return the lines of the run that were not billed."""
    run = env["meter.billing.run"].create({"through": month, "invoice_date": month})
    run.action_bill()
    say(f"{run.name}: {run.billed_count} contracts billed.")
    return run.line_ids.filtered(lambda line: line.status != "billed")


def find_due(env, month):
    """Return the contracts with a period to bill up to the end of a month."""
    contracts = env["meter.contract"]
    return contracts.search(contracts._get_due_domain(month))


def find_statements(env):
    """Return the statements of the demo months, month by month."""
    return env["meter.statement"].search(
        [("date_to", "in", MONTHS), ("state", "=", "confirmed")], order="date_to, id"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
