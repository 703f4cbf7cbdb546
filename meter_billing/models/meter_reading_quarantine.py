# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .meter_reading import SOURCES
from .meter_reading_serials import OPEN_STATUSES

# Texts as others give them; nothing longer is a serial number or a counter.
LONGEST_TEXT = 200


class MeterReadingQuarantine(models.Model):
    """A row that could not become a reading: kept with its reason until it can.

    It is tried again by itself when a device or meter that fits comes.
    """

    _name = "meter.reading.quarantine"
    _description = "Reading Not Taken"
    _order = "import_id desc, row, id"
    _rec_name = "serial"

    import_id = fields.Many2one(
        "meter.reading.import", readonly=True, index=True, ondelete="cascade"
    )
    source = fields.Selection(SOURCES, required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    row = fields.Integer(readonly=True, help="Its number in the file or message.")
    serial = fields.Char(string="Serial Number", readonly=True)
    make = fields.Char(readonly=True)
    meter_code = fields.Char(string="Meter", readonly=True)
    moment = fields.Char(string="Date", readonly=True)
    value = fields.Char(readonly=True)
    optional = fields.Boolean(
        readonly=True, help="No loss where the device does not have this meter."
    )
    status = fields.Selection(
        [
            ("unknown", "Unknown Device"),
            ("refused", "Refused"),
            ("taken", "Taken"),
            ("dismissed", "Dismissed"),
        ],
        required=True,
        readonly=True,
    )
    message = fields.Char(string="Reason", readonly=True)
    dismissal = fields.Char(
        string="Dismissed Because", readonly=True, help="Why it was set aside."
    )
    decided_by_id = fields.Many2one(
        "res.users", string="Dismissed by", readonly=True, ondelete="restrict"
    )
    decided_on = fields.Datetime(string="Dismissed on", readonly=True)
    reading_id = fields.Many2one("meter.reading", readonly=True, ondelete="restrict")
    age = fields.Integer(
        compute="_compute_age", string="Age (days)", help="Days since it came."
    )

    _open_idx = models.Index(
        "(upper(serial), company_id) WHERE status IN ('unknown', 'refused')"
    )
    # What is pulled or sent again and again waits once; a file lists its own rows.
    _waiting_uniq = models.UniqueIndex(
        "(company_id, source, upper(serial), lower(meter_code), moment, value) "
        "WHERE status IN ('unknown', 'refused') AND source != 'import'"
    )

    @api.depends("create_date")
    def _compute_age(self):
        today = fields.Date.today()
        for row in self:
            row.age = (today - row.create_date.date()).days if row.create_date else 0

    # === Keeping === #

    @api.model
    def _keep(self, rows, verdicts, source, company, delivery=None):
        """Keep the rows that could not become readings.

        One statement, whatever their number. See ``meter.reading._ingest_serials``.
        """
        values = []
        for number, (row, verdict) in enumerate(
            zip(rows, verdicts, strict=True), start=1
        ):
            if verdict["status"] not in OPEN_STATUSES:
                continue
            texts = [
                self._to_text(row.get(key))
                for key in ("serial", "make", "meter", "moment", "value")
            ]
            values.append(
                (
                    row.get("row") or number,
                    *texts,
                    bool(row.get("optional")),
                    verdict["status"],
                    verdict["message"],
                )
            )
        if not values:
            return
        self.check_access("create")
        self.flush_model()
        numbers, *texts, optional, statuses, messages = map(
            list, zip(*values, strict=True)
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO meter_reading_quarantine
                       (import_id, source, company_id, row, serial, make, meter_code,
                        moment, value, optional, status, message,
                        create_uid, create_date, write_uid, write_date)
                SELECT %(delivery)s, %(source)s, %(company)s, given.*,
                       %(user)s, now() AT TIME ZONE 'UTC',
                       %(user)s, now() AT TIME ZONE 'UTC'
                  FROM unnest(%(numbers)s::int[], %(texts)s, %(optional)s::bool[],
                              %(statuses)s::text[], %(messages)s::text[]) AS given
                ON CONFLICT DO NOTHING
                """,
                delivery=delivery.id if delivery else None,
                source=source,
                company=company.id,
                user=self.env.uid,
                numbers=numbers,
                texts=SQL(", ").join(SQL("%s::text[]", column) for column in texts),
                optional=optional,
                statuses=statuses,
                messages=messages,
            )
        )
        self.invalidate_model()
        if delivery:
            delivery.invalidate_recordset(["line_ids"])

    @api.model
    def _to_text(self, value):
        """Return what was given as a text that the column and the index can hold."""
        if value is None or value is False:
            return ""
        return str(value).replace("\x00", "").strip()[:LONGEST_TEXT]

    # === Trying again === #

    @api.model
    def _retry_serials(self, devices):
        """Try the rows again that wait for these devices or for their meters."""
        serials = [device.serial_number.strip().upper() for device in devices]
        # sudo: the row was sent by somebody who may send readings; that it waited for
        # the device is no matter of who adds the device.
        waiting = self.sudo().search(
            Domain("status", "in", OPEN_STATUSES)
            & Domain("company_id", "in", devices.company_id.ids)
            & Domain.custom(
                to_sql=lambda model, alias, query: SQL(
                    "upper(%s) IN %s",
                    model._field_to_sql(alias, "serial", query),
                    tuple(serials) or ("",),
                )
            )
        )
        waiting._retry()

    def _retry(self):
        """Try to store these rows once more; each gets its new result."""
        for (company, source), rows in self.grouped(
            lambda row: (row.company_id, row.source)
        ).items():
            for delivery, waiting in rows.grouped("import_id").items():
                verdicts = self.env["meter.reading"]._take_serials(
                    [row._prepare_row() for row in waiting], source, company, delivery
                )
                waiting._set_results(verdicts)
                if delivery:
                    delivery._add_counts(Counter(v["status"] for v in verdicts))

    def _prepare_row(self):
        self.ensure_one()
        return {
            "serial": self.serial,
            "make": self.make,
            "meter": self.meter_code,
            "moment": self.moment,
            "value": self.value,
            "optional": self.optional,
        }

    def _set_results(self, verdicts):
        """Write what became of these rows, rows of one result at once."""
        by_result = {}
        for row, verdict in zip(self, verdicts, strict=True):
            if verdict["status"] in OPEN_STATUSES:
                key = (verdict["status"], verdict["message"], False)
            elif verdict["status"] == "ignored":
                key = ("dismissed", verdict["message"], False)
            else:
                key = ("taken", verdict["message"], verdict["reading_id"])
            by_result.setdefault(key, []).append(row.id)
        for (status, message, reading_id), ids in by_result.items():
            self.browse(ids).write(
                {"status": status, "message": message, "reading_id": reading_id}
            )

    def action_retry(self):
        """Try these rows again, e.g. after their device was put right."""
        self.check_access("write")
        self.filtered(lambda row: row.status in OPEN_STATUSES)._retry()

    def action_dismiss(self):
        """Ask why these rows are set aside."""
        self._check_can_dismiss()
        return self.env["meter.reading.quarantine.dismissal"]._open(self)

    def _check_can_dismiss(self):
        if any(row.status not in OPEN_STATUSES for row in self):
            raise UserError(self.env._("Only rows that wait can be dismissed."))

    def _dismiss(self, reason):
        """Set these rows aside: they are not tried again, but stay in the list.

        :param str reason: in the user's words
        :raises UserError: one of them does not wait
        """
        self._check_can_dismiss()
        self.write(
            {
                "status": "dismissed",
                "dismissal": reason,
                "decided_by_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
            }
        )
