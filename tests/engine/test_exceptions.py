"""Which exceptions hold, by cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine import exceptions, policy_reading
from engine.documents import load
from engine.policies import PolicyException
from tests.engine.test_match import subject

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "exceptions" / "lookup.yaml").read_text())


def _exception(raw: dict[str, Any]) -> PolicyException:
    spec = {key: value for key, value in raw.items() if key != "name"}
    head = {"apiVersion": "kyverno.io/v2", "kind": "PolicyException", "metadata": {"name": raw["name"]}}
    read = policy_reading.read(load(json.dumps({**head, "spec": spec}), "e.json").documents)
    assert not read.problems
    return read.exceptions[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_lookup(case: dict[str, Any]) -> None:
    lookup = exceptions.compile([_exception(raw) for raw in case["exceptions"]])
    for asked in case["asked"]:
        found = lookup.of(asked["policy"], asked["rule"])
        held = [item.exception.name for item in found if item.matches(subject(asked["request"]))]
        assert held == asked["hold"], asked


def test_conditions_are_handed_on_as_written() -> None:
    conditions = {"any": [{"key": "{{ request.operation }}", "operator": "Equals", "value": "CREATE"}]}
    raw = {
        "name": "a",
        "exceptions": [{"policyName": "p", "ruleNames": ["r"]}],
        "match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
        "conditions": conditions,
    }
    assert exceptions.compile([_exception(raw)]).of("p", "r")[0].conditions == conditions
