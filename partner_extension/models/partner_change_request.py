# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.base_iban.models.res_partner_bank import validate_iban

from .res_partner_sensitive import SENSITIVE

VERIFIER = "partner_extension.group_partner_extension_verifier"
FIELDS = [("name", "Name"), ("vat", "Tax ID"), ("bank", "Bank Account")]


class PartnerChangeRequest(models.Model):
    """A change of a partner's name, tax ID or bank account that waits for a verifier.

    What was there, what is asked, who asked and who decided stay for ever.
    """

    _name = "partner.change.request"
    _description = "Partner Change Request"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="partner_id.company_id", store=True)
    field_name = fields.Selection(FIELDS, string="Change Of", required=True)
    old_value = fields.Char(string="Now", readonly=True, groups=SENSITIVE)
    new_value = fields.Char(string="Asked For", required=True, groups=SENSITIVE)
    origin = fields.Selection(
        [("portal", "Portal"), ("link", "Link by mail"), ("user", "User")],
        string="Asked On",
        required=True,
        readonly=True,
        default="user",
    )
    requested_user_id = fields.Many2one(
        "res.users",
        string="Asked By",
        readonly=True,
        default=lambda self: self.env.user,
    )
    state = fields.Selection(
        [
            ("pending", "To Approve"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("replaced", "Replaced by a Later One"),
        ],
        required=True,
        readonly=True,
        default="pending",
        tracking=True,
    )
    reason = fields.Char(
        string="Reason for Refusal", help="The partner is told.", tracking=True
    )
    decision_user_id = fields.Many2one("res.users", string="Decided By", readonly=True)
    decision_date = fields.Datetime(string="Decided On", readonly=True)

    _one_pending = models.UniqueIndex(
        "(partner_id, field_name) WHERE state = 'pending'",
        "A change of this waits for approval already.",
    )

    # === Asking === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            given = ("partner_id", "field_name", "new_value")
            vals_list = [{k: v[k] for k in given if k in v} for v in vals_list]
            for vals in vals_list:
                partner = self.env["res.partner"].browse(vals.get("partner_id"))
                partner.check_access("write")
        for vals in vals_list:
            # sudo: an account may be asked for by who does not see the others
            partner = self.env["res.partner"].sudo().browse(vals.get("partner_id"))
            partner = partner.commercial_partner_id
            if vals.get("field_name") not in dict(FIELDS) or not partner:
                raise ValidationError(
                    self.env._("Say which partner's name, tax ID or account changes.")
                )
            vals["partner_id"] = partner.id
            vals["old_value"] = partner._get_guarded_value(vals["field_name"])
            self._check_new_value(partner, vals["field_name"], vals.get("new_value"))
        self._replace_pending(vals_list)
        return super().create(vals_list)

    @api.model
    def _replace_pending(self, vals_list):
        """Have the latest wish count where somebody asks again."""
        pending = self.sudo().search(
            [
                ("partner_id", "in", [vals["partner_id"] for vals in vals_list]),
                ("state", "=", "pending"),
            ]
        )
        asked = {(vals["partner_id"], vals["field_name"]) for vals in vals_list}
        pending = pending.filtered(lambda r: (r.partner_id.id, r.field_name) in asked)
        pending.write({"state": "replaced"})
        pending.flush_recordset(["state"])

    @api.model
    def _check_new_value(self, partner, field_name, value):
        """Refuse what could not be approved.

        :raise ValidationError: for no name, an invalid tax ID or IBAN
        """
        value = (value or "").strip()
        if not value:
            raise ValidationError(self.env._("Please enter the new value."))
        if field_name == "vat":
            dummy = partner.sudo().new(
                {"vat": value, "country_id": partner.country_id.id, "is_company": True}
            )
            dummy._check_vat()
        elif field_name == "bank" and value[:2].isalpha():
            validate_iban(value)

    def write(self, vals):
        if not self.env.su:
            free = ("message_", "activity_")
            if any(name != "reason" and not name.startswith(free) for name in vals):
                raise AccessError(
                    self.env._("A request is approved or refused, not changed.")
                )
        return super().write(vals)

    # === Deciding === #

    def action_approve(self):
        """Make these changes.

        :raise AccessError: for who is no verifier
        :raise UserError: for one that was decided already
        """
        for request in self._get_decidable():
            # The partner is written with the verifier's own rights.
            request.partner_id._set_guarded_value(request.field_name, request.new_value)
        self._decide("approved")

    def action_refuse(self):
        """Refuse these changes; each must say why.

        :raise AccessError: for who is no verifier
        :raise UserError: for one without a reason, or that was decided already
        """
        requests = self._get_decidable()
        if any(not request.reason for request in requests):
            raise UserError(
                self.env._("Enter the reason for refusal: the partner is told.")
            )
        self._decide("refused")

    def _get_decidable(self):
        if not self.env.user.has_group(VERIFIER):
            raise AccessError(self.env._("Verifiers decide on changes of partners."))
        self.check_access("write")
        self.lock_for_update()
        self.invalidate_recordset(["state"])
        if any(request.state != "pending" for request in self):
            raise UserError(self.env._("This was decided already."))
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
        template = self.env.ref("partner_extension.mail_template_change_decided")
        told = self.filtered(lambda r: r.partner_id.email and r.origin != "user")
        if told:
            # sudo: the template is the module's own
            template.sudo().send_mail_batch(
                told.ids, email_layout_xmlid="mail.mail_notification_light"
            )
