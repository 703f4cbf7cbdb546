# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Readings from the portal: one device, all that are due, or a file."""

from odoo.http import content_disposition, request, route

from ..forms import clean_form, clean_text
from ..sheets import XLSX
from .portal import MeterPortal, get_photos


class MeterPortalReadings(MeterPortal):
    @route("/my/readings", type="http", auth="user", website=True, methods=["GET"])
    def meter_readings(self, page=1, **_query):
        """Show the devices that are to be read in one form."""
        return self._render_entry(self._find_due_devices(), page=page)

    @route("/my/readings", type="http", auth="user", website=True, methods=["POST"])
    def meter_readings_take(self, **form):
        """Store what was entered for the devices of a form."""
        form = clean_form(form)
        return self._take_entry(self._find_named(form), form)

    @route(
        "/my/devices/<int:device_id>/read",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def meter_device_read(self, device_id, **_query):
        """Show the form of one device."""
        device = self._find_own("meter.device", device_id)
        if not device or device.state != "installed":
            return request.redirect("/my/devices")
        return self._render_entry(device, one=device)

    @route(
        "/my/devices/<int:device_id>/read",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def meter_device_read_take(self, device_id, **form):
        """Store what was entered for one device."""
        device = self._find_own("meter.device", device_id)
        if not device or device.state != "installed":
            return request.redirect("/my/devices")
        return self._take_entry(device, clean_form(form), one=device)

    def _find_due_devices(self):
        """Return the customer's devices that are to be read, as superuser."""
        # sudo: they are the customer's: the search has found them with its rights
        return request.env["meter.device"].browse(sorted(self._find_due())).sudo()

    def _find_named(self, form):
        """Return the customer's devices of which a form has meters, as superuser.

        What was read while the form was open is not due any more.
        """
        ids = [
            int(name[6:])
            for name in form
            if name.startswith("meter_") and name[6:].isdecimal() and len(name) < 16
        ]
        meters = self._find_all(
            "meter.meter", [("id", "in", ids), ("device_id.state", "=", "installed")]
        )
        # sudo: as above
        return meters.device_id.sorted("id").sudo()

    def _take_entry(self, devices, form, one=None):
        contact = request.env.user.partner_id
        result = devices._take_customer_form(form, get_photos(devices), contact)
        if result.get("readings"):
            devices._confirm_readings(result["readings"], contact)
            devices = devices.browse()
        if not devices and not one:
            devices = self._find_due_devices()
        return self._render_entry(devices, result, one)

    def _render_entry(self, devices, result=None, one=None, page=1):
        devices, part = devices._split_entry(page)
        return self._render_meter(
            "portal_readings",
            "meter_readings",
            entries=devices._get_entry_devices(with_limits=True),
            part=part,
            result=result or {},
            one=one,
            action=request.httprequest.path,
        )

    # === A file === #

    @route("/my/readings/file", type="http", auth="user", website=True, methods=["GET"])
    def meter_readings_file(self, **_query):
        """Show what a file of readings has to look like."""
        return self._render_meter("portal_readings_file", "meter_readings", result={})

    @route("/my/readings/form.xlsx", type="http", auth="user", methods=["GET"])
    def meter_readings_form(self, **_query):
        """Return a spreadsheet of the customer's devices to fill in."""
        # sudo: names of the meters of its own devices
        devices = self._find_all("meter.device", [("state", "=", "installed")]).sudo()
        return request.make_response(
            devices._get_customer_form_sheet(),
            headers=[
                ("Content-Type", XLSX),
                (
                    "Content-Disposition",
                    content_disposition(request.env._("Meter readings.xlsx")),
                ),
            ],
        )

    @route(
        "/my/readings/file", type="http", auth="user", website=True, methods=["POST"]
    )
    def meter_readings_file_take(self, file=None, **_form):
        """Store the readings of a file, and say what became of each row."""
        contact = request.env.user.partner_id
        if isinstance(file, str):
            file = None
        content = file.read() if file else b""
        # sudo: only readings of the customer's own devices are taken, see there
        Device = request.env["meter.device"].sudo()
        result = Device._take_customer_file(
            content, clean_text(file.filename) if file else "", contact
        )
        if result.get("readings"):
            Device._confirm_readings(result["readings"], contact)
        return self._render_meter(
            "portal_readings_file", "meter_readings", result=result
        )
