# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ..bar_chart import stacked_bars


class MeterUsagePrint(models.TransientModel):
    """What a customer printed in a period, as a document for it."""

    _name = "meter.usage.print"
    _description = "Usage Report of a Customer"

    partner_ids = fields.Many2many(
        "res.partner", string="Customers", required=True, readonly=True
    )
    month_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.subtract(
            fields.Date.context_today(self).replace(day=1), months=12
        ),
        help="The months of these days are shown as a whole.",
    )
    month_to = fields.Date(
        string="To",
        required=True,
        default=lambda self: fields.Date.subtract(
            fields.Date.context_today(self).replace(day=1), days=1
        ),
    )

    _months_ordered = models.Constraint(
        "CHECK (month_to >= month_from)", "The period cannot end before it starts."
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if self.env.context.get("active_model") == "res.partner":
            chosen = self.env["res.partner"].browse(self.env.context["active_ids"])
            values["partner_ids"] = [(6, 0, chosen.commercial_partner_id.ids)]
        return values

    def action_print(self):
        """Print the usage of these customers, each in its language.

        :raises UserError: none of them has pages in the period
        """
        self.ensure_one()
        if not any(self._get_types(partner) for partner in self.partner_ids):
            raise UserError(
                self.env._("There are no readings of the customer in this period.")
            )
        return self.env.ref(
            "meter_billing.action_report_meter_usage_print"
        ).report_action(self)

    # === What the document shows === #

    def _get_groups(self, partner, groupby):
        """Return the pages of a customer in the period, by month, device, type …

        :param groupby: fields of meter.usage.report
        """
        return self.env["meter.usage.report"]._read_group(
            [
                ("partner_id", "=", partner.id),
                ("counts_pages", "=", True),
                ("month", ">=", self.month_from.replace(day=1)),
                ("month", "<=", self.month_to),
            ],
            groupby,
            ["pages:sum"],
        )

    def _get_types(self, partner):
        """Return the meter types that the customer has pages of, in their order."""
        types = [kind for kind, _pages in self._get_groups(partner, ["type_id"])]
        return self.env["meter.type"].union(*types).sorted()

    def _get_months(self, partner):
        """Return (month in words, {type: pages}) of each month of the period."""
        pages = {}
        for month, kind, count in self._get_groups(partner, ["month:month", "type_id"]):
            pages.setdefault(month, {})[kind] = count
        months, month = [], self.month_from.replace(day=1)
        while month <= self.month_to:
            label = format_date(self.env, month, date_format="MMM yy")
            months.append((label, pages.get(month, {})))
            month = fields.Date.add(month, months=1)
        return months

    def _get_devices(self, partner):
        """Return (device, {type: pages}), the one with most pages first."""
        pages = {}
        for device, kind, count in self._get_groups(partner, ["device_id", "type_id"]):
            pages.setdefault(device, {})[kind] = count
        return sorted(
            pages.items(), key=lambda item: (-sum(item[1].values()), item[0].id)
        )

    def _get_chart(self, partner):
        """Return the pages of each month as a chart."""
        months = self._get_months(partner)
        return stacked_bars(
            [label for label, _pages in months],
            [
                (kind.name, [pages.get(kind, 0) for _label, pages in months])
                for kind in self._get_types(partner)
            ],
            self._format,
        )

    def _get_period_label(self):
        """Return the period in words."""
        self.ensure_one()
        first, last = (
            format_date(self.env, day, date_format="MMMM yyyy")
            for day in (self.month_from, self.month_to)
        )
        return first if first == last else f"{first} – {last}"

    def _format(self, pages):
        """Return a number of pages as the reader writes it."""
        return formatLang(self.env, pages, digits=0)
