# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""axe-core, which browser tests ask whether everybody can use a page."""

from . import npm, paths

AXE = npm.Package(
    "axe-core",
    "4.10.3",
    "Xm7bpRXnDSX2YE2YFfBk2FnF0ep6tmG7xPh8iHee8MIcrgq762Nkce856dYtJYLkuIoYZvGf"
    "Ts/PbZhideTcEg==",
)
SCRIPT = paths.BUILD / "axe-core/axe.min.js"


def install():
    """Fetch axe-core.

    :raises StackError: the registry does not answer, or sends another archive
    """
    npm.unpack(AXE, SCRIPT.parent)
