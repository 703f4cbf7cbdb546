# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from .meter_reading_serials import OPEN_STATUSES


class MeterReadingImport(models.Model):
    """One delivery of readings, whatever brought it, and what became of its rows.

    Readings that it brought point to it; rows that are none are in quarantine.
    """

    _name = "meter.reading.import"
    _description = "Reading Import"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    name = fields.Char(required=True, default="readings.csv")
    source = fields.Selection(
        [
            ("file", "File"),
            ("api", "API"),
            ("mail", "E-mail"),
            ("connector", "Connector"),
        ],
        required=True,
        default="file",
        readonly=True,
    )
    key = fields.Char(
        readonly=True,
        copy=False,
        help="The sender's own key: what is sent again under it changes nothing.",
    )
    file = fields.Binary(attachment=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    state = fields.Selection(
        [
            ("draft", "To Import"),
            ("queued", "Queued"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("waiting", "To Look At"),
            ("dismissed", "Set Aside"),
        ],
        default="draft",
        required=True,
        readonly=True,
    )
    reason = fields.Char(readonly=True, help="Why it failed or waits.")
    line_ids = fields.One2many(
        "meter.reading.quarantine", "import_id", string="Rows Not Taken"
    )
    row_count = fields.Integer(readonly=True, string="Rows")
    done_count = fields.Integer(readonly=True, string="Rows Done")
    created_count = fields.Integer(readonly=True, string="Imported")
    hold_count = fields.Integer(readonly=True, string="On Hold")
    duplicate_count = fields.Integer(readonly=True, string="There Already")
    ignored_count = fields.Integer(
        readonly=True,
        string="Not Kept",
        help="Values of meters that the device does not have.",
    )
    open_count = fields.Integer(compute="_compute_open_count", string="Not Imported")

    _key_uniq = models.UniqueIndex(
        "(company_id, source, key) WHERE key IS NOT NULL",
        "Something was delivered under this key already.",
    )

    @api.depends("line_ids.status")
    def _compute_open_count(self):
        counts = dict(
            self.env["meter.reading.quarantine"]._read_group(
                [("import_id", "in", self.ids), ("status", "in", OPEN_STATUSES)],
                ["import_id"],
                ["__count"],
            )
        )
        for delivery in self:
            delivery.open_count = counts.get(delivery, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_imported(self):
        # sudo: a reading of any company and state came from its file
        if (
            self.env["meter.reading"]
            .sudo()
            .search_count([("import_id", "in", self.ids)], limit=1)
        ):
            raise UserError(
                self.env._(
                    "A file that brought readings cannot be deleted: it is where they "
                    "come from."
                )
            )

    def _add_counts(self, counts, done=0):
        """Add what became of rows.

        :param dict counts: number of rows by status of their verdict
        :param int done: how many rows of the delivery are done by this
        """
        self.ensure_one()
        self.write(
            {
                "done_count": self.done_count + done,
                "created_count": self.created_count + counts.get("created", 0),
                "hold_count": self.hold_count + counts.get("hold", 0),
                "duplicate_count": self.duplicate_count + counts.get("duplicate", 0),
                "ignored_count": self.ignored_count + counts.get("ignored", 0),
            }
        )

    def action_retry(self):
        """Try the rows again that could not be imported, e.g. after adding a device."""
        self.check_access("write")
        self.line_ids.action_retry()

    def action_view_readings(self):
        """Open the readings that this file brought."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_reading"
        )
        action["domain"] = [("import_id", "=", self.id)]
        return action

    def action_view_held(self):
        """Open the readings that this file brought and that are on hold."""
        action = self.action_view_readings()
        action["domain"] = [("import_id", "=", self.id), ("state", "=", "hold")]
        return action
