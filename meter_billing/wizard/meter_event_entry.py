# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import rating
from ..checking.lower import MOST_PAGES_LOST, propose
from ..fields import Counter, Pages
from ..tools import format_counter


class MeterEventEntry(models.TransientModel):
    """“What happened?” to a counter that shows less than before.

    Opened from a reading on hold, or from a meter where nothing was read yet.
    """

    _name = "meter.event.entry"
    _description = "What Happened to the Counter"

    reading_id = fields.Many2one("meter.reading", readonly=True)
    meter_id = fields.Many2one("meter.meter", required=True, readonly=True)
    value = Counter(related="reading_id.value", string="Reads Now")
    happened_at = fields.Datetime(
        compute="_compute_happened_at",
        store=True,
        readonly=False,
        required=True,
        string="Happened on",
    )
    value_before = Counter(compute="_compute_value_before", string="Read Before")
    kind = fields.Selection(
        [
            ("wrap", "It went past its last digit and started again at 0"),
            ("reset", "The counter was replaced or set to another value"),
            ("regress", "It went back a few pages, e.g. after a power cut"),
            ("mistake", "This reading is wrong"),
            ("mistake_before", "The reading before it was wrong"),
        ],
        compute="_compute_kind",
        store=True,
        readonly=False,
        required=True,
        string="What Happened",
    )
    closing_value = Counter(
        compute="_compute_values",
        store=True,
        readonly=False,
        string="It Had Come to",
        help="What the counter showed at last before it happened.",
    )
    opening_value = Counter(
        compute="_compute_values",
        store=True,
        readonly=False,
        string="It Went on from",
        help="What the counter showed at first after it happened.",
    )
    pages = Pages(
        compute="_compute_pages",
        help="Printed since the reading before: up to what happened, and since then.",
    )
    reason = fields.Char(help="e.g. the service report's number")

    @api.depends("reading_id")
    def _compute_happened_at(self):
        for entry in self:
            # Just before the reading, so that it counts what came before it.
            read_at = entry.reading_id.read_at
            entry.happened_at = (
                read_at - timedelta(seconds=1) if read_at else fields.Datetime.now()
            )

    @api.depends("meter_id", "happened_at")
    def _compute_value_before(self):
        for entry in self:
            if entry.meter_id and entry.happened_at:
                entry.value_before = entry.meter_id._get_values_around(
                    entry.happened_at
                )[0]
            else:
                entry.value_before = False

    @api.depends("reading_id", "meter_id")
    def _compute_kind(self):
        for entry in self:
            entry.kind = entry._propose_kind() if entry.reading_id else "reset"

    def _propose_kind(self):
        """Return the likeliest kind, by the numbers alone.

        A reset is never proposed: it takes somebody who knows that one was done.
        """
        return propose(self.value_before or 0, self.value, self.meter_id.digits or 0)

    @api.depends("kind", "value_before", "reading_id")
    def _compute_values(self):
        for entry in self:
            before = entry.value_before or 0
            entry.closing_value, entry.opening_value = before, 0
            if entry.kind == "wrap":
                digits = entry.meter_id.digits or len(str(before))
                entry.closing_value = 10**digits
            elif entry.kind == "regress":
                entry.opening_value = (
                    entry.value
                    if entry.reading_id
                    else max(before - MOST_PAGES_LOST, 0)
                )

    @api.depends("closing_value", "opening_value", "value_before", "value")
    def _compute_pages(self):
        for entry in self:
            end = entry.value if entry.reading_id else entry.opening_value
            entry.pages = rating.pages_between(
                entry.value_before or 0,
                end or 0,
                [(entry.closing_value or 0, entry.opening_value or 0)],
            )

    def action_confirm(self):
        """Record the event and let the reading be billed; or correct a wrong reading.

        :raises UserError: the values cannot be
        """
        self.ensure_one()
        if self.kind == "mistake":
            return self.reading_id.action_correct()
        if self.kind == "mistake_before":
            before = self.meter_id._get_reading_before(self.reading_id.read_at)
            if not before:
                raise UserError(
                    self.env._(
                        "There is no reading before: %(meter)s started at "
                        "%(value)s. Correct its opening value on the device.",
                        meter=self.meter_id.display_name,
                        value=format_counter(self.env, self.meter_id.opening_value),
                    )
                )
            return before.action_correct()
        Event = self.env["meter.event"]
        kinds = dict(Event._fields["kind"]._description_selection(self.env))
        reason = self.reason or kinds[self.kind]
        Event.create(
            {
                "meter_id": self.meter_id.id,
                "kind": self.kind,
                "happened_at": self.happened_at,
                "closing_value": self.closing_value or 0,
                "opening_value": self.opening_value or 0,
                "reason": reason,
            }
        )
        if self.reading_id and (self.opening_value or 0) > self.value:
            raise UserError(
                self.env._(
                    "%(meter)s shows %(value)s: it cannot have gone on from "
                    "%(opening)s.",
                    meter=self.meter_id.display_name,
                    value=format_counter(self.env, self.value),
                    opening=format_counter(self.env, self.opening_value),
                )
            )
        if self.reading_id.state == "hold":
            self.reading_id._accept(reason, "event")
        return {"type": "ir.actions.act_window_close"}
