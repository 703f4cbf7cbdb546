# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A billing run that is really killed, again and again, bills each page once."""

import time

from .dealer import check_billed_once, count, dealer, start

CONTRACTS = 20
BATCH = 4


def test_a_run_killed_at_any_point_goes_on_without_doubles_or_gaps():
    with dealer(CONTRACTS) as name:
        kills = 0
        # After a batch, in the middle of one, right after the start.
        for statements, seconds in ((1, 0), (12, 0.15), (20, 0.4)):
            program = start(name, "bill", BATCH)
            wait_for(name, program, statements)
            time.sleep(seconds)
            if program.poll() is None:
                program.kill()
                kills += 1
            program.wait()
            assert count(name, "meter_statement") % BATCH == 0, "half a batch is kept"
        assert kills >= 2, "the run was over before it could be killed"
        assert 0 < count(name, "meter_statement") < 2 * CONTRACTS
        assert start(name, "bill", BATCH).wait() == 0
        check_billed_once(name, CONTRACTS)


def wait_for(name, program, statements):
    """Wait until so many statements are committed, or the program is over."""
    until = time.monotonic() + 120
    while program.poll() is None and count(name, "meter_statement") < statements:
        assert time.monotonic() < until, "the run does not get on"
        time.sleep(0.02)
