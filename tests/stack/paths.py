# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where things lie: one clone, one ignored build folder."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements.txt"
ADDON_REQUIREMENTS = ROOT / "requirements-addons.txt"

BUILD = ROOT / "build"
BIN = BUILD / "bin"  # put first in PATH: odoo, psql, wkhtmltopdf …
VENV = BUILD / "venv"
PYTHON = VENV / "bin" / "python"
ODOO_PREFIX = BUILD / "odoo"  # the unpacked Debian packages
DATA = BUILD / "data"  # Odoo's data_dir: filestore and sessions
FILESTORE = DATA / "filestore"
PG = BUILD / "pg"
DOWNLOADS = BUILD / "downloads"
STAMPS = BUILD / "stamps"
LOGS = BUILD / "log"
RESULTS = BUILD / "results"
ODOO_CONF = BUILD / "odoo.conf"
ENV_FILE = BUILD / "env.sh"


def site_packages():
    """Return the site-packages folder of the virtual environment.

    :raises FileNotFoundError: before the environment was built
    """
    found = sorted(VENV.glob("lib/python3*/site-packages"))
    if not found:
        raise FileNotFoundError(VENV / "lib")
    return found[0]


def requirements():
    """Return what all pinned packages are, as one text."""
    return REQUIREMENTS.read_text() + ADDON_REQUIREMENTS.read_text()
