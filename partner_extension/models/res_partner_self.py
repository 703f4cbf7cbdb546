# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What partners keep themselves: on the portal, or behind a signed link."""

import base64

from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import consteq, email_normalize, hash_sign, verify_hash_signed
from odoo.tools.mimetypes import guess_mimetype

from ..forms import to_id

SCOPE = "partner_extension.self"
HOURS = 30 * 24
#: As long as a form's value may be, in characters.
LONGEST = 256
#: As large as a document may be, in bytes, and what it may be.
LARGEST = 10 * 1024 * 1024
MIMETYPES = ("application/pdf", "image/png", "image/jpeg")


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _get_self_fields(self):
        """Return the fields that a partner keeps itself, without approval."""
        return {
            "email",
            "phone",
            "street",
            "street2",
            "zip",
            "city",
            "state_id",
            "country_id",
            "website",
        }

    def _get_self_url(self):
        """Return the address of a page on which this partner fills in what is missing.

        It is signed, expires, is for one e-mail address, and takes nothing but what is
        missing.
        """
        self.ensure_one()
        # sudo: the database's secret signs; who asks was checked to write the partner
        token = hash_sign(
            self.sudo().env, SCOPE, [self.id, self.email], expiration_hours=HOURS
        )
        return f"{self.get_base_url()}/partner/data?token={token}"

    def _find_by_self_token(self, token):
        """Return the partner, with all rights, that a link was signed for; or none."""
        # sudo: whoever has the link is let in; see what _get_self_url says of it
        partner = self.sudo().browse()
        try:
            partner_id, email = verify_hash_signed(self.sudo().env, SCOPE, token or "")
        except (TypeError, ValueError):
            return partner
        partner = partner.browse(partner_id).exists().filtered("active")
        return partner if consteq(partner.email or "", email or "") else partner[:0]

    def _take_self_form(self, form, names):
        """Read what a partner entered about itself.

        :param form: {field name: text}, as the browser sent it
        :param names: the fields that may be changed; others are ignored
        :return: (values to write, {field name: what is wrong})
        """
        self.ensure_one()
        values, errors = {}, {}
        for name in sorted(names & form.keys()):
            text = " ".join((form[name] or "").split())
            if len(text) > LONGEST:
                errors[name] = self.env._("This is too long.")
            elif name in ("country_id", "state_id"):
                # sudo: countries and states are no secret
                record = self.env[self._fields[name].comodel_name].sudo()
                values[name] = record.browse(to_id(text) or ()).exists().id
            else:
                values[name] = text or False
        if values.get("email") and not email_normalize(values["email"]):
            errors["email"] = self.env._("This is not an e-mail address.")
        elif "email" in values and not values["email"]:
            errors["email"] = self.env._("We need an e-mail address.")
        State = self.env["res.country.state"].sudo()
        state = State.browse(values.get("state_id") or ())
        if state and state.country_id.id != values.get(
            "country_id", self.country_id.id
        ):
            values["state_id"] = False
        return values, errors

    def _save_self_form(self, form, names, origin):
        """Store what a partner entered about itself; all of it or nothing.

        :param form: {field name: text}
        :param names: the fields that may be changed; "name", "vat" and "bank" become
            requests that a verifier decides on
        :param origin: where it was entered: "portal" or "link"
        :return: dict of errors {field name: text}, saved and requested (field names)
        """
        partner = self.sudo()
        values, errors = partner._take_self_form(
            form, names & partner._get_self_fields()
        )
        current = partner._convert_to_write({name: partner[name] for name in values})
        values = {
            name: value
            for name, value in values.items()
            if (value or False) != (current[name] or False)
        }
        requests = []
        Request = self.env["partner.change.request"].sudo()
        for name in sorted(names & {"name", "vat", "bank"} & form.keys()):
            value = " ".join((form[name] or "").split())
            known = (
                partner.bank_ids.mapped("acc_number")
                if name == "bank"
                else [partner[name]]
            )
            if not value or any(
                partner._is_same_guarded(name, one, value) for one in known
            ):
                continue
            try:
                if len(value) > LONGEST:
                    raise ValidationError(self.env._("This is too long."))
                Request._check_new_value(partner, name, value)
            except ValidationError as error:
                errors[name] = error.args[0]
            else:
                requests.append(
                    {
                        "partner_id": partner.id,
                        "field_name": name,
                        "new_value": value,
                        "origin": origin,
                    }
                )
        if errors:
            return {"errors": errors, "saved": [], "requested": []}
        try:
            with self.env.cr.savepoint():
                if values:
                    partner.write(values)
                Request._ask(requests)
        except UserError as error:
            return {"errors": {"": error.args[0]}, "saved": [], "requested": []}
        if values:
            labels = partner.fields_get(list(values), ["string"])
            partner.message_post(
                body=self.env._(
                    "Changed by the partner itself: %(fields)s",
                    fields=", ".join(labels[name]["string"] for name in values),
                ),
                author_id=partner.id if origin == "link" else None,
            )
        return {
            "errors": {},
            "saved": list(values),
            "requested": [vals["field_name"] for vals in requests],
        }

    def _add_self_document(self, kind, number, valid_until, name, content):
        """Store a document that a partner uploaded; a verifier decides on it.

        :param valid_until: ISO date or nothing
        :param content: bytes
        :return: what is wrong with it, or nothing
        """
        if not content:
            return self.env._("Please choose a file.")
        if len(content) > LARGEST:
            return self.env._("The file is larger than 10 MB.")
        if guess_mimetype(content) not in MIMETYPES:
            return self.env._("Please send a PDF, or a picture (PNG or JPEG).")
        # sudo: the caller made sure that this partner is the user's own
        Document = self.env["partner.document"].sudo()
        try:
            with self.env.cr.savepoint():
                document = Document.create(
                    {
                        "partner_id": self.id,
                        "kind_id": kind.id,
                        "number": number[:LONGEST] or False,
                        "valid_until": valid_until or False,
                        "file": base64.b64encode(content),
                        "file_name": name[:LONGEST],
                    }
                )
                document._tell_waiting()
        except (UserError, ValueError) as error:
            return str(error.args[0])
        return None
