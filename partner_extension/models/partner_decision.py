# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..groups import VERIFIER


class PartnerDecision(models.AbstractModel):
    """What somebody outside asks for and a verifier approves or refuses."""

    _name = "partner.decision"
    _description = "Decision on a Partner's Wish"
    _inherit = ["mail.thread", "partner.waiting"]

    #: The state of a record that waits for the decision, and the mail that tells it.
    _state_to_decide = "pending"
    _template_decided = None
    #: What a new record says of its decision.
    _undecided = {"reason": False, "decision_user_id": False, "decision_date": False}

    reason = fields.Char(
        string="Reason for Refusal", help="Whoever asked is told.", tracking=True
    )
    decision_user_id = fields.Many2one("res.users", string="Decided By", readonly=True)
    decision_date = fields.Datetime(string="Decided On", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        # Said outright, so that no default (of the context, or of a user) decides.
        records = super().create([{**self._undecided, **vals} for vals in vals_list])
        records.filtered(lambda r: r.state == r._state_to_decide)._tell_waiting()
        return records

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if decided := self.filtered("decision_date"):
            raise UserError(
                self.env._(
                    "%(name)s was decided on, and is kept as evidence.",
                    name=decided[0].display_name,
                )
            )

    def action_refuse(self):
        """Refuse these; each must say why.

        :raise AccessError: for who is no verifier
        :raise UserError: for one without a reason, or that does not wait
        """
        records = self._get_decidable()
        if any(not record.reason for record in records):
            raise UserError(
                self.env._("Enter the reason for refusal: whoever asked is told.")
            )
        self._decide("refused")

    def _get_decidable(self):
        """Return these, locked, or raise as `action_refuse` does."""
        if not self.env.user.has_group(VERIFIER):
            raise AccessError(self.env._("Verifiers decide on this."))
        self.check_access("write")
        self.lock_for_update()
        self.invalidate_recordset(["state"])
        if any(record.state != self._state_to_decide for record in self):
            raise UserError(
                self.env._(
                    "%(name)s does not wait for a decision: it was decided already, "
                    "or its e-mail address is not confirmed.",
                    name=next(
                        record.display_name
                        for record in self
                        if record.state != self._state_to_decide
                    ),
                )
            )
        return self

    def _decide(self, state):
        # sudo: the user was checked to be a verifier
        self.sudo().write(
            {
                "state": state,
                "decision_user_id": self.env.uid,
                "decision_date": fields.Datetime.now(),
            }
        )
        self._close_waiting()
        if told := self._filter_told():
            # sudo: the template is the module's own
            self.env.ref(self._template_decided).sudo().send_mail_batch(
                told.ids, email_layout_xmlid="mail.mail_notification_light"
            )

    def _filter_told(self):
        """Return those whose decision is mailed to whoever asked."""
        return self
