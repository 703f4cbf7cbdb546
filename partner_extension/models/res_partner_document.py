# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The documents that partners hold, and those that they should."""

from odoo import api, fields, models

from ..groups import READER

#: Documents that a partner need not be asked for any more.
HELD = ("to_verify", "verified")


class ResPartner(models.Model):
    _inherit = "res.partner"

    document_ids = fields.One2many("partner.document", "partner_id", groups=READER)
    document_count = fields.Integer(compute="_compute_document_count", groups=READER)
    document_kind_ids = fields.Many2many(
        "partner.document.kind",
        string="Also Needs",
        groups=READER,
        help="Documents that this partner must hold besides those that its role, tags "
        "and country ask for.",
    )
    missing_document_kind_ids = fields.Many2many(
        "partner.document.kind",
        string="Missing Documents",
        compute="_compute_missing_document_kind_ids",
        compute_sudo=False,
        groups=READER,
    )

    def _compute_document_count(self):
        counts = dict(
            self.env["partner.document"]._read_group(
                [
                    (
                        "partner_id.commercial_partner_id",
                        "in",
                        self.commercial_partner_id.ids,
                    )
                ],
                ["partner_id.commercial_partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.document_count = counts.get(partner.commercial_partner_id, 0)

    @api.depends_context("company")
    @api.depends(
        "document_ids.decision",
        "document_ids.valid_until",
        "document_ids.kind_id",
        "document_kind_ids",
        "customer_rank",
        "supplier_rank",
        "category_id",
        "country_id",
    )
    def _compute_missing_document_kind_ids(self):
        # What is on screen only (a new contact) lacks nothing yet.
        missing = self._origin._find_missing_document_kinds()
        for partner in self:
            partner.missing_document_kind_ids = missing.get(partner._origin)

    def _get_missing_document_kinds(self):
        """Return the kinds of documents that this partner must hold and does not.

        A document that waits to be verified counts as held; an expired or refused one
        does not. What one contact of a company holds, the whole company holds.

        :rtype: partner.document.kind recordset
        """
        self.ensure_one()
        return self._find_missing_document_kinds()[self]

    def _find_missing_document_kinds(self, states=HELD):
        """Return {partner: kinds} as `_get_missing_document_kinds`, for many.

        :param states: of documents that count
        """
        entities = self.commercial_partner_id
        missing = {}
        for company, partners in entities.grouped(
            lambda p: p.sudo().company_id.sudo(False) or self.env.company
        ).items():
            missing.update(partners._find_document_kinds(company, states))
        Kind = self.env["partner.document.kind"]
        return {
            partner: missing.get(partner.commercial_partner_id.id, (Kind, Kind))[1]
            for partner in self
        }

    def _find_document_kinds(self, company, states=HELD):
        """Return {id: (kinds asked of a partner, those of them that it lacks)}.

        Of commercial entities. The number of queries grows with that of the kinds, not
        of the partners.

        :param company: whose documents count, besides those of all companies
        :param states: of documents that count
        """
        Kind = self.env["partner.document.kind"]
        kinds = Kind._find_of_company(company)
        if not kinds:
            return {}
        held = set(
            self.env["partner.document"]._read_group(
                [
                    ("partner_id.commercial_partner_id", "in", self.ids),
                    ("state", "in", list(states)),
                    ("company_id", "in", [False, company.id]),
                ],
                ["partner_id.commercial_partner_id", "kind_id"],
            )
        )
        found = {partner.id: (Kind, Kind) for partner in self}
        for kind in kinds:
            for partner in self.filtered_domain(kind._get_required_domain()):
                asked, lacking = found[partner.id]
                is_held = (partner, kind) in held
                found[partner.id] = (
                    asked | kind,
                    lacking if is_held else lacking | kind,
                )
        return found

    def action_open_documents(self):
        """Open the documents of this partner's company, all its contacts included."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_extension.action_partner_document"
        )
        action["domain"] = [
            ("partner_id.commercial_partner_id", "=", self.commercial_partner_id.id)
        ]
        action["context"] = {"default_partner_id": self.commercial_partner_id.id}
        return action
