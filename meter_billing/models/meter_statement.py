# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL, format_date

from ..tools import INTERNAL

IMMUTABLE_EXCEPT = {"state"}


class MeterStatement(models.Model):
    """What was charged to a contract for a period. One a period, never edited."""

    _name = "meter.statement"
    _description = "Statement"
    _inherit = ["mail.thread"]
    _order = "date_to desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, default="/", readonly=True)
    contract_id = fields.Many2one(
        "meter.contract", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    kind = fields.Selection(
        [("period", "Period"), ("correction", "Correction")],
        default="period",
        required=True,
        readonly=True,
        help="A correction charges or credits what changed for billed periods.",
    )
    number = fields.Integer(
        string="Period Number",
        readonly=True,
        help="The contract's calendar period, from 0; the last one that it covers.",
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", required=True, readonly=True)
    state = fields.Selection(
        [("confirmed", "Confirmed"), ("cancelled", "Cancelled")],
        default="confirmed",
        required=True,
        readonly=True,
        tracking=True,
    )
    line_ids = fields.One2many("meter.statement.line", "statement_id", readonly=True)
    charge_ids = fields.One2many(
        "meter.statement.charge", "statement_id", readonly=True
    )
    amount_total = fields.Monetary(string="Total", readonly=True, help="Without tax.")
    page_count = fields.Integer(
        compute="_compute_page_count",
        string="Pages",
        help="Printed in its own period; what it corrects of others is not in it.",
    )
    has_estimates = fields.Boolean(compute="_compute_has_estimates")
    has_corrections = fields.Boolean(compute="_compute_has_corrections")
    rating_states = fields.Json(
        readonly=True,
        help="What each period that was rated here hands on to the next one.",
    )
    # sudo: that there are invoices is no secret to those who bill; the invoices
    # themselves are shown to those who may see them.
    move_ids = fields.Many2many(
        "account.move",
        compute="_compute_move_ids",
        compute_sudo=True,
        string="Invoices",
    )
    invoice_count = fields.Integer(compute="_compute_move_ids", compute_sudo=True)
    invoice_names = fields.Char(
        compute="_compute_move_ids", compute_sudo=True, string="Invoice Numbers"
    )
    is_to_invoice = fields.Boolean(
        compute="_compute_is_to_invoice",
        compute_sudo=True,
        help="A draft invoice of it was deleted or cancelled.",
    )

    # One statement a contract and period, and no two that share a day.
    _one_per_period = models.Constraint(
        "EXCLUDE USING gist (int4range(contract_id, contract_id, '[]') WITH &&, "
        "daterange(date_from, date_to, '[]') WITH &&) "
        "WHERE (state = 'confirmed' AND kind = 'period')",
        "This contract has a statement for that period already.",
    )
    _period_idx = models.Index("(contract_id, date_to DESC)")
    _dates_ordered = models.Constraint(
        "CHECK (date_to >= date_from)", "A period cannot end before it starts."
    )

    # === Computes === #

    @api.depends("line_ids.pages")
    def _compute_page_count(self):
        self.env["meter.statement.line"].flush_model()
        self.env["meter.meter"].flush_model(["counts_pages"])
        # Two charges of the same pages are two lines, but the pages are the same.
        counts = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT printed.statement_id, sum(printed.pages)
                      FROM (
                            SELECT DISTINCT line.statement_id, line.assignment_id,
                                   line.meter_id, line.pages
                              FROM meter_statement_line line
                              JOIN meter_meter meter ON meter.id = line.meter_id
                             WHERE line.statement_id = ANY(%s) AND meter.counts_pages
                               AND line.corrected_statement_id IS NULL
                           ) printed
                  GROUP BY printed.statement_id
                    """,
                    list(self.ids),
                )
            )
        )
        for statement in self:
            statement.page_count = counts.get(statement.id, 0)

    @api.depends("line_ids.is_estimated")
    def _compute_has_estimates(self):
        for statement in self:
            statement.has_estimates = any(statement.line_ids.mapped("is_estimated"))

    @api.depends("line_ids.corrected_statement_id", "charge_ids.corrected_statement_id")
    def _compute_has_corrections(self):
        for statement in self:
            statement.has_corrections = bool(
                statement.line_ids.corrected_statement_id
                or statement.charge_ids.corrected_statement_id
            )

    @api.depends("charge_ids.move_line_ids")
    @api.depends_context("uid")
    def _compute_move_ids(self):
        moves = self.charge_ids.move_line_ids.move_id
        readable = moves.sudo(False)._filtered_access("read")
        for statement in self:
            own = statement.charge_ids.move_line_ids.move_id
            statement.move_ids = own & readable
            statement.invoice_count = len(own)
            statement.invoice_names = ", ".join(
                move.name or self.env._("Draft") for move in own
            )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_booking()
        by_company = defaultdict(list)
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                by_company[vals.get("company_id")].append(vals)
        for company_id, numbered in by_company.items():
            sequence = self.env["ir.sequence"].with_company(company_id)
            for vals in numbered:
                vals["name"] = sequence.next_by_code("meter.statement") or "/"
        # Who billed when is on the record itself; nobody follows all that they billed.
        quiet = self.with_context(tracking_disable=True)
        return super(MeterStatement, quiet).create(vals_list).with_env(self.env)

    @api.model
    def _check_booking(self):
        """Raise unless it is billing that creates a statement or a part of one."""
        if self.env.context.get("meter_statement_booking") is not INTERNAL:
            raise UserError(
                self.env._("Statements are made by billing. Start a billing run.")
            )

    def write(self, vals):
        changed = set(vals) & set(self._fields) - IMMUTABLE_EXCEPT
        if any(
            self._fields[name].store and not name.startswith("message_")
            for name in changed
        ):
            raise UserError(
                self.env._(
                    "A statement stays as it was charged. What changes afterwards goes "
                    "onto the next one."
                )
            )
        if (
            "state" in vals
            and self.env.context.get("meter_statement_cancel") is not INTERNAL
        ):
            raise UserError(self.env._("Use Cancel to cancel a statement."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("A statement is never deleted. Cancel it: the history stays.")
        )

    def copy(self, default=None):  # pylint: disable=method-required-super
        raise UserError(self.env._("A statement cannot be duplicated."))

    # === Preparing === #

    @api.model
    def _prepare_statement(self, chain, states, lines, charges):
        """Return the values of a statement. Meant to be extended.

        :param chain: list of BillingPeriod that were rated, the new one last
        :param states: ``{period number as text: rating state as JSON}``
        :param lines: values of its meter lines
        :param charges: values of its charge lines
        """
        last = chain[-1]
        contract = last.contract
        is_period = not last.statement
        currency = contract.currency_id
        return {
            "contract_id": contract.id,
            "company_id": contract.company_id.id,
            "partner_id": contract.partner_id.id,
            "currency_id": currency.id,
            "kind": "period" if is_period else "correction",
            "number": last.number,
            "date_from": last.start if is_period else chain[0].start,
            "date_to": last.end,
            "rating_states": states,
            "amount_total": currency.round(sum(c["amount"] for c in charges)),
            "line_ids": [
                Command.create({**values, "sequence": sequence})
                for sequence, values in enumerate(lines, start=1)
            ],
            "charge_ids": [
                Command.create({**values, "sequence": sequence})
                for sequence, values in enumerate(charges, start=1)
            ],
        }

    # === Words === #

    def _get_period_label(self):
        """Return the period as a text, e.g. 01/01/2026 – 01/31/2026."""
        self.ensure_one()
        return (
            f"{format_date(self.env, self.date_from)} – "
            f"{format_date(self.env, self.date_to)}"
        )

    # === Actions === #

    def action_cancel(self):
        """Cancel statements whose invoices are gone: the period opens again.

        :raises UserError: not the contract's last statement, or an invoice still stands
        """
        self.check_access("write")
        for statement in self.sorted("id", reverse=True):
            if statement != statement.contract_id._get_last_statement():
                raise UserError(
                    self.env._(
                        "%(statement)s is not the last statement of %(contract)s. "
                        "Cancel the later ones first.",
                        statement=statement.name,
                        contract=statement.contract_id.name,
                    )
                )
            standing = statement._get_standing_invoices()
            if standing:
                raise UserError(
                    self.env._(
                        "Reverse or cancel %(invoices)s first, then cancel "
                        "%(statement)s.",
                        invoices=", ".join(standing.mapped("display_name")),
                        statement=statement.name,
                    )
                )
            statement.with_context(meter_statement_cancel=INTERNAL).state = "cancelled"
            statement._reopen_corrections()

    def _get_standing_invoices(self):
        """Return the documents that still charge something of this statement.

        Those in draft, and posted ones unless credit notes make up for them in full.
        """
        self.ensure_one()
        # sudo: accounting documents that the user may not see count as well
        standing = self.env["account.move"].sudo()
        for charge in self.sudo().charge_ids:
            lines = charge.move_line_ids.filtered(
                lambda line: line.parent_state != "cancel"
            )
            left = sum(lines.mapped("amount_currency"))
            is_draft = "draft" in lines.mapped("parent_state")
            if is_draft or not self.currency_id.is_zero(left):
                standing |= lines.move_id
        return standing

    def _reopen_corrections(self):
        """What this cancelled statement corrected is to be corrected again."""
        self.ensure_one()
        corrected = (
            self.charge_ids.corrected_statement_id
            | self.line_ids.corrected_statement_id
        )
        if corrected:
            first = min(corrected.mapped("date_from"))
            contract = self.contract_id
            contract.correct_from = min(first, contract.correct_from or first)

    def _get_report_base_filename(self):
        """Return the file name of the PDF, without its ending."""
        self.ensure_one()
        return self.env._("Statement %(number)s", number=self.name)

    def action_print(self):
        """Print these statements."""
        return self.env.ref(
            "meter_billing.action_report_meter_statement"
        ).report_action(self)

    def action_view(self):
        """Open these statements: the one itself, or the list of several."""
        if len(self) == 1:
            return self.get_formview_action()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_statement"
        )
        action["domain"] = [("id", "in", self.ids)]
        action["context"] = {}
        return action

    def action_view_invoices(self):
        """Open the invoices and credit notes of these statements."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        action["domain"] = [("id", "in", self.move_ids.ids)]
        action["context"] = {"create": False}
        if len(self.move_ids) == 1:
            action["views"] = [(False, "form")]
            action["res_id"] = self.move_ids.id
        return action
