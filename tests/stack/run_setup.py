# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""`make setup`: the steps from a bare machine to an Odoo that can be started."""

from . import (
    accessibility,
    browser,
    debian,
    machine,
    odoo,
    odoo_server,
    paths,
    pdf,
    postgres,
    python_env,
    web_client,
)
from .lock import lock
from .say import say
from .steps import Step, key_of, run_steps


def _odoo_is_there():
    return (odoo.python_folder() / "odoo/release.py").is_file()


def _install_odoo():
    if not odoo.own_home():
        debian.fetch_and_unpack()
        odoo.tidy()


def _install_python_packages():
    python_env.install()
    python_env.add_odoo()


def _add_web_files():
    if not odoo.own_home():
        web_client.add_segmentation()
    web_client.check_links()


def _start_database():
    postgres.start()
    odoo_server.write_configuration()


def _odoo_key():
    return key_of(str(odoo.python_folder()), debian.PACKAGES)


def _venv_key():
    return key_of(paths.requirements(), str(odoo.python_folder()), str(paths.ROOT))


def _database_key():
    return key_of(_odoo_key(), _venv_key(), postgres.key())


SETUP = (
    Step("machine", "This machine", machine.check, key=machine.key),
    Step(
        "system",
        "System packages",
        machine.install_missing_packages,
        holds=lambda: not machine.missing_packages(),
    ),
    Step(
        "python",
        "Python packages",
        _install_python_packages,
        key=_venv_key,
        holds=python_env.works,
    ),
    Step(
        "odoo",
        "Odoo 19.0",
        _install_odoo,
        key=_odoo_key,
        holds=_odoo_is_there,
    ),
    Step(
        "web",
        "Web client",
        _add_web_files,
        key=_odoo_key,
        holds=lambda: bool(odoo.own_home()) or web_client.has_segmentation(),
    ),
    Step("pdf", "PDF printing", pdf.install, key=_venv_key, holds=pdf.is_linked),
    Step(
        "database",
        "PostgreSQL",
        _start_database,
        key=_database_key,
        holds=postgres.answers,
    ),
)
TESTING = (
    Step("browser", "Chromium", browser.install, holds=browser.find),
    Step(
        "accessibility",
        "axe-core",
        accessibility.install,
        key=lambda: key_of(accessibility.AXE),
        holds=accessibility.SCRIPT.is_file,
    ),
)


def setup(doing, testing=False, tell=say):
    """Run the steps that are not done yet.

    :param doing: the command at work, told to another one that has to wait
    :param testing: whether a browser is needed as well
    :raises StackError: a step cannot be done
    """
    with lock("setup", doing):
        run_steps(SETUP + TESTING if testing else SETUP, tell)
