# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The page that takes the readings of a request, without a login."""

from odoo.http import Controller, request, route

from ..forms import clean_form, clean_text
from ..models.meter_reading_request import MOST_SUBMITS
from .portal import get_photos


class ReadingRequestController(Controller):
    @route("/meter/read", type="http", auth="public", methods=["GET"], website=False)
    def show(self, token=None, page=1, **_query):
        """Show the devices that a link asks for."""
        token = clean_text(token)
        asked = request.env["meter.reading.request"]._find_by_token(token)
        if not asked:
            return self._render_gone()
        return self._render(asked, token, asked._find_unanswered()._split_entry(page))

    @route("/meter/read", type="http", auth="public", methods=["POST"], website=False)
    def take(self, token=None, **form):
        """Store what was entered, or ask to look at it again."""
        token, form = clean_text(token), clean_form(form)
        asked = request.env["meter.reading.request"]._find_by_token(token)
        if not asked:
            return self._render_gone()
        if asked.submit_count >= MOST_SUBMITS:
            return request.render("meter_billing.reading_request_too_often", status=429)
        result = asked._take_form(form, get_photos(asked.line_ids.device_id))
        devices = asked._find_unanswered()
        if not result.get("readings"):
            # What was typed comes back, on the page that it was typed on.
            devices = devices._filter_named(form) or devices
        return self._render(asked, token, devices._split_entry(), result)

    def _render(self, asked, token, entry, result=None):
        devices, part = entry
        if lang := asked.contact_id.lang:
            request.update_context(lang=lang)
        asked = asked.with_context(lang=request.env.lang)
        return request.render(
            "meter_billing.reading_request_page",
            {
                "asked": asked,
                "token": token,
                "entries": devices.with_context(
                    lang=request.env.lang
                )._get_entry_devices(),
                "part": part,
                "result": result or {},
                "action": "/meter/read",
            },
            headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
        )

    @staticmethod
    def _render_gone():
        return request.render("meter_billing.reading_request_gone", status=404)
