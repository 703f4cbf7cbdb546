# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Bring the translations of all modules up to their .pot; say what is missing."""

import sys

import polib

from . import modules, paths
from .say import say

# Dates would make each export another file.
DATES = ("POT-Creation-Date", "PO-Revision-Date")


def merge(module, language):
    """Bring one module's translation up to its .pot; return how many terms lack one."""
    folder = paths.ROOT / module / "i18n"
    template = polib.pofile(str(folder / f"{module}.pot"), wrapwidth=78)
    path = folder / f"{language}.po"
    if path.exists():
        translation = polib.pofile(str(path), wrapwidth=78)
    else:
        translation = polib.POFile(wrapwidth=78)
        translation.metadata = {**template.metadata, "Language": language}
    known = {entry.msgid: entry.msgstr for entry in translation if not entry.obsolete}
    translation.clear()
    for entry in template:
        entry.msgstr = known.get(entry.msgid, "")
        translation.append(entry)
    translation.header = template.header
    for name in DATES:
        translation.metadata.pop(name, None)
    translation.save(str(path))
    return sum(not entry.msgstr for entry in translation)


def tidy(module):
    """Write a .pot without what changes with each export."""
    path = paths.ROOT / module / "i18n" / f"{module}.pot"
    template = polib.pofile(str(path), wrapwidth=78)
    for name in DATES:
        template.metadata.pop(name, None)
    template.save(str(path))


if __name__ == "__main__":
    for module in modules.names():
        if (paths.ROOT / module / "i18n" / f"{module}.pot").exists():
            tidy(module)
            for language in sys.argv[1:]:
                say(f"{module} {language}: {merge(module, language)} terms missing")
