# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What Debian's Odoo package leaves out of the web client."""

import os
import shutil
from pathlib import Path

from . import npm, odoo
from .errors import StackError

#: Debian strips this library as non-free; without it every backend page logs an
#: error on the console, and browser tests take that for a failure.
SEGMENTATION = npm.Package(
    "@mediapipe/selfie_segmentation",
    "0.1.1675465747",
    "IxYxNhwE5VwOm52L1yoFWYLP7q9Pd+NJjzOC5tlepfvEGaY3o9hslhUrx9BgseqdfZtKSDtd"
    "/4NfCSMjNzQalA==",
)


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
    npm.unpack(SEGMENTATION, folder)
