# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

GROUNDS = {
    "accept": [
        ("confirmed", "The customer confirmed it"),
        ("seen", "It was read again at the device"),
        ("plausible", "The use of the device has changed"),
        ("accept_other", "Another reason"),
    ],
    "reject": [
        ("mistyped", "It was mistyped"),
        ("other_meter", "It is of another device or meter"),
        ("unreadable", "The device never showed this"),
        ("reject_other", "Another reason"),
    ],
}
OTHER = ("accept_other", "reject_other")


class MeterReadingDecide(models.TransientModel):
    """Why readings are accepted or rejected: one reason for all that were chosen."""

    _name = "meter.reading.decide"
    _description = "Decide about Readings"

    reading_ids = fields.Many2many("meter.reading", required=True, readonly=True)
    decision = fields.Selection(
        [("accept", "Accept"), ("reject", "Reject")], required=True, readonly=True
    )
    accept_ground = fields.Selection(GROUNDS["accept"], string="Right Because")
    reject_ground = fields.Selection(GROUNDS["reject"], string="Wrong Because")
    is_other = fields.Boolean(compute="_compute_is_other")
    note = fields.Char(help="Added to the reason.")

    @api.depends("accept_ground", "reject_ground")
    def _compute_is_other(self):
        for wizard in self:
            wizard.is_other = wizard._get_ground() in OTHER

    def _get_ground(self):
        return self.accept_ground if self.decision == "accept" else self.reject_ground

    def _get_reason(self):
        """Return the reason in words.

        :raises UserError: none was chosen, or another one was and not said
        """
        self.ensure_one()
        ground, note = self._get_ground(), (self.note or "").strip()
        if not ground:
            raise UserError(self.env._("Choose a reason."))
        if ground in OTHER:
            if not note:
                raise UserError(self.env._("Say which other reason it is."))
            return note
        field = self._fields[f"{self.decision}_ground"]
        words = dict(field._description_selection(self.env))[ground]
        return f"{words}: {note}" if note else words

    def action_confirm(self):
        """Carry out the decision, with its reason.

        :raises UserError: there is no reason, or somebody else decided meanwhile
        """
        self.ensure_one()
        reason = self._get_reason()
        if self.decision == "accept":
            self.reading_ids._accept(reason)
        else:
            self.reading_ids._reject(reason)
        return {"type": "ir.actions.act_window_close"}


class MeterReadingQuarantineDismissal(models.TransientModel):
    """Why rows that could not become readings are set aside."""

    _name = "meter.reading.quarantine.dismissal"
    _description = "Dismiss Readings Not Taken"

    row_ids = fields.Many2many("meter.reading.quarantine", required=True, readonly=True)
    reason = fields.Char(required=True)

    @api.model
    def _open(self, rows):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dismiss Rows"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_row_ids": [Command.set(rows.ids)]},
        }

    def action_confirm(self):
        """Set the rows aside, with the reason."""
        self.ensure_one()
        self.row_ids._dismiss(self.reason)
        return {"type": "ir.actions.act_window_close"}
