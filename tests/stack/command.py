# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Run other programs: quietly into a log, with an error that tells what to do."""

import os
import re
import subprocess

from . import paths
from .errors import StackError

#: What programs print when something outside our reach went wrong, and the
#: advice that goes with it. First match wins.
ADVICE = (
    (r"No space left on device|Disk quota exceeded", "The disk is full: free some."),
    (r"Permission denied", "A file could not be written: is build/ yours?"),
)
#: The same for programs that fetch packages.
FETCH_ADVICE = (
    ADVICE[0],
    (
        r"Temporary failure (in name )?resol|Could not resolve|Name or service not"
        r"|getaddrinfo|Network is unreachable|ENOTFOUND|EAI_AGAIN",
        "A package registry's name was not found: check the network (and the proxy "
        "settings), then run the same command again; it goes on where it stopped.",
    ),
    (
        r"Connection refused|Connection timed out|timed out|Connection reset"
        r"|ETIMEDOUT|ECONNRE|Could not connect|503|502|Hash Sum mismatch",
        "A package registry did not answer properly: run the same command again in a "
        "while; it goes on where it stopped.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|certificate verify failed",
        "The registry's certificate was not trusted: install ca-certificates, or set "
        "SSL_CERT_FILE and PIP_CERT to your own authority's file.",
    ),
    (
        r"No matching distribution|Could not find a version",
        "A pinned package is not offered for this Python: use Python 3.10 to 3.13 "
        "(make PYTHON=python3.12 …).",
    ),
    (
        r"Could not get lock|dpkg frontend lock",
        "Another apt or dpkg is at work on this machine: wait for it to end, then run "
        "the same command again.",
    ),
    (
        r"a password is required|not in the sudoers",
        "sudo did not let you: run the command in a terminal, or as root.",
    ),
    ADVICE[1],
)


def advice_for(output, fetches=False):
    """Return what to do about a program's `output`, or an empty string.

    :param fetches: the program fetches packages
    """
    for pattern, advice in FETCH_ADVICE if fetches else ADVICE:
        if re.search(pattern, output, re.IGNORECASE):
            return advice
    return ""


def run(command, log, *, what, fetches=False, env=None, **options):
    """Run `command` with its output in the file `log` under build/log/.

    :param command: program and arguments
    :param log: name of the log file, written anew
    :param what: what the command does, for the error message
    :param fetches: the command fetches packages, so advise about registries
    :param env: variables added to the current ones
    :raises StackError: it failed; the message carries advice where we know some,
        and else the last lines that it printed
    """
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    log_file = paths.LOGS / log
    with log_file.open("wb") as stream:
        try:
            code = subprocess.run(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                check=False,
                **options,
            ).returncode
        except OSError as error:
            raise StackError(f"{what} did not start: {error}.") from error
    if code:
        output = log_file.read_text(errors="replace")
        last = "\n".join("    " + line for line in output.splitlines()[-8:])
        raise StackError(
            f"{what} failed. {advice_for(output[-20000:], fetches)}".rstrip()
            + f"\n{last}\n    (all of it: {log_file.relative_to(paths.ROOT)})"
        )


def output_of(command, *, what, fetches=False, **options):
    """Return what `command` prints on standard output, stripped.

    :raises StackError: it failed; the message carries what it said
    """
    try:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **options,
        )
    except OSError as error:
        raise StackError(f"{what} did not start: {error}.") from error
    if done.returncode:
        said = done.stderr.strip() or done.stdout.strip()
        raise StackError(f"{what} failed: {said} {advice_for(said, fetches)}".rstrip())
    return done.stdout.strip()
