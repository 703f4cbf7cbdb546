# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Every scenario file, through the engine alone."""

import json
from pathlib import Path

import pytest
from scenario_runner import differences, run_scenario

FILES = sorted((Path(__file__).parents[1] / "scenarios").glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path):
    scenario = json.loads(path.read_text())
    outcomes = run_scenario(scenario)
    stated = [period.get("expect", {}) for period in scenario["periods"]]
    assert any(stated), "a scenario that expects nothing shows nothing"
    assert [
        differences(outcome, expect)
        for outcome, expect in zip(outcomes, stated, strict=True)
    ] == [[] for _ in stated]
