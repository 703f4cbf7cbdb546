# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Weighted usage of every meter, read or derived."""

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction

from .charges import MeterType
from .period import Period
from .terms import Terms


@dataclass(frozen=True)
class Row:
    """The usage of one meter of one device: raw pages and their weighted quantity."""

    place: Hashable
    device: Hashable
    meter: str
    pages: int
    quantity: Fraction

    @property
    def key(self) -> str:
        """Where it stands among other rows, whatever order they were given in."""
        return f"{self.place}/{self.device}/{self.meter}"


def usage_rows(terms: Terms, period: Period) -> tuple[Row, ...]:
    """Return a row for each device and meter type that it has usage of, sorted."""
    types = {meter_type.code: meter_type for meter_type in terms.meter_types}
    devices: dict[tuple, dict[str, int]] = {}
    for usage in period.usage:
        read = devices.setdefault((usage.place, usage.device), {})
        read[usage.meter] = read.get(usage.meter, 0) + usage.pages
    rows = []
    for (place, device), read in devices.items():
        for code, meter_type in types.items():
            pages = _pages(code, read, types)
            if pages is not None:
                quantity = pages * Fraction(meter_type.weight)
                rows.append(Row(place, device, code, pages, quantity))
    return tuple(sorted(rows, key=lambda row: row.key))


def _pages(code: str, read: dict, types: dict[str, MeterType]) -> int | None:
    """Return the raw pages of a type on one device, ``None`` where it has none."""
    meter_type = types[code]
    if not meter_type.add:
        return read.get(code)
    added = [_pages(source, read, types) for source in meter_type.add]
    if all(pages is None for pages in added):
        return None
    subtracted = [_pages(source, read, types) for source in meter_type.subtract]
    return sum(pages or 0 for pages in added) - sum(pages or 0 for pages in subtracted)
