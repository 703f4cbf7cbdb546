# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Debian's packages: installed on the system, or fetched without touching it."""

import os
import shutil
import sys

from . import paths
from .command import run
from .errors import StackError

#: Where administration programs are, also for users whose PATH lacks them.
SYSTEM_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin"

MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")

# No signatures are asked for here: whatever this configuration fetches is compared
# with a checksum of ours before it is used, which also holds on machines (Ubuntu's,
# old ones) that do not have the keys of Debian's newest suites.
SOURCE = "deb [trusted=yes] {mirror} {suite} main\n"

CONFIGURATION = """\
Dir::State "{folder}/state";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Etc::SourceList "{folder}/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::Check-Valid-Until "false";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"""


def install(packages):
    """Install system packages, as root or through sudo; do nothing for none.

    :raises StackError: apt failed, or the user may not install; then the message
        is the command line that an administrator has to run
    """
    if not packages:
        return
    prefix = _as_root(packages)
    apt_get = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    run(
        [*apt_get, "update"],
        "apt-update.log",
        what="Reading the package lists",
        fetches=True,
    )
    run(
        [*apt_get, "install", "-y", "--no-install-recommends", *packages],
        "apt-install.log",
        what=f"Installing {', '.join(packages)}",
        fetches=True,
    )


def _as_root(packages):
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        raise StackError(
            "system packages are missing and there is no sudo here. Ask an "
            f"administrator to run: apt-get install {' '.join(packages)}"
        )
    # Without a terminal sudo could only hang on its question.
    return ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]


class PrivateApt:
    """An apt of our own, with its own suites, lists and cache under build/apt."""

    def __init__(self, suites):
        """Prepare the configuration for Debian's `suites`, as in `unstable`."""
        self.folder = paths.BUILD / "apt"
        for part in ("state/lists/partial", "cache/archives/partial"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").touch()
        (self.folder / "sources.list").write_text(
            "".join(SOURCE.format(mirror=MIRROR, suite=suite) for suite in suites)
        )
        self.configuration = self.folder / "apt.conf"
        self.configuration.write_text(CONFIGURATION.format(folder=self.folder))
        self.has_lists = False

    def read_lists(self):
        """Read what the suites have, once.

        :raises StackError: no network
        """
        if not self.has_lists:
            self._run(
                "update",
                log="apt-private-update.log",
                what="Reading Debian's package lists",
            )
            self.has_lists = True

    def download(self, package, version, folder):
        """Fetch one .deb into `folder`.

        :raises StackError: the suites do not have this version, or no network
        """
        self._run(
            "download",
            f"{package}={version}",
            log=f"apt-download-{package}.log",
            what=f"Fetching {package} {version}",
            cwd=folder,
        )

    def remove(self):
        """Delete the lists: some 100 MB that are not needed again."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, *arguments, log, what, cwd=None):
        command = ["apt-get", "-q", "-c", self.configuration, *arguments]
        run(command, log, what=what, fetches=True, cwd=cwd)
