# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A SOAP server on loopback that answers as VIES does, well or badly."""

import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
TYPES = "urn:ec.europa.eu:taxud:vies:services:checkVat:types"
FAULT = (
    f'<env:Envelope xmlns:env="{SOAP}"><env:Header/><env:Body><env:Fault>'
    "<faultcode>env:Server</faultcode><faultstring>{}</faultstring>"
    "</env:Fault></env:Body></env:Envelope>"
)
ANSWER = (
    f'<env:Envelope xmlns:env="{SOAP}"><env:Header/><env:Body>'
    f'<ns2:checkVatApproxResponse xmlns:ns2="{TYPES}">'
    "<ns2:countryCode>{country}</ns2:countryCode>"
    "<ns2:vatNumber>{number}</ns2:vatNumber>"
    "<ns2:requestDate>2026-06-15+02:00</ns2:requestDate>"
    "<ns2:valid>{valid}</ns2:valid><ns2:traderName>{name}</ns2:traderName>"
    "<ns2:traderCompanyType>---</ns2:traderCompanyType>"
    "<ns2:traderAddress>{address}</ns2:traderAddress>"
    "<ns2:requestIdentifier>{consultation}</ns2:requestIdentifier>"
    "</ns2:checkVatApproxResponse></env:Body></env:Envelope>"
)


class ViesServer:
    """Answers by tax ID what `register` says: a dict, or the name of a misbehaviour.

    Misbehaviours: garbage, empty, late, huge, bomb; a word in capitals is a fault.
    """

    def __init__(self):
        self.register = {}
        self.asked = []
        self.late = 3
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}/checkVatService"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, question):
        """Return (status, body) for a question."""
        number = question["countryCode"] + question["vatNumber"]
        requester = question.get("requesterCountryCode", "") + question.get(
            "requesterVatNumber", ""
        )
        self.asked.append((number, requester))
        known = self.register.get(number, {"valid": False})
        if requester and self.register.get(requester) == "not a requester":
            return 500, FAULT.format("INVALID_REQUESTER_INFO")
        if known == "garbage":
            return 200, "<html><body>Maintenance</p>"
        if known == "empty":
            return 200, ""
        if known == "late":
            time.sleep(self.late)
        if known == "huge":
            return 200, "<a>" + "x" * 1_000_000 + "</a>"
        if known == "bomb":
            return 200, (
                '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
                f'<e:Envelope xmlns:e="{SOAP}"><valid>&b;</valid></e:Envelope>'
            )
        if isinstance(known, str) and known.isupper():
            return 500, FAULT.format(known)
        known = known if isinstance(known, dict) else {}
        return 200, ANSWER.format(
            country=question["countryCode"],
            number=question["vatNumber"],
            valid=str(known.get("valid", True)).lower(),
            name=known.get("name", "---"),
            address=known.get("address", "---"),
            consultation="WAPIAAAAX1" if requester else "",
        )

    def _handler(self):
        vies = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                root = etree.fromstring(body)
                question = {
                    etree.QName(node).localname: node.text or ""
                    for node in root.iter(f"{{{TYPES}}}*")
                }
                status, text = vies.answer(question)
                with suppress(OSError):  # whoever asked may have gone: that is tested
                    self.send_response(status)
                    self.send_header("Content-Type", "text/xml; charset=utf-8")
                    self.end_headers()
                    self.wfile.write(text.encode())

            def log_message(self, *args):
                """Stay quiet."""

        return Handler
