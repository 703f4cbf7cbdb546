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

LARGEST_FILE = 5 * 1024 * 1024
MOST_ROWS = 5_000
#: A column that no file has: every row of it is of today.
NO_COLUMN = 1_000_000


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
        """Store the readings of a customer's file, and say what became of each row.

        Nothing is taken of devices that are not the customer's.

        :param bytes content: of a CSV or a spreadsheet
        :param str name: of the file
        :param contact: the res.partner who sends it
        :return: ``{problem}`` where the file cannot be read, else ``{readings, rows}``,
            rows being dicts with ``row``, ``serial``, ``meter``, ``value``, ``status``
            and ``message``
        """
        _ = self.env._
        if not content:
            return {"problem": _("Choose the file to send first.")}
        if len(content) > LARGEST_FILE:
            return {"problem": _("The file is larger than 5 MB. Send it in parts.")}
        try:
            rows = self._read_customer_file(content)
        except ReadingFileError as problem:
            Import = self.env["meter.reading.import"]
            return {"problem": Import._explain_file_problem(problem)}
        if rows is None:
            return {
                "problem": _(
                    "The columns of this file are not known. Fill in the spreadsheet "
                    "that you can download here, and send that."
                )
            }
        if len(rows) > MOST_ROWS:
            return {
                "problem": _("The file has more than 5,000 rows. Send it in parts.")
            }
        if not rows:
            return {"problem": _("The file has no values. Fill in the last column.")}
        Reading = self.env["meter.reading"].with_context(
            meter_customer_id=contact.commercial_partner_id.id
        )
        resolved, verdicts = Reading._resolve_serials(rows, self.env.company)
        giver = _(
            "Given by %(contact)s in %(file)s",
            contact=contact.display_name,
            file=name or _("a file"),
        )
        judged, found = Reading._judge(
            [{**row, "remark": giver} for _index, row in resolved], "portal"
        )
        said = [Reading._explain_to_customer(row) for row in judged]
        stored = Reading._store(judged, found, "portal")
        for (index, _row), verdict, text in zip(resolved, stored, said, strict=True):
            verdicts[index] = {**verdict, "message": text}
        for row, verdict in zip(rows, verdicts, strict=True):
            if verdict["status"] == "unknown":
                verdict["message"] = _(
                    "None of your devices has this serial number. Tell us if one is "
                    "missing in your list."
                )
            row.update(status=verdict["status"], message=verdict["message"])
        return {
            "rows": [row for row in rows if row["status"] != "ignored"],
            "readings": Reading.browse(
                verdict["reading_id"]
                for verdict in verdicts
                if verdict["status"] in ("created", "hold")
            ),
        }

    def _read_customer_file(self, content):
        """Return the rows of a file that have a value, or None: columns not known.

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
        return [
            {**row, "moment": row["moment"] or today}
            for row in read_rows(table, columns, order, zone)
            if row["value"] not in ("", None)
        ]
