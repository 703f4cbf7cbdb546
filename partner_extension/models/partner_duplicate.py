# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Partners that may be the same: found over the whole database, decided by people."""

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..groups import EDITOR, VERIFIER

REASONS = ("same_vat", "same_email", "same_phone", "same_iban", "similar_name")
DECISION = ("is_dismissed", "dismissed_user_id", "dismissed_date")
#: What more partners than these share (a placeholder, a switchboard) means nothing.
MOST = 20
#: How alike names must be (pg_trgm, 0 to 1) with the same postal code, or only city.
ALIKE_BY_ZIP = 0.5
ALIKE_BY_CITY = 0.7


class PartnerDuplicate(models.Model):
    """Two partners that share something. Each pair is there once."""

    _name = "partner.duplicate"
    _description = "Possible Duplicate"
    _order = "same_vat desc, same_iban desc, same_email desc, same_phone desc, id"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", string="Older", required=True, readonly=True, ondelete="cascade"
    )
    other_id = fields.Many2one(
        "res.partner",
        string="Younger",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    same_vat = fields.Boolean(string="Same Tax ID", readonly=True)
    same_email = fields.Boolean(string="Same E-mail", readonly=True)
    same_phone = fields.Boolean(readonly=True)
    same_iban = fields.Boolean(string="Same Bank Account", readonly=True)
    similar_name = fields.Boolean(string="Similar Name and Address", readonly=True)
    reasons = fields.Char(compute="_compute_reasons", string="Same")
    is_dismissed = fields.Boolean(string="Not the Same", readonly=True, index=True)
    dismissed_user_id = fields.Many2one("res.users", readonly=True)
    dismissed_date = fields.Datetime(readonly=True)

    partner_email = fields.Char(related="partner_id.email", string="E-mail")
    other_email = fields.Char(related="other_id.email", string="E-mail of Younger")
    partner_phone = fields.Char(related="partner_id.phone", string="Phone")
    other_phone = fields.Char(related="other_id.phone", string="Phone of Younger")
    partner_address = fields.Char(
        related="partner_id.contact_address", string="Address"
    )
    other_address = fields.Char(
        related="other_id.contact_address", string="Address of Younger"
    )
    partner_verification = fields.Selection(
        related="partner_id.verification_state", string="Verification"
    )
    other_verification = fields.Selection(
        related="other_id.verification_state", string="Verification of Younger"
    )

    _once = models.UniqueIndex("(partner_id, other_id)", "This pair is known already.")
    _ordered = models.Constraint(
        "CHECK (partner_id < other_id)", "The older partner comes first."
    )

    @api.depends(*REASONS)
    def _compute_reasons(self):
        labels = {
            "same_vat": self.env._("Tax ID"),
            "same_email": self.env._("E-mail"),
            "same_phone": self.env._("Phone"),
            "same_iban": self.env._("Bank account"),
            "similar_name": self.env._("Name and address"),
        }
        for pair in self:
            pair.reasons = ", ".join(
                label for reason, label in labels.items() if pair[reason]
            )

    # === Finding === #

    @api.model
    def _cron_find(self):
        """Find the pairs anew."""
        self._find()
        self.env["ir.cron"]._commit_progress()

    @api.model
    def action_find(self):
        """Find the pairs anew, now.

        :raises AccessError: for who is no verifier
        """
        self._check_may_decide()
        self._find()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    @api.model
    def _find(self):
        """Have the pairs as the partners are now, by a few statements for them all.

        Dismissed pairs stay dismissed while they share no more than when they were.
        """
        self.env.flush_all()
        # What both have to be seen by: the same company, or all.
        pairs = SQL(
            """
            WITH entity AS (
                SELECT partner.id, company_id, country_id, is_company, vat_normalized,
                       email_normalized, phone_sanitized,
                       lower(partner.name) AS plain_name,
                       upper(replace(partner.zip, ' ', '')) AS plain_zip,
                       lower(partner.city) AS plain_city, name_grams.*
                  FROM res_partner partner, %(grams)s name_grams
                 WHERE partner.active AND partner.commercial_partner_id = partner.id
                   AND partner.partner_share
                   AND NOT EXISTS (SELECT FROM res_company company
                                    WHERE company.partner_id = partner.id)
            ), has AS (
                SELECT 'same_vat' AS reason, vat_normalized AS what, id, company_id
                  FROM entity WHERE vat_normalized IS NOT NULL
             UNION
                SELECT 'same_email', email_normalized, id, company_id
                  FROM entity WHERE email_normalized IS NOT NULL
             UNION
                SELECT 'same_phone', phone_sanitized, id, company_id
                  FROM entity WHERE phone_sanitized IS NOT NULL
             UNION
                SELECT 'same_iban', bank.sanitized_acc_number, entity.id,
                       entity.company_id
                  FROM res_partner_bank bank
                  JOIN res_partner holder ON holder.id = bank.partner_id
                  JOIN entity ON entity.id = holder.commercial_partner_id
                 WHERE bank.active AND bank.sanitized_acc_number IS NOT NULL
            ), telling AS (
                SELECT reason, what FROM has
                 GROUP BY reason, what HAVING count(*) BETWEEN 2 AND %(most)s
            ), found AS (
                SELECT older.id AS partner_id, younger.id AS other_id, reason
                  FROM telling
                  JOIN has older USING (reason, what)
                  JOIN has younger USING (reason, what)
                 WHERE older.id < younger.id
                   AND (older.company_id IS NULL OR younger.company_id IS NULL
                        OR older.company_id = younger.company_id)
             UNION
                SELECT older.id, younger.id, 'similar_name'
                  FROM entity older
                  JOIN entity younger
                    ON younger.plain_zip = older.plain_zip
                   AND younger.country_id IS NOT DISTINCT FROM older.country_id
                 WHERE older.id < younger.id AND older.is_company = younger.is_company
                   AND (older.company_id IS NULL OR younger.company_id IS NULL
                        OR older.company_id = younger.company_id)
                   AND %(by_zip)s
             UNION
                SELECT least(older.id, younger.id), greatest(older.id, younger.id),
                       'similar_name'
                  FROM entity older
                  JOIN entity younger
                    ON younger.plain_city = older.plain_city
                   AND younger.country_id IS NOT DISTINCT FROM older.country_id
                 WHERE older.plain_zip IS NULL
                   AND (older.id < younger.id OR younger.plain_zip IS NOT NULL)
                   AND older.is_company = younger.is_company
                   AND (older.company_id IS NULL OR younger.company_id IS NULL
                        OR older.company_id = younger.company_id)
                   AND %(by_city)s
            )
            SELECT partner_id, other_id, %(flags)s
              FROM found GROUP BY partner_id, other_id
            """,
            most=MOST,
            grams=self._get_grams(),
            by_zip=self._get_alike(ALIKE_BY_ZIP),
            by_city=self._get_alike(ALIKE_BY_CITY),
            flags=SQL(", ").join(
                SQL("bool_or(reason = %s) AS %s", reason, SQL.identifier(reason))
                for reason in REASONS
            ),
        )
        names = SQL(", ").join(map(SQL.identifier, REASONS))
        self.env.cr.execute(
            SQL("CREATE TEMPORARY TABLE found_duplicate ON COMMIT DROP AS %s", pairs)
        )
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM partner_duplicate known
                 WHERE NOT EXISTS (
                     SELECT FROM found_duplicate found
                      WHERE found.partner_id = known.partner_id
                        AND found.other_id = known.other_id)
                """
            )
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO partner_duplicate AS known
                    (partner_id, other_id, %(names)s,
                     create_uid, write_uid, create_date, write_date)
                SELECT partner_id, other_id, %(names)s, %(uid)s, %(uid)s,
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM found_duplicate
                    ON CONFLICT (partner_id, other_id) DO UPDATE SET
                       %(news)s,
                       is_dismissed = known.is_dismissed AND NOT (%(more)s),
                       write_date = EXCLUDED.write_date
                 WHERE %(differs)s
                """,
                names=names,
                uid=self.env.uid,
                news=SQL(", ").join(
                    SQL("%s = EXCLUDED.%s", SQL.identifier(n), SQL.identifier(n))
                    for n in REASONS
                ),
                more=SQL(" OR ").join(
                    SQL(
                        "EXCLUDED.%s AND NOT coalesce(known.%s, false)",
                        SQL.identifier(n),
                        SQL.identifier(n),
                    )
                    for n in REASONS
                ),
                differs=SQL(" OR ").join(
                    SQL(
                        "known.%s IS DISTINCT FROM EXCLUDED.%s",
                        SQL.identifier(n),
                        SQL.identifier(n),
                    )
                    for n in REASONS
                ),
            )
        )
        self.env.cr.execute(SQL("DROP TABLE found_duplicate"))
        self.env.invalidate_all()

    @api.model
    def _get_grams(self):
        """Return SQL of what tells at a glance that two names are not alike.

        Their similarity is the share of trigrams that they have in common. Each is
        marked as one of 256 bits, so names differ by as many trigrams as bits or more:
        that is compared a dozen times faster than the names.
        """
        return SQL(
            """
            LATERAL (
                SELECT count(*) AS size,
                       bit_or(set_bit(0::bit(256), abs(mod(hashtext(gram), 256)), 1))
                       AS marks
                  FROM unnest(show_trgm(lower(partner.name))) gram)
            """,
        )

    @api.model
    def _get_alike(self, share):
        """Return SQL that compares the names of `older` and `younger`.

        :param share: how alike they must be, 0 to 1
        """
        alike = SQL("similarity(older.plain_name, younger.plain_name) >= %s", share)
        if self.env.cr._cnx.server_version < 140000:  # has no bit_count
            return alike
        # CASE: what is quick comes first, whatever the planner takes it for.
        return SQL(
            """
            CASE WHEN bit_count(older.marks # younger.marks) * %s
                      <= (older.size + younger.size) * %s
                 THEN %s ELSE false END
            """,
            1 + share,
            1 - share,
            alike,
        )

    # === Deciding === #

    @api.model
    def _check_may_decide(self):
        if not self.env.user.has_group(VERIFIER):
            raise AccessError(self.env._("Verifiers decide on duplicates."))

    def action_dismiss(self):
        """Say that these are not the same, until they share something more.

        :raises AccessError: for who is no verifier
        """
        self._check_may_decide()
        self.check_access("read")
        # sudo: the decision is all that is written, by who may take it
        self.sudo().write(
            {
                "is_dismissed": True,
                "dismissed_user_id": self.env.uid,
                "dismissed_date": fields.Datetime.now(),
            }
        )

    def action_reopen(self):
        """Have these pairs looked at again."""
        self._check_may_decide()
        self.check_access("read")
        self.sudo().write({"is_dismissed": False})  # as above

    def action_keep_older(self):
        """Merge the younger partner of each pair into the older one."""
        kept = self.partner_id
        for pair in self:
            if pair.exists():  # not merged with another pair of the selection
                pair._merge(pair.partner_id)
        return self._open_kept(kept)

    def action_keep_younger(self):
        """Merge the older partner of each pair into the younger one."""
        kept = self.other_id
        for pair in self:
            if pair.exists():  # not merged with another pair of the selection
                pair._merge(pair.other_id)
        return self._open_kept(kept)

    def _merge(self, kept):
        """Merge both by Odoo's own means; what goes is noted on what stays.

        :param kept: the partner that stays
        :raises AccessError: for who is no verifier, or may not write to both
        """
        self.ensure_one()
        self._check_may_decide()
        both = self.partner_id | self.other_id
        both.check_access("write")
        # sudo: as Odoo's wizard does it, records of all kinds move to who is kept
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo()
        wizard._merge(both.ids, kept.sudo(), extra_checks=False)

    @api.model
    def _open_kept(self, kept):
        kept = kept.exists()
        if len(kept) != 1:
            return {"type": "ir.actions.client", "tag": "soft_reload"}
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": kept.id,
            "views": [(False, "form")],
        }

    @api.model
    def _move_decisions(self, gone, kept):
        """Have what was dismissed of partners that go be dismissed of who is kept."""
        pairs = self.sudo().search(
            ["|", ("partner_id", "in", gone.ids), ("other_id", "in", gone.ids)]
        )
        known = self.sudo().search(
            ["|", ("partner_id", "=", kept.id), ("other_id", "=", kept.id)]
        )
        by_key = {(p.partner_id.id, p.other_id.id): p for p in known - pairs}
        for pair in pairs.filtered("is_dismissed"):
            third = (pair.partner_id | pair.other_id) - gone
            key = tuple(sorted((kept | third).ids))
            if len(key) < 2:
                continue
            values = pair.copy_data({"partner_id": key[0], "other_id": key[1]})[0]
            if key in by_key:
                by_key[key].write({name: values[name] for name in DECISION})
            else:
                by_key[key] = self.sudo().create(values)
        pairs.unlink()


class ResPartner(models.Model):
    _inherit = "res.partner"

    duplicate_count = fields.Integer(
        compute="_compute_duplicate_count",
        compute_sudo=False,
        groups=EDITOR,
    )

    _name_similar = models.Index("USING gin (lower(name) gin_trgm_ops)")

    def _get_duplicate_domain(self):
        return [
            ("is_dismissed", "=", False),
            "|",
            ("partner_id", "in", self.ids),
            ("other_id", "in", self.ids),
        ]

    def _compute_duplicate_count(self):
        pairs = self.env["partner.duplicate"].search(
            self._origin._get_duplicate_domain()
        )
        for partner in self:
            partner.duplicate_count = len(
                pairs.filtered(
                    lambda d, p=partner: p._origin in (d.partner_id | d.other_id)
                )
            )

    def action_open_duplicates(self):
        """Open the pairs that this partner is one of."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_extension.action_partner_duplicate"
        )
        return {**action, "domain": self._get_duplicate_domain(), "context": {}}
