# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Tax IDs in one way of writing, and unique where a company asks so."""

import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .res_partner_sensitive import GROUPS

#: Letters of the European Union's tax IDs by those of the country, where they differ.
EU_PREFIX = {"GR": "EL"}
EU_COUNTRY = {"EL": "GR", "XI": "GB"}
#: What tax IDs end with that say no more than “registered for VAT”.
SUFFIXES = {"CH": ("MWST", "TVA", "IVA", "TPV"), "NO": ("MVA",)}


class ResPartner(models.Model):
    _inherit = "res.partner"

    vat_normalized = fields.Char(
        string="Tax ID, Normalized",
        compute="_compute_vat_normalized",
        store=True,
        index="btree_not_null",
        groups=GROUPS,
        help="With the letters of its country, without spaces and punctuation.",
    )
    vat_unique = fields.Char(
        string="Tax ID, Unique",
        compute="_compute_vat_unique",
        store=True,
        copy=False,
        groups=GROUPS,
        help="The tax ID where no other partner may have it.",
    )

    # By range of one element, so that no extension is needed; a partner of all
    # companies has an endless range, which meets that of each company.
    _vat_unique_by_company = models.Constraint(
        "EXCLUDE USING gist ("
        "int8range(hashtextextended(vat_unique, 0), hashtextextended(vat_unique, 0), "
        "'[]') WITH &&, int4range(company_id, company_id, '[]') WITH &&) "
        "WHERE (vat_unique IS NOT NULL)",
        "Another partner has this tax ID already.",
    )

    def check_vat_el(self, vat):
        """Check a Greek number with its European letters, as Odoo those with “GR”."""
        return self.check_vat_gr(vat)

    @api.depends("vat", "commercial_partner_id.country_id")
    def _compute_vat_normalized(self):
        eu_codes = set(self.env["res.country"]._get_eu_prefix_codes())
        for partner in self:
            partner.vat_normalized = self._normalize_vat(
                partner.vat, partner.commercial_partner_id.country_id.code, eu_codes
            )

    @api.model
    def _normalize_vat(self, vat, country_code, eu_codes):
        """Return a tax ID in one way of writing, or False where there is none.

        :param country_code: of the partner, or False
        :param eu_codes: ISO codes of the countries whose tax IDs have letters in front
        """
        number = re.sub(r"[\W_]+", "", vat or "").upper()
        if len(number) < 2:  # “/” says that there is none
            return False
        letters = number[:2]
        country = country_code or ""
        if EU_COUNTRY.get(letters, letters) in eu_codes and (
            not country or country in eu_codes
        ):
            prefix = ""
            country = EU_COUNTRY.get(letters, letters)
        else:
            prefix = EU_PREFIX.get(country, country)
            if letters in (prefix, "EU"):
                prefix = ""
        for suffix in SUFFIXES.get(country, ()):
            number = number.removesuffix(suffix)
        return prefix + number

    @api.depends("vat_normalized", "commercial_partner_id", "company_id", "active")
    def _compute_vat_unique(self):
        blocking = self.env["res.company"]._get_vat_blocking()
        for partner in self:
            is_concerned = (
                partner.vat_normalized
                and partner.active
                and partner.commercial_partner_id == partner
                and (partner.company_id or blocking) & blocking
            )
            partner.vat_unique = partner.vat_normalized if is_concerned else False

    @api.constrains("vat", "country_id", "company_id", "parent_id", "active")
    def _check_vat_unique(self):
        """Name who has the tax ID; against two at once the database guards."""
        concerned = self.filtered("vat_unique")
        if not concerned or self.env.context.get("partner_merge"):
            return
        # Read past the cache: to flush it would have the database refuse without a word
        self.env.cr.execute(
            SQL(
                "SELECT id, vat_unique, company_id FROM res_partner "
                "WHERE vat_unique IN %s AND id NOT IN %s",
                tuple(concerned.mapped("vat_unique")),
                tuple(concerned.ids),
            )
        )
        owners = self.env.cr.fetchall()
        for partner in concerned:
            company = partner.company_id.id
            for owner_id, vat, owner_company in owners:
                if vat == partner.vat_unique and (
                    not company or not owner_company or company == owner_company
                ):
                    partner._refuse_vat(self.browse(owner_id))
            owners.append((partner.id, partner.vat_unique, company))

    def _refuse_vat(self, owner):
        """Say who has the tax ID, and which it is, as far as the user may see it.

        :raises ValidationError: always
        """
        self.ensure_one()
        # Constraints may run with all rights; customers in the portal see each other
        # by no right of their own.
        is_seen = self.env.user._is_internal() and owner.sudo(False).has_access("read")
        other = (
            owner.display_name
            if is_seen
            else self.env._("a partner that you do not see")
        )
        if self._sees_sensitive():
            text = self.env._(
                "%(partner)s cannot have the tax ID %(vat)s: %(other)s has it already. "
                "Use that one, or make a contact of it.",
                partner=self.name,
                vat=self.vat,
                other=other,
            )
        else:
            text = self.env._(
                "%(partner)s cannot have its tax ID, which you may not see: %(other)s "
                "has it already. Use that one, or make a contact of it.",
                partner=self.name,
                other=other,
            )
        raise ValidationError(text)

    def _compute_same_vat_partner_id(self):
        result = super()._compute_same_vat_partner_id()
        for partner in self:
            company = partner.company_id or self.env.company
            if company.partner_vat_unique == "off":
                partner.same_vat_partner_id = False
        return result


class ResCountry(models.Model):
    _inherit = "res.country"

    @api.model
    def _get_eu_prefix_codes(self):
        """Return the ISO codes of countries whose tax IDs have letters in front."""
        group = self.env["res.country.group"].search([("code", "=", "EU_PREFIX")])
        return group.country_ids.mapped("code")


class ResCompany(models.Model):
    _inherit = "res.company"

    partner_vat_unique = fields.Selection(
        [("off", "Allow"), ("warn", "Warn"), ("block", "Block")],
        string="Same Tax ID Twice",
        required=True,
        default="warn",
    )

    @api.model
    def _get_vat_blocking(self):
        """Return the companies that want each tax ID once."""
        return self.sudo().search([("partner_vat_unique", "=", "block")])

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        if any(company.partner_vat_unique == "block" for company in companies):
            self._apply_vat_unique()
        return companies

    def write(self, vals):
        before = self._get_vat_blocking() if "partner_vat_unique" in vals else None
        result = super().write(vals)
        if before is not None and self._get_vat_blocking() != before:
            self._apply_vat_unique()
        return result

    @api.model
    def _apply_vat_unique(self):
        """Guard the tax IDs of all partners as the companies ask for now.

        Of those that have one twice already, the oldest keeps it; the others stay as
        they are until somebody changes them (they are among the duplicates).
        """
        self.env.flush_all()
        blocking = tuple(self._get_vat_blocking().ids)
        self.env.cr.execute(
            SQL(
                """
                WITH concerned AS (
                    SELECT id, vat_normalized, company_id
                      FROM res_partner
                     WHERE %(is_wanted)s AND active AND vat_normalized IS NOT NULL
                       AND commercial_partner_id = id
                       AND (company_id IS NULL OR company_id IN %(blocking)s)
                ), wanted AS (
                    SELECT partner.id, first.vat_normalized
                      FROM res_partner partner
                 LEFT JOIN concerned first
                        ON first.id = partner.id
                       AND NOT EXISTS (
                           SELECT FROM concerned older
                            WHERE older.vat_normalized = first.vat_normalized
                              AND older.id < first.id
                              AND (older.company_id IS NULL OR first.company_id IS NULL
                                   OR older.company_id = first.company_id))
                )
                UPDATE res_partner partner
                   SET vat_unique = wanted.vat_normalized
                  FROM wanted
                 WHERE wanted.id = partner.id
                   AND partner.vat_unique IS DISTINCT FROM wanted.vat_normalized
                """,
                is_wanted=bool(blocking),
                blocking=blocking or (0,),
            )
        )
        self.env["res.partner"].invalidate_model(["vat_unique"])


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    partner_vat_unique = fields.Selection(
        related="company_id.partner_vat_unique", readonly=False
    )
