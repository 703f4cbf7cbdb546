# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # sudo, below: a merge moves records of all kinds, as Odoo's own does
        self.env["meter.reading.request"]._note_merge(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self._update_usage(src_partners)
        return result

    def _update_usage(self, gone):
        """Make the months of partners that go anew, as those of who is kept.

        They have no foreign key, and one month may have pages of both.
        """
        self.env.flush_all()
        months = self.env.execute_query_dict(
            SQL(
                "SELECT meter_id, min(month) AS date FROM meter_usage "
                "WHERE partner_id = ANY(%s) GROUP BY meter_id",
                gone.ids,
            )
        )
        # sudo: as above, and nobody writes them by hand
        changes = self.env["meter.usage.change"].sudo().create(months)
        changes.env["meter.usage"]._update(changes)
