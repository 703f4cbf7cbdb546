# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What must hold of the database at any time, whatever was done before.

Each check is one SQL statement that returns what breaks its rule: nothing, always.
Called after every integration test, and wherever else ledgers are to be proven.
"""

# The latest word on each meter's interval of each billed period, and who had it.
LATEST = """
    latest AS (
        SELECT DISTINCT ON (line.assignment_id, line.meter_id, line.period_end)
               line.*, assignment.date_start AS joined,
               assignment.date_end AS left_on, installed.opening_value,
               statement.date_from AS period_start
          FROM meter_statement_line line
          JOIN meter_statement statement
            ON statement.id = coalesce(line.corrected_statement_id, line.statement_id)
          JOIN meter_contract_device assignment ON assignment.id = line.assignment_id
          JOIN meter_meter installed ON installed.id = line.meter_id
         WHERE line.state = 'confirmed' AND line.meter_id IS NOT NULL
           -- Credited in full where the device turned out to have joined later.
           AND line.period_end >= assignment.date_start
      ORDER BY line.assignment_id, line.meter_id, line.period_end, line.id DESC
    ),
    followed AS (
        SELECT latest.*,
               lag(end_value) OVER meter AS before_value,
               lag(period_end) OVER meter AS before_period_end,
               lag(date_to) OVER meter AS before_date,
               lag(moment_to) OVER meter AS before_moment
          FROM latest
        WINDOW meter AS (PARTITION BY assignment_id, meter_id ORDER BY period_end)
    )
"""

CHECKS = {
    "each interval of a meter starts where the one before it ended": f"""
        WITH {LATEST}
        SELECT assignment_id, meter_id, period_end, start_value, before_value
          FROM followed
         -- Where the meter was charged in the period before.
         WHERE before_period_end = period_start - 1
           AND (start_value, date_from) IS DISTINCT FROM (before_value, before_date)
    """,
    "a meter that changes contracts goes on where it was billed to": f"""
        WITH {LATEST}
        SELECT later.meter_id, earlier.assignment_id, later.assignment_id,
               earlier.end_value, later.start_value
          FROM followed earlier
          JOIN followed later ON later.meter_id = earlier.meter_id
                             AND later.joined = earlier.left_on + 1
         WHERE earlier.left_on BETWEEN earlier.period_start AND earlier.period_end
           AND later.joined BETWEEN later.period_start AND later.period_end
           AND later.start_value <> earlier.end_value
           -- What was printed while it was away is nobody's.
           AND NOT EXISTS (
                SELECT FROM meter_event event
                 WHERE event.meter_id = later.meter_id AND event.kind = 'install'
                   AND event.date = later.joined)
           AND NOT EXISTS (
                SELECT FROM meter_contract contract
                 WHERE contract.id IN (earlier.contract_id, later.contract_id)
                   AND contract.correct_from IS NOT NULL)
    """,
    "the pages of an interval are its end less its start, events accounted for": f"""
        WITH {LATEST}
        SELECT one.assignment_id, one.meter_id, one.period_end, one.start_value,
               one.end_value, billed.charge_id, billed.pages
          FROM followed one
          JOIN LATERAL (
                SELECT line.charge_id, sum(line.pages) AS pages
                  FROM meter_statement_line line
                 WHERE line.assignment_id = one.assignment_id
                   AND line.meter_id = one.meter_id
                   AND line.period_end = one.period_end
                   AND line.state = 'confirmed'
              GROUP BY line.charge_id
               ) billed ON true
         WHERE billed.pages <> one.end_value - one.start_value + coalesce((
                SELECT sum(event.closing_value - event.opening_value)
                  FROM meter_event event
                 WHERE event.meter_id = one.meter_id
                   AND event.happened_at <= one.moment_to
                   AND event.happened_at > coalesce(one.before_moment, (
                            SELECT max(reading.read_at)
                              FROM meter_reading reading
                             WHERE reading.meter_id = one.meter_id
                               AND reading.date = one.date_from
                               AND reading.value = one.start_value
                               AND reading.state = 'valid'
                           ), '-infinity')
               ), 0)
           -- Readings that changed since are billed with the next statement.
           AND NOT EXISTS (
                SELECT FROM meter_contract contract
                 WHERE contract.id = one.contract_id
                   AND contract.correct_from <= one.period_end)
    """,
    "no pages of a meter are billed by two contracts": f"""
        WITH {LATEST},
        span AS (
            SELECT meter_id, assignment_id, joined,
                   min(date_from) AS first, max(date_to) AS last
              FROM followed
          GROUP BY meter_id, assignment_id, joined
        )
        SELECT later.meter_id, earlier.assignment_id, later.assignment_id,
               earlier.last, later.first
          FROM span earlier
          JOIN span later ON later.meter_id = earlier.meter_id
                         AND later.joined > earlier.joined
         WHERE later.first < earlier.last
    """,
    "what is billed of a device is of the row that it has in the contract": """
        SELECT line.id, line.contract_id, assignment.contract_id, line.device_id,
               assignment.device_id
          FROM meter_statement_line line
          JOIN meter_contract_device assignment ON assignment.id = line.assignment_id
         WHERE line.state = 'confirmed'
           AND (line.contract_id, line.device_id)
               <> (assignment.contract_id, assignment.device_id)
    """,
    # On values, whatever the days: of meters that did nothing but count.
    "no more pages of a meter are billed than it counted": """
        WITH latest AS (
            SELECT DISTINCT ON (contract_id, assignment_id, meter_id, period_end)
                   meter_id, contract_id, start_value, end_value
              FROM meter_statement_line
             WHERE state = 'confirmed' AND meter_id IS NOT NULL
          ORDER BY contract_id, assignment_id, meter_id, period_end, id DESC
        )
        SELECT meter_id, sum(end_value - start_value), min(start_value), max(end_value)
          FROM latest
         WHERE NOT EXISTS (
                SELECT FROM meter_event event WHERE event.meter_id = latest.meter_id)
      GROUP BY meter_id
        HAVING sum(end_value - start_value) > max(end_value) - min(start_value)
           AND NOT bool_or(EXISTS (
                SELECT FROM meter_contract contract
                 WHERE contract.id = latest.contract_id
                   AND contract.correct_from IS NOT NULL))
    """,
    "statements of a contract follow on each other from its start": """
        SELECT statement.id, statement.date_from, followed.date_to
          FROM meter_statement statement
          JOIN meter_contract contract ON contract.id = statement.contract_id
     LEFT JOIN LATERAL (
                SELECT before.date_to
                  FROM meter_statement before
                 WHERE before.contract_id = statement.contract_id
                   AND before.state = 'confirmed' AND before.kind = 'period'
                   AND before.date_to < statement.date_to
              ORDER BY before.date_to DESC
                 LIMIT 1
               ) followed ON true
         WHERE statement.state = 'confirmed' AND statement.kind = 'period'
           AND statement.date_from
               <> coalesce(followed.date_to + 1, contract.date_start)
    """,
    "what a statement says is the sum of its charge lines": """
        SELECT statement.id, statement.amount_total, sum(charge.amount)
          FROM meter_statement statement
     LEFT JOIN meter_statement_charge charge ON charge.statement_id = statement.id
      GROUP BY statement.id
        HAVING statement.amount_total <> coalesce(sum(charge.amount), 0)
    """,
    # What a posted invoice says of a statement is what the statement says: nothing
    # was written to it since. Where somebody credited or replaced it by hand, what is
    # right is what accounting says.
    "posted invoices say what their statement charge says, to the cent": """
        SELECT charge.id, charge.amount, -sum(line.amount_currency)
          FROM meter_statement_charge charge
          JOIN account_move_line line ON line.meter_statement_charge_id = charge.id
          JOIN account_move move ON move.id = line.move_id
         WHERE line.parent_state <> 'cancel'
      GROUP BY charge.id
        HAVING bool_and(line.parent_state = 'posted')
           AND -sum(line.amount_currency) <> charge.amount
           AND NOT bool_or(EXISTS (
                SELECT FROM account_move_line reversed
                 WHERE reversed.move_id = move.reversed_entry_id
                   AND reversed.meter_statement_charge_id = charge.id))
    """,
    "each payer is invoiced what its statement says, to the cent": """
        SELECT charge.statement_id, charge.partner_id, sum(charge.amount),
               sum(invoiced.amount)
          FROM meter_statement_charge charge
     LEFT JOIN LATERAL (
                SELECT -sum(line.amount_currency) AS amount,
                       bool_and(line.parent_state = 'posted') AS is_posted,
                       bool_or(move.partner_id <> charge.partner_id) AS is_other,
                       bool_or(EXISTS (
                            SELECT FROM account_move_line reversed
                             WHERE reversed.move_id = move.reversed_entry_id
                               AND reversed.meter_statement_charge_id = charge.id
                           )) AS is_reversed
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                 WHERE line.meter_statement_charge_id = charge.id
                   AND line.parent_state <> 'cancel'
               ) invoiced ON true
      GROUP BY charge.statement_id, charge.partner_id
        HAVING bool_or(is_other)
            OR (bool_and(is_posted) AND NOT bool_or(is_reversed)
                AND sum(charge.amount) <> sum(invoiced.amount))
    """,
    "an invoice of statements adds up to their charge lines": """
        SELECT move.id, move.name, move.amount_untaxed, sum(-line.amount_currency)
          FROM account_move move
          JOIN account_move_line line
            ON line.move_id = move.id AND line.display_type = 'product'
         WHERE move.state = 'posted'
      GROUP BY move.id
        HAVING bool_and(line.meter_statement_charge_id IS NOT NULL)
           AND abs(sum(line.amount_currency)) <> move.amount_untaxed
    """,
    # Of meters that no change is noted of: the pages of their months are counted.
    "the pages of a meter's months are what its readings say": """
        SELECT meter.id, counted.pages, last.value, meter.opening_value
          FROM meter_meter meter
    CROSS JOIN LATERAL (
                SELECT coalesce(sum(pages), 0) AS pages FROM meter_usage usage
                 WHERE usage.meter_id = meter.id
               ) counted
     LEFT JOIN LATERAL (
                SELECT value, read_at FROM meter_reading reading
                 WHERE reading.meter_id = meter.id AND reading.state = 'valid'
              ORDER BY date DESC, read_at DESC, id DESC
                 LIMIT 1
               ) last ON true
         WHERE NOT EXISTS (
                SELECT FROM meter_usage_change change WHERE change.meter_id = meter.id)
           AND counted.pages <> coalesce(last.value - meter.opening_value + coalesce((
                SELECT sum(event.closing_value - event.opening_value)
                  FROM meter_event event
                 WHERE event.meter_id = meter.id AND event.happened_at <= last.read_at
               ), 0), 0)
    """,
    "a cancelled statement charges nothing": """
        SELECT statement.id, sum(line.amount_currency)
          FROM meter_statement statement
          JOIN meter_statement_charge charge ON charge.statement_id = statement.id
          JOIN account_move_line line ON line.meter_statement_charge_id = charge.id
         WHERE statement.state = 'cancelled' AND line.parent_state = 'posted'
      GROUP BY statement.id, charge.id
        HAVING sum(line.amount_currency) <> 0
    """,
}


def find_broken(env):
    """Return ``{rule: rows that break it}`` of a database; empty where all hold.

    :param env: an environment on it; what it has not written yet is written first
    """
    env.flush_all()
    broken = {}
    for rule, query in CHECKS.items():
        env.cr.execute(query)
        if rows := env.cr.fetchall():
            broken[rule] = rows
    return broken
