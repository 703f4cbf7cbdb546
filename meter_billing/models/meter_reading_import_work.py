# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Importing a file: at once where it is small, else in the background, by parts."""

import logging
from itertools import islice

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..reading_files import ReadingFileError

_logger = logging.getLogger(__name__)

#: Rows that a user waits for; more are imported in the background.
AT_ONCE = 5_000
#: Rows that are stored and committed together.
CHUNK = 50_000


class MeterReadingImport(models.Model):
    _inherit = "meter.reading.import"

    progress = fields.Float(compute="_compute_progress", help="Percent of the rows.")

    @api.depends("row_count", "done_count")
    def _compute_progress(self):
        for delivery in self:
            rows = delivery.row_count
            delivery.progress = 100 * delivery.done_count / rows if rows else 0

    def action_import(self):
        """Import the file: every row ends with a result, none is dropped.

        A large file goes on in the background, where it shows how far it is.

        :raises UserError: the file as a whole cannot be read; nothing is stored then
        """
        self.ensure_one()
        self.check_access("write")
        if self.source == "portal":
            raise UserError(
                self.env._(
                    "The customer was told what to put right in this file, and sends "
                    "it again. To import it yourself, download it and import it anew."
                )
            )
        if self.state not in ("draft", "failed"):
            raise UserError(
                self.env._("This file was imported. Use Try Again for its open rows.")
            )
        self._ensure_columns()
        self._remember_mapping()
        self.reason = False
        if self.row_count > AT_ONCE:
            self.state = "queued"
            # sudo: whoever may import may have it done in the background
            self.env.ref("meter_billing.ir_cron_meter_reading_import").sudo()._trigger()
            return
        self._ingest_rows(islice(self._open_rows(), self.done_count, None))
        self.state = "done"

    def _ingest_rows(self, rows):
        """Take in rows of this file; return how many they were."""
        rows = list(rows)
        self.env["meter.reading"]._ingest_serials(
            rows, source="import", company=self.company_id, delivery=self
        )
        return len(rows)

    @api.model
    def _cron_import(self):
        """Go on with the files that are queued or under way."""
        self.search(
            [("source", "=", "file"), ("state", "in", ("queued", "running"))],
            order="id",
        )._work_off()

    def _work_off(self):
        """Import part by part, committing each, while the scheduler gives time.

        Readings, counts and how far it is are committed together: whoever goes on
        after an interruption begins with the first row that is not done.
        """
        commit_progress = self.env["ir.cron"]._commit_progress
        left = sum(delivery.row_count - delivery.done_count for delivery in self)
        has_time = commit_progress(remaining=left)
        for delivery in self:
            if not has_time:
                return
            # The user who brought the file gave its readings.
            bringer = delivery.with_user(delivery.create_uid).with_company(
                delivery.company_id
            )
            try:
                for done in bringer._import_chunks():
                    left = max(left - done, 0)
                    has_time = commit_progress(done, remaining=left)
                    if not has_time:
                        break
            except Exception as error:  # noqa: BLE001 - one file's failure is its own
                self.env.cr.rollback()
                self.env.invalidate_all()
                _logger.exception("Import %s failed", delivery.id)
                message = (
                    self._explain_file_problem(error)
                    if isinstance(error, ReadingFileError)
                    else str(error)
                )
                delivery.write({"state": "failed", "reason": message})
                has_time = commit_progress(remaining=left)

    def _import_chunks(self):
        """Import the rows that are left; yield how many were, for each to be committed.

        What is yielded 0 for at last is done. Somebody else's import is left to them.
        """
        at = self.done_count
        rows = islice(self._open_rows(), at, None)
        while self.try_lock_for_update() and self.done_count == at:
            done = self._ingest_rows(islice(rows, CHUNK))
            at += done
            self.state = "running" if done else "done"
            yield done
            if not done:
                return
            # Flat memory, whatever the size of the file.
            self.env.invalidate_all()

    def action_view_preview(self):
        """Open what would become of the rows, without storing anything."""
        self.ensure_one()
        self._ensure_columns()
        return self.env["meter.reading.import.preview"]._open(self)

    def action_download_rejected(self):
        """Download the rows that were not taken, each with its reason."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/meter_billing/import/{self.id}/not_taken",
            "target": "download",
        }
