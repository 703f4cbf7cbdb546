# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the machine has to bring along: checked first, before anything is fetched."""

import importlib.util
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from . import apt, paths
from .errors import StackError

DISK_NEEDED = 3_000_000_000  # bytes: Odoo 1.2 GB, Python 0.4 GB, databases, downloads

#: Shared libraries that wheels expect of the system, and the package of each.
LIBRARIES = {
    "libmagic.so.1": "libmagic1",  # python-magic
    "libstdc++.so.6": "libstdc++6",  # wkhtmltopdf, from here on
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libXrender.so.1": "libxrender1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libz.so.1": "zlib1g",
}
FONT_SUFFIXES = {".ttf", ".otf", ".pfb", ".ttc"}


def key():
    """Return what a changed machine would change."""
    return f"{platform.machine()} Python {platform.python_version()}"


def check():
    """Check what no step can mend by itself.

    :raises StackError: naming what is missing
    """
    if not (3, 10) <= sys.version_info[:2] <= (3, 13):
        raise StackError(
            f"Odoo 19 runs on Python 3.10 to 3.13, this is {platform.python_version()}."
            " Install one of those and name it: make PYTHON=python3.12 …"
        )
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise StackError(
            "this set-up needs Debian's apt-get and dpkg-deb: run it on Debian or "
            "Ubuntu (a container will do)."
        )
    if platform.machine() != "x86_64":
        raise StackError(
            "the pinned PostgreSQL and wkhtmltopdf are built for x86-64, this machine "
            f"is {platform.machine()}."
        )
    free = shutil.disk_usage(paths.ROOT).free
    if free < DISK_NEEDED and not paths.ODOO_PREFIX.exists():
        raise StackError(
            f"{free / 1e9:.1f} GB are free where this clone lies and "
            f"{DISK_NEEDED / 1e9:.0f} GB are needed: free some."
        )


def missing_packages():
    """Return the system packages that have to be installed, usually none."""
    known = _known_libraries()
    missing = [package for name, package in LIBRARIES.items() if name not in known]
    if importlib.util.find_spec("ensurepip") is None:
        missing.append(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")
    if not _has_fonts():
        missing.append("fonts-dejavu-core")
    if not shutil.which("useradd", path=apt.SYSTEM_PATH):
        missing.append("passwd")
    if not shutil.which("curl"):
        missing.append("curl")  # a test sends readings as docs/api.md says
    return missing


def install_missing_packages():
    """Install what missing_packages lists."""
    apt.install(missing_packages())


def _known_libraries():
    listed = subprocess.run(
        [shutil.which("ldconfig", path=apt.SYSTEM_PATH) or "ldconfig", "-p"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return {line.split()[0] for line in listed.splitlines() if "=>" in line}


def _has_fonts():
    return any(
        path.suffix.lower() in FONT_SUFFIXES
        for path in Path("/usr/share/fonts").rglob("*")
    )
