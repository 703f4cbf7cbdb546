# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""One of several processes that answer mails at the same moment.

Started as a process of its own, it reads a line for each thing to do, and answers each
with a line: new SENDER (a mail that came in; its id), answer ID.
"""

import sys

import odoo
from odoo.modules.registry import Registry
from odoo.service.model import retrying


def main(database):
    """Do what standard input says, each in a transaction as scheduled actions have."""
    odoo.tools.config.parse_config(["-d", database, "--log-level=critical"])
    registry = Registry(database)
    say("ready")
    for line in sys.stdin:
        task, value = line.split()
        with registry.cursor() as cr:
            env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
            if task == "new":
                say(retrying(lambda env=env, sender=value: receive(env, sender), env))
                continue
            inquiry = env["partner.inquiry"].browse(int(value))
            # The transaction has begun: what others commit from now on is not seen.
            assert inquiry.state == "new"
            assert not env["partner.inquiry.answer"].search_count(
                [("email", "=", inquiry.email_normalized)]
            )
            say("begun")
            sys.stdin.readline()
            retrying(inquiry._answer_by_rule, env)
            say("done")


def receive(env, sender):
    """Have a mail come in, and a rule that answers whatever comes."""
    rules = env["partner.inquiry.rule"]
    if not rules.search_count([("name", "=", "Receipt")]):
        template = env["mail.template"].create(
            {
                "name": "Receipt",
                "model_id": env["ir.model"]._get_id("partner.inquiry"),
                "subject": "Re: {{ object.name }}",
                "body_html": "<p>We have it.</p>",
            }
        )
        rules.create({"name": "Receipt", "mode": "always", "template_id": template.id})
    return (
        env["partner.inquiry"]
        .create({"name": "Hello", "email_from": sender, "email_normalized": sender})
        .id
    )


def say(text):
    """Answer with a line."""
    print(text, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
