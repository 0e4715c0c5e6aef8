"""What policy validation refuses, by cases; and that it refuses nothing that the reference accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine import policy_reading, validation
from engine.documents import load
from engine.kinds import is_namespaced
from engine.model import Problem
from engine.policies import Policy
from tests.engine.test_policies import policy

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "validation" / "rules.yaml").read_text())
LIBRARY = Path(__file__).parents[2] / "../shared/reference/library"
RECORDED = Path(__file__).parents[2] / "../shared/reference/recorded"
POD = {"any": [{"resources": {"kinds": ["Pod"]}}]}


def _policy(case: dict[str, Any]) -> Policy:
    rule = {"name": "r", "match": POD, **case["rule"]}
    return policy({**case.get("spec", {}), "rules": [rule]})


def _refused(found: Policy) -> str:
    problems = validation.validate(found)
    return problems[0].message if problems else ""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_rules(case: dict[str, Any]) -> None:
    message = _refused(_policy(case))
    assert message.startswith(case["message"]) if case["message"] else message == ""


@pytest.mark.parametrize("case", [case for case in CASES if "at" in case], ids=lambda case: case["name"])
def test_the_place(case: dict[str, Any]) -> None:
    rule = {"name": "r", "match": POD, **case["rule"]}
    head = {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p"}}
    text = yaml.safe_dump({**head, "spec": {**case.get("spec", {}), "rules": [rule]}}, default_flow_style=False)
    [found] = policy_reading.read(load(text, "p.yaml").documents).policies
    problem = validation.validate(found)[0]
    place = found.document.position(("spec", "rules", 0, *case["at"]))
    assert (problem.file, problem.line, problem.column) == ("p.yaml", place.line, place.column)


@pytest.mark.parametrize(
    ("kind", "namespace", "in_a_cluster", "offline"),
    [
        ("ConfigMap", "", "must be set", "must be set"),
        ("ConfigMap", "shop", "", ""),
        ("Namespace", "", "", "must be set"),
        ("Namespace", "shop", "must not be set", ""),
    ],
)
def test_only_a_cluster_knows_which_kinds_live_in_a_namespace(
    kind: str, namespace: str, in_a_cluster: str, offline: str
) -> None:
    target = {"apiVersion": "v1", "kind": kind, "name": "n", "namespace": namespace, "data": {}}
    found = policy({"rules": [{"name": "r", "match": POD, "generate": target}]})
    for namespaced, told in ((is_namespaced, in_a_cluster), (None, offline)):
        messages = [problem.message for problem in validation.validate(found, namespaced=namespaced)]
        assert [f"target namespace {told} for a" in message for message in messages] == [True] * bool(told)


def test_a_cluster_policy_has_no_namespace() -> None:
    rules = [{"name": "r", "match": POD, "validate": {"deny": {}}}]
    message = "A clusterpolicy should not have the namespace defined"
    assert _refused(policy({"rules": rules}, namespace="a")) == message


def test_a_namespaced_policy() -> None:
    def refused(rule: dict[str, Any]) -> str:
        head = {"apiVersion": "kyverno.io/v1", "kind": "Policy", "metadata": {"name": "p", "namespace": "team"}}
        text = json.dumps({**head, "spec": {"rules": [{"name": "r", "match": POD, **rule}]}})
        return _refused(policy_reading.read(load(text, "p.json").documents).policies[0])

    assert refused({"validate": {"deny": {}}}) == ""
    filtered = {"any": [{"resources": {"kinds": ["Pod"], "namespaces": ["a"]}}]}
    text = "spec.rules[0].match.any[0].namespaces: Forbidden: Filtering namespaces not allowed in namespaced policies"
    assert refused({"match": filtered, "validate": {"deny": {}}}) == text
    generate = {"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "namespace": "b", "data": {}}
    assert "a namespaced policy cannot generate resources in other namespaces" in refused({"generate": generate})


def test_names() -> None:
    rule = {"name": "r", "match": POD, "validate": {"deny": {}}}
    assert _refused(policy({"rules": [rule, rule]})) == "spec.rules[1].name: Invalid value: Duplicate rule name: 'r'"
    assert _refused(policy({"rules": [rule]}, name="a" * 64)) == "name: Too long: may not be more than 63 bytes"
    annotations = {"pod-policies.kyverno.io/autogen-controllers": "all"}
    assert _refused(policy({"rules": [rule]}, annotations=annotations)).startswith("metadata.annotations: Forbidden: ")


def test_all_that_is_wrong_with_the_shape_is_said_at_once() -> None:
    rules = [
        {"name": "a", "match": POD},
        {"name": "a", "match": {}, "validate": {"deny": {}}, "mutate": {"patchesJson6902": ""}},
    ]
    codes = [problem.code for problem in validation.validate(policy({"rules": rules, "webhookTimeoutSeconds": 0}))]
    assert codes == ["invalid-policy"] * 3


def _exception(spec: dict[str, Any]) -> tuple[Problem, ...]:
    head = {"apiVersion": "kyverno.io/v2", "kind": "PolicyException", "metadata": {"name": "e"}}
    read = policy_reading.read(load(json.dumps({**head, "spec": spec}), "e.json").documents)
    return validation.validate_exception(read.exceptions[0])


def test_exceptions() -> None:
    named = [{"policyName": "p", "ruleNames": ["r"]}]
    assert _exception({"match": POD, "exceptions": named}) == ()
    users = {"any": [{"resources": {"kinds": ["Pod"]}, "subjects": [{"kind": "User", "name": "a"}]}]}
    [problem] = _exception({"match": users, "exceptions": named})
    assert problem.message == "spec.match.any[0].subjects: Forbidden: Usage of user info is forbidden"
    assert _exception({"match": users, "exceptions": named, "background": False}) == ()
    [problem] = _exception({"match": POD, "exceptions": [{"policyName": "", "ruleNames": []}]})
    assert problem.message == "spec.exceptions[0].policyName: Required value: An exception requires a policy name"
    [problem] = _exception({"match": POD, "exceptions": named, "podSecurity": [{"controlName": "Host Ports"}]})
    assert problem.message.endswith("exclude.images must be specified for the container level control")


@pytest.mark.skipif(not RECORDED.exists(), reason="the reference's recorded answers are not beside the checkout")
def test_what_the_reference_accepts_is_accepted() -> None:
    """A policy with rows in a recorded answer was read and valid there."""
    checked = 0
    for path in sorted(RECORDED.glob("*.json")):
        case = json.loads(path.read_text())
        answered = {row["policy"] for row in case["results"] or () if row["source"] == "kyverno"}
        for name in case["policies"]:
            file = LIBRARY / name
            read = policy_reading.read(load(file.read_bytes(), name).documents) if answered and file.exists() else None
            if read is None:
                continue
            assert read.problems == ()
            for found in read.policies:
                checked += found.name in answered
                assert found.name not in answered or validation.validate(found) == ()
    assert checked > 100


def test_hostile_policies_are_judged_in_little_time() -> None:
    many = 20_000
    rule = {"name": "r", "match": POD, "validate": {"deny": {}, "message": "{{ request.a" * many + " }}" * many}}
    assert "nest too deeply" in _refused(policy({"rules": [rule]}))
    rule["validate"] = {"deny": {}, "message": "{{ request.object.a }}" * many}
    assert _refused(policy({"rules": [rule]})) == ""
    overrides = [
        {"action": action, "namespaces": [f"{action}-{i}-*" for i in range(many)]} for action in ("Audit", "Enforce")
    ]
    assert "more than 1000" in _refused(policy({"rules": [rule], "validationFailureActionOverrides": overrides}))
    filters = {"any": [{"resources": {"kinds": ["Pod"], "names": [f"n{i}"]}} for i in range(5_000)]}
    exclude = {"any": [{"resources": {"kinds": ["Pod"], "names": [f"m{i}"]}} for i in range(5_000)]}
    rule = {"name": "r", "match": filters, "exclude": exclude, "validate": {"deny": {}}}
    assert _refused(policy({"rules": [rule]})) == ""
