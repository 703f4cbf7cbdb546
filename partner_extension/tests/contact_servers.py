# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A name server and a geocoder on loopback."""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, ThreadingUDPServer
from urllib.parse import parse_qs, urlsplit

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class NameServer:
    """Answers by domain: `mx`, `a`, `null` (takes no mail), `servfail` or `silent`;
    a domain that it does not know does not exist."""

    def __init__(self):
        self.zones = {}
        self.asked = []
        names = self

        class Handler(BaseRequestHandler):
            def handle(self):
                data, socket = self.request
                answer = names.answer(dns.message.from_wire(data))
                if answer:
                    socket.sendto(answer.to_wire(), self.client_address)

        self.server = ThreadingUDPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, query):
        question = query.question[0]
        domain = question.name.to_text(omit_final_dot=True)
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((domain, kind))
        zone = self.zones.get(domain)
        if zone == "silent":
            return None
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if zone is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif zone == "servfail":
            response.set_rcode(dns.rcode.SERVFAIL)
        record = {
            ("mx", "MX"): f"10 mail.{domain}.",
            ("null", "MX"): "0 .",
            ("a", "A"): "8.8.8.8",
        }.get((zone, kind))
        if record:
            response.answer.append(
                dns.rrset.from_text(question.name, 60, "IN", kind, record)
            )
        return response


class Geocoder:
    """Knows places by words of their address, asked as OpenStreetMap or as Google.

    `status` other than 200 is a fault; `refused` is a word it does not take; while
    `open` is not set, it does not answer. Google says `says` in its answers.
    """

    def __init__(self):
        self.open = threading.Event()
        self.open.set()
        self.refused = None
        self.says = {}
        self.places = {}
        self.asked = []
        self.status = 200
        geocoder = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                params = parse_qs(urlsplit(self.path).query)
                is_google = "address" in params
                query = params["address" if is_google else "q"][0]
                geocoder.asked.append(query)
                geocoder.open.wait(timeout=30)
                places = [
                    place for word, place in geocoder.places.items() if word in query
                ]
                if is_google:
                    found = [
                        {"geometry": {"location": {"lat": place[0], "lng": place[1]}}}
                        for place in places
                    ]
                    status = "OK" if found else "ZERO_RESULTS"
                    found = {"status": status, "results": found, **geocoder.says}
                else:
                    found = [
                        {"lat": str(place[0]), "lon": str(place[1])} for place in places
                    ]
                is_refused = geocoder.refused and geocoder.refused in query
                self.send_response(400 if is_refused else geocoder.status)
                self.end_headers()
                with contextlib.suppress(ConnectionError):
                    self.wfile.write(json.dumps(found).encode())

            def log_message(self, *args):
                """Stay quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/search"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.open.set()
        self.server.shutdown()
        self.server.server_close()
