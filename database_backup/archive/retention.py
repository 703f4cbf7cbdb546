# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which backups are kept. Pure Python."""


def keep(moments, last=1, daily=0, weekly=0, monthly=0):
    """Return those of `moments` whose backups are kept.

    :param moments: datetimes of complete backups
    :param last: keep the newest so many
    :param daily: and the newest of each of the last so many days that have one;
        `weekly` (ISO weeks) and `monthly` likewise
    """
    newest_first = sorted(set(moments), reverse=True)
    kept = set(newest_first[:last])
    for count, period in (
        (daily, lambda moment: moment.date()),
        (weekly, lambda moment: moment.isocalendar()[:2]),
        (monthly, lambda moment: (moment.year, moment.month)),
    ):
        newest = {}
        for moment in newest_first:
            newest.setdefault(period(moment), moment)
        kept.update(list(newest.values())[:count])
    return kept
