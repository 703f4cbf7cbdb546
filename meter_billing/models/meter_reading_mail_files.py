# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The counters that a mail and what is attached to it report."""

from itertools import islice
from zoneinfo import ZoneInfo

from odoo import api, models
from odoo.fields import Domain

from .. import counter_mail
from ..reading_files import (
    ReadingFileError,
    find_order,
    open_table,
    read_rows,
    recognise,
)

#: Rows of one mail; larger files are imported, where one sees what becomes of them.
MOST_ROWS = 10_000
#: Characters of a mail that are read; nobody writes more, and no device either.
MOST_TEXT = 500_000
_TABLES = (".csv", ".txt", ".tsv", ".xlsx", ".xls", ".ods")


class MeterReadingImport(models.Model):
    _inherit = "meter.reading.import"

    def _find_reports(self, written, message):
        """Return the devices that a mail and its attachments report, and problems."""
        own = self.env["meter.type"].search([])._get_mail_names()
        reports, problems = counter_mail.read_report(written, own), []
        for attachment in message.attachment_ids:
            content = attachment.raw or b""
            name = (attachment.name or "").lower()
            if name.endswith(".xml") or content.lstrip()[:5] == b"<?xml":
                reports += counter_mail.read_markup(content, own)
            elif name.endswith(_TABLES):
                try:
                    found = self._read_table(content, own)
                except ReadingFileError as error:
                    problem = self._explain_file_problem(error)
                    problems.append(f"{attachment.name}: {problem}")
                    continue
                if found is None:  # no table: lines of labels and values
                    found = counter_mail.read_report(
                        counter_mail.decode(content)[:MOST_TEXT], own
                    )
                reports += found
        return reports, problems

    # === Tables === #

    def _read_table(self, content, own):
        """Return the rows of an attached table, None where it has none to read.

        :raises ReadingFileError: it cannot be read at all
        """
        Mapping = self.env["meter.reading.import.mapping"]
        mappings = Mapping.search(
            Domain("company_id", "in", (False, self.company_id.id))
        )
        layouts = list(mappings._get_layouts().values())
        try:
            table = open_table(content, lambda header: _count_roles(header, own))
        except ReadingFileError as error:
            if error.code in ("no_rows", "empty"):
                return None
            raise
        layout = recognise(table.header, layouts)
        roles = layout.find(table.header) if layout else _find_roles(table.header, own)
        given = set(roles.values())
        if "serial" not in given or not (
            {"meter", "value"} <= given or given - {"serial", "make", "moment", "value"}
        ):
            return None
        lines = list(islice(table.lines, MOST_ROWS + 1))
        order = "dmy"
        if "moment" in given:
            index = next(i for i, role in roles.items() if role == "moment")
            order = find_order(
                line[index] if index < len(line) else "" for _n, line in lines
            )
            if order in ("both", "open"):
                raise ReadingFileError("date_order")
        else:
            # The mail says when: a column of its own beside those of the file.
            width = len(table.header)
            roles[width] = "moment"
            lines = [
                (n, [*line[:width], *[""] * (width - len(line)), self.mail_date])
                for n, line in lines
            ]
        table.lines = iter(lines)
        zone = None
        if "moment" in given:
            zone = ZoneInfo(self.company_id._get_meter_timezone())
        rows = list(read_rows(table, roles, order, zone))
        for row in rows:
            row["optional"] = True
            row["remark"] = self._get_mail_remark(())
        return [row for row in rows if row["serial"] and row["value"] != ""]

    @api.model
    def _explain_date_order(self, _facts):
        return self.env._(
            "Its dates may be read day first or month first. Import the file, where "
            "you choose how they are meant."
        )


class MeterType(models.Model):
    _inherit = "meter.type"

    def _get_mail_names(self):
        """Return the dealer's own names of these types: ``{normal name: code}``.

        Those that a type is also called come before what is known anyway; the names of
        the types themselves only where they say something new.
        """
        names = {}
        for kind in self.filtered(lambda kind: not kind.is_derived):
            for name in (kind.name, kind.code):
                if not counter_mail.find_role(name):
                    names[counter_mail.normal(name)] = kind.code
            for name in kind._get_own_names():
                names[counter_mail.normal(name)] = kind.code
        names.pop("", None)  # a name without letters of ours
        return names


def _find_roles(header, own):
    """Return {index: role} of the columns whose titles devices and people use."""
    found = {}
    for index, title in enumerate(header):
        role = counter_mail.find_role(title, own=own)
        if role and role not in found.values():
            found[index] = role
    return found


def _count_roles(header, own):
    return len(_find_roles(header, own))
