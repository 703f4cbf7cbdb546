# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools import SQL, email_normalize

from .partner_duplicate import ALIKE_BY_CITY, ALIKE_BY_ZIP

#: Partners that a registration may be, at most.
MOST_KNOWN = 20


class PartnerRegistration(models.Model):
    """Whom somebody who registers may be already."""

    _inherit = "partner.registration"

    duplicate_ids = fields.Many2many(
        "res.partner",
        string="May Be the Same",
        compute="_compute_duplicate_ids",
        help="Partners of the same tax ID, e-mail address, phone number or name.",
    )
    duplicate_count = fields.Integer(compute="_compute_duplicate_ids")
    hidden_duplicate_count = fields.Integer(compute="_compute_duplicate_ids")

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends(
        "name",
        "vat",
        "email",
        "phone",
        "zip",
        "city",
        "country_id",
        "company_id",
        "is_company",
    )
    def _compute_duplicate_ids(self):
        found = self._find_known()
        Partner = self.env["res.partner"].with_context(active_test=False)
        # Those that the user does not see are counted, no more.
        everybody = Partner.browse({i for ids in found.values() for i in ids})
        seen = set(everybody._filtered_access("read").ids)
        for registration in self:
            ids = found[registration.id]
            registration.duplicate_ids = [i for i in ids if i in seen]
            registration.duplicate_count = len(ids)
            registration.hidden_duplicate_count = len(set(ids) - seen)

    def _find_known(self):
        """Return {id of each registration: ids of partners that it may be}.

        The same tax ID, e-mail address, phone number or name; or a name as similar as
        that of duplicates, at the same place.
        """
        self.env["res.partner"].flush_model()
        eu_codes = set(self.env["res.country"].sudo()._get_eu_prefix_codes())
        # sudo: compares; what of it the user sees is decided by who calls
        asked = [registration._get_known_by(eu_codes) for registration in self.sudo()]
        found = {registration.id: [] for registration in self}
        if not asked:
            return found
        rows = self.env.execute_query(
            SQL(
                """
                WITH asked (row, vat, email, phone, name, zip, city, country_id,
                            company_id, is_company) AS (VALUES %(asked)s),
                found AS (
                    SELECT asked.row, partner.id
                      FROM asked
                      JOIN res_partner partner ON partner.vat_normalized = asked.vat
                     WHERE partner.commercial_partner_id = partner.id
                 UNION
                    SELECT asked.row, partner.id
                      FROM asked
                      JOIN res_partner partner
                        ON partner.email_normalized = asked.email
                 UNION
                    SELECT asked.row, partner.id
                      FROM asked
                      JOIN res_partner partner
                        ON partner.phone_sanitized = asked.phone
                 UNION
                    SELECT asked.row, partner.id
                      FROM asked
                      JOIN res_partner partner ON lower(partner.name) = asked.name
                 UNION
                    SELECT asked.row, partner.id
                      FROM asked
                      JOIN res_partner partner ON lower(partner.name) %% asked.name
                     WHERE partner.commercial_partner_id = partner.id
                       AND partner.active AND partner.partner_share
                       AND partner.is_company = asked.is_company
                       AND partner.country_id IS NOT DISTINCT FROM asked.country_id
                       AND (upper(replace(partner.zip, ' ', '')) = asked.zip
                            AND similarity(lower(partner.name), asked.name)
                                >= %(by_zip)s
                            OR lower(partner.city) = asked.city
                            AND (partner.zip IS NULL OR asked.zip IS NULL)
                            AND similarity(lower(partner.name), asked.name)
                                >= %(by_city)s)
                )
                SELECT found.row, array_agg(partner.id ORDER BY partner.id)
                  FROM found
                  JOIN asked USING (row)
                  JOIN res_partner partner USING (id)
                 WHERE partner.company_id IS NULL
                    OR partner.company_id = asked.company_id
                 GROUP BY found.row
                """,
                asked=SQL(", ").join(
                    SQL(
                        "(%s::int, %s, %s, %s, lower(%s), %s, lower(%s), %s::int, "
                        "%s::int, %s)",
                        row,
                        *known_by,
                    )
                    for row, known_by in enumerate(asked)
                ),
                by_zip=ALIKE_BY_ZIP,
                by_city=ALIKE_BY_CITY,
            )
        )
        for row, ids in rows:
            found[self[row].id] = ids[:MOST_KNOWN]
        return found

    def _get_known_by(self, eu_codes):
        """Return what a partner is known by, as `_find_known` compares it."""
        self.ensure_one()
        phone = self.phone and self._phone_format(
            number=self.phone, country=self.country_id
        )
        return (
            self.env["res.partner"]._normalize_vat(
                self.vat, self.country_id.code, eu_codes
            )
            or None,
            email_normalize(self.email or "") or None,
            phone or None,
            self.name or "",
            (self.zip or "").replace(" ", "").upper() or None,
            self.city or None,
            self.country_id.id or None,
            self.company_id.id or None,
            self.is_company,
        )
