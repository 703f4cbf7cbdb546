# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Two processes that bill the same contracts at once."""

from .dealer import check_billed_once, dealer, start

CONTRACTS = 16


def test_two_workers_at_once_bill_each_period_once():
    with dealer(CONTRACTS) as name:
        # Different batches, so that they meet in the middle of them.
        workers = [start(name, "bill", size) for size in (3, 4)]
        assert [worker.wait(timeout=300) for worker in workers] == [0, 0]
        # The scheduler starts again a worker that left the company to another.
        assert start(name, "bill", 10).wait() == 0
        check_billed_once(name, CONTRACTS)
