# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Processes that answer at one moment: a sender gets one answer of a rule."""

import os
from contextlib import ExitStack

from ..stack import database, postgres, templates
from ..stack.talk import hear, start, tell


def test_two_at_once_answer_a_sender_once():
    name = f"meter_inquiry_{os.getpid()}"
    database.clone(templates.module(), name)
    try:
        with ExitStack() as stack:
            workers = [
                stack.enter_context(start("tests.inquiry.session", name))
                for _worker in range(2)
            ]
            assert [hear(worker) for worker in workers] == ["ready", "ready"]
            # Both have the same mail to answer.
            mail = receive(workers[0], "ann@paper.example")
            answer_at_once(workers, [mail, mail])
            assert states(name, "ann@paper.example") == ["answered"]
            # Each has one of two mails that the same sender wrote.
            mails = [receive(workers[0], "bob@mill.example") for _mail in range(2)]
            answer_at_once(workers, mails)
            assert states(name, "bob@mill.example") == ["answered", "waiting"]
            reason = "SELECT sign FROM partner_inquiry WHERE state = 'waiting'"
            assert "today already" in postgres.query(reason, name)
            for worker in workers:
                worker.stdin.close()
                assert worker.wait(timeout=60) == 0
        answers = "SELECT email FROM partner_inquiry_answer ORDER BY id"
        assert postgres.query(answers, name).split() == [
            "ann@paper.example",
            "bob@mill.example",
        ]
        mails = "SELECT count(*) FROM mail_mail WHERE email_to LIKE '%@%.example'"
        assert postgres.query(mails, name) == "2"
    finally:
        database.drop(name)


def receive(worker, sender):
    """Have a mail come in that nobody answered yet; return its id."""
    tell(worker, f"new {sender}")
    return hear(worker)


def answer_at_once(workers, mails):
    """Have all begin, then each answer its mail."""
    for worker, mail in zip(workers, mails, strict=True):
        tell(worker, f"answer {mail}")
    assert {hear(worker) for worker in workers} == {"begun"}
    for worker in workers:
        tell(worker, "go")
    assert {hear(worker) for worker in workers} == {"done"}


def states(name, sender):
    """Return what became of the mails of a sender, sorted."""
    return postgres.query(
        f"SELECT state FROM partner_inquiry WHERE email_normalized = '{sender}' "
        "ORDER BY state",
        name,
    ).split()
