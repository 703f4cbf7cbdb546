# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Readings that other programs send, over Odoo's own JSON-2 endpoint (docs/api.md)."""

import hashlib
import json
from collections import Counter

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError

from ..tools import format_counter

MOST_READINGS = 10_000
LONGEST_KEY = 200
SENDERS = (
    "meter_billing.group_meter_billing_sender",
    "meter_billing.group_meter_billing_user",
)
# What a reading may say, and what of it must be said.
KNOWN = {"serial", "make", "meter", "date", "read_at", "value"}
REQUIRED = ("serial", "meter", "value")


class MeterReadingImport(models.Model):
    _inherit = "meter.reading.import"

    digest = fields.Char(readonly=True, copy=False)
    answer = fields.Json(
        readonly=True, copy=False, help="What its sender was answered, row by row."
    )


class MeterReading(models.Model):
    _inherit = "meter.reading"

    @api.model
    def ingest_batch(self, key, readings):
        """Take in a batch of readings; answer for each of them.

        A batch that is sent again under its key changes nothing and gets the answer of
        the first time, with ``repeated`` true.

        :param str key: the sender's own name of this batch, unique in the company,
            e.g. a UUID; at most 200 characters
        :param list readings: at most 10,000 dicts with ``serial``, ``meter`` (code or
            name of a meter type), ``value`` (a whole number, or text), and ``read_at``
            (ISO 8601 with time zone; without one it is UTC) or ``date`` (ISO day where
            the company is); ``make`` where two makers use one serial number
        :return: ``{key, repeated, import_id, counts: {status: number}, rows: [{row,
            status, message, reading_id}]}``; status is created, hold (stored, billed
            when somebody accepted it), duplicate (there already), unknown (no such
            device: kept until it is there) or refused (kept with the reason)
        :raises AccessError: the user may not send readings
        :raises UserError: the batch as a whole cannot be taken; nothing is stored then
        """
        if not any(self.env.user.has_group(group) for group in SENDERS):
            raise AccessError(self.env._("This user may not send readings."))
        self._check_batch(key, readings)
        company = self.env.company
        digest = hashlib.sha256(
            json.dumps(readings, sort_keys=True, default=str).encode()
        ).hexdigest()
        # sudo: the sender may give readings and nothing else; it sees of them what it
        # sent, and what became of it.
        Delivery = self.env["meter.reading.import"].sudo()
        known = Delivery.search(
            [
                ("company_id", "=", company.id),
                ("source", "=", "api"),
                ("key", "=", key),
            ]
        )
        if known:
            return self._answer_again(known, digest)
        try:
            with self.env.cr.savepoint():
                delivery = Delivery.create(
                    {
                        "name": self.env._("Batch %(key)s", key=key),
                        "source": "api",
                        "key": key,
                        "digest": digest,
                        "company_id": company.id,
                        "row_count": len(readings),
                        "state": "done",
                    }
                )
        except UniqueViolation as error:
            # The same batch is being taken in: seen when it is, in another transaction.
            raise ConcurrencyError(str(error)) from error
        verdicts = self.sudo()._ingest_serials(
            [self._prepare_api_row(reading) for reading in readings],
            source="api",
            company=company,
            delivery=delivery,
        )
        answer = {
            "counts": dict(Counter(verdict["status"] for verdict in verdicts)),
            "rows": [
                {
                    "row": number,
                    "status": verdict["status"],
                    "message": verdict["message"],
                    "reading_id": verdict["reading_id"] or False,
                }
                for number, verdict in enumerate(verdicts, start=1)
            ],
        }
        delivery.answer = answer
        return {"key": key, "repeated": False, "import_id": delivery.id, **answer}

    @api.model
    def _answer_again(self, delivery, digest):
        if delivery.digest != digest:
            raise UserError(
                self.env._(
                    "Another batch was sent under the key %(key)s. Use a new key for "
                    "each batch, and the same one only to send the same batch again.",
                    key=delivery.key,
                )
            )
        return {
            "key": delivery.key,
            "repeated": True,
            "import_id": delivery.id,
            **delivery.answer,
        }

    @api.model
    def _check_batch(self, key, readings):
        """Raise where a batch as a whole cannot be taken, naming the row and field."""
        _ = self.env._
        if not isinstance(key, str) or not key.strip() or len(key) > LONGEST_KEY:
            raise UserError(
                _(
                    "key: give the batch a text of 1 to %(most)s characters.",
                    most=LONGEST_KEY,
                )
            )
        if not isinstance(readings, list) or not readings:
            raise UserError(_("readings: give a list of readings."))
        if len(readings) > MOST_READINGS:
            raise UserError(
                _(
                    "readings: %(count)s are too many. Send at most %(most)s at a "
                    "time.",
                    count=format_counter(self.env, len(readings)),
                    most=format_counter(self.env, MOST_READINGS),
                )
            )
        for number, reading in enumerate(readings, start=1):
            problem = self._find_malformed(reading)
            if problem:
                raise UserError(
                    _("readings, row %(row)s: %(problem)s", row=number, problem=problem)
                )

    @api.model
    def _find_malformed(self, reading):
        """Return why this is no reading as the API takes it, or None."""
        _ = self.env._
        if not isinstance(reading, dict):
            return _("it is not an object.")
        if strange := sorted(map(str, reading.keys() - KNOWN)):
            return _("%(fields)s is not known.", fields=", ".join(strange))
        for name in REQUIRED:
            if reading.get(name) in (None, ""):
                return _("%(field)s is missing.", field=name)
        if bool(reading.get("date")) == bool(reading.get("read_at")):
            return _("give either date or read_at.")
        for name, value in reading.items():
            wanted = (str, int, float) if name == "value" else (str,)
            if value is not None and (
                isinstance(value, bool) or not isinstance(value, wanted)
            ):
                return _("%(field)s has to be a text.", field=name)
        return None

    @api.model
    def _prepare_api_row(self, reading):
        return {
            "serial": reading["serial"],
            "make": reading.get("make"),
            "meter": reading["meter"],
            "moment": reading.get("read_at") or reading["date"],
            "value": reading["value"],
        }
