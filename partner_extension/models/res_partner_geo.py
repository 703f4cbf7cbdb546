# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Addresses on the map, by base_geolocalize: in the background, with a time-out."""

import logging
import time

import requests

from odoo import api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

URL = "https://nominatim.openstreetmap.org/search"
GOOGLE_URL = "https://maps.googleapis.com/maps/api/geocode/json"
#: What a service says of an address that it does not take: the next one may be fine.
REFUSED = (400, 414)
TIMEOUT = 10
#: Addresses of one run, and the seconds between two that OpenStreetMap asks for.
BATCH = 200
PAUSE = 1


class ResPartner(models.Model):
    _inherit = "res.partner"

    geo_state = fields.Selection(
        [
            ("none", "No Address"),
            ("to_locate", "Not Located"),
            ("located", "Located"),
            ("unknown", "Not Found"),
        ],
        string="On the Map",
        compute="_compute_geo_state",
        store=True,
        copy=False,
        index=True,
    )

    @api.depends("street", "zip", "city", "state_id", "country_id")
    def _compute_geo_state(self):
        """An address that changed is to be located again (Odoo forgets its place)."""
        for partner in self:
            is_placed = partner.partner_latitude or partner.partner_longitude
            has_address = partner.country_id and (partner.city or partner.zip)
            partner.geo_state = (
                "none" if not has_address else "located" if is_placed else "to_locate"
            )

    @api.model
    def _cron_locate(self):
        """Locate addresses that are not yet, by the provider of the settings.

        Where it cannot be reached they stay as they are, for the next time.
        """
        companies = self.env["res.company"].search([("partner_geo_auto", "=", True)])
        if not companies:
            return
        partners = self.search(
            [
                ("geo_state", "=", "to_locate"),
                ("commercial_partner_id.company_id", "in", [False, *companies.ids]),
                "|",
                ("customer_rank", ">", 0),
                ("supplier_rank", ">", 0),
            ],
            limit=BATCH,
            order="id",
        )
        commit_progress = self.env["ir.cron"]._commit_progress
        for partner in partners.with_context(lang="en_US"):
            try:
                place = partner._geo_localize(
                    partner.street,
                    partner.zip,
                    partner.city,
                    partner.state_id.name,
                    partner.country_id.name,
                )
            except UserError as error:
                _logger.info("Addresses are not located: %s", error)
                return
            # A new transaction, to see what was changed meanwhile.
            commit_progress()
            partner.invalidate_recordset()
            if (
                partner.try_lock_for_update(allow_referencing=True)
                and partner.geo_state == "to_locate"
            ):
                partner._store_place(place)
            if not commit_progress(1):
                return

    def _store_place(self, place):
        """Store a place, or that there is none.

        :param place: (latitude, longitude) or None
        """
        self.ensure_one()
        if not place:
            self.geo_state = "unknown"
            return
        self.write(
            {
                "partner_latitude": place[0],
                "partner_longitude": place[1],
                "date_localization": fields.Date.context_today(self),
                "geo_state": "located",
            }
        )


class BaseGeocoder(models.AbstractModel):
    _inherit = "base.geocoder"

    @api.model
    def _call_openstreetmap(self, addr, **kw):
        """As Odoo's, with a time-out, a pause between calls and an address to set.

        :return: (latitude, longitude), or None where nothing is found
        :raises UserError: the service cannot be reached or understood
        """
        if not addr:
            return None
        url = self._get_parameter("partner_extension.nominatim_url")
        try:
            found = self._ask_service(url or URL, {"format": "json", "q": addr})
            place = (float(found[0]["lat"]), float(found[0]["lon"])) if found else None
        except (requests.RequestException, ValueError, LookupError, TypeError) as error:
            self._raise_query_error(error)
        if not url:
            time.sleep(PAUSE)
        return place

    @api.model
    def _call_googlemap(self, addr, **kw):
        """As Odoo's, with a time-out; what Google does not understand is not found.

        :param kw: ``force_country``: the country to look in
        :return: (latitude, longitude), or None where nothing is found
        :raises UserError: no key is set, or the service does not answer as it should
        """
        key = self._get_parameter("base_geolocalize.google_map_api_key")
        if not key:
            raise UserError(
                self.env._(
                    "Google needs an API key: General Settings › Geo Localization."
                )
            )
        params = {"address": addr, "key": key}
        if country := kw.get("force_country"):
            params["components"] = f"country:{country}"
        url = self._get_parameter("partner_extension.google_geocode_url")
        try:
            answer = self._ask_service(url or GOOGLE_URL, params)
            if answer["status"] in ("ZERO_RESULTS", "INVALID_REQUEST"):
                return None
            if answer["status"] != "OK":
                raise ValueError(answer.get("error_message") or answer["status"])
            place = answer["results"][0]["geometry"]["location"]
            return float(place["lat"]), float(place["lng"])
        except requests.RequestException as error:
            # Its text may have the whole address in it, and so the key.
            self._raise_query_error(type(error).__name__)
        except (ValueError, LookupError, TypeError) as error:
            self._raise_query_error(error)

    @api.model
    def _get_parameter(self, name):
        """Return what the service is asked with: its address, or the key for it."""
        # sudo: goes to the service alone
        return self.env["ir.config_parameter"].sudo().get_param(name)

    @api.model
    def _ask_service(self, url, params):
        """Return a service's answer (JSON), or nothing for an address it refuses.

        :raises requests.RequestException: it does not answer in time, or with a fault
        """
        response = requests.get(
            url,
            headers={"User-Agent": "Odoo (http://www.odoo.com/contactus)"},
            params=params,
            timeout=TIMEOUT,
        )
        if response.status_code in REFUSED:
            return None
        response.raise_for_status()
        return response.json()


class ResCompany(models.Model):
    _inherit = "res.company"

    partner_geo_auto = fields.Boolean(
        string="Locate Addresses",
        help="Put customers and suppliers on the map in the background, by the service "
        "of the general settings (Geo Localization).",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    partner_geo_auto = fields.Boolean(
        related="company_id.partner_geo_auto", readonly=False
    )
