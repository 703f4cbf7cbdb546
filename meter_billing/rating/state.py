# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What one period hands on to the next."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from .lots import Lot, Lots

VERSION = 1


@dataclass(frozen=True)
class PoolState:
    """A pool of a usage charge: the whole contract, or one place in it.

    ``usage`` and ``share`` wait for the period in which the charge falls due.
    """

    share: Fraction = Fraction(0)
    usage: Fraction = Fraction(0)
    carried: Lots = ()
    shortfalls: Lots = ()


@dataclass(frozen=True)
class UsageState:
    """A usage charge: its pools by place (``None``: the contract's).

    ``prepaid`` is ``None`` until the opening balance has been entered.
    """

    pools: dict[Hashable, PoolState] = field(default_factory=dict)
    prepaid: Lots | None = None


@dataclass(frozen=True)
class AmountState:
    """A minimum or maximum amount that waits for its charges to fall due."""

    share: Fraction = Fraction(0)
    amount: Decimal = Decimal(0)


@dataclass(frozen=True)
class State:
    """All that rating remembers after period ``index``; ``State()`` is the start.

    ``owed`` holds, by fixed charge, the periods in force less the periods charged
    (negative where paid in advance). Place keys must be strings, integers or
    tuples of them to survive JSON.
    """

    index: int = -1
    usage: dict[str, UsageState] = field(default_factory=dict)
    owed: dict[str, Fraction] = field(default_factory=dict)
    amounts: dict[str, AmountState] = field(default_factory=dict)

    def to_json(self) -> dict:
        """Return the state as JSON-able data, numbers as strings."""
        return {
            "version": VERSION,
            "index": self.index,
            "usage": {code: _usage_json(usage) for code, usage in self.usage.items()},
            "owed": {code: str(owed) for code, owed in self.owed.items()},
            "amounts": {
                code: {"share": str(amount.share), "amount": str(amount.amount)}
                for code, amount in self.amounts.items()
            },
        }

    @classmethod
    def from_json(cls, data: dict | None) -> "State":
        """Return the state that ``to_json`` wrote; nothing at all is the start.

        Raises ``ValueError`` for a version that this code does not know.
        """
        if not data:
            return cls()
        if data.get("version") != VERSION:
            raise ValueError(f"unknown rating state version {data.get('version')!r}")
        return cls(
            index=data["index"],
            usage={code: _usage_state(usage) for code, usage in data["usage"].items()},
            owed={code: Fraction(owed) for code, owed in data["owed"].items()},
            amounts={
                code: AmountState(Fraction(amount["share"]), Decimal(amount["amount"]))
                for code, amount in data["amounts"].items()
            },
        )


def _usage_json(usage: UsageState) -> dict:
    return {
        # Pairs, not an object: its keys would turn numbers into strings.
        "pools": [
            [
                key,
                {
                    "share": str(pool.share),
                    "usage": str(pool.usage),
                    "carried": _lots_json(pool.carried),
                    "shortfalls": _lots_json(pool.shortfalls),
                },
            ]
            for key, pool in sorted(usage.pools.items(), key=lambda item: str(item[0]))
        ],
        "prepaid": None if usage.prepaid is None else _lots_json(usage.prepaid),
    }


def _usage_state(data: dict) -> UsageState:
    return UsageState(
        pools={
            _place_key(key): PoolState(
                share=Fraction(pool["share"]),
                usage=Fraction(pool["usage"]),
                carried=_lots(pool["carried"]),
                shortfalls=_lots(pool["shortfalls"]),
            )
            for key, pool in data["pools"]
        },
        prepaid=None if data["prepaid"] is None else _lots(data["prepaid"]),
    )


def _lots_json(lots: Lots) -> list:
    return [[lot.index, str(lot.left)] for lot in lots]


def _lots(data: list) -> Lots:
    return tuple(Lot(index, Fraction(left)) for index, left in data)


def _place_key(key):
    return tuple(_place_key(part) for part in key) if isinstance(key, list) else key
