# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Setup as a row of steps, each done once for the inputs it depends on."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from . import paths
from .errors import StackError
from .say import say


def key_of(*inputs):
    """Return a short key that changes whenever one of `inputs` does."""
    return hashlib.sha256(repr(inputs).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Step:
    """One piece of setup.

    :param name: names the stamp file
    :param title: what is printed
    :param run: does the work; raises StackError
    :param key: returns what the outcome depends on (see key_of)
    :param holds: tells cheaply whether an earlier outcome is still there
    """

    name: str
    title: str
    run: Callable[[], None]
    key: Callable[[], str] = lambda: ""
    holds: Callable[[], bool] = lambda: True

    @property
    def stamp(self):
        """The file that says this step is done, and for which key."""
        return paths.STAMPS / self.name

    def is_done(self):
        """Tell whether nothing has to be done."""
        return (
            self.stamp.is_file()
            and self.stamp.read_text() == self.key()
            and self.holds()
        )


def run_steps(steps, tell=say):
    """Run those of `steps` that are not done, in order, printing how far it is.

    A step that fails leaves no stamp: the next run starts with it again. Where
    nothing is to be done, nothing is printed.

    :raises StackError: with the failing step's title in front
    """
    if all(step.is_done() for step in steps):
        return
    paths.STAMPS.mkdir(parents=True, exist_ok=True)
    for number, step in enumerate(steps, start=1):
        tell(f"[{number}/{len(steps)}] {step.title} … ", end="")
        try:
            if step.is_done():
                tell("already there")
                continue
            step.stamp.unlink(missing_ok=True)
            started = time.monotonic()
            step.run()
            step.stamp.write_text(step.key())
        except StackError as error:
            tell("failed")
            raise StackError(f"{step.title}: {error}") from error
        except OSError as error:
            tell("failed")
            reason = error.strerror or error
            where = f" ({error.filename})" if error.filename else ""
            raise StackError(
                f"{step.title}: {reason}{where}. Put that right and run the same "
                "command again; it goes on where it stopped."
            ) from error
        tell(f"done ({time.monotonic() - started:.0f} s)")
