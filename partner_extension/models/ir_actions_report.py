# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _get_rendering_context(self, report, docids, data):
        """Who may read a document may print it, tax IDs and bank accounts included.

        An invoice without the customer's tax ID would be wrong. Not so partners
        themselves: of them everything could be printed.
        """
        data = super()._get_rendering_context(report, docids, data)
        docs = data.get("docs")
        if (
            isinstance(docs, models.BaseModel)
            and not isinstance(docs, self.env.registry["res.partner"])
            and not self.env["res.partner"]._sees_sensitive()
        ):
            docs.check_access("read")
            data["docs"] = docs.sudo()
        return data
