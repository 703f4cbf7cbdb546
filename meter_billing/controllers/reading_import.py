# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.http import Controller, content_disposition, request, route

from ..sheets import XLSX


class ReadingImportController(Controller):
    @route(
        '/meter_billing/import/<model("meter.reading.import"):delivery>/not_taken',
        type="http",
        auth="user",
        readonly=True,
    )
    def not_taken(self, delivery):
        """Return the rows of a delivery that were not taken, as a spreadsheet."""
        delivery.check_access("read")
        name = request.env._("Not taken of %(name)s.xlsx", name=delivery.name)
        return request.make_response(
            delivery._get_rejected_file(),
            headers=[
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(name)),
            ],
        )
