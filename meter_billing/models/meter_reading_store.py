# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Readings that passed the checks are stored by one COPY, however many there are."""

import io

from odoo import api, fields, models
from odoo.tools import SQL

EACH_ITS_OWN = ("meter_id", "read_at", "date", "value", "device_id")
OFTEN_ALIKE = (
    "company_id",
    "partner_id",
    "kind",
    "estimate_method",
    "source",
    "import_id",
    "supersedes_id",
    "reason",
    "state",
    "check_code",
    "note",
)
# What COPY's text format writes otherwise.
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _to_copy(value):
    """Return a value as COPY's text format writes it, with what separates the next."""
    if value is None or value is False:
        return "\\N\t"
    return str(value).translate(_ESCAPES) + "\t"


class MeterReading(models.Model):
    _inherit = "meter.reading"

    @api.model
    def _store(self, rows, verdicts, source):
        """Store the readings of judged rows; return the verdicts with their ids."""
        self.check_access("create")
        accepted = [
            (row, verdict)
            for row, verdict in zip(rows, verdicts, strict=True)
            if verdict["status"] in ("created", "hold")
        ]
        values = [
            self._prepare_reading(row, verdict, source) for row, verdict in accepted
        ]
        self._create_events(rows, verdicts)
        readings = self._insert(values)
        stored = {}
        for (row, verdict), vals, reading_id in zip(
            accepted, values, readings._ids, strict=True
        ):
            verdict["reading_id"] = reading_id
            if vals["state"] == "hold":
                verdict.update(
                    status="hold", message=verdict["message"] or vals["reason"]
                )
            stored[row["meter_id"], row["read_at"]] = reading_id
        for row, verdict in zip(rows, verdicts, strict=True):
            if verdict["status"] == "duplicate" and not verdict["reading_id"]:
                # of a row of the same batch
                verdict["reading_id"] = stored[row["meter_id"], row["read_at"]]
        return verdicts

    @api.model
    def _insert(self, vals_list):
        """Store readings that passed the checks and return them, in the same order.

        :param vals_list: dicts from :meth:`_prepare_reading`
        """
        if not vals_list:
            return self.browse()
        cr = self.env.cr
        self.env.flush_all()
        ids = [
            row[0]
            for row in self.env.execute_query(
                SQL(
                    "SELECT nextval('meter_reading_id_seq') "
                    "FROM generate_series(1, %s)",
                    len(vals_list),
                )
            )
        ]
        now = fields.Datetime.to_string(cr.now())
        stamp = f"{self.env.uid}\t{now}\t{self.env.uid}\t{now}\n"
        # By meter and time: the indexes are filled side by side, not all over.
        order = sorted(
            range(len(vals_list)),
            key=lambda i: (vals_list[i]["meter_id"], vals_list[i]["read_at"]),
        )
        ends = {}  # most readings of a batch end alike
        lines = []
        for index in order:
            vals = vals_list[index]
            key = tuple(vals[column] for column in OFTEN_ALIKE)
            end = ends.get(key)
            if end is None:
                end = ends[key] = "".join(map(_to_copy, key)) + stamp
            lines.append(
                f"{ids[index]}\t{vals['meter_id']}\t{vals['read_at']}\t{vals['date']}\t"
                f"{vals['value']}\t{vals['device_id']}\t{end}"
            )
        columns = ("id", *EACH_ITS_OWN, *OFTEN_ALIKE, "create_uid", "create_date")
        cr.copy_expert(
            f"COPY meter_reading ({', '.join(columns)}, write_uid, write_date) "
            "FROM STDIN",
            io.StringIO("".join(lines)),
            size=1 << 16,
        )
        # Whatever was read of readings before is out of date.
        self.env.invalidate_all(flush=False)
        readings = self.browse(ids)
        first_days = {}
        for vals in vals_list:
            if vals["state"] == "valid":
                device_id, day = vals["device_id"], vals["date"]
                if day < first_days.setdefault(device_id, day):
                    first_days[device_id] = day
        self.env["meter.contract"]._mark_for_correction(
            list(first_days.items()), by_billing=vals_list[0]["source"] == "estimate"
        )
        readings._after_ingest()
        return readings

    def _after_ingest(self):
        """Called with new readings, valid and on hold, whatever stored them.

        Meant to be extended, in sets: there may be 100,000 of them.
        """
