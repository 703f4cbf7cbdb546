# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""wkhtmltopdf built with patched Qt: without the patch invoices have no footers."""

import tempfile
from pathlib import Path

from . import paths
from .command import output_of, run
from .errors import StackError

PAGE = "<!DOCTYPE html><p>Page</p>"


def is_linked():
    """Tell whether the program is where Odoo finds it."""
    return (paths.BIN / "wkhtmltopdf").exists()


def install():
    """Link the wheel's program to the name Odoo looks for, and print one page.

    :raises StackError: it does not start, is unpatched, or prints nothing
    """
    paths.BIN.mkdir(parents=True, exist_ok=True)
    link = paths.BIN / "wkhtmltopdf"
    link.unlink(missing_ok=True)
    link.symlink_to(paths.VENV / "bin/wkhtmltopdf-pack")
    version = output_of([link, "--version"], what="wkhtmltopdf")
    if "with patched qt" not in version:
        raise StackError(
            f"this is {version}, without the patched Qt that headers and footers need."
        )
    with tempfile.TemporaryDirectory() as folder:
        page, footer = Path(folder, "page.html"), Path(folder, "footer.html")
        for file in (page, footer):
            file.write_text(PAGE)
        pdf = Path(folder, "page.pdf")
        run(
            [link, "-q", "--footer-html", footer, page, pdf],
            "wkhtmltopdf.log",
            what="Printing a test page with wkhtmltopdf",
        )
        if not pdf.read_bytes().startswith(b"%PDF"):
            raise StackError("wkhtmltopdf printed something that is no PDF.")
