# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The pages of all devices of the customer by month."""

from odoo.http import route

from odoo.addons.portal.controllers.portal import pager

from .portal import PAGE, MeterPortal


class MeterPortalUsage(MeterPortal):
    @route(
        ["/my/usage", "/my/usage/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def meter_usage(self, page=1, place=None, **_query):
        """Show the pages by month of all devices, or of those of one place."""
        # sudo: names of models and places; whose devices, the search has decided
        own = self._find_all("meter.device").sudo()
        places = own.location_id.sorted("display_name")
        chosen = places.filtered(lambda each: str(each.id) == place)
        devices = own.filtered(lambda d: d.location_id in chosen) if chosen else own
        pages = devices._get_customer_pages()
        # {device_id: {kind: pages}}
        sums = {
            device_id: {
                kind: sum(by_month.values()) for kind, by_month in kinds.items()
            }
            for device_id, kinds in pages.items()
        }
        used = devices.filtered(lambda d: any(sums.get(d.id, {}).values())).sorted(
            lambda d: (-sum(sums[d.id].values()), d.serial_number)
        )
        pages_bar = pager(
            url="/my/usage",
            url_args={"place": place or ""},
            total=len(used),
            page=page,
            step=PAGE,
        )
        return self._render_meter(
            "portal_usage",
            "meter_usage",
            months=devices._get_customer_months(pages),
            devices=used[pages_bar["offset"] : pages_bar["offset"] + PAGE],
            sums=sums,
            places=places,
            chosen=chosen,
            pager=pages_bar,
        )
