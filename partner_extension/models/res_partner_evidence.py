# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is kept about a partner as evidence keeps the partner."""

from odoo import api, models
from odoo.exceptions import UserError

EVIDENCE = ("partner.document", "partner.registry.answer", "partner.change.request")


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        """Say what to do instead, before the database refuses."""
        kept = self.browse()
        for model in EVIDENCE:
            # sudo: that there is something, whether or not the user sees it
            Evidence = self.env[model].sudo().with_context(active_test=False)
            domain = [("partner_id", "in", self.ids)]
            for (partner,) in Evidence._read_group(domain, ["partner_id"]):
                kept |= self.browse(partner.id)
        if kept:
            raise UserError(
                self.env._(
                    "Documents, changes or answers of registries about these partners "
                    "are kept as evidence: %(partners)s. Archive them instead.",
                    partners=", ".join(kept.mapped("display_name")),
                )
            )
