# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""One of several users who save the same tax ID at the same moment.

Started as a process of its own, it reads a line for each thing to do, and answers each
with a line: create TAX_ID (a new partner with it), write TAX_ID (to its own partner).
"""

import sys
from functools import partial

import odoo
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying


def main(database, name):
    """Do what standard input says, each in a transaction as requests have one."""
    odoo.tools.config.parse_config(["-d", database, "--log-level=critical"])
    registry = Registry(database)
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        own = env["res.partner"].create({"name": f"{name}'s own"}).id
    say("ready")
    for line in sys.stdin:
        task, vat = line.split()
        with registry.cursor() as cr:
            env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
            # The transaction has begun: what others commit from now on is not seen.
            assert not env["res.partner"].search_count([("vat_unique", "=", vat)])
            say("begun")
            sys.stdin.readline()
            try:
                retrying(partial(save, env, task, vat, name, own), env)
                say("saved")
            except UserError as error:
                say(" ".join(str(error).split()))


def save(env, task, vat, name, own):
    """Have a partner with a tax ID: a new one, or the one that is there."""
    if task == "create":
        return env["res.partner"].create({"name": name, "vat": vat}).id
    return env["res.partner"].browse(own).write({"vat": vat})


def say(text):
    """Answer with a line."""
    print(text, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
