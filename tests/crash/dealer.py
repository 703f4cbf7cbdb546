# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A database with contracts to bill, and what must be true of it in the end."""

import os
import subprocess
from contextlib import contextmanager

from ..stack import database, odoo_server, paths, postgres, templates


@contextmanager
def dealer(contracts):
    """Yield the name of a database with this many contracts to bill."""
    name = f"meter_crash_{os.getpid()}"
    database.clone(templates.module(), name)
    try:
        program = start(name, "seed", contracts)
        assert program.wait() == 0, "the dealer's data could not be created"
        yield name
    finally:
        database.drop(name)


def start(name, command, number):
    """Start `command` of session.py in a process of its own."""
    return subprocess.Popen(
        [paths.PYTHON, "-m", "tests.crash.session", name, command, str(number)],
        stdin=subprocess.DEVNULL,
        env=odoo_server.environment(),
        cwd=paths.ROOT,
    )


def count(name, table, where="true"):
    """Return how many rows other connections see."""
    return int(postgres.query(f"SELECT count(*) FROM {table} WHERE {where}", name))


def check_billed_once(name, contracts):
    """Assert that each contract has both months billed, once, for its own pages."""
    assert (
        postgres.query(
            """
        SELECT contract.id, statement.date_to
          FROM meter_contract contract
          CROSS JOIN (VALUES (date '2026-01-31'), ('2026-02-28')) period(day)
          LEFT JOIN meter_statement statement
            ON statement.contract_id = contract.id
           AND statement.date_to = period.day AND statement.state = 'confirmed'
      GROUP BY contract.id, period.day, statement.date_to
        HAVING count(statement.id) <> 1
        """,
            name,
        )
        == ""
    ), "a period without exactly one statement"
    assert count(name, "meter_statement") == 2 * contracts
    # One posted invoice for each statement, of 100 x i pages at 0.01.
    rows = postgres.query(
        """
        SELECT substr(device.serial_number, 3)::int, count(DISTINCT move.id),
               sum(line.quantity), sum(line.price_subtotal),
               bool_and(move.state = 'posted')
          FROM meter_statement statement
          JOIN meter_statement_charge charge ON charge.statement_id = statement.id
          JOIN meter_contract_device place
            ON place.contract_id = statement.contract_id
          JOIN meter_device device ON device.id = place.device_id
          JOIN account_move_line line ON line.meter_statement_charge_id = charge.id
          JOIN account_move move ON move.id = line.move_id
      GROUP BY statement.id, device.serial_number
      ORDER BY 1
        """,
        name,
    ).splitlines()
    expected = [
        f"{number}|1|{100 * number}.00|{number}.00|t"
        for number in range(1, contracts + 1)
        for _month in range(2)
    ]
    assert rows == expected
    assert count(name, "account_move", "move_type = 'out_invoice'") == 2 * contracts
    assert count(name, "meter_billing_run", "state <> 'done'") == 0
