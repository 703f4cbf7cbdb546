# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo 19 as Debian packages it, and the files that its web client links to.

Odoo's package depends on Debian unstable, so it is not installed: the packages are
unpacked under build/odoo and the Python environment is pointed there.
"""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import paths
from .apt import PrivateApt
from .command import run
from .errors import StackError

#: `unstable` has Odoo; the stable suite keeps its versions when unstable moves on.
SUITES = ("unstable", "trixie")


@dataclass(frozen=True)
class Deb:
    """One pinned version of a package."""

    name: str
    version: str
    sha256: str

    @property
    def file_name(self):
        """The name apt gives the file."""
        return f"{self.name}_{self.version.replace(':', '%3a')}_all.deb"


#: Each package with the versions that do, in order of preference.
PACKAGES = (
    (
        Deb(
            "odoo-19",
            "19.0.0+dfsg-1",
            "9d2f598b0555db17e291d48ed24df184c70823c053c4c5ed53c467ca7f629bbf",
        ),
    ),
    (
        Deb(
            "libjs-jquery",
            "3.7.1+dfsg+~3.5.33-1",
            "818d6383b5b8f33734f682076b02fe3e765af23251ff6bf2b47747a4484e19d3",
        ),
        Deb(
            "libjs-jquery",
            "3.6.1+dfsg+~3.5.14-1",
            "a58c9ff6afe96c769cb6535754c909410760e4efa1e1540236194e489adcfb25",
        ),
    ),
    (
        Deb(
            "libjs-jquery-form",
            "12-4",
            "fbfeedcd3eaf519b3cdcc88e93a1c79f6775da71657bac763f1430fe66e8a1da",
        ),
    ),
    (
        Deb(
            "libjs-underscore",
            "1.13.8~dfsg+~1.13.0-1",
            "4bd04d6b3695e10228b4d479d6963d6b768bcd9aa22e9cef2a014814f5de2906",
        ),
        Deb(
            "libjs-underscore",
            "1.13.4~dfsg+~1.11.4-3",
            "4a0fbc90e7f62ea50c4ac7453352721fa60bb5eac87e9f39a027908faff29015",
        ),
    ),
    (
        # Odoo's links expect the layout of version 4.7, which unstable has left.
        Deb(
            "fonts-font-awesome",
            "5.0.10+really4.7.0~dfsg-4.1",
            "5f09e1adce26d59628a239c538882d53e58978b958233864fc617be9a510018e",
        ),
    ),
    (
        Deb(
            "fonts-glyphicons-halflings",
            "1.009~3.4.1+dfsg-7",
            "ebbe027302092d56812b1b22aca7f03387d52d1301d942ea33140e08efc00439",
        ),
        Deb(
            "fonts-glyphicons-halflings",
            "1.009~3.4.1+dfsg-6",
            "7be1e983daa6882810db4208f090d87bda7303b88e872e8e18a381bebfec5701",
        ),
    ),
    (
        Deb(
            "fonts-inconsolata",
            "3.001+ds-1",
            "7ae10c4d43e968eb6974c22283dd4e912824a34472f813108b5a8308dcce149e",
        ),
        Deb(
            "fonts-inconsolata",
            "001.010-6",
            "bb5015c631cd47aa7d9d6e0ecd101f0e1234300f935e7719ea32ed9b640f0ac4",
        ),
    ),
    (
        Deb(
            "fonts-montserrat",
            "9.000-6",
            "c5f603701f86661a7eed820ff0b0d19e0aa697b316053b7885cc7346370128c1",
        ),
        Deb(
            "fonts-montserrat",
            "7.222-3",
            "a81478bf74ed431d488f5954ba8bece10b17bdfafc24590a7048b283dcbd40f1",
        ),
    ),
    (
        Deb(
            "fonts-ocr-b",
            "0.3.1~dfsg-2",
            "c3760c25162b33ef4b19f0801a2ffbe956634c1fbbef42610c718edfb06baca9",
        ),
        Deb(
            "fonts-ocr-b",
            "0.3.1~dfsg-1",
            "dd718b7c1d28375b1363eee8c1104cd6fef26f45d9e20d3bd4f30ed16986ee55",
        ),
    ),
    (
        Deb(
            "fonts-roboto-unhinted",
            "2:3.016-1",
            "e08ef58b6b92ab2554cc5047b84c3eb03fe0df36d9eddaa1326f80783687c2e8",
        ),
        Deb(
            "fonts-roboto-unhinted",
            "2:0~20170802-4",
            "048f1e05cfb1ad1e5cd1c283cd61f2276c6a36f75e85032ddfd65db252b4634e",
        ),
    ),
)


def fetch_and_unpack():
    """Put the files of all PACKAGES under build/odoo, all of them or none."""
    paths.DOWNLOADS.mkdir(parents=True, exist_ok=True)
    apt = PrivateApt(SUITES)
    debs = [_fetch(choices, apt) for choices in PACKAGES]
    unpacked = paths.ODOO_PREFIX.with_suffix(".new")
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir()
    for deb in debs:
        command = ["dpkg-deb", "-x", deb, unpacked]
        run(command, "unpack.log", what=f"Unpacking {deb.name}")
    shutil.rmtree(paths.ODOO_PREFIX, ignore_errors=True)
    unpacked.rename(paths.ODOO_PREFIX)
    # The unpacked files are what counts from here on.
    shutil.rmtree(paths.DOWNLOADS)
    apt.remove()


def _fetch(choices, apt):
    """Return the path of one of a package's `choices`, checked.

    The folder named by ODOO_CACHE comes first, then what an interrupted run left
    behind, then Debian.
    """
    folders = [paths.DOWNLOADS]
    if os.environ.get("ODOO_CACHE"):
        folders.insert(0, Path(os.environ["ODOO_CACHE"]))
    for deb in choices:
        for folder in folders:
            path = folder / deb.file_name
            if path.is_file() and _sha256(path) == deb.sha256:
                return path
    apt.read_lists()
    failures = []
    for deb in choices:
        path = paths.DOWNLOADS / deb.file_name
        path.unlink(missing_ok=True)
        try:
            apt.download(deb.name, deb.version, paths.DOWNLOADS)
        except StackError as error:
            failures.append(str(error))
            continue
        if path.is_file() and _sha256(path) == deb.sha256:
            return path
        failures.append(f"{path.name} is not the file whose sha256 is {deb.sha256}.")
    raise StackError(
        "\n".join(failures)
        + f"\nIf Debian has dropped {choices[0].name} {choices[0].version}, put "
        f"{choices[0].file_name} into a folder and name that folder in ODOO_CACHE."
    )


def _sha256(path):
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()
