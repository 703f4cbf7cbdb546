# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""`make demo`: the demo dealer's months, billed, in an Odoo to look at."""

from . import database, modules, odoo_server, ports, postgres, templates
from .lock import lock
from .run_setup import setup
from .say import say

DEMO = "meter_demo"


def run_demo(serve=True):
    """Set up, bill the demo months, print the table and serve Odoo.

    Done twice, nothing is there twice: the database is kept, and the session
    imports and bills only what is still to be done.

    :param serve: whether to stay and serve at http://localhost:8069 (HTTP_PORT)
    :return: exit status
    :raises StackError: a step of setup failed, or the port is taken
    """
    if serve:
        ports.http_port()  # before minutes of work, not after them
    setup("make demo")
    with lock("setup", "make demo"), lock(DEMO, "make demo"):
        templates.bring_up_to_date(DEMO, _make, "--with-demo")
        status = odoo_server.run_script("demo_session", DEMO)
    if status or not serve:
        return status
    port = ports.http_port()
    _adjust_printing(port)
    say(f"Odoo is served at http://localhost:{port} (Ctrl-C ends it).")
    return odoo_server.serve(DEMO, port)


def _adjust_printing(port):
    """Let PDFs find their style sheets, at the scale of the wkhtmltopdf of setup.

    Odoo fetches them from its own address, which is still that of the installation.
    """
    postgres.query(
        f"UPDATE ir_config_parameter SET value = 'http://localhost:{port}' "
        "WHERE key = 'web.base.url'",
        DEMO,
    )
    postgres.query("UPDATE report_paperformat SET dpi = 96 WHERE dpi = 90", DEMO)


def _make(name):
    wanted = modules.names()
    say(f"Installing {', '.join(wanted)} with demo data, in two minutes or so … ")
    database.drop(name)
    templates.install(name, wanted, "--with-demo")
