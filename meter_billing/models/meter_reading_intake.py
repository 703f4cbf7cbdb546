# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What every reading goes through before it is stored, whatever its source.

The facts are read in sets (``meter_reading_facts``), the checks are plain Python
(``checking``), the readings are stored in one statement (``meter_reading_store``).
"""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import checking
from ..tools import local_date

# Who gives a reading there has decided about it: what is only remarkable is noted.
DECIDED_SOURCES = {"removal", "move", "install", "correction", "estimate"}
UTC = ZoneInfo("UTC")
NOON, LAST_SECOND = time(12), time(23, 59, 59)


def _get_customer(customers, day):
    """Return the id of the partner that had a device on a day, or None.

    :param customers: (last day there, partner id) in the order of time, see _get_facts
    :param date day: or None: who has it now
    """
    for last_day, partner_id in customers:
        if last_day is None or (day and day <= last_day):
            return partner_id
    return None


class MeterReading(models.Model):
    _inherit = "meter.reading"

    # === Entry points === #

    @api.model
    def _ingest(self, rows, source):
        """Check rows of readings and store those that may be stored.

        :param rows: dicts with ``meter_id``, ``value`` (int or text), one of
            ``read_at`` (naive UTC datetime) and ``date`` (a day where the company is),
            and optionally ``kind``, ``import_id``, ``reason``, ``remark`` (who gave it,
            for the note) and ``closes_day`` (bool: it is the last reading of its day)
        :param str source: a value of the field source
        :return: one dict a row, in order: ``status`` (created, hold, duplicate,
            refused), ``message`` for the user (what the checks found; empty where they
            found nothing) and ``reading_id`` (0 where refused)
        """
        rows, verdicts = self._judge(rows, source)
        return self._store(rows, verdicts, source)

    @api.model
    def _ingest_or_raise(self, rows, source):
        """Store all of these rows or none of them.

        :param rows: see :meth:`_ingest`
        :return: the readings
        :raises UserError: with one line for each row that is refused
        """
        rows, verdicts = self._judge(rows, source)
        self._raise_for(verdicts, "refused")
        verdicts = self._store(rows, verdicts, source)
        return self.browse(verdict["reading_id"] for verdict in verdicts)

    @api.model
    def _check_new(self, vals_list):
        """Return the full values of readings that somebody creates by hand.

        Meter, moment, value and kind are what a user says; the rest follows.

        :raises UserError: with one line for each that is refused or there already
        """
        source = self._get_manual_source()
        rows, verdicts = self._judge(
            [
                {
                    "meter_id": vals.get("meter_id"),
                    "read_at": vals.get("read_at") or fields.Datetime.now(),
                    "value": vals.get("value"),
                    "kind": vals.get("kind"),
                }
                for vals in vals_list
            ],
            source,
        )
        self._raise_for(verdicts, "refused", "duplicate")
        self._create_events(rows, verdicts)
        return [
            self._prepare_reading(row, verdict, source)
            for row, verdict in zip(rows, verdicts, strict=True)
        ]

    @api.model
    def _get_manual_source(self):
        """Return the source of what this user enters by hand."""
        is_biller = self.env.user.has_group("meter_billing.group_meter_billing_user")
        is_technician = self.env.user.has_group(
            "meter_billing.group_meter_billing_technician"
        )
        if is_technician and not is_biller and not self.env.su:
            return "service"
        return "manual"

    @api.model
    def _raise_for(self, verdicts, *statuses):
        messages = [v["message"] for v in verdicts if v["status"] in statuses]
        if messages:
            raise UserError("\n".join(messages))

    # === Judging === #

    @api.model
    def _judge(self, rows, source="manual"):
        """Return the rows in normal form, and a verdict for each.

        Reads in sets: a handful of queries for any number of rows.

        :param str source: a value of the field source
        :return: (rows with ``read_at``, ``date`` and ``facts``; dicts with ``status``,
            ``message``, ``reading_id``, ``check_code``)
        """
        meters = self.env["meter.meter"].browse(
            {row["meter_id"] for row in rows if row.get("meter_id")}
        )
        meters.check_access("read")
        meters.fetch(["company_id"])
        companies = {meter.id: meter.company_id.id for meter in meters}
        rows = self._normalise(rows, companies)
        since, until = {}, {}
        for row in rows:
            meter_id, moment = row["meter_id"], row["read_at"]
            if meter_id and moment:
                if moment < since.setdefault(meter_id, moment):
                    since[meter_id] = moment
                if moment > until.setdefault(meter_id, moment):
                    until[meter_id] = moment
        facts = self._get_facts(since, until)
        # A meter none of whose rows has a moment: refused, but by its name.
        timeless = {row["meter_id"] for row in rows} - since.keys() - {False}
        if timeless:
            now = dict.fromkeys(timeless, fields.Datetime.now())
            facts.update(self._get_facts(now, now))
        none = (None, False, None, ((None, False),), None)
        for row in rows:
            meter, device_id, company, customers, part = facts.get(
                row["meter_id"], none
            )
            row["device_id"], row["company"] = device_id, company
            row["customer_id"] = _get_customer(customers, row["date"])
            row["part"] = part
            row["facts"] = checking.Row(
                meter=meter,
                given=row.get("value"),
                value=checking.parse_value(row.get("value")),
                moment=row["read_at"],
                day=row["date"],
                is_estimate=row.get("kind") == "estimated",
            )
        severities = self.env["meter.reading.check"]._get_severities()
        if source in DECIDED_SOURCES:
            severities = {
                code: severity
                if code in ("lower", "higher_than_next")
                else "information"
                for code, severity in severities.items()
            }
        checking.judge([row["facts"] for row in rows], severities)
        checking.check_sums(self._get_sum_groups(rows), severities)
        return rows, [self._prepare_verdict(row["facts"]) for row in rows]

    @api.model
    def _normalise(self, rows, companies):
        """Return copies of rows with ``meter_id``, ``read_at`` and ``date``.

        :param dict companies: id of the company by id of the meter
        """
        zones, moments, days = {}, {}, {}
        normal = []
        for given in rows:
            row = dict(given)
            meter_id = row["meter_id"] = row.get("meter_id") or False
            company_id = companies.get(meter_id)
            zone = zones.get(company_id)
            if zone is None:
                company = self.env["res.company"].browse(company_id or [])
                name = company._get_meter_timezone() if company else "UTC"
                zone = zones[company_id] = ZoneInfo(name)
            read_at, day = row.get("read_at") or None, row.get("date") or None
            if isinstance(read_at, str):
                read_at = fields.Datetime.to_datetime(read_at)
            if read_at:
                key = (read_at, company_id)
                day = days.get(key)
                if day is None:
                    day = days[key] = local_date(read_at, zone.key)
            elif day:
                # A day without an hour is noon: it stays that day in any time zone
                # near. A closing value comes after whatever else was read on the day.
                key = (day, company_id, bool(row.get("closes_day")))
                read_at = moments.get(key)
                if read_at is None:
                    hour = LAST_SECOND if row.get("closes_day") else NOON
                    moment = datetime.combine(day, hour, zone)
                    read_at = moment.astimezone(UTC).replace(tzinfo=None)
                    moments[key] = read_at
            row["read_at"], row["date"] = read_at, day
            normal.append(row)
        return normal

    @api.model
    def _prepare_verdict(self, row):
        """Return the verdict on a row as the sources take it."""
        verdict = row.verdict
        findings = verdict.findings
        return {
            "status": verdict.status,
            "message": self._explain_findings(row) if findings else "",
            "reading_id": verdict.reading_id,
            "check_code": findings[0].code if findings else False,
        }

    @api.model
    def _get_sum_groups(self, rows):
        """Return what ``checking.check_sums`` compares: devices read as a whole."""
        groups = {}
        for row in rows:
            if row["part"] and row["facts"].verdict.status in ("created", "hold"):
                key = (row["device_id"], row["read_at"])
                groups.setdefault(key, []).append(row)
        groups = {
            key: group
            for key, group in groups.items()
            if any(row["part"].endswith("total") for row in group)
        }
        if not groups:
            return []
        # Only where it is plain which counters make up the total.
        counts = {}
        for device, category, count in self.env["meter.meter"]._read_group(
            [("device_id", "in", list({key[0] for key in groups}))],
            ["device_id", "type_id.category"],
            ["__count"],
        ):
            counts[device.id, category] = count
        found = []
        for (device_id, _moment), group in groups.items():
            parts = [row["facts"] for row in group if row["part"] in ("mono", "colour")]
            (total, *others) = [row for row in group if row["part"].endswith("total")]
            colours = counts.get((device_id, "colour"), 0)
            if (
                not others
                and counts.get((device_id, "mono")) == 1
                and (colours == 1 or not colours and total["part"] == "mono total")
                and len(parts) == 1 + colours
            ):
                found.append(
                    (
                        total["facts"],
                        self._value_before(total["facts"]),
                        parts,
                        [self._value_before(part) for part in parts],
                    )
                )
        return found

    @api.model
    def _value_before(self, row):
        return row.meter.timeline.around(row.moment, row.meter.opening)[0]

    @api.model
    def _get_timelines(self, rows):
        """Return ``{meter_id: checking.Meter}`` with what rows are compared to.

        :param rows: dicts with ``meter_id`` and ``read_at``
        """
        since = {}
        for row in rows:
            if row["meter_id"] and row.get("read_at"):
                meter_id, read_at = row["meter_id"], row["read_at"]
                since[meter_id] = min(read_at, since.get(meter_id, read_at))
        found = self._get_facts(since, since)
        return {meter_id: facts[0] for meter_id, facts in found.items()}

    def _get_value_before(self):
        """Return the actual value that this reading is compared to."""
        self.ensure_one()
        return self.meter_id._get_values_around(self.read_at)[0]

    # === Readings === #

    @api.model
    def _prepare_reading(self, row, verdict, source):
        """Return the values of a reading from its row and verdict."""
        values = {
            "meter_id": row["meter_id"],
            "device_id": row["device_id"],
            "company_id": row["company"].id,
            # A correction is about the customer that the corrected one was about.
            "partner_id": row.get("partner_id") or row["customer_id"],
            "read_at": row["read_at"],
            "date": row["date"],
            "value": row["facts"].value,
            "kind": row.get("kind") or "actual",
            "estimate_method": row.get("estimate_method"),
            "source": source,
            "import_id": row.get("import_id"),
            "supersedes_id": row.get("supersedes_id"),
            "reason": row.get("reason") or False,
            "state": "valid",
            "check_code": False,
            "note": False,
        }
        if verdict["status"] == "hold":
            values.update(
                state="hold",
                reason=verdict["message"],
                check_code=verdict["check_code"],
            )
        elif source == "service":
            values.update(
                state="hold",
                reason=self.env._("Service reading: to be accepted."),
                check_code="service",
                note=verdict["message"],
            )
        elif verdict["message"]:
            values.update(note=verdict["message"], check_code=verdict["check_code"])
        if row.get("remark"):
            values["note"] = " ".join(filter(None, (row["remark"], values["note"])))
        return values

    @api.model
    def _create_events(self, rows, verdicts):
        """Record what counters have done where the company's rules explain it."""
        events = []
        for row, verdict in zip(rows, verdicts, strict=True):
            event = row["facts"].verdict.event
            if event and verdict["status"] == "created":
                kind, closing, opening = event
                events.append(
                    {
                        "meter_id": row["meter_id"],
                        "kind": kind,
                        "happened_at": fields.Datetime.subtract(
                            row["read_at"], seconds=1
                        ),
                        "closing_value": closing,
                        "opening_value": opening,
                        "reason": verdict["message"],
                    }
                )
        if events:
            # sudo: by the dealer's own rule, whoever gives the reading
            self.env["meter.event"].sudo().create(events)
