# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The file of readings that customers download, fill in and send back."""

from itertools import islice
from zoneinfo import ZoneInfo

from odoo import api, models
from odoo.tools.misc import get_lang

from ..reading_files import (
    Layout,
    ReadingFileError,
    find_order,
    open_table,
    read_rows,
)
from ..reading_files.layout import ROLES, normal
from ..sheets import write_table
from .meter_reading_serials import OPEN_STATUSES

LARGEST_FILE = 5 * 1024 * 1024
MOST_ROWS = 5_000
#: A column that no file has: every row of it is of today.
NO_COLUMN = 1_000_000
LONGEST_NAME = 200
#: What is wrong about the day of a reading, not about its value.
DAY_CHECKS = {"no_date", "future", "before_install", "after_removal"}


class MeterDevice(models.Model):
    _inherit = "meter.device"

    # === The file to fill in === #

    def _get_form_titles(self):
        """Return the titles of the form that is filled in, in the user's language."""
        _ = self.env._
        return {
            "serial": _("Serial Number"),
            "device": _("Device"),
            "place": _("Place"),
            "meter": _("Meter"),
            "last_date": _("Last Read"),
            "last_value": _("Last Value"),
            "moment": _("Date"),
            "value": _("Value"),
        }

    def _get_customer_form_sheet(self):
        """Return an XLSX file of these devices' meters, to fill in and send back."""
        kinds = {
            "last_date": ("day", 12),
            "last_value": ("count", 12),
            "moment": ("day", 12),
            "value": ("count", 14),
        }
        columns = [
            (title, *kinds.get(key, ("text", 20)))
            for key, title in self._get_form_titles().items()
        ]
        lines = []
        for entry in self._get_entry_devices():
            device = entry["device"]
            today = device.company_id._meter_today()
            for meter in entry["meters"]:
                lines.append(
                    [
                        device.serial_number,
                        device.model_id.display_name,
                        device.place,
                        meter["name"],
                        meter["date"],
                        meter["value"],
                        today,
                        None,
                    ]
                )
        return write_table(self.env._("Readings"), columns, lines)

    # === The file that comes back === #

    @api.model
    def _find_by_serial(self, serials, company):
        """Find only devices of the customer whose file is read."""
        found = super()._find_by_serial(serials, company)
        customer_id = self.env.context.get("meter_customer_id")
        if not customer_id:
            return found
        own = {
            serial: devices.filtered(
                lambda device: device.commercial_partner_id.id == customer_id
            )
            for serial, devices in found.items()
        }
        return {serial: devices for serial, devices in own.items() if devices}

    @api.model
    def _take_customer_file(self, content, name, contact):
        """Store the readings of a customer's file, or nothing where a row is wrong.

        Nothing is taken of devices that are not the customer's. The file is kept as an
        import, with what became of each row.

        :param bytes content: of a CSV or a spreadsheet
        :param str name: of the file
        :param contact: the res.partner who sends it
        :return: ``{problem}`` where the file cannot be read, else ``{readings, rows,
            is_refused}``, rows being dicts with ``row``, ``column`` (the title of the
            one that is wrong), ``serial``, ``meter``, ``value``, ``status`` and
            ``message``
        """
        _ = self.env._
        if not content:
            return {"problem": _("Choose the file to send first.")}
        if len(content) > LARGEST_FILE:
            return {"problem": _("The file is larger than 5 MB. Send it in parts.")}
        name = (name or _("Readings"))[:LONGEST_NAME]
        keep = self.env["meter.reading.import"]._keep_customer_file
        company = self.env.company
        rows, titles, problem = self._open_customer_file(content)
        if problem:
            keep(name, content, company, problem)
            return {"problem": problem}
        judged, found, of_judged = self._judge_customer_rows(rows, name, contact)
        is_refused = any(row["status"] in OPEN_STATUSES for row in rows)
        if is_refused:
            for row in rows:
                if row["status"] in ("created", "hold"):
                    row["status"] = "left"
        for row in rows:
            is_wrong = row["status"] in OPEN_STATUSES
            row["column"] = is_wrong and self._get_wrong_column(row, titles) or ""
        problem = is_refused and _("Rows of the file are wrong: nothing was stored.")
        kept = keep(name, content, company, problem or "", rows)
        readings = self.env["meter.reading"]
        if not is_refused:
            for row in judged:
                row["import_id"] = kept.id
            stored = readings._store_given(judged, found)
            for row, verdict in zip(of_judged, stored, strict=True):
                row["reading_id"] = verdict["reading_id"]
            readings = readings.browse(
                verdict["reading_id"]
                for verdict in stored
                if verdict["status"] in ("created", "hold")
            )
        kept._keep_results([self._prepare_result(row) for row in rows])
        shown = [row for row in rows if row["status"] != "ignored"]
        return {"rows": shown, "readings": readings, "is_refused": is_refused}

    def _judge_customer_rows(self, rows, name, contact):
        """Set ``status``, ``message`` and ``about`` (what is wrong) of these rows.

        :return: (rows, verdicts) as ``meter.reading._store`` takes them, and those of
            the given rows that they come from
        """
        _ = self.env._
        Reading = self.env["meter.reading"].with_context(
            meter_customer_id=contact.commercial_partner_id.id
        )
        resolved, verdicts = Reading._resolve_serials(rows, self.env.company)
        # What is stored with a reading is in the language of who reads it.
        dealer = Reading.with_context(lang=self.env.company._get_meter_lang())
        giver = dealer.env._(
            "Given by %(contact)s in %(file)s", contact=contact.display_name, file=name
        )
        judged, found = dealer._judge(
            [{**row, "remark": giver} for _index, row in resolved], "portal"
        )
        for (index, _row), row, verdict in zip(resolved, judged, found, strict=True):
            is_day = verdict["check_code"] in DAY_CHECKS
            verdicts[index] = {
                "status": verdict["status"],
                "message": Reading._explain_to_customer(row),
                "about": "moment" if is_day else "value",
            }
        for row, verdict in zip(rows, verdicts, strict=True):
            row.update({key: verdict[key] for key in ("status", "message", "about")})
            if row["status"] == "unknown":
                row["message"] = _(
                    "None of your devices has this serial number. Tell us if one is "
                    "missing in your list."
                )
        return judged, found, [rows[index] for index, _row in resolved]

    @api.model
    def _get_wrong_column(self, row, titles):
        """Return the title of the column that is wrong in a row.

        A column of its own for each meter holds both the meter and its value.

        :param dict titles: by role, see ``reading_files``
        """
        if row["about"] in ("meter", "value"):
            return titles.get(row["meter"]) or titles.get(row["about"])
        return titles.get(row["about"])

    @api.model
    def _prepare_result(self, row):
        """Return the values of a meter.reading.import.result."""
        return {
            "row": row["row"],
            "column": row["column"],
            "serial": str(row["serial"])[:LONGEST_NAME],
            "meter_code": str(row["meter"])[:LONGEST_NAME],
            "value": str(row["value"])[:LONGEST_NAME],
            "status": row["status"],
            "message": row["message"],
            "reading_id": row.get("reading_id"),
        }

    # === Reading it === #

    def _open_customer_file(self, content):
        """Return (rows that have a value, titles of columns by role, problem or "")."""
        _ = self.env._
        try:
            found = self._read_customer_file(content)
        except ReadingFileError as problem:
            Import = self.env["meter.reading.import"]
            return [], {}, Import._explain_file_problem(problem)
        if found is None:
            problem = _(
                "The columns of this file are not known. Fill in the spreadsheet that "
                "you can download here, and send that."
            )
            return [], {}, problem
        rows, titles = found
        problem = ""
        if len(rows) > MOST_ROWS:
            problem = _("The file has more than 5,000 rows. Send it in parts.")
        elif not rows:
            problem = _("The file has no values. Fill in the last column.")
        return rows, titles, problem

    def _read_customer_file(self, content):
        """Return the rows of a file that have a value, and the titles of its columns.

        None where its columns are not known.

        :raises ReadingFileError: the file cannot be read
        """
        titles = self._get_form_titles()
        english = self.with_context(lang="en_US")._get_form_titles()
        own = {
            normal(title): key
            for key, title in [*titles.items(), *english.items()]
            if key in ROLES
        }
        shared = self.env["meter.reading.import.mapping"].search(
            [("company_id", "=", False)]
        )
        layouts = [Layout("", own), *shared._get_layouts().values()]
        table = open_table(
            content, lambda header: max(len(one.find(header)) for one in layouts)
        )
        columns = max((one.find(table.header) for one in layouts), key=len)
        roles = set(columns.values())
        types = roles - set(ROLES)
        if "serial" not in roles or not (types or {"meter", "value"} <= roles):
            return None
        columns = dict(columns)
        if "moment" not in roles:
            columns[NO_COLUMN] = "moment"
        table.lines = list(islice(table.lines, MOST_ROWS + 1))
        date_column = next(key for key, role in columns.items() if role == "moment")
        order = find_order(
            line[date_column] if date_column < len(line) else ""
            for _number, line in table.lines
        )
        if order not in ("dmy", "mdy"):
            is_american = get_lang(self.env).date_format.startswith("%m")
            order = "mdy" if is_american else "dmy"
        today = self.env.company._meter_today()
        zone = ZoneInfo(self.env.company._get_meter_timezone())
        rows = [
            {**row, "moment": row["moment"] or today}
            for row in read_rows(table, columns, order, zone)
            if row["value"] not in ("", None)
        ]
        return rows, {
            role: table.header[index]
            for index, role in columns.items()
            if index != NO_COLUMN
        }
