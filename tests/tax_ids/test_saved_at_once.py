# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Processes that save the same tax ID at one moment: one of them does."""

import os
from contextlib import ExitStack

from ..stack import database, postgres, templates
from ..stack.talk import hear, start, tell

#: Valid Belgian tax IDs, and how each is saved by both.
ROUNDS = (
    ("create", "BE0477472701"),
    ("create", "BE0428759497"),
    ("write", "BE0202239951"),
    ("write", "BE0403170701"),
)


def test_one_of_two_saves_it_and_the_other_is_told():
    name = f"meter_tax_ids_{os.getpid()}"
    database.clone(templates.module(), name)
    try:
        postgres.query("UPDATE res_company SET partner_vat_unique = 'block'", name)
        with ExitStack() as stack:
            users = [
                stack.enter_context(start("tests.tax_ids.session", name, user))
                for user in ("Ann", "Bob")
            ]
            assert [hear(user) for user in users] == ["ready", "ready"]
            for task, vat in ROUNDS:
                answers = save_at_once(users, task, vat)
                assert answers.count("saved") == 1, answers
                [told] = [answer for answer in answers if answer != "saved"]
                assert "has it already" in told or "has this tax ID already" in told
                stored = postgres.query(
                    "SELECT count(*) FROM res_partner "
                    f"WHERE vat = '{vat}' AND vat_unique = '{vat}'",
                    name,
                )
                assert stored == "1"
            for user in users:
                user.stdin.close()
                assert user.wait(timeout=60) == 0
    finally:
        database.drop(name)


def save_at_once(users, task, vat):
    """Have all begin, then all save; return what each answers."""
    for user in users:
        tell(user, f"{task} {vat}")
    assert {hear(user) for user in users} == {"begun"}
    for user in users:
        tell(user, "go")
    return [hear(user) for user in users]
