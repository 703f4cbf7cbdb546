# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from odoo.addons.base_iban.models.res_partner_bank import (
    _map_iban_template as IBAN_TEMPLATES,
)
from odoo.addons.base_iban.models.res_partner_bank import validate_iban

from .partner_decision import PartnerDecision
from .res_partner_sensitive import SENSITIVE

#: An account's number where there are no IBANs: none is longer than an IBAN may be.
ACCOUNT = re.compile(r"(?=(?:.*\d){4})[A-Z0-9]{5,34}")
FIELDS = [("name", "Name"), ("vat", "Tax ID"), ("bank", "Bank Account")]


class PartnerChangeRequest(models.Model):
    """A change of a partner's name, tax ID or bank account that waits for a verifier.

    What was there, what is asked, who asked and who decided stay for ever.
    """

    _name = "partner.change.request"
    _description = "Partner Change Request"
    _inherit = "partner.decision"
    _order = "id desc"
    _rec_name = "partner_id"
    _template_decided = "partner_extension.mail_template_change_decided"
    _undecided = {**PartnerDecision._undecided, "state": "pending", "origin": "user"}

    partner_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="partner_id.company_id", store=True)
    field_name = fields.Selection(FIELDS, string="Change Of", required=True)
    old_value = fields.Char(string="Now", readonly=True, groups=SENSITIVE)
    new_value = fields.Char(
        string="Asked For", groups=SENSITIVE, help="Empty: to be removed (tax ID only)."
    )
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

    _one_pending = models.UniqueIndex(
        "(partner_id, field_name) WHERE state = 'pending'",
        "A change of this waits for approval already.",
    )

    # === Asking === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            given = ("partner_id", "field_name", "new_value")
            asker = {"requested_user_id": self.env.uid}
            vals_list = [
                {**asker, **{k: v[k] for k in given if k in v}} for v in vals_list
            ]
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
    def _ask(self, vals_list):
        """Ask for changes, and return what is new: a wish that waits already is not
        made again. Called with all rights."""
        partners = self.env["res.partner"].browse(v["partner_id"] for v in vals_list)
        waiting = {
            (request.partner_id, request.field_name): request.new_value
            for request in self.search(
                [("partner_id", "in", partners.ids), ("state", "=", "pending")]
            )
        }
        new = []
        for vals in vals_list:
            partner = self.env["res.partner"].browse(vals["partner_id"])
            name, value = vals["field_name"], vals["new_value"]
            known = waiting.get((partner, name))
            if known is None or not partner._is_same_guarded(name, known, value):
                new.append(vals)
        return self.create(new)

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
        pending._set_replaced()

    def _set_replaced(self):
        """Say that later wishes count instead of these."""
        self.write({"state": "replaced"})
        self._close_waiting()
        self.flush_recordset(["state"])

    @api.model
    def _check_new_value(self, partner, field_name, value):
        """Refuse what could not be approved.

        :raise ValidationError: for no name or account, an invalid tax ID or IBAN
        """
        value = (value or "").strip()
        if not value and field_name != "vat":
            raise ValidationError(self.env._("Please enter the new value."))
        if field_name == "vat" and value:
            dummy = partner.sudo().new(
                {"vat": value, "country_id": partner.country_id.id, "is_company": True}
            )
            dummy._check_vat()
        elif field_name == "bank":
            self._check_account(value, partner.country_id)

    @api.model
    def _check_account(self, account, country):
        """Refuse what cannot be a bank account's number.

        :param country: `res.country` of the partner; where it has IBANs, one is asked
            for (of any country), elsewhere a number that a bank could have
        :raise ValidationError: saying what is expected
        """
        number = re.sub(r"[\s./-]", "", account).upper()
        if re.match(r"[A-Z]{2}\d{2}", number) and number[:2].lower() in IBAN_TEMPLATES:
            validate_iban(number)
        elif (country.code or "").lower() in IBAN_TEMPLATES:
            raise ValidationError(
                self.env._(
                    "Please enter the IBAN, as your bank writes it: accounts in "
                    "%(country)s have one.",
                    country=country.name,
                )
            )
        elif not ACCOUNT.fullmatch(number):
            raise ValidationError(
                self.env._(
                    "Please enter the account's number: 5 to 34 letters and digits, "
                    "of which at least 4 digits."
                )
            )

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

    def _filter_told(self):
        # A user's own wish is told by the record.
        return self.filtered(lambda r: r.partner_id.email and r.origin != "user")
