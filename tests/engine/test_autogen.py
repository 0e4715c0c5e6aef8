"""Rules for pod controllers, by cases, and against replacement in JSON text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine import autogen
from engine.documents import load
from engine.policies import Policy, Rule

CASES = Path(__file__).parents[1] / "cases" / "autogen"
DOCUMENT = load("a: b", "a.yaml").documents[0]
POD = {"any": [{"resources": {"kinds": ["Pod"]}}]}


def _cases(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load((CASES / f"{name}.yaml").read_text()))


def _policy(rules: list[dict[str, Any]], annotation: str | None = None) -> Policy:
    return Policy(
        kind="ClusterPolicy",
        api_version="kyverno.io/v1",
        name="p",
        namespace="",
        annotations={} if annotation is None else {autogen.ANNOTATION: annotation},
        labels={},
        spec={"rules": rules},
        rules=tuple(Rule(raw["name"], raw, index) for index, raw in enumerate(rules)),
        document=DOCUMENT,
    )


def _kinds(rule: Rule) -> list[str]:
    match = rule.raw["match"]
    filters = match.get("any") or match.get("all") or [match]
    return [kind for item in filters for kind in item["resources"]["kinds"]]


@pytest.mark.parametrize("case", _cases("names"), ids=lambda case: case["name"])
def test_names_and_kinds(case: dict[str, Any]) -> None:
    rules = autogen.expand(_policy(case["rules"], case.get("annotation")), case.get("kind"))
    assert [[rule.name, _kinds(rule)] for rule in rules] == case["expect"]
    assert [rule.raw["name"] for rule in rules] == [rule.name for rule in rules]


@pytest.mark.parametrize("case", _cases("bodies"), ids=lambda case: case["name"])
def test_bodies(case: dict[str, Any]) -> None:
    before = json.dumps(case["action"])
    policy = _policy([{"name": "r", "match": POD, **case["action"]}])
    for kind, name in (("Deployment", "template"), ("CronJob", "job")):
        if name in case:
            made = autogen.expand(policy, kind)[1].raw
            assert {key: made[key] for key in made if key in ("validate", "mutate")} == case[name]
    assert json.dumps(case["action"]) == before


def test_what_else_a_rule_has_is_kept() -> None:
    rest = {
        "context": [{"name": "a", "variable": {"jmesPath": "request.object.metadata.name"}}],
        "preconditions": {"all": []},
        "celPreconditions": [],
        "reportProperties": {"a": "b"},
        "skipBackgroundRequests": True,
    }
    rule = {"name": "r", "match": POD, "imageExtractors": {}, "validate": {"pattern": {}}, **rest}
    made = autogen.expand(_policy([rule]), "Deployment")[1]
    assert "imageExtractors" not in made.raw
    assert made.raw["context"][0]["variable"] == {"jmesPath": "request.object.spec.template.metadata.name"}
    assert {key: made.raw[key] for key in rest if key != "context"} == {k: v for k, v in rest.items() if k != "context"}
    assert made.index == 0


WORDS = st.lists(
    st.sampled_from(["request.", "object", "oldObject", ".spec", ".metadata", '"', "\\", "\n", "é", " ", "{{", "}}"]),
    max_size=8,
).map("".join)
VALUES = st.recursive(WORDS | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner))


@given(VALUES, st.sampled_from(["Deployment", "CronJob"]))
def test_the_result_is_that_of_replacing_in_the_json_text(value: Any, kind: str) -> None:
    rule = {"name": "r", "match": POD, "validate": {"deny": {"conditions": value}}}
    made = autogen.expand(_policy([rule]), kind)[1]
    deeper = "spec.template." if kind == "Deployment" else "spec.jobTemplate.spec.template."
    text = json.dumps(value, ensure_ascii=False)
    for part in ("spec", "metadata"):
        for holder in ("request.object.", "request.oldObject."):
            text = text.replace(holder + part, holder + deeper + part)
    assert made.raw["validate"]["deny"]["conditions"] == json.loads(text)
