# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""TCP ports on this machine."""

import os
import socket

from .errors import StackError

HTTP_PORT = 8069


def is_free(port, host="127.0.0.1"):
    """Tell whether a server could listen on `port`."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def any_free(host="127.0.0.1"):
    """Return a port that nothing listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def http_port():
    """Return the port to serve Odoo at: HTTP_PORT, or Odoo's usual one.

    :raises StackError: HTTP_PORT is no port number, or the port is taken
    """
    text = os.environ.get("HTTP_PORT") or str(HTTP_PORT)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise StackError(f"HTTP_PORT is {text!r}: give a number from 1 to 65535.")
    port = int(text)
    if not is_free(port):
        raise StackError(
            f"port {port} is taken, perhaps by another Odoo. Stop that one, or choose "
            f"another port: make demo HTTP_PORT={port + 1 if port < 65535 else 8070}"
        )
    return port
