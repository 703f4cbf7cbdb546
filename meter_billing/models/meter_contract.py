# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..rating.calendar import full_period, period_end
from ..tools import first_line

FROZEN_ONCE_BILLED = {"period_months", "first_period_end", "prorate", "currency_id"}


class MeterContract(models.Model):
    """What a customer pays for the pages of its devices, and when."""

    _name = "meter.contract"
    _description = "Meter Contract"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name desc, id desc"
    _check_company_auto = True

    # === What and who === #
    name = fields.Char(
        string="Number", required=True, copy=False, default="/", tracking=True
    )
    description = fields.Char(help="What the customer calls it.")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        tracking=True,
        check_company=True,
        ondelete="restrict",
    )
    commercial_partner_id = fields.Many2one(related="partner_id.commercial_partner_id")
    partner_invoice_id = fields.Many2one(
        "res.partner",
        string="Invoice Address",
        compute="_compute_partner_invoice_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        check_company=True,
        ondelete="restrict",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        tracking=True,
        domain=[("share", "=", False)],
    )
    state = fields.Selection(
        [("draft", "Draft"), ("running", "Running"), ("closed", "Closed")],
        default="draft",
        required=True,
        copy=False,
        tracking=True,
    )
    active = fields.Boolean(default=True)

    # === Periods === #
    date_start = fields.Date(required=True, tracking=True)
    date_end = fields.Date(
        tracking=True, help="Last day. Empty: until further notice.", copy=False
    )
    period_months = fields.Integer(
        string="Bill Every (Months)", default=1, required=True, tracking=True
    )
    first_period_end = fields.Date(
        compute="_compute_first_period_end",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Last day of the first period. Choose the end of a month to bill calendar "
        "months when the contract starts in the middle of one.",
    )
    prorate = fields.Selection(
        [("none", "Full amounts"), ("days", "By days in force")],
        default="none",
        required=True,
        string="Partial Periods",
        help="What a first or last partial period costs: fixed amounts, included pages "
        "and minimums in full, or by its days.",
    )
    skipped_through = fields.Date(
        copy=False,
        readonly=True,
        help="No period up to this day is billed on its own; the next one covers it.",
    )
    billed_through = fields.Date(compute="_compute_next_period", store=True)
    next_period_start = fields.Date(compute="_compute_next_period", store=True)
    next_period_end = fields.Date(
        compute="_compute_next_period", store=True, index=True, string="Next Billing"
    )

    # === Money === #
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    invoice_mode = fields.Selection(
        [
            ("draft", "Leave it in draft"),
            ("post", "Post it"),
            ("send", "Post and send it"),
        ],
        default="post",
        required=True,
        string="Invoice",
        help="What billing does with the invoice that it makes. Invoices are sent in "
        "the background, the way that the payer wants them.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        check_company=True,
        help="Empty: the customer's own payment terms.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        domain=[("type", "=", "sale")],
        check_company=True,
        help="Empty: the company's own sales journal.",
    )

    # === Readings === #
    reading_buffer = fields.Integer(
        string="Expected Within (%)",
        help="How far a reading may be from the usual pages. 0: as the model says, "
        "else the company.",
    )
    reading_floor = fields.Integer(
        string="Not Below (Pages)",
        help="Differences of fewer pages are never remarkable. 0: as the model says, "
        "else the company.",
    )
    window_before = fields.Integer(
        string="Days Before",
        help="Readings from so many days before the end of a period are billed from. "
        "With 0 days after it as well: any day.",
    )
    window_after = fields.Integer(string="Days After")

    # === Content === #
    charge_ids = fields.One2many("meter.contract.charge", "contract_id", copy=True)
    assignment_ids = fields.One2many(
        "meter.contract.device", "contract_id", string="Devices"
    )
    device_count = fields.Integer(compute="_compute_device_count")
    statement_ids = fields.One2many("meter.statement", "contract_id", readonly=True)
    statement_count = fields.Integer(compute="_compute_statement_count")
    invoice_count = fields.Integer(compute="_compute_invoice_count")
    billing_issue = fields.Text(
        readonly=True,
        copy=False,
        string="Why Not Billed",
        help="Why the last billing left this contract out.",
    )
    billing_issue_short = fields.Char(
        compute="_compute_billing_issue_short", string="Why Not Billed (Short)"
    )
    note = fields.Html()

    _name_uniq = models.UniqueIndex(
        "(company_id, name) WHERE name <> '/'",
        "Another contract has this number already.",
    )
    _period_positive = models.Constraint(
        "CHECK (period_months BETWEEN 1 AND 120)",
        "A billing period has 1 to 120 months.",
    )
    _dates_ordered = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)",
        "A contract cannot end before it starts.",
    )
    _first_period_after_start = models.Constraint(
        "CHECK (first_period_end >= date_start)",
        "The first period cannot end before the contract starts.",
    )

    # === Computes === #

    @api.depends("partner_id")
    def _compute_partner_invoice_id(self):
        for contract in self:
            contract.partner_invoice_id = contract.partner_id.address_get(["invoice"])[
                "invoice"
            ]

    @api.depends("company_id")
    def _compute_currency_id(self):
        for contract in self:
            contract.currency_id = contract.company_id.currency_id

    @api.depends("date_start", "period_months")
    def _compute_first_period_end(self):
        for contract in self:
            contract.first_period_end = contract.date_start and (
                contract.date_start
                + relativedelta(months=contract.period_months or 1, days=-1)
            )

    @api.depends(
        "date_start",
        "date_end",
        "period_months",
        "first_period_end",
        "skipped_through",
        "statement_ids.date_to",
        "statement_ids.state",
        "statement_ids.kind",
    )
    def _compute_next_period(self):
        billed = {
            contract.id: last
            for contract, last in self.env["meter.statement"]._read_group(
                [
                    ("contract_id", "in", self.ids),
                    ("state", "=", "confirmed"),
                    ("kind", "=", "period"),
                ],
                ["contract_id"],
                ["date_to:max"],
            )
        }
        for contract in self:
            contract.billed_through = billed.get(contract._origin.id, False)
            period = contract._get_next_period()
            contract.next_period_start = period[0] if period else False
            contract.next_period_end = period[1] if period else False

    @api.depends("billing_issue")
    def _compute_billing_issue_short(self):
        for contract in self:
            contract.billing_issue_short = first_line(self.env, contract.billing_issue)

    def _compute_device_count(self):
        counts = dict(
            self.env["meter.contract.device"]._read_group(
                [("contract_id", "in", self.ids)], ["contract_id"], ["__count"]
            )
        )
        for contract in self:
            contract.device_count = counts.get(contract, 0)

    def _compute_statement_count(self):
        counts = dict(
            self.env["meter.statement"]._read_group(
                [("contract_id", "in", self.ids)], ["contract_id"], ["__count"]
            )
        )
        for contract in self:
            contract.statement_count = counts.get(contract, 0)

    def _compute_invoice_count(self):
        for contract in self:
            contract.invoice_count = len(contract.statement_ids.move_ids)

    # === Periods === #

    def _get_next_period(self):
        """Return (first day, last day, number of the last calendar period), or None.

        The period begins the day after what was billed last and ends with the first
        calendar period that is not skipped, or with the contract. Periods are numbered
        from 0.
        """
        self.ensure_one()
        if not (self.date_start and self.first_period_end and self.period_months):
            return None
        start = self.date_start
        if self.billed_through:
            start = fields.Date.add(self.billed_through, days=1)
        if self.date_end and start > self.date_end:
            return None
        number = self._get_period_number(start)
        end = self._get_period_end(number)
        return start, min(end, self.date_end or end), number

    def _get_period_number(self, day):
        """Return the number of the calendar period that a day not billed is billed by.

        The first one that ends on this day or later and is not skipped.
        """
        self.ensure_one()
        day_before = fields.Date.subtract(day, days=1)
        open_after = max(day_before, self.skipped_through or day_before)
        number = 0
        while (end := self._get_period_end(number)) <= open_after and (
            not self.date_end or end < self.date_end
        ):
            number += 1
        return number

    def _get_last_statement(self):
        """Return the statement that was confirmed last, a correction included."""
        self.ensure_one()
        return self.env["meter.statement"].search(
            [("contract_id", "=", self.id), ("state", "=", "confirmed")],
            order="id desc",
            limit=1,
        )

    def _get_charges(self, day):
        """Return the charges that a period beginning on this day is billed by."""
        self.ensure_one()
        charges = self.charge_ids
        in_force = charges.filtered(
            lambda charge: (
                (not charge.date_from or charge.date_from <= day)
                and (not charge.date_to or charge.date_to >= day)
            )
        )
        # What they name is read with that of the other contracts' charges.
        return in_force.with_prefetch(charges._prefetch_ids)

    def _get_period_start(self, number):
        """Return the first day of a calendar period, numbered from 0."""
        if not number:
            return self.date_start
        return fields.Date.add(self._get_period_end(number - 1), days=1)

    def _get_period_end(self, number):
        """Return the last day of a calendar period, numbered from 0."""
        return period_end(
            self.date_start, self.first_period_end, self.period_months, number
        )

    def _get_full_period(self, number):
        """Return first and last day of a calendar period that nothing cuts short."""
        return full_period(
            self.date_start, self.first_period_end, self.period_months, number
        )

    def _is_period_end(self, day):
        """Tell whether a calendar period ends on this day."""
        number = 0
        while (end := self._get_period_end(number)) < day:
            number += 1
        return end == day

    # === Checks === #

    @api.constrains("date_start", "date_end", "period_months", "first_period_end")
    def _check_billed_periods(self):
        for contract in self:
            statements = contract.statement_ids.filtered(
                lambda s: s.state == "confirmed" and s.kind == "period"
            )
            if not statements:
                continue
            first = min(statements.mapped("date_from"))
            last = max(statements.mapped("date_to"))
            if contract.date_start != first or (
                contract.date_end and contract.date_end < last
            ):
                raise ValidationError(
                    self.env._(
                        "%(contract)s has been billed from %(first)s to %(last)s: its "
                        "start cannot be moved, and it cannot end before.",
                        contract=contract.name,
                        first=first.isoformat(),
                        last=last.isoformat(),
                    )
                )

    def _check_frozen(self, vals):
        """Raise where a billed contract would be rated by another rhythm.

        Periods are numbered from the start, and billed ones are rated again by the
        same terms when a reading of theirs is corrected.
        """
        billed = self.filtered("billed_through")
        if billed and "partner_id" in vals:
            customer = self.env["res.partner"].browse(vals["partner_id"])
            billed._check_same_customer(customer)
        for contract in billed:
            for name in FROZEN_ONCE_BILLED & set(vals):
                field = self._fields[name]
                if field.convert_to_cache(vals[name], contract) != (
                    field.convert_to_cache(contract[name], contract)
                ):
                    raise ValidationError(
                        self.env._(
                            "%(contract)s has been billed: its rhythm, currency and "
                            "how partial periods count cannot be changed. Close it "
                            "and start a new one.",
                            contract=contract.name,
                        )
                    )

    def _check_same_customer(self, partner):
        """Raise where a billed contract would go to another customer.

        :param partner: the res.partner it is to be given to
        """
        for contract in self:
            if contract.commercial_partner_id != partner.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contract)s has been billed to %(customer)s: its statements "
                        "and readings stay theirs. Close it, start a new contract for "
                        "%(other)s, and move the devices there.",
                        contract=contract.name,
                        customer=contract.commercial_partner_id.display_name,
                        other=partner.display_name,
                    )
                )

    @api.constrains("period_months", "first_period_end", "date_end")
    def _check_period_grid(self):
        for contract in self.filtered("billed_through"):
            billed_to_its_end = contract.billed_through == contract.date_end
            if not billed_to_its_end and not contract._is_period_end(
                contract.billed_through
            ):
                raise ValidationError(
                    self.env._(
                        "%(contract)s has been billed to %(last)s, which would be in "
                        "the middle of a period. Close it and start a new one.",
                        contract=contract.name,
                        last=contract.billed_through.isoformat(),
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                company_id = vals.get("company_id") or self.env.company.id
                vals["name"] = (
                    self.env["ir.sequence"]
                    .with_company(company_id)
                    .next_by_code("meter.contract")
                    or "/"
                )
        return super().create(vals_list)

    def copy(self, default=None):
        """Duplicate contracts: a minimum covers the charges of its own duplicate."""
        copying = self.with_context(meter_contract_copying=True)
        copies = super(MeterContract, copying).copy(default)
        copies = copies.with_context(meter_contract_copying=False)
        for contract, duplicate in zip(self, copies, strict=True):
            twins = dict(zip(contract.charge_ids, duplicate.charge_ids, strict=True))
            for charge, twin in twins.items():
                if covered := charge.covered_charge_ids:
                    twin.covered_charge_ids = [
                        Command.set([twins[one].id for one in covered])
                    ]
        return copies

    def write(self, vals):
        self._check_frozen(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        if self.sudo().statement_ids:
            # sudo: a statement in any state is history
            raise UserError(
                self.env._("A contract that was billed cannot be deleted. Close it.")
            )
