# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""“Why this amount”: from the readings to the line on the invoice, step by step.

The numbers were kept with the statement when it was rated, and the readings are on its
lines: the explanation stays true whatever happens to contract and devices later.
"""

from odoo import api, fields, models

from ..tools import format_counter, to_decimal


class MeterStatement(models.Model):
    _inherit = "meter.statement"

    explanations = fields.Json(
        readonly=True,
        prefetch=False,
        help="How each charge came to its amount, by end of the period and charge.",
    )

    @api.model
    def _prepare_statement(self, chain, states, lines, charges):
        return {
            **super()._prepare_statement(chain, states, lines, charges),
            "explanations": {
                period.end.isoformat(): {
                    code: rated.explanation
                    for code, rated in period.result.charges.items()
                    if rated.explanation
                }
                for period in chain
            },
        }

    @api.model
    def _prepare_meter_line(self, interval):
        return {
            **super()._prepare_meter_line(interval),
            "events": [list(event) for event in interval.events] or False,
        }


class MeterStatementCharge(models.Model):
    _inherit = "meter.statement.charge"

    # The template escapes what users wrote.
    explanation = fields.Html(
        compute="_compute_explanation", sanitize=False, string="Why This Amount"
    )

    @api.depends_context("lang")
    def _compute_explanation(self):
        for line in self:
            line.explanation = self.env["ir.qweb"]._render(
                "meter_billing.statement_charge_explanation",
                {
                    "line": line,
                    "meters": line._explain_meters(),
                    "sections": line._explain_sections(),
                    "correction": line._explain_correction(),
                },
            )

    def action_explain(self):
        """Open the calculation of this line."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why This Amount"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [
                (
                    self.env.ref(
                        "meter_billing.view_meter_statement_charge_form_why"
                    ).id,
                    "form",
                )
            ],
            "target": "new",
        }

    # === What is kept === #

    def _get_explanation_steps(self):
        """Return the steps of this line's charge, as the engine told them."""
        self.ensure_one()
        by_charge = (self.statement_id.explanations or {}).get(
            self.period_end.isoformat(), {}
        )
        return by_charge.get(self.charge_id._get_rating_code(), [])

    def _get_explained_lines(self):
        """Return ``[(meter line, pages, quantity)]`` of the period as this line saw it.

        A correction shows the meters that changed only: the others are as they were
        booked before.
        """
        self.ensure_one()
        Line = self.env["meter.statement.line"]
        if not self.corrected_statement_id:
            lines = self.statement_id.line_ids
        else:
            lines = Line.search(
                [
                    ("contract_id", "=", self.contract_id.id),
                    ("statement_id", "<=", self.statement_id.id),
                    "|",
                    ("state", "=", "confirmed"),
                    ("statement_id", "=", self.statement_id.id),
                    ("period_end", "=", self.period_end),
                ],
                order="id",
            )
        lines = lines.filtered(lambda line: line.period_end == self.period_end)
        latest = {}
        for line in lines:
            key = line.charge_id.root_id, line.assignment_id, line.type_id
            _line, pages, quantity = latest.get(key, (line, 0, 0))
            latest[key] = (
                line,
                pages + line.pages,
                quantity + to_decimal(line.quantity),
            )
        return list(latest.values())

    # === The readings === #

    def _explain_meters(self):
        """Return what to show of each meter of the charge, as dicts of text."""
        self.ensure_one()
        if self.charge_id.kind != "usage":
            return []
        explained = self._get_explained_lines()
        root = self.charge_id.root_id
        sources = {
            (line.assignment_id, line.type_id.code): line for line, *_n in explained
        }
        pages_of = {
            (line.assignment_id, line.type_id.code): pages
            for line, pages, _q in explained
        }
        numbers = dict(self._get_explanation_steps()[:1]).get("meters", {})
        own = [each for each in explained if each[0].charge_id.root_id == root]
        own.sort(key=lambda each: (each[0].device_id.serial_number, each[0].sequence))
        rows = []
        for line, pages, quantity in own:
            code = line.type_id.code
            rows.append(
                {
                    **self._explain_meter(line, pages),
                    "weight": self._say(numbers.get("weights", {}).get(code, 1)),
                    "quantity": self._say(quantity),
                    "is_derived": not line.meter_id,
                }
            )
            # A derived meter is read through those that it is made of.
            added, subtracted = numbers.get("derived", {}).get(code, [[], []])
            for sign, codes in (("+", added), ("−", subtracted)):
                rows += [
                    {
                        **self._explain_meter(
                            source, pages_of[line.assignment_id, each]
                        ),
                        "sign": sign,
                    }
                    for each in codes
                    if (source := sources.get((line.assignment_id, each)))
                ]
        return rows

    def _explain_meter(self, line, pages):
        return {
            "serial": line.device_id.serial_number,
            "meter": line.type_id.name,
            "date_from": line.date_from,
            "start": line._format_number("start_value"),
            "date_to": line.date_to,
            "end": line._format_number("end_value"),
            "is_estimated": line.is_estimated,
            "events": line._get_events_text(),
            "pages": self._say(pages),
        }

    # === The correction === #

    def _explain_correction(self):
        """Return what this line comes to now, and what was booked, for a correction."""
        self.ensure_one()
        if not self.corrected_statement_id:
            return None
        booked = self.search(
            [
                ("contract_id", "=", self.contract_id.id),
                ("period_end", "=", self.period_end),
                ("charge_id.root_id", "=", self.charge_id.root_id.id),
                ("statement_id.state", "=", "confirmed"),
                ("statement_id", "<", self.statement_id.id),
            ]
        )
        of_charge = self.statement_id.charge_ids.filtered(
            lambda line: (
                line.charge_id.root_id == self.charge_id.root_id
                and line.period_end == self.period_end
            )
        )
        difference = sum(map(to_decimal, of_charge.mapped("amount")))
        now = sum(
            to_decimal(float(numbers["amount"]))
            for kind, numbers in self._get_explanation_steps()
            if kind == "line"
        )
        return {
            "now": self._say_money(now),
            "before": self._say_money(now - difference),
            "difference": self._say_money(difference),
            "statements": ", ".join(booked.statement_id.sorted("id").mapped("name")),
        }


class MeterStatementLine(models.Model):
    _inherit = "meter.statement.line"

    events = fields.Json(
        help="What the counter did other than count up: pairs of the values before and "
        "after it."
    )

    def _get_reading_text(self):
        events = self._get_events_text()
        return super()._get_reading_text() + (f" ({events})" if events else "")

    def _get_events_text(self):
        """Return in words where the counter jumped, or an empty text."""
        self.ensure_one()
        return ", ".join(
            self.env._(
                "counter went from %(closing)s to %(opening)s",
                closing=format_counter(self.env, closing),
                opening=format_counter(self.env, opening),
            )
            for closing, opening in self.events or []
        )


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # sudo: whoever may read the invoice may know how it came about, as in the annex
    meter_explanation = fields.Html(
        compute="_compute_meter_explanation",
        compute_sudo=True,
        sanitize=False,
        string="Why This Amount",
    )

    has_meter_explanation = fields.Boolean(
        compute="_compute_has_meter_explanation", compute_sudo=True
    )

    @api.depends("meter_statement_charge_id")
    def _compute_has_meter_explanation(self):
        for line in self:
            line.has_meter_explanation = bool(line.meter_statement_charge_id)

    @api.depends_context("lang")
    @api.depends("meter_statement_charge_id")
    def _compute_meter_explanation(self):
        for line in self:
            line.meter_explanation = line.meter_statement_charge_id.explanation or False

    def action_explain_meter_charge(self):
        """Open the calculation of this invoice line."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why This Amount"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [
                (
                    self.env.ref("meter_billing.view_account_move_line_form_why").id,
                    "form",
                )
            ],
            "target": "new",
        }
