# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How a charge came to its amount: each step with its numbers, for a reader later.

An explanation is a tuple of (kind, numbers). It is JSON-able: numbers are exact, as
strings ("16/31"), and can be read with ``Fraction``; pages set aside are lists of
[period index, pages]. The words are the caller's.

=========  ===========================================================================
kind       numbers
=========  ===========================================================================
meters     weights: of meters that do not count 1; derived: [added, subtracted] meters
usage      pages: weighted, of this period; waited: those of earlier periods that are
           charged now; total; place: where each device is rated on its own
allowance  included: a period; share: periods; granted; before: carried pages by
           period; used; after: carried on; place
price      kind, quantity, price, pages: what packages are made of; tier, above, up_to;
           place
minimum    quantity: a period; share: periods; paid_for; usage; price; shortfall;
           taken_back; before, after: shortfalls that may be taken back; place
prepaid    billable; before: blocks; covered: from them; bought; block; price; after
line       kind, tier, quantity, price, amount: an invoice line, rounded
fixed      price; in_force: periods; open: periods not charged yet, negative where they
           were paid in advance; ahead: periods charged in advance; quantity; places:
           [place, periods] where each device pays
limit      kind; price: a period; share: periods; limit; charged: [charge, amount];
           waited: the amounts of earlier periods; total; amount
=========  ===========================================================================
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from .charges import Graduated, MeterType, Package, UsageCharge, Volume
from .lots import Lots
from .pricing import Step
from .result import Explanation, Line
from .usage import Row
from .usage_charge import PoolBill, UsageBill, pool_key


def explain_usage(
    charge: UsageCharge,
    bill: UsageBill,
    rows: Sequence[Row],
    lines: Iterable[Line],
    meter_types: Iterable[MeterType],
) -> Explanation:
    """Return the steps from the pages of a due usage charge to its lines."""
    steps = _meters(charge, meter_types)
    pages: dict = {}
    for row in rows:
        key = pool_key(charge, row)
        pages[key] = pages.get(key, Fraction(0)) + row.quantity
    for pool in sorted(bill.pools, key=lambda pool: str(pool.key)):
        steps += _explain_pool(charge, pool, pages.get(pool.key, Fraction(0)))
    if charge.prepaid:
        steps.append(("prepaid", _prepaid(charge, bill)))
    steps += [("line", _line(line)) for line in lines]
    return tuple(steps)


def _meters(charge: UsageCharge, meter_types: Iterable[MeterType]) -> list:
    weights, derived = {}, {}
    for kind in meter_types:
        if kind.code in charge.meters:
            if kind.weight != 1:
                weights[kind.code] = str(kind.weight)
            if kind.add:
                derived[kind.code] = [list(kind.add), list(kind.subtract)]
    if not weights and not derived:
        return []
    return [("meters", {"weights": weights, "derived": derived})]


def _explain_pool(charge: UsageCharge, pool: PoolBill, pages: Fraction) -> list:
    steps = [
        ("usage", {"pages": pages, "waited": pool.usage - pages, "total": pool.usage})
    ]
    if charge.included or pool.before.carried:
        steps.append(
            (
                "allowance",
                {
                    "included": charge.included,
                    "share": pool.before.share,
                    "granted": pool.granted,
                    "before": _lots(pool.before.carried),
                    "used": pool.included,
                    "after": _lots(pool.after.carried),
                },
            )
        )
    if not charge.prepaid:
        steps += [("price", _price(charge, pool, step)) for step in pool.steps]
    if charge.minimum:
        steps.append(("minimum", _minimum(charge, pool)))
    where = {} if pool.key is None else {"place": pool.key}
    return [(kind, {**_text(numbers), **where}) for kind, numbers in steps]


def _price(charge: UsageCharge, pool: PoolBill, step: Step) -> dict:
    numbers = {"kind": step.kind, "quantity": step.quantity, "price": step.price}
    pricing = charge.pricing
    if isinstance(pricing, Package):
        numbers.update(pages=pool.billable, size=pricing.size)
    if isinstance(pricing, Graduated | Volume):
        limits = [tier.up_to for tier in pricing.tiers]
        numbers.update(
            tier=step.tier,
            above=limits[step.tier - 2] if step.tier > 1 else 0,
            up_to=limits[step.tier - 1],
        )
    return numbers


def _minimum(charge: UsageCharge, pool: PoolBill) -> dict:
    settled = {step.kind: step.quantity for step in pool.settlement}
    quantity, share = charge.minimum.quantity, pool.before.share
    return {
        "quantity": quantity,
        "share": share,
        "paid_for": Fraction(quantity) * share,
        "usage": pool.usage,
        "price": charge.minimum.price,
        "shortfall": settled.get("shortfall", 0),
        "taken_back": -settled.get("clawback", 0),
        "before": _lots(pool.before.shortfalls),
        "after": _lots(pool.after.shortfalls),
    }


def _prepaid(charge: UsageCharge, bill: UsageBill) -> dict:
    billable = sum((pool.billable for pool in bill.pools), Fraction(0))
    bought = sum((step.quantity for step in bill.blocks), Fraction(0))
    before = bill.prepaid_before
    had = sum((lot.left for lot in before), Fraction(0))
    return _text(
        {
            "billable": billable,
            "before": _lots(before),
            "covered": min(had, max(billable, Fraction(0))),
            "bought": bought,
            "block": charge.prepaid.block,
            "price": charge.prepaid.price,
            "after": _lots(bill.prepaid_after),
        }
    )


def _line(line: Line) -> dict:
    return _text(
        {
            "kind": line.kind,
            "tier": line.tier,
            "quantity": line.quantity,
            "price": line.price,
            "amount": line.amount,
        }
    )


def explain_fixed(
    price, in_force: Fraction, waiting: Fraction, ahead: Fraction, places, lines
) -> Explanation:
    """Return the steps of a due fixed charge.

    ``waiting`` is what was not charged before this period, in periods; ``places`` is
    None where the contract pays as a whole.
    """
    numbers = {
        "price": price,
        "in_force": in_force,
        "open": waiting,
        "ahead": ahead,
        "quantity": waiting + in_force + ahead,
    }
    if places is not None:
        pairs = [[place.key, str(place.share)] for place in places]
        numbers["places"] = sorted(pairs, key=str)
    return (("fixed", _text(numbers)), *(("line", _line(line)) for line in lines))


def explain_limit(charge, kind, share, limit, charged, waited, lines) -> Explanation:
    """Return the steps of a minimum or maximum amount that is due.

    ``charged`` are (charge, amount) of the charges that it covers, in this period.
    """
    numbers = {
        "kind": kind,
        "price": charge.amount,
        "share": share,
        "limit": limit,
        "charged": [[code, str(amount)] for code, amount in charged],
        "waited": waited,
        "total": waited + sum(amount for _code, amount in charged),
        "amount": sum(line.amount for line in lines),
    }
    return (("limit", _text(numbers)), *(("line", _line(line)) for line in lines))


def _lots(lots: Lots) -> list:
    return [[lot.index, str(lot.left)] for lot in lots if lot.left]


def _text(numbers: dict) -> dict:
    """Return numbers as exact text; lists, words and what is not there as they are."""
    return {
        name: value if isinstance(value, str | list | None) else str(value)
        for name, value in numbers.items()
    }
