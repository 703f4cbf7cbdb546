# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL, email_normalize, hash_sign, verify_hash_signed

from ..forms import to_id
from ..groups import VERIFIER
from .partner_decision import PartnerDecision
from .res_partner_sensitive import SENSITIVE

SCOPE_STAMP = "partner_extension.register.stamp"
SCOPE_CONFIRM = "partner_extension.register.confirm"
#: Nobody fills in the form faster, in seconds; a form is good for so many hours.
FASTEST = 3
STAMP_HOURS = 4
CONFIRM_HOURS = 72
#: Registrations in an hour from one address, and from everywhere.
MOST_BY_IP = 5
MOST = 100
#: Mails to one e-mail address in a day: nobody is to be bombed with them.
MOST_BY_EMAIL = 3
#: How long what nobody confirmed, and the address it came from, are kept, in days.
KEPT_DAYS = 7

#: What the form takes, and how long it may be.
FORM = {
    "name": 128,
    "vat": 32,
    "contact_name": 128,
    "email": 128,
    "phone": 32,
    "street": 128,
    "zip": 16,
    "city": 64,
    "website": 128,
    "message": 2000,
}


class PartnerRegistration(models.Model):
    """Somebody who wants to be a customer or supplier.

    It is no partner yet: first its e-mail address is confirmed, then a verifier
    decides.
    """

    _name = "partner.registration"
    _description = "Partner Registration"
    _inherit = "partner.decision"
    _order = "id desc"
    _state_to_decide = "confirmed"
    _template_decided = "partner_extension.mail_template_registration_decided"
    _undecided = {
        **PartnerDecision._undecided,
        "state": "new",
        "confirmed_date": False,
        "partner_id": False,
    }

    name = fields.Char(required=True)
    is_company = fields.Boolean(default=True)
    is_customer = fields.Boolean(string="Customer")
    is_supplier = fields.Boolean(string="Supplier")
    vat = fields.Char(string="Tax ID", groups=SENSITIVE)
    contact_name = fields.Char(string="Contact")
    email = fields.Char(required=True, index=True)
    phone = fields.Char()
    street = fields.Char()
    zip = fields.Char()
    city = fields.Char()
    country_id = fields.Many2one("res.country")
    website = fields.Char()
    message = fields.Text()
    lang = fields.Char(string="Language")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    ip = fields.Char(string="IP Address", readonly=True, groups=VERIFIER)
    stamp = fields.Char(readonly=True, groups="base.group_system")
    state = fields.Selection(
        [
            ("new", "E-mail Not Confirmed"),
            ("confirmed", "To Approve"),
            ("approved", "Approved"),
            ("refused", "Refused"),
        ],
        required=True,
        readonly=True,
        default="new",
        tracking=True,
    )
    confirmed_date = fields.Datetime(string="E-mail Confirmed On", readonly=True)
    existing_partner_id = fields.Many2one(
        "res.partner",
        string="Is Known As",
        tracking=True,
        help="Approve it as this partner, which is left as it is but for the role.",
    )
    partner_id = fields.Many2one("res.partner", readonly=True)

    _stamp_unique = models.UniqueIndex(
        "(stamp) WHERE stamp IS NOT NULL", "This form was sent already."
    )
    _role = models.Constraint(
        "CHECK (is_customer OR is_supplier)",
        "Say whether it is a customer or a supplier.",
    )

    # === The public form === #

    @api.model
    def _get_stamp(self):
        """Return when a form was shown, signed, and different for each form."""
        # sudo: the database's secret signs
        return hash_sign(
            self.sudo().env,
            SCOPE_STAMP,
            [fields.Datetime.now().timestamp(), secrets.token_hex(8)],
            expiration_hours=STAMP_HOURS,
        )

    @api.model
    def _read_stamp(self, stamp):
        """Return what tells a form that was shown by us from others, or None where it
        was not, or not long enough ago to be read.

        It is not the stamp itself: the same can be written in many ways.
        """
        try:
            shown, nonce = verify_hash_signed(self.sudo().env, SCOPE_STAMP, stamp or "")
        except (TypeError, ValueError):
            return None
        is_read = fields.Datetime.now().timestamp() - shown >= FASTEST
        return nonce if is_read else None

    @api.model
    def _take_form(self, company, form, ip):
        """Store a registration and ask for a confirmation of its e-mail address.

        :param company: `res.company` that is applied to
        :param form: {field name: text}, as the browser sent it; `stamp` as
            `_read_stamp` returns it
        :return: {field name: what is wrong}; "" for the whole: "flood" as its value
            where too many came
        """
        values, errors = self._read_form(form)
        if errors:
            return errors
        self._lock_registrations()
        # A transaction sees what was there when it began, before it waited for the
        # lock; a new one sees what the others stored meanwhile.
        with self.env.registry.cursor() as cr:
            fresh = self.with_env(self.env(cr=cr))
            if fresh._is_flood(ip):
                return {"": "flood"}
            # Sent twice, or too often: it says no more than that it was received.
            if fresh._is_known(form.get("stamp"), values["email"]):
                return {}
        registration = self.create(
            {
                **values,
                "company_id": company.id,
                "ip": ip,
                "stamp": form["stamp"],
                "lang": self.env.lang,
            }
        )
        self.env.ref("partner_extension.mail_template_registration_confirm").send_mail(
            registration.id, email_layout_xmlid="mail.mail_notification_light"
        )
        return {}

    @api.model
    def _is_flood(self, ip):
        """Return whether too many came within an hour, from there or altogether."""
        hour = ("create_date", ">=", fields.Datetime.now() - timedelta(hours=1))
        return (
            self.search_count([("ip", "=", ip), hour], limit=MOST_BY_IP) >= MOST_BY_IP
            or self.search_count([hour], limit=MOST) >= MOST
        )

    @api.model
    def _is_known(self, stamp, email):
        """Return whether a form came before, or its address got enough mails today."""
        day = ("create_date", ">=", fields.Datetime.now() - timedelta(days=1))
        return bool(
            self.search_count([("stamp", "=", stamp)], limit=1)
            or self.search_count([("email", "=", email), day], limit=MOST_BY_EMAIL)
            >= MOST_BY_EMAIL
        )

    @api.model
    def _lock_registrations(self):
        """Have registrations come one after the other, whatever worker takes them:
        two at once would each find the limit not reached."""
        self.env.cr.execute(
            SQL(
                "SELECT pg_advisory_xact_lock(hashtext(%s))",
                "partner_extension.registration",
            )
        )

    @api.model
    def _read_form(self, form):
        values = {
            name: (form.get(name) or "").strip()[: longest + 1]
            for name, longest in FORM.items()
        }
        too_long = self.env._("This is too long.")
        errors = {n: too_long for n, text in values.items() if len(text) > FORM[n]}
        needed = self.env._("Please fill this in.")
        errors.update({n: needed for n in ("name", "email") if not values[n]})
        if values["email"]:
            email = email_normalize(values["email"])
            if email:
                values["email"] = email
            else:
                errors["email"] = self.env._("This is not an e-mail address.")
        Country = self.env["res.country"].sudo()
        country = Country.browse(to_id(form.get("country_id")) or ())
        values["country_id"] = country.exists().id
        values["is_company"] = form.get("kind") != "person"
        values["is_customer"] = form.get("role") in ("customer", "both")
        values["is_supplier"] = form.get("role") in ("supplier", "both")
        if not values["is_customer"] and not values["is_supplier"]:
            errors["role"] = needed
        if values["vat"] and "vat" not in errors:
            dummy = self.env["res.partner"].sudo()
            dummy = dummy.new(
                {
                    "vat": values["vat"],
                    "country_id": values["country_id"],
                    "is_company": values["is_company"],
                }
            )
            try:
                dummy._check_vat()
            except ValidationError as error:
                errors["vat"] = error.args[0]
        return {name: value or False for name, value in values.items()}, errors

    def _get_confirm_url(self):
        """Return the address at which the applicant confirms its e-mail address."""
        self.ensure_one()
        token = hash_sign(
            self.sudo().env, SCOPE_CONFIRM, self.id, expiration_hours=CONFIRM_HOURS
        )
        return f"{self.get_base_url()}/partner/register/confirm?token={token}"

    @api.model
    def _find_by_confirm_token(self, token):
        """Return the registration, with all rights, that a link was signed for."""
        try:
            registration_id = verify_hash_signed(
                self.sudo().env, SCOPE_CONFIRM, token or ""
            )
        except (TypeError, ValueError):
            registration_id = None
        # sudo: whoever has the link confirms the address that it was sent to
        return self.sudo().browse(registration_id or ()).exists()

    def _confirm(self):
        """Have registrations count, once."""
        new = self.filtered(lambda r: r.state == "new")
        new.write({"state": "confirmed", "confirmed_date": fields.Datetime.now()})
        new._tell_waiting()

    def _get_waiting_users(self):
        return self.company_id.partner_alarm_user_id.filtered("active")

    # === Deciding === #

    def write(self, vals):
        if not self.env.su:
            locked = {
                "state",
                "partner_id",
                "decision_user_id",
                "decision_date",
                "confirmed_date",
                "company_id",
            }
            if locked & vals.keys():
                raise AccessError(
                    self.env._("A registration is approved or refused by its buttons.")
                )
        return super().write(vals)

    def action_approve(self):
        """Make partners of these registrations, or take them for known ones.

        :raise AccessError: for who is no verifier
        :raise UserError: for one whose e-mail is not confirmed, or that was decided
        :raise ValidationError: for one that lacks what the company asks of partners
        """
        for registration in self._get_decidable():
            partner = registration._get_or_create_partner()
            registration.sudo().partner_id = partner
        self._decide("approved")
        if len(self) > 1:
            return None
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.sudo().partner_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _get_or_create_partner(self):
        """Return the partner of a registration, made with the verifier's own rights."""
        self.ensure_one()
        roles = {role: True for role in ("is_customer", "is_supplier") if self[role]}
        if self.existing_partner_id:
            self.existing_partner_id.write(roles)
            return self.existing_partner_id
        Partner = self.env["res.partner"].with_company(self.company_id)
        contact = self.is_company and self.contact_name
        langs = dict(self.env["res.lang"].get_installed())
        partner = Partner.create(
            {
                **roles,
                "name": self.name,
                "is_company": self.is_company,
                "vat": self.vat,
                "email": self.email,
                "phone": self.phone,
                "street": self.street,
                "zip": self.zip,
                "city": self.city,
                "country_id": self.country_id.id,
                "website": self.website,
                "lang": self.lang if self.lang in langs else self.env.lang,
                "child_ids": [fields.Command.create({"name": self.contact_name})]
                if contact
                else [],
            }
        )
        partner.message_post(
            body=self.env._(
                "Registered on %(date)s; e-mail confirmed on %(confirmed)s.",
                date=fields.Date.to_string(self.create_date),
                confirmed=fields.Date.to_string(self.confirmed_date),
            )
        )
        return partner

    @api.autovacuum
    def _gc_registrations(self):
        """Forget what nobody confirmed, and where the others came from."""
        old = ("create_date", "<", fields.Datetime.now() - timedelta(days=KEPT_DAYS))
        self.search([("state", "=", "new"), old]).unlink()
        self.search([("ip", "!=", False), old]).write({"ip": False, "stamp": False})
