# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Bill a scenario through the whole of Odoo, up to the posted invoices."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from freezegun import freeze_time

from .json_fields import FormatError
from .scenario import Figures, Reading, UsageCharge, differences
from .scenario_records import create_records

CENT = Decimal("0.01")
#: (UTC) when a counter is estimated: an actual reading of that day, at noon, is newer.
MORNING = time(6)


@dataclass(frozen=True)
class Outcome:
    """What a period came to, and in words where that misses what was expected.

    ``notes`` say what the file leaves open and how it was taken.
    """

    through: str
    figures: Figures
    wrong: list[str]
    notes: list[str]


def bill_scenario(env, scenario):
    """Bill all periods of a scenario; nothing of it stays in the database.

    The clock stands at the scenario's last day: some lie ahead of today, and readings
    from the future are refused.

    :param env: an Odoo environment whose company has a chart of accounts
    :return: an :class:`Outcome` for each period
    :raises FormatError: a reading or period that is impossible, by its path
    """
    days = [period.through for period in scenario.periods]
    days += [reading.date for period in scenario.periods for reading in period.readings]
    env = env(user=env.ref("base.user_admin"))
    with freeze_time(datetime.combine(max(days), time(12))):
        with env.cr.savepoint() as savepoint:
            try:
                return _bill(env, scenario)
            finally:
                savepoint.rollback()


def _bill(env, scenario):
    records = create_records(env, scenario)
    to_remove = [device for device in scenario.devices if device.removed]
    outcomes = []
    for index, period in enumerate(scenario.periods):
        path = f"periods[{index}]"
        _check_through(records.contract, period, path)
        _take_readings(env, records, period.readings, path)
        unread = [] if period.skip else _estimate_unread(scenario, index)
        _take_readings(env, records, unread, path)
        for device in [d for d in to_remove if d.removed <= period.through]:
            _remove(records, scenario, device)
            to_remove.remove(device)
        _accept_all(env, records)
        moves = env["account.move"]
        problems = []
        if period.skip:
            records.contract.action_skip_period()
        else:
            moves, problems = _bill_period(env, records, period)
        found = _read_figures(records, scenario, period, moves)
        outcomes.append(
            Outcome(
                through=period.through.isoformat(),
                figures=found,
                wrong=problems + differences(found, period.expect),
                notes=[
                    f"{reading.device}: no {reading.meter} reading, taken to stay at "
                    f"{reading.value}"
                    for reading in unread
                ],
            )
        )
    return outcomes


def _check_through(contract, period, path):
    through = contract.next_period_end
    if period.through != through:
        raise FormatError(
            f"{path}.through", f"the contract's period ends on {through}."
        )


def _estimate_unread(scenario, index):
    """Return readings for the counters that a period bills but nobody read in it.

    The format knows no waiting: what is not skipped is billed. Nothing is known to be
    printed since a counter was read last; its next reading puts it right.
    """
    first = scenario.contract.start
    if index:
        first = scenario.periods[index - 1].through + timedelta(days=1)
    through = scenario.periods[index].through
    needed = scenario.billed_meters
    values, read = {}, set()
    for device in scenario.devices:
        if device.installed <= through and not (
            device.removed and device.removed <= through
        ):
            for meter in needed & set(device.opening):
                values[device.serial, meter] = device.opening[meter]
    known = [
        reading
        for period in scenario.periods[: index + 1]
        for reading in period.readings
    ]
    for reading in sorted(known, key=lambda one: (one.date, one.kind == "actual")):
        counter = reading.device, reading.meter
        if counter in values and reading.date <= through:
            values[counter] = reading.value
            if reading.date >= first:
                read.add(counter)
    return [
        Reading(device, meter, value, through, "estimated")
        for (device, meter), value in sorted(values.items())
        if (device, meter) not in read
    ]


def _take_readings(env, records, readings, path):
    rows = [
        {
            "meter_id": _find_meter(records, reading.device, reading.meter).id,
            "date": reading.date,
            "value": reading.value,
            "kind": reading.kind,
        }
        for reading in readings
    ]
    for row in rows:
        if row["kind"] == "estimated":
            row["read_at"] = datetime.combine(row["date"], MORNING)
    verdicts = env["meter.reading"]._ingest(rows, source="import")
    for index, verdict in enumerate(verdicts):
        if verdict["status"] == "refused":
            raise FormatError(f"{path}.readings[{index}]", verdict["message"])


def _find_meter(records, serial, meter):
    meters = records.devices[serial].meter_ids
    return meters.filtered(lambda m: m.type_id.name == meter)


def _remove(records, scenario, device):
    """Take a device out; the one that replaces it takes over its place."""
    replacement = next(
        (
            records.devices[d.serial]
            for d in scenario.devices
            if d.replaces == device.serial
        ),
        None,
    )
    records.devices[device.serial]._remove(
        device.removed,
        {
            _find_meter(records, device.serial, meter): value
            for meter, value in device.closing.items()
        },
        replacement,
    )


def _accept_all(env, records):
    """Let readings be billed that a clerk would look at first: a counter wrapped."""
    devices = [device.id for device in records.devices.values()]
    env["meter.reading"].search(
        [("device_id", "in", devices), ("state", "=", "hold")]
    )._accept("Checked")


def _bill_period(env, records, period):
    """Return the posted invoices of a period, and why it could not be billed."""
    run = env["meter.billing.run"].create(
        {
            "through": period.through,
            "invoice_date": period.through,
            "contract_ids": records.contract.ids,
        }
    )
    run.action_bill()
    moves = run.line_ids.statement_id.move_ids
    problems = [
        f"{line.status}: {line.message}"
        for line in run.line_ids
        if line.status != "billed"
    ]
    problems += [
        f"{move.name} is not posted" for move in moves if move.state != "posted"
    ]
    return moves, problems


def _read_figures(records, scenario, period, moves):
    """Return what the posted invoices and the statement's lines come to."""
    charge_names = {charge: code for code, charge in records.charges.items()}
    partner_names = {partner: name for name, partner in records.partners.items()}
    by_charge = dict.fromkeys(records.charges, Decimal(0) * CENT)
    by_partner = dict.fromkeys(scenario.payers, Decimal(0) * CENT)
    for move in moves:
        sign = -1 if move.move_type == "out_refund" else 1
        untaxed = sign * _exact(move.amount_untaxed, 2)
        by_partner[partner_names[move.partner_id]] += untaxed
        for line in move.invoice_line_ids:
            charge = line.meter_statement_charge_id.charge_id
            by_charge[charge_names[charge]] += sign * _exact(line.price_subtotal, 2)
    quantities = {
        charge.code: Decimal(0)
        for charge in scenario.contract.charges
        if isinstance(charge, UsageCharge)
    }
    statement = records.contract.statement_ids.filtered(
        lambda s: s.date_to == period.through and s.state == "confirmed"
    )
    for line in statement.line_ids.filtered("charge_id"):
        quantities[charge_names[line.charge_id]] += _exact(line.quantity, 6)
    return Figures(
        total=sum(by_partner.values(), Decimal(0)),
        by_charge=by_charge,
        quantities=quantities,
        by_partner=by_partner,
    )


def _exact(number, decimals):
    return round(Decimal(repr(number)), decimals)
