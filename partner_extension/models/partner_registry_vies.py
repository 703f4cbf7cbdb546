# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""VIES, the European Union's register of tax IDs, through its SOAP service."""

import time
from xml.sax.saxutils import escape

import requests
from lxml import etree

from odoo import api, models

from .partner_registry import RegistryUnavailable

URL = "https://ec.europa.eu/taxation_customs/vies/services/checkVatService"
NAMESPACE = "urn:ec.europa.eu:taxud:vies:services:checkVat:types"
#: Seconds to wait for an answer, and how long one may be.
TIMEOUT = 10
MAX_BYTES = 100_000
#: Countries that do not tell names answer with this.
NOT_TOLD = "---"
#: Faults that are about the service, not about one country.
EVERYWHERE = {
    "SERVICE_UNAVAILABLE",
    "SERVER_BUSY",
    "GLOBAL_MAX_CONCURRENT_REQ",
    "GLOBAL_MAX_CONCURRENT_REQ_TIME",
    "IP_BLOCKED",
    "VAT_BLOCKED",
}
MEMBERS = frozenset(
    "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK "
    "XI".split()
)
ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:urn="{namespace}"><soapenv:Body><urn:checkVatApprox>
<urn:countryCode>{country}</urn:countryCode><urn:vatNumber>{number}</urn:vatNumber>
{requester}</urn:checkVatApprox></soapenv:Body></soapenv:Envelope>"""
REQUESTER = (
    "<urn:requesterCountryCode>{country}</urn:requesterCountryCode>"
    "<urn:requesterVatNumber>{number}</urn:requesterVatNumber>"
)


class PartnerRegistryVies(models.AbstractModel):
    _name = "partner.registry.vies"
    _inherit = "partner.registry"
    _description = "VIES"

    @api.model
    def _get_prefixes(self):
        return MEMBERS

    @api.model
    def _prepare_ask(self):
        # sudo: parameters of the system, read for the worker alone
        get_param = self.env["ir.config_parameter"].sudo().get_param
        return {
            "url": get_param("partner_extension.vies_url") or URL,
            "timeout": float(
                get_param("partner_extension.registry_timeout") or TIMEOUT
            ),
        }

    @api.model
    def _ask(self, settings, vat, requester):
        # Only companies of the Union get a consultation number.
        is_known = requester and requester[:2] in self._get_prefixes()
        root = self._post(settings, vat, requester if is_known else False)
        fault = root.findtext(".//faultstring")
        if fault and "INVALID_REQUESTER_INFO" in fault and is_known:
            # Ours is wrong, not theirs: without it there is an answer, if no number.
            is_known = False
            root = self._post(settings, vat, False)
            fault = root.findtext(".//faultstring")
        if fault is not None:
            raise RegistryUnavailable(
                fault.strip()[:200] or "fault", any(e in fault for e in EVERYWHERE)
            )
        values = {etree.QName(node).localname: node.text for node in root.iter("{*}*")}
        if values.get("valid") not in ("true", "false") or not values.get("vatNumber"):
            raise RegistryUnavailable("not understood", everywhere=True)
        return {
            "is_valid": values["valid"] == "true",
            "name": _told(values.get("traderName")),
            "address": _told(values.get("traderAddress"))
            or "\n".join(
                filter(
                    None,
                    (
                        _told(values.get(name))
                        for name in ("traderStreet", "traderPostcode", "traderCity")
                    ),
                )
            )
            or False,
            "consultation": is_known and _told(values.get("requestIdentifier")),
            "requester_vat": is_known and requester,
            "raw": etree.tostring(root, encoding="unicode"),
        }

    @api.model
    def _post(self, settings, vat, requester):
        """Send one question and return the parsed answer."""
        body = ENVELOPE.format(
            namespace=NAMESPACE,
            country=escape(vat[:2]),
            number=escape(vat[2:]),
            requester=requester
            and REQUESTER.format(
                country=escape(requester[:2]), number=escape(requester[2:])
            )
            or "",
        )
        deadline = time.monotonic() + settings["timeout"]
        try:
            with requests.post(
                settings["url"],
                data=body.encode(),
                headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": ""},
                timeout=settings["timeout"],
                stream=True,
            ) as response:
                content = b""
                for chunk in response.iter_content(4096):
                    content += chunk
                    if time.monotonic() > deadline or len(content) > MAX_BYTES:
                        raise RegistryUnavailable("no answer in time", everywhere=True)
        except requests.RequestException as error:
            raise RegistryUnavailable(type(error).__name__, everywhere=True) from error
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, huge_tree=False
        )
        try:
            root = etree.fromstring(content, parser)
        except etree.XMLSyntaxError as error:
            raise RegistryUnavailable(
                f"HTTP {response.status_code}, not understood", everywhere=True
            ) from error
        return root


def _told(text):
    """Return what a country tells, or False."""
    text = (text or "").strip()
    return text if text and text != NOT_TOLD else False
