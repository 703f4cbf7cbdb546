# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The page that the label of a device opens, without a login."""

from odoo.http import Controller, request, route

from ..forms import clean_form
from ..models.meter_device_label import MOST_FORMS, MOST_PAGES, MOST_WRONG
from .portal import get_photos


class DeviceLabelController(Controller):
    @route("/meter/device/<string:token>", type="http", auth="public", methods=["GET"])
    def label_show(self, token, **_query):
        """Show the form of the device that a label stands on."""
        device, refusal = self._find(token)
        return refusal or self._render(device, token)

    @route("/meter/device/<string:token>", type="http", auth="public", methods=["POST"])
    def label_take(self, token, **form):
        """Store what was entered, or ask to look at it again."""
        device, refusal = self._find(token)
        if refusal:
            return refusal
        form = clean_form(form)
        if not request.env["meter.label.use"]._note("form", device.id, MOST_FORMS):
            return self._render_too_often()
        nobody = device.partner_id.browse()
        result = device._take_customer_form(form, get_photos(device), nobody)
        if result.get("readings"):
            device._confirm_readings(result["readings"], device._get_reading_contact())
        return self._render(device, token, result)

    def _find(self, token):
        """Return (the device of a label, None), or (None, the page that says why not).

        Wrong codes are counted apart: who guesses is stopped early, and the office
        that reads all its devices is not.
        """
        visitor = request.httprequest.remote_addr
        Use = request.env["meter.label.use"].sudo()
        # sudo: counting is the system's
        if not Use._note("page", visitor, MOST_PAGES):
            return None, self._render_too_often()
        device = request.env["meter.device"]._find_by_label(token)
        if not device:
            if not Use._note("wrong", visitor, MOST_WRONG):
                return None, self._render_too_often()
            return None, request.render("meter_billing.device_label_gone", status=404)
        if lang := device._get_reading_contact().lang:
            request.update_context(lang=lang)
        return device.with_context(lang=request.env.lang), None

    def _render(self, device, token, result=None):
        is_done = bool(result and result.get("readings"))
        return request.render(
            "meter_billing.device_label_page",
            {
                "device": device,
                "entries": [] if is_done else device._get_entry_devices(),
                "result": result or {},
                "action": f"/meter/device/{token}",
            },
            headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
        )

    @staticmethod
    def _render_too_often():
        return request.render("meter_billing.device_label_too_often", status=429)
