# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What `make bench` does inside Odoo to measure what many partners cost."""

import json
import sys
from time import perf_counter

from odoo.tools import SQL

from ..stack.session import environment

#: Of a hundred postal codes one is a city's, with this many times more partners.
CITY = 20


def main(task, database, *numbers):
    """Carry out one task in a database and print what it returns as JSON."""
    with environment(database) as env:
        taken = TASKS[task](env, *map(int, numbers))
        env.cr.commit()
        print(json.dumps(taken), flush=True)


def prepare(env, count):
    """Store companies with made-up names in places of some 80 to 1,700 of them."""
    belgium = env.ref("base.be").id
    env.cr.execute(
        SQL(
            """
            WITH word AS (
                SELECT array['Print', 'Copy', 'Office', 'Paper', 'Ink', 'Toner',
                    'Global', 'Central', 'North', 'River', 'Green', 'Royal',
                    'Digital', 'Smart', 'Star', 'Alpha', 'Delta', 'Euro', 'Metro',
                    'City'] AS first,
                    array['Solutions', 'Services', 'Trade', 'Systems', 'Partners',
                    'Group', 'Supplies', 'Logistics', 'Media', 'Design', 'Works',
                    'Studio', 'Bakery', 'Garage', 'Clinic', 'School'] AS second,
                    array['NV', 'BV', 'SRL', 'SA'] AS form
            ), placed AS (
                -- One in a hundred is the one before it, written otherwise.
                SELECT n, md5(like_n::text) AS mark,
                       ('x' || left(md5(like_n::text), 7))::bit(28)::int AS any_number,
                       like_n %% (99 + %(city)s) AS place_of_hundred
                  FROM (SELECT n, n - (n %% 100 = 99)::int AS like_n
                          FROM generate_series(0, %(count)s - 1) n) numbered
            )
            INSERT INTO res_partner
                   (name, complete_name, active, is_company, type, partner_share,
                    country_id, zip, city, email_normalized, email, customer_rank,
                    supplier_rank, vat_normalized, vat, verification_state,
                    autopost_bills, create_date, write_date)
            SELECT named.name, named.name, true, true, 'contact', true, %(belgium)s,
                   named.zip, 'City ' || named.zip, named.email, named.email,
                   (n %% 3 < 2)::int, (n %% 3 = 2)::int, named.vat, named.vat, 'new',
                   'ask', now(), now()
              FROM (
                SELECT n, first[any_number %% 20 + 1] || ' ' || initcap(left(mark, 10))
                       || ' ' || second[any_number / 20 %% 16 + 1] || ' '
                       || form[n %% 4 + 1] AS name,
                       (1000 + CASE WHEN place_of_hundred < 99
                           THEN any_number / 200 %% %(places)s
                           ELSE any_number / 200 %% (%(places)s / 100) * 100 END
                       )::text AS zip,
                       CASE WHEN n %% 2 = 0 THEN 'office@c' || n || '.example' END
                           AS email,
                       CASE WHEN n %% 3 = 0 THEN 'BE' || (1000000000 + n) END AS vat
                  FROM placed, word
              ) named
            """,
            count=count,
            places=max(100, count // 100),
            city=CITY,
            belgium=belgium,
        )
    )
    env.cr.execute(
        "UPDATE res_partner SET commercial_partner_id = id "
        "WHERE commercial_partner_id IS NULL"
    )
    return {"partners": env["res.partner"].search_count([])}


def ask(env):
    """Return the seconds that each question takes; of three times, the best."""
    Duplicate = env["partner.duplicate"]
    Partner = env["res.partner"]
    taken = {"duplicates, first run": _time(Duplicate._find, rounds=1)}
    env.cr.commit()
    taken["pairs"] = Duplicate.search_count([])
    taken["duplicates, each night"] = _time(Duplicate._find, rounds=1)
    env.cr.commit()
    pair = Duplicate.search([], limit=1)
    partner = pair.partner_id
    registration = env["partner.registration"].create(
        {
            "name": partner.name,
            "email": "new@applicant.example",
            "is_company": True,
            "zip": partner.zip,
            "city": partner.city,
            "country_id": partner.country_id.id,
        }
    )
    questions = {
        "a partner's duplicates": lambda: partner.duplicate_count,
        "a registration's": lambda: registration.duplicate_ids.ids,
        "incomplete ones, counted": lambda: Partner.search_count(
            [("is_incomplete", "=", True)]
        ),
        "least complete first, 80": lambda: Partner.search_fetch(
            [], ["completeness", "missing_text"], order="completeness, id", limit=80
        ).mapped("missing_text"),
        "grouped by completeness": lambda: Partner._read_group(
            [], ["completeness"], ["__count"]
        ),
    }
    for name, question in questions.items():
        taken[name] = _time(lambda q=question: (env.invalidate_all(), q()))
    return taken


def _time(question, rounds=3):
    seconds = []
    for _round in range(rounds):
        began = perf_counter()
        question()
        seconds.append(perf_counter() - began)
    return round(min(seconds), 2)


TASKS = {"prepare": prepare, "ask": ask}

if __name__ == "__main__":
    main(*sys.argv[1:])
