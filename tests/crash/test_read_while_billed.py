# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is done while a contract is being billed: readings, a removal, a price."""

from ..stack import postgres
from .dealer import count, dealer, start


def test_readings_and_billing_that_do_not_see_each_other():
    with dealer(1) as name:
        assert start(name, "read_while_billed", 0).wait(timeout=300) == 0
        # 968 pages, and 32 more that billing did not see; then no more
        assert amounts(name) == ["period|9.68", "correction|0.32"]
        assert count(name, "meter_contract_change", CHANGE) == 0


def test_a_device_that_is_removed_while_it_is_billed_by_an_estimate():
    with dealer(1) as name:
        assert start(name, "remove_while_billed", 0).wait(timeout=300) == 0
        assert len(amounts(name)) == 2
        # 300 pages, whatever was estimated
        assert (
            postgres.query(f"SELECT sum(amount_total) FROM ({STATEMENTS}) late", name)
            == "3.00"
        )
        assert count(name, "meter_contract", "correct_from IS NOT NULL") == 0


def test_a_price_that_is_changed_while_it_is_billed():
    """It stays as it was billed, and so does what a late reading changes."""
    with dealer(1) as name:
        assert start(name, "price_while_billed", 0).wait(timeout=300) == 0
        # 968 pages, then 132 more, at the price that the first were billed at
        assert amounts(name) == ["period|9.68", "correction|1.32"]


CHANGE = "device_id = (SELECT id FROM meter_device WHERE serial_number = 'LATE')"
STATEMENTS = """
    SELECT statement.kind, statement.amount_total
      FROM meter_statement statement
      JOIN meter_contract contract ON contract.id = statement.contract_id
     WHERE contract.name = 'LATE' AND statement.state = 'confirmed'
  ORDER BY statement.id
"""


def amounts(name):
    """Return kind and amount of the statements, as other connections see them."""
    return postgres.query(STATEMENTS, name).splitlines()
