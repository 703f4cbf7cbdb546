# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The row of setup's steps: what is done once, and what is done again."""

import pytest

from . import paths
from .errors import StackError
from .steps import Step, key_of, run_steps


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Return what is told, as one text in a list; stamps go to a folder of ours."""
    monkeypatch.setattr(paths, "STAMPS", tmp_path / "stamps")
    return []


@pytest.fixture
def run(told):
    """Return a function that runs steps and returns what they told."""

    def run(*steps):
        told.clear()
        run_steps(steps, lambda text="", end="\n": told.append(text + end))
        return "".join(told)

    return run


def test_a_step_is_done_once(run):
    done = []
    step = Step("one", "One", lambda: done.append(1))
    assert run(step) == "[1/1] One … done (0 s)\n"
    assert run(step) == ""
    assert done == [1]


def test_a_step_is_done_again_when_its_key_changes(run):
    done, version = [], ["1.0"]
    step = Step("one", "One", lambda: done.append(version[0]), key=lambda: version[0])
    run(step)
    version[0] = "1.1"
    run(step)
    assert done == ["1.0", "1.1"]


def test_a_step_is_done_again_when_its_outcome_is_gone(run, tmp_path):
    outcome = tmp_path / "outcome"
    step = Step("one", "One", outcome.touch, holds=outcome.exists)
    run(step)
    outcome.unlink()
    run(step)
    assert outcome.exists()


def test_a_failed_run_goes_on_at_the_step_that_failed(run, told):
    done, network = [], []

    def fetch():
        if not network:
            raise StackError("no network.")
        done.append("fetch")

    steps = (
        Step("before", "Before", lambda: done.append("before")),
        Step("fetch", "Fetch", fetch),
        Step("after", "After", lambda: done.append("after")),
    )
    with pytest.raises(StackError, match=r"^Fetch: no network\.$"):
        run(*steps)
    assert "".join(told).endswith("[2/3] Fetch … failed\n")
    network.append("there again")
    assert "[1/3] Before … already there\n" in run(*steps)
    assert done == ["before", "fetch", "after"]


def test_a_full_disk_is_told_without_a_traceback(run):
    def write():
        raise OSError(28, "No space left on device", "build/odoo/file")

    with pytest.raises(StackError, match=r"No space left on device \(build/odoo/file"):
        run(Step("write", "Write", write))


def test_a_key_changes_with_each_of_its_inputs():
    keys = {key_of("a", "b"), key_of("ab"), key_of("a", "c"), key_of("a", ["b"])}
    assert len(keys) == 4
