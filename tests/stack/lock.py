# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""One `make` at a time where two would get in each other's way."""

import contextlib
import fcntl
import os

from . import paths
from .say import say


@contextlib.contextmanager
def lock(name, doing):
    """Hold the clone's lock `name`; wait for whoever has it, and say so.

    The kernel lets go of the lock when the process ends, however it ends.

    :param name: `setup` (the build folder, the templates) or a database's name
    :param doing: what the holder does, told to those who wait
    """
    paths.BUILD.mkdir(exist_ok=True)
    with (paths.BUILD / f"{name}.lock").open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            holder = stream.read().strip() or "another command"
            say(f"Waiting for {holder} in this clone to finish …")
            fcntl.flock(stream, fcntl.LOCK_EX)
        stream.truncate(0)
        stream.write(f"`{doing}` (process {os.getpid()})")
        stream.flush()
        yield
