# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        # Those that go give their tax ID up before the one that stays takes it.
        src_partners.sudo().write({"vat_unique": False})
        return super()._update_values(
            src_partners, dst_partner.with_context(partner_merge=True)
        )
