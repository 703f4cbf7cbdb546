# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A meter's readings and events in the order of time."""

from bisect import bisect_left
from statistics import median

# A rate of pages a day is taken over half a day at least: counts of minutes say little.
SHORTEST_DAYS = 0.5
#: How many of the last rates say what is usual, and how many it takes at least.
MOST_RATES, FEWEST_RATES = 6, 3
DAY = 86400


class Timeline:
    """What a meter's readings are compared to: valid actual readings, and events."""

    __slots__ = ("highest", "moments", "start", "times", "values")

    def __init__(self):
        self.start = None  # (moment, value) it was installed with, if all since is here
        self.moments = {}  # moment: (value, reading id), valid or on hold
        self.times = []
        self.values = []  # (value to compare later ones with, earlier ones with)
        self.highest = 0.0  # pages a day of any interval, to know what cannot be

    def insert(self, moment, value, reading_id, is_measure):
        """Add a reading.

        :param bool is_measure: others are compared to it: it is valid and actual
        """
        self.moments[moment] = (value, reading_id)
        if is_measure:
            self._insert(moment, value, value)

    def insert_event(self, moment, closing, opening):
        """After an event the counter goes on from its opening value."""
        self._insert(moment, opening, closing)

    def _insert(self, moment, for_later, for_earlier):
        times = self.times
        index = len(times)
        if index and times[-1] >= moment:
            index = bisect_left(times, moment)
        if index:
            days = (moment - times[index - 1]).total_seconds() / DAY
            if days >= SHORTEST_DAYS:
                rate = (for_earlier - self.values[index - 1][0]) / days
                self.highest = max(self.highest, rate)
        times.insert(index, moment)
        self.values.insert(index, (for_later, for_earlier))

    def index(self, moment):
        """Return how many readings and events lie before a moment."""
        times = self.times
        if not times or times[-1] < moment:
            return len(times)
        return bisect_left(times, moment)

    def around(self, moment, opening=None):
        """Return the actual values before and after a moment.

        :param opening: what stands before the first of them
        :return: (value or None, value or None)
        """
        index = self.index(moment)
        before = self.values[index - 1][0] if index else opening
        after = self.values[index][1] if index < len(self.values) else None
        return before, after

    def usual_rate(self, index):
        """Return the pages a day that are usual before a position, None if unknown.

        The median of the last intervals: an odd one does not move it. The first one is
        that since the installation.
        """
        rates = []
        first = -1 if self.start else 0
        index -= 1
        while index > first and len(rates) < MOST_RATES:
            end, pages = self.times[index], 0
            # Short intervals are taken together until they are long enough.
            while True:
                before, value = self._point(index - 1)
                pages += self.values[index][1] - value
                days = (end - before).total_seconds() / DAY
                index -= 1
                if days >= SHORTEST_DAYS or index == first:
                    break
            if days >= SHORTEST_DAYS and pages >= 0:
                rates.append(pages / days)
        return median(rates) if len(rates) >= FEWEST_RATES else None

    def _point(self, index):
        if index < 0:
            return self.start
        return self.times[index], self.values[index][0]
