# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The modules of this repository, as their manifests describe them."""

import ast
import hashlib

from . import paths

#: Folders of a module whose files the database does not depend on.
NOT_INSTALLED = {"tests", "__pycache__", "doc", "docs", "readme", "i18n"}


def manifests():
    """Return the manifest of each module, by name, in alphabetic order."""
    return {
        path.parent.name: ast.literal_eval(path.read_text())
        for path in sorted(paths.ROOT.glob("*/__manifest__.py"))
    }


def names():
    """Return the names of the modules."""
    return list(manifests())


def dependencies():
    """Return the modules of Odoo and others that ours depend on directly, sorted."""
    known = manifests()
    wanted = {name for manifest in known.values() for name in manifest["depends"]}
    return sorted(wanted - set(known))


def files_key(name):
    """Return a key of the files of module `name` that a database is made from.

    Tests do not count: a change in them asks for no update.
    """
    digest = hashlib.sha256()
    folder = paths.ROOT / name
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not NOT_INSTALLED & set(inside.parts):
            digest.update(f"{inside}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
