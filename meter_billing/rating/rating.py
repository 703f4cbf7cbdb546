# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Rate a period: usage and terms in, lines and the next state out."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .allocation import allocate
from .charges import FixedCharge, MaximumAmount, MinimumAmount, UsageCharge
from .errors import PeriodError
from .exact import as_decimal, round_half_up
from .explanation import explain_fixed, explain_limit, explain_usage
from .lines import priced_line, usage_lines
from .period import Period
from .pricing import Step
from .result import ChargeResult, DeviceShare, Explanation, Line, Result
from .state import AmountState, State, UsageState
from .terms import Terms
from .usage import Row, usage_rows
from .usage_charge import UsageBill, bill_usage, collect_usage


@dataclass(frozen=True)
class Rated:
    """One charge rated: its result, its lines, its shares of devices."""

    result: ChargeResult
    lines: tuple[Line, ...] = ()
    shares: tuple[DeviceShare, ...] = ()


def rate_period(terms: Terms, state: State, period: Period) -> Result:
    """Rate one period after those that ``state`` has seen.

    A charge with ``every`` n is due when n calendar periods are complete since the
    contract's start, and in the final period. Raises ``PeriodError`` for a period
    that was rated before, a reading of a derived meter, or usage at a place that
    the period does not list where a charge is rated by place.
    """
    _check_period(terms, state, period)
    rows = usage_rows(terms, period)
    usage, owed, amounts = dict(state.usage), dict(state.owed), dict(state.amounts)
    rated: dict[str, Rated] = {}
    for charge in terms.charges:
        code = charge.code
        if isinstance(charge, UsageCharge):
            rated[code], usage[code] = _rate_usage(
                terms, charge, usage.get(code, UsageState()), state, period, rows
            )
        elif isinstance(charge, FixedCharge):
            rated[code], owed[code] = _rate_fixed(
                terms, charge, owed.get(code, Fraction(0)), state, period
            )
    for charge in terms.charges:
        code = charge.code
        if isinstance(charge, MinimumAmount | MaximumAmount):
            rated[code], amounts[code] = _rate_amount(
                terms, charge, amounts.get(code, AmountState()), period, rated
            )
    in_order = [rated[charge.code] for charge in terms.charges]
    return Result(
        lines=tuple(line for one in in_order for line in one.lines),
        charges={one.result.charge: one.result for one in in_order},
        shares=tuple(share for one in in_order for share in one.shares),
        state=State(period.index, usage, owed, amounts),
    )


def rate_periods(
    terms: Terms, periods: Iterable[Period], state: State | None = None
) -> list[Result]:
    """Rate periods one after the other, from ``state`` or from the start."""
    state = state or State()
    results = []
    for period in periods:
        results.append(rate_period(terms, state, period))
        state = results[-1].state
    return results


def _check_period(terms: Terms, state: State, period: Period):
    if period.index <= state.index:
        raise PeriodError(
            f"period {period.index} cannot be rated: "
            f"rating has come to period {state.index} already"
        )
    derived = {kind.code for kind in terms.meter_types if kind.add}
    by_place = any(
        isinstance(charge, UsageCharge) and charge.pool == "device"
        for charge in terms.charges
    )
    places = {place.key for place in period.places}
    for usage in period.usage:
        if usage.meter in derived:
            raise PeriodError(
                f"device {usage.device}: meter {usage.meter} is derived, never read"
            )
        if by_place and usage.place not in places:
            raise PeriodError(
                f"device {usage.device}: place {usage.place} is not in the period"
            )


def _is_due(every: int, state: State, period: Period) -> bool:
    """Tell whether another ``every`` periods are complete."""
    complete = (period.index + 1) // every > (state.index + 1) // every
    return complete or period.final


def _rate_usage(
    terms: Terms,
    charge: UsageCharge,
    usage: UsageState,
    state: State,
    period: Period,
    rows: tuple[Row, ...],
) -> tuple[Rated, UsageState]:
    rows = tuple(
        row for row in rows if row.meter in charge.meters and charge.covers(row.place)
    )
    usage = collect_usage(charge, usage, period, rows)
    due = _is_due(charge.every, state, period)
    bill, lines, explanation = UsageBill(), (), ()
    if due:
        bill, usage = bill_usage(charge, usage, period.index)
        lines = usage_lines(charge, bill, terms.rounding)
        explanation = explain_usage(charge, bill, rows, lines, terms.meter_types)
    billed, included = as_decimal(bill.usage), as_decimal(bill.included)
    result = ChargeResult(
        charge=charge.code,
        quantity=as_decimal(sum((row.quantity for row in rows), Fraction(0))),
        billed_quantity=billed,
        included=included,
        billable=billed - included,
        amount=_sum(lines),
        due=due,
        explanation=explanation,
    )
    shares = allocate(charge, result, bill, rows, terms.rounding)
    return Rated(result, lines, tuple(shares)), usage


def _rate_fixed(
    terms: Terms, charge: FixedCharge, owed: Fraction, state: State, period: Period
) -> tuple[Rated, Fraction]:
    """Charge the periods in force that were not charged yet.

    ``owed`` is in periods. In advance, what is to come is added and stays paid for:
    skipped periods and devices that come or go true up by themselves.
    """
    if charge.per == "contract":
        in_force, continuing, places = Fraction(period.share), 1, None
    else:
        places = [place for place in period.places if charge.covers(place.key)]
        in_force = sum((Fraction(place.share) for place in places), Fraction(0))
        continuing = sum(1 for place in places if place.continues)
    waiting = owed
    owed += in_force
    due = _is_due(charge.every, state, period)
    steps: tuple[Step, ...] = ()
    ahead = Fraction(0)
    if due:
        ahead = continuing * _to_come(charge, period)
        steps, owed = _fixed_steps(charge, owed, ahead), -ahead
    quantity = sum((step.quantity for step in steps), Fraction(0))
    lines = tuple(
        priced_line(charge.code, charge.payer, step, terms.rounding) for step in steps
    )
    explanation: Explanation = ()
    if due:
        explanation = explain_fixed(
            charge.amount, in_force, waiting, ahead, places, lines
        )
    result = ChargeResult(
        charge=charge.code,
        quantity=as_decimal(in_force),
        billed_quantity=as_decimal(quantity),
        included=Decimal(0),
        billable=as_decimal(quantity),
        amount=_sum(lines),
        due=due,
        explanation=explanation,
    )
    return Rated(result, lines), owed


def _fixed_steps(
    charge: FixedCharge, owed: Fraction, ahead: Fraction
) -> tuple[Step, ...]:
    """Price the periods owed and those ahead, in one step where they cost the same."""
    if charge.next_amount in (None, charge.amount):
        priced = ((charge.amount, owed + ahead),)
    else:
        priced = ((charge.amount, owed), (charge.next_amount, ahead))
        if not charge.next_amount:
            priced = priced[:1]  # over after this period
    return tuple(
        Step("fixed", None, price, quantity) for price, quantity in priced if quantity
    )


def _to_come(charge: FixedCharge, period: Period) -> Fraction:
    """Return the periods that this invoice charges in advance."""
    if charge.timing == "arrears" or period.final:
        return Fraction(0)
    to_come = Fraction(period.next_share)
    # A next period cut short is the last one.
    return to_come + charge.every - 1 if to_come >= 1 else to_come


def _rate_amount(
    terms: Terms,
    charge: MinimumAmount | MaximumAmount,
    waiting: AmountState,
    period: Period,
    rated: dict[str, Rated],
) -> tuple[Rated, AmountState]:
    """Top up or cap charges, once all of them are due, for the periods since.

    It sees the rounded amounts of their lines. A credit among them corrects what
    was charged earlier: a minimum does not take it back.
    """
    of_charges = [rated[code].result for code in charge.charges]
    explanation: Explanation = ()
    share = waiting.share + Fraction(period.share)
    charged = waiting.amount + sum(result.amount for result in of_charges)
    due = all(result.due for result in of_charges)
    lines = ()
    if due:
        limit = round_half_up(Fraction(charge.amount) * share, terms.rounding)
        if isinstance(charge, MinimumAmount):
            step = Step("minimum", None, limit - max(charged, 0), Fraction(1))
        else:
            step = Step("maximum", None, charged - limit, Fraction(-1))
        if step.price > 0:
            lines = (priced_line(charge.code, charge.payer, step, terms.rounding),)
        explanation = explain_limit(
            charge,
            step.kind,
            share,
            limit,
            [(result.charge, result.amount) for result in of_charges],
            waiting.amount,
            lines,
        )
    result = ChargeResult(
        charge=charge.code,
        quantity=Decimal(0),
        billed_quantity=Decimal(0),
        included=Decimal(0),
        billable=Decimal(0),
        amount=_sum(lines),
        due=due,
        explanation=explanation,
    )
    return Rated(result, lines), AmountState() if due else AmountState(share, charged)


def _sum(lines: Iterable[Line]) -> Decimal:
    return sum((line.amount for line in lines), Decimal(0))
