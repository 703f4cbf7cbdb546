# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The night's work on readings is really killed: nothing is lost, nothing is twice."""

import time

from ..stack import postgres
from .dealer import count, dealer, start

ROWS, CHUNK = 4_000, 40
CUSTOMERS, BATCH = 30, 4


def test_an_import_that_is_killed_goes_on_with_the_next_row():
    with dealer(1) as name:
        assert start(name, "queue_file", ROWS).wait() == 0
        of_the_file = "source = 'import'"
        kills = 0
        for stored, seconds in ((1, 0), (800, 0.1), (1_600, 0.3)):
            program = start(name, "import_files", CHUNK)
            kills += kill_after(name, program, "meter_reading", of_the_file, stored)
            time.sleep(seconds)
            assert count(name, "meter_reading", of_the_file) % CHUNK == 0
        assert kills, "the import was over before it could be killed"
        assert start(name, "import_files", CHUNK).wait() == 0
        assert (
            postgres.query(
                f"SELECT count(*), count(DISTINCT value), min(value), max(value) "
                f"FROM meter_reading WHERE {of_the_file}",
                name,
            )
            == f"{ROWS}|{ROWS}|1|{ROWS}"
        )
        assert (
            postgres.query(
                "SELECT state, done_count, created_count + hold_count "
                "FROM meter_reading_import",
                name,
            )
            == f"done|{ROWS}|{ROWS}"
        )


def test_reminders_that_are_killed_go_out_once():
    with dealer(CUSTOMERS) as name:
        assert start(name, "plan_readings", 0).wait() == 0
        kills = 0
        for made in (1, 10, 20):
            program = start(name, "remind", BATCH)
            kills += kill_after(name, program, "meter_reading_reminder", "true", made)
        assert kills, "the reminders were out before they could be killed"
        assert start(name, "remind", BATCH).wait() == 0
        mails = (
            "mail_mail mail JOIN meter_reading_reminder made ON made.mail_id = mail.id"
        )
        assert count(name, "meter_reading_request") == CUSTOMERS
        assert count(name, "meter_reading_reminder") == CUSTOMERS
        assert count(name, mails) == CUSTOMERS
        # No mail of a reminder that nobody knows of.
        assert (
            count(
                name,
                "mail_message",
                "model = 'meter.reading.request' AND message_type <> 'notification'",
            )
            == CUSTOMERS
        )


def kill_after(name, program, table, where, rows):
    """Kill a program once so many rows are committed; tell whether it still ran."""
    until = time.monotonic() + 120
    while program.poll() is None and count(name, table, where) < rows:
        assert time.monotonic() < until, "nothing gets on"
        time.sleep(0.01)
    was_running = program.poll() is None
    program.kill()
    program.wait()
    return was_running
