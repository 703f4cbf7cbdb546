# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The facts of one billed period."""

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class MeterUsage:
    """Pages of a read meter: end less start, negative below an estimate."""

    place: Hashable
    device: Hashable
    meter: str
    pages: int


@dataclass(frozen=True)
class Place:
    """A place in the contract: a device and those that replace it.

    ``share`` is for how many full periods it was in force in this one;
    ``continues`` tells whether it still is after it.
    """

    key: Hashable
    share: Fraction = Fraction(1)
    continues: bool = True


@dataclass(frozen=True)
class Period:
    """One billed period, which may cover skipped ones as well.

    ``index`` counts calendar periods from 0: that of the last one covered.
    ``share`` is for how many full periods it counts: 2 after a skipped one, 16/31
    where prorated. ``next_share`` is that of the next period, 0 where the contract
    ends. ``final`` makes every charge fall due.
    """

    index: int
    share: Fraction = Fraction(1)
    next_share: Fraction = Fraction(1)
    final: bool = False
    places: tuple[Place, ...] = ()
    usage: tuple[MeterUsage, ...] = ()
