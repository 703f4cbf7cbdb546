# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Tax IDs, registry numbers and bank accounts have a group of their own.

The ORM refuses the fields themselves (read, search, order, group, export, write). Here
stands what else would tell them: names that are searched or shown with the tax ID, and
what Odoo does with them on behalf of a user who writes something else.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

SENSITIVE = "partner_extension.group_partner_extension_sensitive"
# Portal and public users see nothing but their own partner (record rules of Odoo).
GROUPS = f"{SENSITIVE},base.group_portal,base.group_public"


class ResPartner(models.Model):
    _inherit = "res.partner"

    vat = fields.Char(groups=GROUPS)
    vies_valid = fields.Boolean(groups=GROUPS)
    same_vat_partner_id = fields.Many2one(groups=GROUPS)
    company_registry = fields.Char(groups=GROUPS)
    same_company_registry_partner_id = fields.Many2one(groups=GROUPS)
    duplicate_bank_partner_ids = fields.Many2many(groups=GROUPS)

    @api.model
    def _sees_sensitive(self):
        """Return whether the user may see tax IDs and bank accounts.

        Unlike the ORM, also asks for the user where rights are not checked: the name
        of what a record points to is read with all rights.
        """
        user = self.env.user
        return user._is_superuser() or user.has_groups(GROUPS)

    def copy_data(self, default=None):
        """Leave out what the user may not see: the copy would fail on it."""
        given = dict(default or {})
        hidden = [
            name
            for name, field in self._fields.items()
            if field.copy
            and name not in given
            and not self._has_field_access(field, "read")
        ]
        vals_list = super().copy_data({**given, **dict.fromkeys(hidden)})
        for vals in filter(None, vals_list):
            for name in hidden:
                vals.pop(name, None)
        return vals_list

    @api.depends_context("uid")
    def _compute_display_name(self):
        if not self.env.context.get("show_vat") or self._sees_sensitive():
            return super()._compute_display_name()
        plain = self.with_context(show_vat=False)
        super(ResPartner, plain)._compute_display_name()
        for partner, named in zip(self, plain, strict=True):
            partner.display_name = named.display_name
        return None

    @api.model
    def _search_display_name(self, operator, value):
        if self._sees_sensitive():
            return super()._search_display_name(operator, value)
        negative = operator in Domain.NEGATIVE_OPERATORS
        if negative and operator.endswith("like"):
            return NotImplemented
        names = [
            name
            for name in self._rec_names_search
            if self._has_field_access(self._fields[name], "read")
        ]
        join = Domain.AND if negative else Domain.OR
        domain = join([Domain(name, operator, value) for name in names])
        if operator.endswith("like"):
            # As Odoo has it: the contacts of what is found, too.
            return [("id", "child_of", tuple(self._search(domain)))]
        return domain

    def _as_seeing(self):
        """Return self with the rights to the fields of this file."""
        return self if self._sees_sensitive() else self.sudo()

    # === What Odoo does with tax IDs where nobody is told them === #

    @api.model
    def _retrieve_partner_with_vat(self, vat, extra_domain):
        """Find whose tax ID a document names, among those that the user sees.

        Who has the document has the number.
        """
        found = super(ResPartner, self._as_seeing())._retrieve_partner_with_vat(
            vat, extra_domain
        )
        return found and found.with_env(self.env)._filtered_access("read")

    def _deduce_country_code(self):
        return super(ResPartner, self._as_seeing())._deduce_country_code()

    # === What Odoo does with tax IDs while something else is saved === #
    # Access to the records and to the values that are written was checked before.

    def _validate_fields(self, field_names, excluded_names=()):
        return super(ResPartner, self._as_seeing())._validate_fields(
            field_names, excluded_names
        )

    @api.constrains("vat", "country_id")
    def _check_vat(self, validation="error"):
        if self._sees_sensitive():
            return super()._check_vat(validation=validation)
        for partner in self.sudo():
            try:
                super(ResPartner, partner)._check_vat(validation=validation)
            except ValidationError:
                # Odoo's message has the number, and so would the trace of a cause.
                raise ValidationError(
                    self.env._(
                        "The tax ID of %(partner)s, which you may not see, does not "
                        "fit its country. Ask somebody who sees tax IDs to correct it.",
                        partner=partner.name,
                    )
                ) from None
        return None

    def _compute_perform_vies_validation(self):
        return super(ResPartner, self._as_seeing())._compute_perform_vies_validation()

    def _inverse_vat(self):
        return super(ResPartner, self._as_seeing())._inverse_vat()

    def _create_contact_parent_company(self):
        """Have the new company take over the tax ID of its first contact, unseen."""
        if self._sees_sensitive():
            return super()._create_contact_parent_company()
        self.check_access("write")
        self.check_access("create")
        company = super(ResPartner, self.sudo())._create_contact_parent_company()
        return company.with_env(self.env)

    def _fields_sync(self, values):
        return super(ResPartner, self._as_seeing())._fields_sync(values)

    def _convert_fields_to_values(self, field_names):
        return super(ResPartner, self._as_seeing())._convert_fields_to_values(
            field_names
        )

    def write(self, vals):
        if "parent_id" in vals and not self.env.su and not self._sees_sensitive():
            # The tax IDs of both are compared (account): with all rights, alone.
            self.check_access("write")
            self.browse(vals["parent_id"]).check_access("read")
            super(ResPartner, self.sudo()).write({"parent_id": vals["parent_id"]})
            vals = {name: vals[name] for name in vals if name != "parent_id"}
        if vals.get("name"):
            self._rename_own_bank_accounts(vals["name"])
        return super().write(vals)

    def _forget_hidden_accounts(self):
        """Have the accounts of these partners read by the rights of the user.

        Odoo's cache has what was read with all rights for who has fewer, too.
        """
        if not self._sees_sensitive():
            self.invalidate_recordset(["bank_ids"], flush=False)

    def _rename_own_bank_accounts(self, name):
        """Have accounts under the partners' own name follow a new one.

        Odoo does so with those that the user sees; the others, and those that only
        verifiers change, have to follow as well.
        """
        self.check_access("write")
        # sudo: only the holder's name is set, of partners that are written as well
        banks = self.env["res.partner.bank"].sudo()
        banks.search([("partner_id", "in", self.ids)]).filtered(
            lambda bank: bank.acc_holder_name == bank.partner_id.name != name
        ).acc_holder_name = name
        self._forget_hidden_accounts()
