# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

WARN_PERCENT = 30


class MeterBillingRun(models.Model):
    """One billing of all that is due: what was billed, and why the rest was not."""

    _name = "meter.billing.run"
    _description = "Billing Run"
    _order = "id desc"

    name = fields.Char(compute="_compute_name", store=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    through = fields.Date(
        string="Periods Ending Until",
        required=True,
        default=lambda self: self.env.company._meter_today(),
        help="Bills every period that ends on this day or before.",
    )
    invoice_date = fields.Date(help="Empty: today.")
    contract_ids = fields.Many2many(
        "meter.contract",
        string="Only These Contracts",
        domain="[('company_id', '=', company_id), ('state', '=', 'running')]",
        help="Empty: all contracts.",
    )
    warn_percent = fields.Integer(
        string="Warn Above (%)",
        default=WARN_PERCENT,
        help="Contracts whose amount moved by more than this from their last period "
        "are listed first.",
    )
    state = fields.Selection(
        [
            ("draft", "To Do"),
            ("preview", "Previewed"),
            ("running", "Running"),
            ("done", "Done"),
        ],
        default="draft",
        required=True,
        readonly=True,
    )
    is_automatic = fields.Boolean(string="By the Scheduled Action", readonly=True)
    line_ids = fields.One2many("meter.billing.run.line", "run_id", readonly=True)
    billed_count = fields.Integer(compute="_compute_counts", string="Billed")
    previewed_count = fields.Integer(compute="_compute_counts", string="Previewed")
    waiting_count = fields.Integer(compute="_compute_counts", string="Waiting")
    failed_count = fields.Integer(compute="_compute_counts", string="Failed")
    mover_count = fields.Integer(
        compute="_compute_counts",
        string="Moved",
        help="Contracts whose amount moved by more than the set percentage.",
    )
    due_count = fields.Integer(
        compute="_compute_due_count",
        string="Contracts Due",
        help="Contracts with a period that ends until then.",
    )
    progress = fields.Float(
        compute="_compute_progress",
        help="Percent of the periods that are worked off.",
    )

    @api.depends("through", "company_id")
    def _compute_name(self):
        for run in self:
            run.name = self.env._(
                "Billing until %(date)s", date=fields.Date.to_string(run.through)
            )

    @api.depends("line_ids.status", "line_ids.is_mover")
    def _compute_counts(self):
        counts, movers = {}, {}
        for run, status, is_mover, count in self.env[
            "meter.billing.run.line"
        ]._read_group(
            [("run_id", "in", self.ids)], ["run_id", "status", "is_mover"], ["__count"]
        ):
            counts[run.id, status] = counts.get((run.id, status), 0) + count
            if is_mover:
                movers[run.id] = movers.get(run.id, 0) + count
        for run in self:
            run.billed_count = counts.get((run.id, "billed"), 0)
            run.previewed_count = counts.get((run.id, "preview"), 0)
            run.waiting_count = counts.get((run.id, "waiting"), 0)
            run.failed_count = counts.get((run.id, "failed"), 0)
            run.mover_count = movers.get(run.id, 0)

    @api.depends("through", "company_id", "contract_ids", "state")
    def _compute_due_count(self):
        for run in self:
            run.due_count = (
                self.env["meter.contract"].search_count(run._get_domain())
                if run.through and run.state != "done"
                else 0
            )

    @api.depends("line_ids.status", "state", "due_count")
    def _compute_progress(self):
        for run in self:
            worked_off = run.billed_count + run.waiting_count + run.failed_count
            left = run.due_count - run.waiting_count - run.failed_count
            if run.state == "done":
                run.progress = 100
            elif run.state == "running" and worked_off + left > 0:
                run.progress = 100 * worked_off / (worked_off + left)
            else:
                run.progress = 0

    # === Actions === #

    def action_view_statements(self):
        """Open the statements of this run."""
        return self.line_ids.statement_id.action_view()

    def action_view_waiting(self):
        """Open the contracts that wait for readings."""
        return self._view_contracts("waiting")

    def action_view_failed(self):
        """Open the contracts that could not be billed."""
        return self._view_contracts("failed")

    def _view_contracts(self, status):
        lines = self.line_ids.filtered(lambda line: line.status == status)
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_contract"
        )
        action["domain"] = [("id", "in", lines.contract_id.ids)]
        action["context"] = {}
        return action

    def action_view_unbilled(self):
        """List the installed devices that are not billed until this run's day."""
        self.ensure_one()
        return self.env["meter.unbilled.device"]._open(self.company_id, self.through)
