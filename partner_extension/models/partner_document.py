# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..groups import VERIFIER

#: What a decision was about: whoever changes it takes the decision back.
DECIDED_ON = {
    "partner_id",
    "kind_id",
    "number",
    "issuer",
    "valid_from",
    "valid_until",
    "file",
}
DECISION = {"decision", "decision_user_id", "decision_date"}


class PartnerDocument(models.Model):
    """A licence, contract or certificate of a partner.

    Stored is what somebody decided; whether the document is expired is a question of
    the day, so that it is right without any scheduled action.
    """

    _name = "partner.document"
    _description = "Document of a Partner"
    _inherit = ["mail.thread", "partner.waiting"]
    _order = "valid_until, id"

    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="restrict", tracking=True
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        help="Only for this company; empty: for all that see the partner.",
    )
    kind_id = fields.Many2one(
        "partner.document.kind",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        check_company=True,
    )
    category = fields.Selection(related="kind_id.category", store=True)
    active = fields.Boolean(default=True)
    number = fields.Char(index="trigram", tracking=True)
    issuer = fields.Char(tracking=True)
    valid_from = fields.Date(tracking=True)
    valid_until = fields.Date(
        index=True, tracking=True, help="The last day that it is valid on."
    )
    file = fields.Binary(attachment=True, copy=False)
    file_name = fields.Char(copy=False)
    note = fields.Text(string="Internal Notes", groups="base.group_user")
    decision = fields.Selection(
        [
            ("to_verify", "To Verify"),
            ("verified", "Verified"),
            ("refused", "Refused"),
        ],
        required=True,
        readonly=True,
        default="to_verify",
        copy=False,
        index=True,
        tracking=True,
    )
    decision_user_id = fields.Many2one(
        "res.users", string="Decided By", readonly=True, copy=False
    )
    decision_date = fields.Datetime(string="Decided On", readonly=True, copy=False)
    reason = fields.Char(
        string="Why Refused", copy=False, tracking=True, help="The partner sees it."
    )
    state = fields.Selection(
        [
            ("to_verify", "To Verify"),
            ("verified", "Verified"),
            ("refused", "Refused"),
            ("expired", "Expired"),
        ],
        compute="_compute_state",
        search="_search_state",
    )
    days_left = fields.Integer(compute="_compute_state")
    reminder_ids = fields.One2many(
        "partner.document.reminder", "document_id", groups="base.group_user"
    )

    _validity = models.Constraint(
        "CHECK (valid_until >= valid_from)",
        "A document cannot expire before it becomes valid.",
    )
    _decided = models.Constraint(
        "CHECK (decision = 'to_verify' OR decision_date IS NOT NULL)",
        "A decision has a time.",
    )

    # === What colleagues write below it === #

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Keep what users write below a document among those who may change it."""
        if self.env.user.share:
            return dict.fromkeys(self, "write")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Let partners follow, those alone that may change the document.

        Odoo lets whoever may read follow, and followers get what is written by mail.
        """
        if not self.env.su and self.env.user.share:
            self.check_access("write")
        return super().message_subscribe(partner_ids, subtype_ids)

    # === Its state === #

    @api.depends("partner_id.company_id")
    def _compute_company_id(self):
        for document in self:
            # With a partner that becomes a company's own, its documents do.
            document.company_id = document.partner_id.company_id or document.company_id

    @api.depends("kind_id", "number", "partner_id")
    def _compute_display_name(self):
        for document in self:
            document.display_name = " ".join(
                filter(None, [document.kind_id.name, document.number])
            )

    @api.depends("decision", "valid_until")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        for document in self:
            until = document.valid_until
            document.days_left = (until - today).days if until else 0
            is_over = until and until < today and document.decision != "refused"
            document.state = "expired" if is_over else document.decision

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        over = Domain("valid_until", "<", fields.Date.context_today(self))
        domains = {
            "to_verify": Domain("decision", "=", "to_verify") & ~over,
            "verified": Domain("decision", "=", "verified") & ~over,
            "refused": Domain("decision", "=", "refused"),
            "expired": Domain("decision", "!=", "refused") & over,
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    @api.constrains(
        "kind_id", "number", "issuer", "valid_until", "file", "partner_id", "decision"
    )
    def _check_complete(self):
        """A document states what its kind asks for before anybody verifies it."""
        for document in self.filtered(lambda d: d.decision == "verified"):
            document._check_states_what_is_needed()

    def _check_states_what_is_needed(self):
        self.ensure_one()
        needed = {
            "number": "need_number",
            "issuer": "need_issuer",
            "valid_until": "need_validity",
            "file": "need_file",
        }
        missing = [
            self._fields[field]._description_string(self.env)
            for field, need in needed.items()
            if self.kind_id[need] and not self[field]
        ]
        if missing:
            raise ValidationError(
                self.env._(
                    "%(document)s of %(partner)s cannot be verified without: "
                    "%(fields)s.",
                    document=self.display_name,
                    partner=self.partner_id.display_name,
                    fields=", ".join(missing),
                )
            )

    # === Decisions === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(DECISION & set(vals) for vals in vals_list):
            self._check_may_decide()
        # Said outright, so that no default (of the context, or of a user) decides.
        return super().create(
            [
                self._stamp_decision({"decision": "to_verify", **vals})
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if not self.env.su and DECISION & set(vals):
            self._check_may_decide()
        if "decision" in vals:
            vals = self._stamp_decision(dict(vals))
        elif DECIDED_ON & set(vals):
            vals = self._stamp_decision({**vals, "decision": "to_verify"})
        done = super().write(vals)
        if vals.get("decision") in ("verified", "refused"):
            self._close_waiting()
        return done

    @api.model
    def _check_may_decide(self):
        if not self.env.user.has_group(VERIFIER):
            raise AccessError(
                self.env._("Verifiers decide on documents. Ask one of them.")
            )

    @api.model
    def _stamp_decision(self, vals):
        """Have a decision always say who took it and when; none is named for none."""
        if "decision" in vals:
            is_decided = vals["decision"] != "to_verify"
            vals["decision_user_id"] = is_decided and self.env.uid
            vals["decision_date"] = is_decided and fields.Datetime.now()
        else:
            for field in ("decision_user_id", "decision_date"):
                vals.pop(field, None)
        return vals

    def action_verify(self):
        """Accept these documents.

        :raises AccessError: for who is no verifier
        :raises ValidationError: what is missing in one of them
        """
        self._check_may_decide()
        self.write({"decision": "verified", "reason": False})

    def action_refuse(self):
        """Refuse these documents; each must say why.

        :raises AccessError: for who is no verifier
        :raises UserError: for a document without a reason
        """
        self._check_may_decide()
        for document in self:
            if not document.reason:
                raise UserError(
                    self.env._(
                        "Say why %(document)s of %(partner)s is refused.",
                        document=document.display_name,
                        partner=document.partner_id.display_name,
                    )
                )
        self.write({"decision": "refused"})

    def action_reset(self):
        """Take the decision on these documents back."""
        self._check_may_decide()
        self.write({"decision": "to_verify", "reason": False})
