# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What `make bench` does inside Odoo to measure the nightly look for silence."""

import json
import sys
from time import perf_counter

from ..stack.session import environment

SILENCE_DAYS = 90
#: By SQL: what the ORM would store besides is not read.
PARTNERS = """
    INSERT INTO res_partner
           (name, complete_name, active, type, is_company, customer_rank, partner_share,
            autopost_bills, verification_state, create_date)
    SELECT 'Bench ' || number, 'Bench ' || number, TRUE, 'contact', TRUE, 1, TRUE,
           'ask', 'new', '2024-01-01'
      FROM generate_series(1, %s) number
"""
MESSAGES = """
    INSERT INTO mail_message
           (model, res_id, message_type, date, author_id, body, create_date)
    SELECT (ARRAY['res.partner', 'res.partner', 'account.move'])[1 + number %% 3],
           first + (number * 7919 %% partners)::int,
           (ARRAY['notification', 'comment', 'email', 'email_outgoing'])
               [1 + number / 3 %% 4],
           now() - number * 1000 / messages * interval '1 day',
           first + (number * 31 %% partners)::int,
           repeat('A message of the usual length. ', 20), now()
      FROM generate_series(1::bigint, %s) number,
           (SELECT min(id) AS first, count(*) AS partners, %s AS messages
              FROM res_partner WHERE name LIKE 'Bench %%') partner
"""


def main(task, database, *numbers):
    """Carry out one task in a database and print what it returns as JSON."""
    with environment(database) as env:
        taken = TASKS[task](env, *map(int, numbers))
        env.cr.commit()
        print(json.dumps(taken), flush=True)


def prepare(env, partners, messages):
    """Store customers and messages of the last 1000 days, evenly spread."""
    env.cr.execute(PARTNERS, [partners])
    env.cr.execute(
        "UPDATE res_partner SET commercial_partner_id = id WHERE name LIKE 'Bench %'"
    )
    env.cr.execute(MESSAGES, [messages, messages])
    env.company.partner_silence_days = SILENCE_DAYS
    return {}


def ask(env):
    """Return the seconds of each step, of a first night and of the one after it."""
    alarms = env["partner.alarm"]
    taken = {}

    def timed(name, call):
        began = perf_counter()
        result = call()
        env.flush_all()
        taken[f"{name}, seconds"] = round(perf_counter() - began, 2)
        return result

    causes = timed("looking for silence", alarms._find_silence)
    taken["silent partners"] = len(causes)
    timed("raising all of them", lambda: alarms._raise("silence", causes))
    timed("the next night", lambda: _next_night(alarms))
    return taken


def _next_night(alarms):
    causes = alarms._find_silence()
    alarms._close_over("silence", causes)
    assert not alarms._find_new("silence", causes)


TASKS = {"prepare": prepare, "ask": ask}

if __name__ == "__main__":
    main(*sys.argv[1:])
