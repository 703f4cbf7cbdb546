# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Readings as other systems give them: by serial number and the name of a meter.

Files, the API, mails and connectors all come in here. Rows that cannot become a
reading are kept in quarantine.
"""

from collections import Counter

from odoo import api, models
from odoo.tools.misc import get_lang

from ..checking import parse_value
from ..moment import parse_moment

# How other systems call the meters that every dealer has, by our code.
ALIASES = {
    "mono": ("black", "b/w", "bw", "b&w", "monochrome", "total black", "totalblack"),
    "colour": ("color", "total color", "total colour", "totalcolor", "full color"),
    "total": ("total pages", "page count", "pages", "life count", "total count"),
}
#: What becomes of a row that is not stored and waits for somebody.
OPEN_STATUSES = ("unknown", "refused")


class RowProblem(Exception):
    """Why a row cannot be stored: its status, and the message for the user.

    ``about`` is the key of the row that is wrong: serial, make, meter, moment or value.
    """

    def __init__(self, status, message, about="serial"):
        super().__init__(message)
        self.verdict = {
            "status": status,
            "message": message,
            "reading_id": 0,
            "about": about,
        }


class MeterReading(models.Model):
    _inherit = "meter.reading"

    @api.model
    def _ingest_serials(self, rows, source, company, delivery=None):
        """Check rows that name devices by serial number, and store what can be stored.

        Reads and writes in sets. Rows that cannot become a reading are kept in
        quarantine, where they are tried again when their device or meter is there.

        :param rows: dicts with ``serial``, ``meter`` (code or name of a meter type),
            ``moment`` (text, naive UTC datetime or date), ``value`` (int or text), and
            optionally ``make``, ``optional`` (bool: no loss where the device has no
            such meter), ``row`` (its number, by default its position from 1) and
            ``remark`` (who gave it or how it came, for the reading's note)
        :param str source: a value of the field source
        :param company: the res.company whose devices these are
        :param delivery: meter.reading.import record that brought them, or None
        :return: one dict a row, in order: ``status`` (created, hold, duplicate,
            ignored, unknown, refused), ``message`` for the user (empty where created)
            and ``reading_id`` (0 where there is none)
        """
        verdicts = self._take_serials(rows, source, company, delivery)
        self.env["meter.reading.quarantine"]._keep(
            rows, verdicts, source, company, delivery
        )
        if delivery:
            counts = Counter(verdict["status"] for verdict in verdicts)
            delivery._add_counts(counts, done=len(rows))
        return verdicts

    @api.model
    def _take_serials(self, rows, source, company, delivery=None):
        """As :meth:`_ingest_serials`, without keeping what could not be stored."""
        resolved, verdicts = self._resolve_serials(rows, company)
        if delivery:
            for _index, row in resolved:
                row["import_id"] = delivery.id
        taken = self._ingest([row for _index, row in resolved], source)
        for (index, _row), verdict in zip(resolved, taken, strict=True):
            verdicts[index] = verdict
        return verdicts

    @api.model
    def _check_serials(self, rows, company):
        """Return the verdicts of :meth:`_ingest_serials` without storing anything."""
        resolved, verdicts = self._resolve_serials(rows, company)
        _rows, judged = self._judge([row for _index, row in resolved], source="import")
        for (index, _row), verdict in zip(resolved, judged, strict=True):
            verdicts[index] = verdict
        return verdicts

    # === From serial numbers to meters === #

    @api.model
    def _resolve_serials(self, rows, company):
        """Find the meter of each row.

        :return: (list of (index, row for :meth:`_ingest`), list with a verdict for each
            row that has no meter or moment and None for the others)
        """
        finder = _MeterFinder(self.env, {row.get("serial") for row in rows}, company)
        resolved, verdicts = [], [None] * len(rows)
        for index, row in enumerate(rows):
            try:
                resolved.append((index, finder.prepare(row)))
            except RowProblem as problem:
                verdicts[index] = problem.verdict
        return resolved, verdicts


class _MeterFinder:
    """Finds the meters of rows: reads the devices of all their serials at once."""

    def __init__(self, env, serials, company):
        self.env = env
        self.date_format = get_lang(env).date_format
        self.devices = env["meter.device"]._find_by_serial(serials, company)
        self.type_ids = self._get_type_ids()
        self.meter_ids = {}  # (device id, type id): meter id
        devices = env["meter.device"].union(*self.devices.values())
        for meter in env["meter.meter"].search_fetch(
            [("device_id", "in", devices.ids)], ["device_id", "type_id"]
        ):
            self.meter_ids[meter.device_id.id, meter.type_id.id] = meter.id

    def _get_type_ids(self):
        """Return the meter types by what others may call them: code, name, alias."""
        types = self.env["meter.type"].search([])
        by_code = {kind.code.lower(): kind.id for kind in types}
        by_alias = {
            alias: by_code[code]
            for code, aliases in ALIASES.items()
            if code in by_code
            for alias in aliases
        }
        by_name = {kind.name.lower(): kind.id for kind in types}
        by_own = {
            name.lower(): kind.id for kind in types for name in kind._get_own_names()
        }
        return by_alias | by_own | by_name | by_code

    def prepare(self, row):
        """Return a row for ``_ingest``.

        :raises RowProblem: there is no such device, meter or date
        """
        device = self._find_device(row)
        meter_id = self._find_meter(row, device)
        moment = parse_moment(row.get("moment"), self.date_format)
        if not moment:
            raise RowProblem(
                "refused",
                self.env._(
                    "“%(date)s” is no date. Write it as 2026-01-31.",
                    date=row.get("moment") or "",
                ),
                "moment",
            )
        read_at, day = moment
        return {
            "meter_id": meter_id,
            "value": row.get("value"),
            "read_at": read_at,
            "date": day,
            "remark": row.get("remark"),
        }

    def _find_device(self, row):
        _ = self.env._
        serial = (row.get("serial") or "").strip()
        if not serial:
            raise RowProblem("refused", _("The row has no serial number."))
        found = self.devices.get(serial.upper())
        if not found:
            raise RowProblem(
                "unknown",
                _(
                    "No device has the serial number %(serial)s. Add the device: the "
                    "reading is taken by itself then.",
                    serial=serial,
                ),
            )
        if len(found) == 1:
            return found
        make = (row.get("make") or "").strip().lower()
        of_make = found.filtered(lambda d: d.manufacturer_id.name.lower() == make)
        if len(of_make) == 1:
            return of_make
        raise RowProblem(
            "refused",
            _(
                "Devices of %(makes)s have the serial number %(serial)s. Write one of "
                "them into a column Make.",
                makes=", ".join(found.manufacturer_id.mapped("name")),
                serial=serial,
            ),
        )

    def _find_meter(self, row, device):
        _ = self.env._
        code = (row.get("meter") or "").strip()
        value, optional = row.get("value"), row.get("optional")
        meter_id = self.meter_ids.get((device.id, self.type_ids.get(code.lower())))
        is_given = value is not None and value is not False and value != ""
        if meter_id and (is_given or not optional):
            return meter_id
        if meter_id:
            raise RowProblem(
                "refused",
                _(
                    "%(meter)s: the report has no value for it.",
                    meter=self.env["meter.meter"].browse(meter_id).display_name,
                ),
                "value",
            )
        if not optional:
            known = ", ".join(device.meter_ids.mapped("type_id.code"))
            raise RowProblem(
                "refused",
                _(
                    "%(device)s has no meter “%(meter)s”. Its meters are: %(known)s.",
                    device=device.display_name,
                    meter=code,
                    known=known or _("none"),
                ),
                "meter",
            )
        # A report has a column for every meter that a device might have.
        pages = parse_value(value)
        if not pages or code.lower() == "total":
            raise RowProblem(
                "ignored",
                _("The device has no such meter; its own meters are kept."),
                "meter",
            )
        raise RowProblem(
            "refused",
            _(
                "The report has %(value)s %(meter)s pages, but %(device)s has no such "
                "meter. Add the meter to the device: the reading is taken by itself "
                "then.",
                value=value,
                meter=code,
                device=device.display_name,
            ),
            "meter",
        )
