# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What every reading goes through before it is stored, whatever its source."""

import re
from bisect import bisect_left
from collections import defaultdict
from datetime import datetime, time
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..fields import LARGEST_COUNTER
from ..tools import INTERNAL, local_date

# A sign, digits in groups of thousands or in one, and decimals that are all 0.
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)\s*"
    r"(?P<digits>[0-9]{1,3}(?P<group>[.,' \u00a0\u202f])[0-9]{3}"
    r"(?:(?P=group)[0-9]{3})*|[0-9]+)"
    r"(?:(?!(?P=group))[.,]0+)?"
)


class MeterReading(models.Model):
    _inherit = "meter.reading"

    # === Entry points === #

    @api.model
    def _ingest(self, rows, source):
        """Check rows of readings and store those that may be stored.

        :param rows: dicts with ``meter_id``, ``value`` (int or text), one of
            ``read_at`` (naive UTC datetime) and ``date`` (a day where the company is),
            and optionally ``kind``, ``import_id`` and ``closes_day`` (bool: it is the
            last reading of its day)
        :param str source: a value of the field source
        :return: one dict a row, in order: ``status`` (created, hold, duplicate,
            refused), ``message`` for the user (empty where created) and ``reading_id``
            (0 where refused)
        """
        rows, verdicts = self._judge(rows)
        return self._store(rows, verdicts, source)

    @api.model
    def _ingest_or_raise(self, rows, source):
        """Store all of these rows or none of them.

        :param rows: see :meth:`_ingest`
        :return: the readings
        :raises UserError: with one line for each row that is refused
        """
        rows, verdicts = self._judge(rows)
        self._raise_for(verdicts, "refused")
        verdicts = self._store(rows, verdicts, source)
        return self.browse(verdict["reading_id"] for verdict in verdicts)

    @api.model
    def _check_new(self, vals_list):
        """Return the full values of readings that somebody creates by hand.

        Meter, moment, value and kind are what a user says; the rest follows.

        :raises UserError: with one line for each that is refused or there already
        """
        rows, verdicts = self._judge(
            [
                {
                    "meter_id": vals.get("meter_id"),
                    "read_at": vals.get("read_at") or fields.Datetime.now(),
                    "value": vals.get("value"),
                    "kind": vals.get("kind"),
                }
                for vals in vals_list
            ]
        )
        self._raise_for(verdicts, "refused", "duplicate")
        return [
            self._prepare_reading(row, verdict, "manual")
            for row, verdict in zip(rows, verdicts, strict=True)
        ]

    @api.model
    def _raise_for(self, verdicts, *statuses):
        messages = [v["message"] for v in verdicts if v["status"] in statuses]
        if messages:
            raise UserError("\n".join(messages))

    @api.model
    def _store(self, rows, verdicts, source):
        """Create the readings of judged rows; return the verdicts with their ids."""
        accepted = [
            (row, verdict)
            for row, verdict in zip(rows, verdicts, strict=True)
            if verdict["status"] in ("created", "hold")
        ]
        readings = self.with_context(meter_readings_checked=INTERNAL).create(
            [self._prepare_reading(row, verdict, source) for row, verdict in accepted]
        )
        stored = {}
        for (row, verdict), reading in zip(accepted, readings, strict=True):
            verdict["reading_id"] = reading.id
            stored[row["meter_id"], row["read_at"]] = reading.id
        for row, verdict in zip(rows, verdicts, strict=True):
            if verdict["status"] == "duplicate" and not verdict["reading_id"]:
                # of a row of the same batch
                verdict["reading_id"] = stored[row["meter_id"], row["read_at"]]
        return verdicts

    # === Judging === #

    @api.model
    def _judge(self, rows):
        """Return the rows in normal form, and a verdict for each.

        Reads in sets: three queries for any number of rows.
        """
        meters = self.env["meter.meter"].browse(
            {row["meter_id"] for row in rows if row.get("meter_id")}
        )
        meters.check_access("read")
        meters.fetch(["device_id", "type_id", "digits", "opening_value", "company_id"])
        # As taken from the set, each meter reads its device with those of the others.
        by_id = {meter.id: meter for meter in meters}
        none = self.env["meter.meter"]
        rows = [
            self._normalise(row, by_id.get(row.get("meter_id"), none)) for row in rows
        ]
        timelines = self._get_timelines(rows)
        verdicts = [None] * len(rows)
        # In the order of time, so that each row sees the accepted ones before it.
        for index in sorted(
            range(len(rows)), key=lambda i: rows[i].get("read_at") or datetime.min
        ):
            row = rows[index]
            verdict = self._refuse(row) or self._compare(row, timelines)
            if verdict["status"] in ("created", "hold"):
                timelines[row["meter_id"]].add(row, verdict["status"])
            verdicts[index] = verdict
        return rows, verdicts

    @api.model
    def _normalise(self, row, meter):
        """Return the row with ``meter``, ``parsed``, ``read_at`` and ``date``."""
        row = dict(row, meter=meter)
        timezone = meter.company_id._get_meter_timezone() if meter else "UTC"
        if isinstance(row.get("read_at"), str):
            row["read_at"] = fields.Datetime.to_datetime(row["read_at"])
        if row.get("read_at"):
            row["date"] = local_date(row["read_at"], timezone)
        elif row.get("date"):
            # A day without an hour is noon: it stays that day in any time zone near.
            # A closing value comes after whatever else was read on the day.
            hour = time(23, 59, 59) if row.get("closes_day") else time(12)
            moment = datetime.combine(row["date"], hour, ZoneInfo(timezone))
            row["read_at"] = moment.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
        row["parsed"] = self._parse_value(row.get("value"))
        return row

    @api.model
    def _parse_value(self, value):
        """Return a counter value as an int, or None where it is no whole number.

        Text may group its thousands: 12,345 and 12.345 and 12 345 are all 12345.
        """
        if isinstance(value, bool) or value is None:
            return None
        if isinstance(value, int):
            return value
        if isinstance(value, float):
            return int(value) if value.is_integer() else None
        match = _NUMBER.fullmatch(str(value).strip())
        if not match:
            return None
        digits = re.sub(r"[^0-9]", "", match["digits"]).lstrip("0")
        # Python refuses to read thousands of digits; 20 are too large already.
        return int(match["sign"] + (digits[:20] or "0"))

    @api.model
    def _refuse(self, row):
        """Return the verdict on a row that cannot be a reading at all, or None."""
        meter, value, date = row["meter"], row["parsed"], row.get("date")
        _ = self.env._
        if not meter:
            return self._verdict("refused", _("The reading names no meter."))
        device = meter.device_id
        name = meter.display_name
        message = None
        if value is None:
            message = _(
                "%(meter)s: “%(value)s” is not a whole number. Enter the counter as "
                "the device shows it.",
                meter=name,
                value=row.get("value") or "",
            )
        elif value < 0:
            message = _(
                "%(meter)s: %(value)s is negative. A counter starts at 0.",
                meter=name,
                value=f"{value:,}",
            )
        elif value > (10**meter.digits - 1 if meter.digits else LARGEST_COUNTER):
            message = _(
                "%(meter)s: %(value)s is too large for this counter of %(digits)s "
                "digits. Check the number.",
                meter=name,
                value=f"{value:,}",
                digits=meter.digits or 12,
            )
        elif not date:
            message = _("%(meter)s: the reading has no date.", meter=name)
        elif date > meter.company_id._meter_today():
            message = _(
                "%(meter)s: %(date)s is in the future. Enter the day it was read.",
                meter=name,
                date=date.isoformat(),
            )
        elif not device.install_date or date < device.install_date:
            message = _(
                "%(meter)s: %(date)s is before the device was installed "
                "(%(installed)s). Check the date, or the installation date of the "
                "device.",
                meter=name,
                date=date.isoformat(),
                installed=(device.install_date or _("not yet")),
            )
        elif device.removal_date and date > device.removal_date:
            message = _(
                "%(meter)s: %(date)s is after the device was removed (%(removed)s). "
                "Check the date and the serial number.",
                meter=name,
                date=date.isoformat(),
                removed=device.removal_date.isoformat(),
            )
        return self._verdict("refused", message) if message else None

    @api.model
    def _compare(self, row, timelines):
        """Return the verdict on a row beside the meter's other readings."""
        _ = self.env._
        name, value = row["meter"].display_name, row["parsed"]
        timeline = timelines[row["meter_id"]]
        same = timeline.at(row["read_at"])
        if same and same[0] == value:
            return self._verdict(
                "duplicate",
                _("%(meter)s: this reading is there already.", meter=name),
                reading_id=same[1],
            )
        if same:
            return self._verdict(
                "refused",
                _(
                    "%(meter)s: there is a reading of %(value)s for %(date)s already. "
                    "Correct that one instead.",
                    meter=name,
                    value=f"{same[0]:,}",
                    date=row["date"].isoformat(),
                ),
            )
        # Estimates are no measure, but are measured: around() knows actual ones only.
        before, after = timeline.around(row["read_at"])
        if before is not None and value < before:
            return self._verdict(
                "hold",
                _(
                    "%(meter)s: %(value)s is lower than the reading before it "
                    "(%(before)s). Say what happened, or correct it.",
                    meter=name,
                    value=f"{value:,}",
                    before=f"{before:,}",
                ),
            )
        if after is not None and value > after:
            return self._verdict(
                "hold",
                _(
                    "%(meter)s: %(value)s is higher than the reading after it "
                    "(%(after)s). Accept it or correct it.",
                    meter=name,
                    value=f"{value:,}",
                    after=f"{after:,}",
                ),
            )
        return self._verdict("created", "")

    def _get_value_before(self):
        """Return the actual value that this reading is compared to."""
        self.ensure_one()
        row = {
            "meter": self.meter_id,
            "meter_id": self.meter_id.id,
            "read_at": self.read_at,
        }
        timeline = self._get_timelines([row])[self.meter_id.id]
        return timeline.around(self.read_at)[0]

    @staticmethod
    def _verdict(status, message, reading_id=0):
        return {"status": status, "message": message, "reading_id": reading_id}

    @api.model
    def _get_timelines(self, rows):
        """Return ``{meter_id: _Timeline}`` with what the rows are compared to."""
        since = {}
        for row in rows:
            if row["meter"] and row.get("read_at"):
                meter_id, read_at = row["meter_id"], row["read_at"]
                since[meter_id] = min(read_at, since.get(meter_id, read_at))
        timelines = defaultdict(_Timeline)
        for meter in self.env["meter.meter"].browse(since):
            timelines[meter.id].opening = meter.opening_value
        if not since:
            return timelines
        self.flush_model()
        # The last actual reading before the earliest row of each meter, and all since.
        for meter_id, reading_id, read_at, value, kind, state in self.env.execute_query(
            SQL(
                """
                WITH wanted AS (
                    SELECT * FROM unnest(%(meters)s::int[], %(since)s::timestamp[])
                           AS wanted(meter_id, since)
                )
                SELECT r.meter_id, r.id, r.read_at, r.value, r.kind, r.state
                  FROM wanted
                  JOIN meter_reading r
                    ON r.meter_id = wanted.meter_id AND r.read_at >= wanted.since
                 WHERE r.state IN ('valid', 'hold')
                UNION ALL
                SELECT before.*
                  FROM wanted
                  JOIN LATERAL (
                        SELECT r.meter_id, r.id, r.read_at, r.value, r.kind, r.state
                          FROM meter_reading r
                         WHERE r.meter_id = wanted.meter_id
                           AND r.read_at < wanted.since
                           AND r.state = 'valid' AND r.kind = 'actual'
                      ORDER BY r.read_at DESC
                         LIMIT 1
                       ) before ON true
                """,
                meters=list(since),
                since=list(since.values()),
            )
        ):
            timelines[meter_id].insert(read_at, value, reading_id, kind, state)
        for event in self.env["meter.event"].search([("meter_id", "in", list(since))]):
            timelines[event.meter_id.id].insert_event(event)
        return timelines

    @api.model
    def _prepare_reading(self, row, verdict, source):
        """Return the values of a reading from its row and verdict."""
        device = row["meter"].device_id
        values = {
            "meter_id": row["meter_id"],
            "device_id": device.id,
            "company_id": device.company_id.id,
            # A correction is about the customer that the corrected one was about.
            "partner_id": row.get("partner_id") or device.commercial_partner_id.id,
            "read_at": row["read_at"],
            "date": row["date"],
            "value": row["parsed"],
            "kind": row.get("kind") or "actual",
            "estimate_method": row.get("estimate_method"),
            "source": source,
            "import_id": row.get("import_id"),
            "supersedes_id": row.get("supersedes_id"),
            "reason": row.get("reason") or False,
            "state": "valid",
        }
        if verdict["status"] == "hold":
            values.update(state="hold", reason=verdict["message"])
        return values


class _Timeline:
    """A meter's readings around the rows that are judged, in the order of time."""

    def __init__(self):
        self.opening = None
        self.moments = {}  # read_at: (value, reading id), valid or on hold
        self.times = []  # of valid actual readings and of events
        self.values = []  # (value to compare later ones with, earlier ones with)

    def insert(self, read_at, value, reading_id, kind, state):
        self.moments[read_at] = (value, reading_id)
        if state == "valid" and kind == "actual":
            self._insert(read_at, value, value)

    def insert_event(self, event):
        """After an event the counter goes on from its opening value."""
        self._insert(event.happened_at, event.opening_value, event.closing_value)

    def _insert(self, moment, for_later, for_earlier):
        index = bisect_left(self.times, moment)
        self.times.insert(index, moment)
        self.values.insert(index, (for_later, for_earlier))

    def add(self, row, status):
        self.insert(
            row["read_at"],
            row["parsed"],
            0,
            row.get("kind") or "actual",
            "hold" if status == "hold" else "valid",
        )

    def at(self, read_at):
        """Return (value, reading id) of that very moment, or None."""
        return self.moments.get(read_at)

    def around(self, read_at):
        """Return the actual values before and after a moment (None: there is none)."""
        index = bisect_left(self.times, read_at)
        before = self.values[index - 1][0] if index else self.opening
        after = self.values[index][1] if index < len(self.values) else None
        return before, after
