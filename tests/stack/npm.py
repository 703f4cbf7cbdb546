# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Packages of npm, each pinned with its checksum; npm itself need not be there."""

import base64
import hashlib
import io
import os
import shutil
import ssl
import tarfile
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from . import paths
from .command import output_of
from .errors import StackError

REGISTRY = os.environ.get("npm_config_registry", "https://registry.npmjs.org")


@dataclass(frozen=True)
class Package:
    """One package; integrity is the SHA-512 of its archive, as the registry says."""

    name: str
    version: str
    integrity: str


def unpack(package, folder):
    """Fetch a package and write its files below a folder.

    :raises StackError: the registry does not answer, or sends another archive
    """
    with tarfile.open(fileobj=io.BytesIO(_fetch(package)), mode="r:gz") as archive:
        for member in archive.getmembers():
            if member.isfile():
                path = folder / Path(member.name).relative_to("package")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.extractfile(member).read())


def _fetch(package):
    """Return the package's archive, from npm where it is installed, checked."""
    fetch = _with_npm if shutil.which("npm") else _with_python
    archive = fetch(package)
    found = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if found != package.integrity:
        raise StackError(
            f"The archive of {package.name} {package.version} is not the one pinned "
            "here: look at the registry that npm_config_registry names."
        )
    return archive


def _with_npm(package):
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"{package.name}@{package.version}"]
        output_of(command, what=f"Fetching {package.name}", fetches=True, cwd=folder)
        archives = list(Path(folder).glob("*.tgz"))
        if not archives:
            raise StackError(f"npm has no {package.name} {package.version}.")
        return archives[0].read_bytes()


def _with_python(package):
    file = f"{package.name.rsplit('/', 1)[-1]}-{package.version}.tgz"
    address = f"{REGISTRY.rstrip('/')}/{package.name}/-/{file}"
    try:
        with urllib.request.urlopen(  # nosec: a pinned checksum follows
            address, timeout=120, context=_trust()
        ) as answer:
            return answer.read()
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise StackError(
            f"{package.name} could not be fetched ({reason}): check "
            "the network, or name a registry that answers in npm_config_registry."
        ) from error


def _trust():
    """The system's authorities, or those pip brings where the system has none."""
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:
        context.load_verify_locations(paths.site_packages() / "certifi/cacert.pem")
    return context
