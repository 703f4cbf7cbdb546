# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""An HTTP server that behaves like Print Tracker's API, badly too. Knows no Odoo."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

KEY = "the-right-key"


class FleetServer:
    """Serves devices and current meters on loopback while it is entered.

    ``faults`` are taken one a request, before it is answered well: a status, a tuple of
    status and headers, "html", "broken", "half", "object", ("slow", seconds), "close".
    """

    def __init__(self, devices=(), meters=(), faults=()):
        self.records = {"device": list(devices), "currentMeter": list(meters)}
        self.faults = list(faults)
        self.is_endless = False
        self.requests = []

    def __enter__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        return self

    def __exit__(self, *_error):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def _handler(self):
        fleet = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_arguments):
                pass

            def do_GET(self):
                fleet.requests.append((self.path, dict(self.headers)))
                fault = fleet.faults.pop(0) if fleet.faults else None
                if not fleet._misbehave(self, fault):
                    fleet._answer(self)

        return Handler

    def _misbehave(self, handler, fault):
        """Answer badly; tell whether the request is answered by that."""
        if fault is None:
            return False
        if isinstance(fault, int):
            fault = (fault, {})
        if fault[0] == "slow":
            time.sleep(fault[1])
            return False
        if fault == "close":
            handler.connection.close()
        elif fault == "html":
            self._send(handler, 200, b"<html>Please log in</html>", {})
        elif fault == "object":
            self._send(handler, 200, b'{"error": "none"}', {})
        elif fault in ("broken", "half"):
            body = b'[{"id": "d1", "serialNumber": '
            length = len(body) + (500 if fault == "half" else 0)
            self._send(handler, 200, body, {"Content-Length": str(length)})
        else:
            status, headers = fault
            self._send(handler, status, b"{}", headers)
        return True

    def _answer(self, handler):
        if handler.headers.get("x-api-key") != KEY:
            self._send(handler, 401, b"{}", {})
            return
        address = urlsplit(handler.path)
        _empty, _version, _entity, entity, what = address.path.split("/")
        query = parse_qs(address.query)
        limit, page = int(query["limit"][0]), int(query["page"][0])
        records = self.records.get(what) if entity == "dealer-1" else None
        if records is None:
            self._send(handler, 404, b"{}", {})
            return
        first = 0 if self.is_endless else (page - 1) * limit
        body = json.dumps(records[first : first + limit]).encode()
        self._send(handler, 200, body, {})

    @staticmethod
    def _send(handler, status, body, headers):
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)


def a_device(number, serial=None, **values):
    """Return a device as the API gives it."""
    return {
        "id": f"d{number}",
        "serialNumber": f"SN-{number}" if serial is None else serial,
        "make": "Inkwell",
        "model": "C 300",
        "customLocation": "2nd floor",
        "entityKey": "dealer-1",
        **values,
    }


def a_meter(number, black, colour=None, timestamp="2026-01-31T22:10:05.123Z", **values):
    """Return a current meter as the API gives it."""
    counts = {"totalBlack": {"value": black}, "totalColor": {"value": colour}}
    return {
        "deviceKey": f"d{number}",
        "timestamp": timestamp,
        "pageCounts": {"default": counts, "life": {"totalBlack": {"value": 7}}},
        **values,
    }
