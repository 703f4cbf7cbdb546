# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is in a database, counted: taken with a backup, compared after a restore."""

import re
from pathlib import Path

import odoo
from odoo.tools import SQL

#: Rows that come by starting Odoo, not by working with it.
PASSING = re.compile(r"orm_signaling_|bus_|ir_logging$|ir_profile$|res_device_log$")
#: What neutralizing writes to, in the words of the modules' neutralize.sql.
WRITES = re.compile(
    r"(?:INSERT\s+INTO|DELETE\s+FROM|UPDATE)\s+(?:ONLY\s+)?\"?(\w+)", re.IGNORECASE
)


def take(cr):
    """Return the facts of the database that `cr` is in, as its transaction sees it.

    Of each table the number of rows and the sum of each column of exact numbers
    (amounts, counters); of accounting the entries and balances of each account. Sums
    are text: they are compared to the last digit.
    """
    return {
        "tables": {name: _table(cr, name, columns) for name, columns in _tables(cr)},
        "balances": _balances(cr),
    }


def differences(before, after, *, without=()):
    """Return in words where two facts differ.

    :param without: names of tables that may differ
    """
    found = []
    for name in sorted(before["tables"].keys() | after["tables"].keys()):
        if name in without or PASSING.match(name):
            continue
        found += _compare(
            f"table {name}", before["tables"].get(name), after["tables"].get(name)
        )
    accounts = before["balances"].keys() | after["balances"].keys()
    for account in sorted(accounts):
        found += _compare(
            f"balance of {account}",
            before["balances"].get(account),
            after["balances"].get(account),
        )
    return found


def neutralized_tables(cr):
    """Return the names of the tables that neutralizing may have written to."""
    installed = odoo.modules.neutralize.get_installed_modules(cr)
    queries = odoo.modules.neutralize.get_neutralization_queries(installed)
    return {name for query in queries for name in WRITES.findall(query)}


def stored_files(cr):
    """Return the names of the files in the filestore that attachments refer to."""
    cr.execute(
        "SELECT DISTINCT store_fname FROM ir_attachment"
        " WHERE store_fname IS NOT NULL ORDER BY 1"
    )
    return [name for (name,) in cr.fetchall()]


def filestore(database):
    """Return the folder of the files of `database`."""
    return Path(odoo.tools.config.filestore(database))


def _compare(what, before, after):
    return [] if before == after else [f"{what}: {before} before, {after} now"]


def _tables(cr):
    """Return each table with its columns of exact numbers, besides keys."""
    cr.execute(
        """
        SELECT class.relname,
               array_remove(array_agg(attribute.attname ORDER BY attribute.attname),
                            NULL)
          FROM pg_class class
          LEFT JOIN pg_attribute attribute
            ON attribute.attrelid = class.oid AND attribute.attnum > 0
           AND NOT attribute.attisdropped
           AND attribute.atttypid IN ('numeric'::regtype, 'int8'::regtype)
         WHERE class.relkind = 'r' AND class.relnamespace = 'public'::regnamespace
         GROUP BY class.relname ORDER BY class.relname
        """
    )
    return cr.fetchall()


def _table(cr, name, columns):
    """Return [rows, {column: sum}] of table `name`."""
    sums = [SQL("sum(%s)::text", SQL.identifier(column)) for column in columns]
    cr.execute(
        SQL(
            "SELECT %s FROM %s",
            SQL(", ").join([SQL("count(*)"), *sums]),
            SQL.identifier(name),
        )
    )
    count, *values = cr.fetchone()
    return [count, dict(zip(columns, values, strict=True))]


def _balances(cr):
    """Return [entries, debit, credit] by company, account and state of the entries."""
    cr.execute("SELECT to_regclass('account_move_line')")
    if cr.fetchone() == (None,):
        return {}
    cr.execute(
        """
        SELECT concat('company ', company_id, ', account ', account_id, ', ',
                      parent_state),
               count(*), sum(debit)::text, sum(credit)::text
          FROM account_move_line GROUP BY company_id, account_id, parent_state
        """
    )
    return {name: values for name, *values in cr.fetchall()}
