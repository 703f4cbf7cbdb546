# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Two processes that bill, or invoice, the same contracts at once."""

from ..stack import postgres
from .dealer import check_billed_once, count, dealer, start

CONTRACTS = 16


def test_two_workers_at_once_bill_each_period_once():
    with dealer(CONTRACTS) as name:
        # Different batches, so that they meet in the middle of them.
        workers = [start(name, "bill", size) for size in (3, 4)]
        assert [worker.wait(timeout=300) for worker in workers] == [0, 0]
        # The scheduler starts again a worker that left the company to another.
        assert start(name, "bill", 10).wait() == 0
        check_billed_once(name, CONTRACTS)


def test_a_form_of_readings_that_is_sent_twice_at_once_counts_once():
    with dealer(1) as name:
        assert start(name, "tap_twice", 2).wait(timeout=300) == 0
        assert count(name, "meter_reading", "source = 'portal'") == 1


def test_two_clicks_at_once_make_each_invoice_once():
    with dealer(CONTRACTS) as name:
        assert start(name, "uninvoice", 0).wait() == 0
        assert count(name, "account_move", "move_type = 'out_invoice'") == 0
        clicks = [start(name, "invoice", 0) for _user in range(3)]
        # Whoever comes second finds nothing left to do, or is told so.
        assert 0 in [click.wait(timeout=300) for click in clicks]
        assert count(name, "account_move", "move_type = 'out_invoice'") == 2 * CONTRACTS
        assert (
            postgres.query(
                """
            SELECT count(*) FROM (
                SELECT meter_statement_charge_id FROM account_move_line
                 WHERE meter_statement_charge_id IS NOT NULL
              GROUP BY 1 HAVING count(*) > 1) twice
            """,
                name,
            )
            == "0"
        )
