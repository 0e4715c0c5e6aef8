"""Reading policies: shapes, by cases; what is not evaluated; numbers, defaults and actions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine import policy_reading, schema
from engine.documents import load
from engine.model import Action
from engine.policies import Policy, PolicySet, Rule

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "policies" / "shapes.yaml").read_text())
MATCH = {"any": [{"resources": {"kinds": ["Pod"]}}]}


def read(text: str) -> PolicySet:
    return policy_reading.read(load(text, "p.yaml").documents)


def policy(spec: dict[str, Any], **metadata: Any) -> Policy:
    head = {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p", **metadata}}
    found = read(json.dumps({**head, "spec": spec}))
    assert not found.problems
    return found.policies[0]


def _rule(**action: Any) -> Rule:
    return policy({"rules": [{"name": "r", "match": MATCH, **action}]}).rules[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_shapes(case: dict[str, Any]) -> None:
    found = read(case["text"]).problems
    assert [(item.code, item.line, item.file) for item in found] == [
        (wanted["code"], wanted["line"], "p.yaml") for wanted in case["problems"]
    ]
    for item, wanted in zip(found, case["problems"], strict=True):
        assert wanted["message"] in item.message
        assert wanted.get("advice", "") in item.advice


def test_what_is_not_evaluated_is_listed() -> None:
    found = read(
        """
apiVersion: admissionregistration.k8s.io/v2
kind: ValidatingAdmissionPolicyBinding
metadata: {name: b}
---
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: c}
spec: {evaluation: {mode: Envoy}}
---
apiVersion: kyverno.io/v3
kind: ClusterPolicy
metadata: {name: d}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: e}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: f}
---
- a list
"""
    )
    assert not found.policies
    assert not found.problems
    assert not found.cel
    assert [(item.code, item.line) for item in found.unsupported] == [
        ("not-evaluated-background", 3),
        ("not-evaluated-background", 7),
        ("not-evaluated", 12),
    ]
    assert found.unsupported[1].message.endswith("it judges the requests of a proxy")
    assert "v2beta1" in found.unsupported[2].message


def test_policies_in_cel_are_read_by_themselves() -> None:
    found = read(
        """
apiVersion: policies.kyverno.io/v1beta1
kind: NamespacedValidatingPolicy
metadata: {name: v, namespace: team}
spec: {validationActions: [Audit], evaluation: {background: {enabled: false}}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: b}
spec: {policyName: p, validationActions: [Deny]}
---
apiVersion: policies.kyverno.io/v1
kind: PolicyException
metadata: {name: e, namespace: team}
spec: {policyRefs: [{kind: NamespacedValidatingPolicy, name: v}]}
"""
    )
    assert not found.problems
    assert not found.unsupported
    [policy], [binding], [exception] = found.cel.policies, found.cel.bindings, found.cel.exceptions
    assert (policy.key, policy.family, policy.is_namespaced) == ("team/v", "ValidatingPolicy", True)
    assert (policy.default_action, policy.background, policy.process) == (Action.AUDIT, False, "admission review")
    assert (binding.policy, binding.action) == (("ValidatingAdmissionPolicy", "p"), Action.ENFORCE)
    assert exception.names(policy)
    assert exception.spec["reportResult"] == "skip"


def test_a_policy_says_what_it_is() -> None:
    text = """
apiVersion: kyverno.io/v1
kind: Policy
metadata: {name: p, namespace: team, annotations: {a: b}, labels: {c: d}}
spec:
  background: false
  applyRules: One
  rules:
    - {name: r, match: {any: [{resources: {kinds: [Pod]}}]}, validate: {deny: {}}}
"""
    [found] = read(text).policies
    assert (found.key, found.kind, found.is_namespaced, found.background, found.apply_one) == (
        "team/p",
        "Policy",
        True,
        False,
        True,
    )
    assert (dict(found.annotations), dict(found.labels)) == ({"a": "b"}, {"c": "d"})
    assert [(rule.name, rule.index) for rule in found.rules] == [("r", 0)]


def test_numbers_are_as_upstream_decodes_them() -> None:
    validate = {"pattern": {"a": [1, 1.0, 1.5, 1e30, True]}, "foreach": [{"anyPattern": [{"a": 1}], "pattern": 2.0}]}
    raw = _rule(validate={**validate, "anyPattern": [{"a": [1, True]}]}).raw["validate"]
    values = raw["pattern"]["a"]
    assert [type(value) for value in values] == [int, int, float, float, bool]
    assert type(raw["anyPattern"][0]["a"][0]) is float
    assert type(raw["foreach"][0]["anyPattern"][0]["a"]) is float
    assert type(raw["foreach"][0]["pattern"]) is int


def test_defaults_are_filled_in() -> None:
    found = policy({"rules": [{"name": "r", "match": MATCH, "verifyImages": [{}]}]})
    assert found.spec["validationFailureAction"] == "Audit"
    assert found.background
    assert found.rules[0].raw["verifyImages"][0]["mutateDigest"] is True


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ({"validate": {"pattern": {}}}, "pattern"),
        ({"validate": {"anyPattern": []}}, "anyPattern"),
        ({"validate": {"deny": {}, "pattern": {}}}, "deny"),
        ({"validate": {"foreach": [{"list": "a"}]}}, "foreach"),
        ({"validate": {"podSecurity": {"level": "baseline"}}}, "podSecurity"),
        ({"validate": {"cel": {"expressions": [{"expression": "true"}]}}}, "cel"),
        ({"validate": {"manifests": {"attestors": [{}]}}}, "manifests"),
        ({"validate": {"assert": {"a": 1}}}, "assert"),
        ({"validate": {"message": "m"}}, "none"),
        ({}, "none"),
    ],
)
def test_how_a_rule_validates(action: dict[str, Any], kind: str) -> None:
    assert _rule(**action).validate_kind == kind


def test_what_a_rule_does() -> None:
    def does(**action: Any) -> tuple[bool, bool, bool, bool]:
        rule = _rule(**action)
        return rule.has_validate, rule.has_mutate, rule.has_generate, rule.has_verify_images

    assert does(validate={"deny": {}}) == (True, False, False, False)
    assert does(mutate={"patchesJson6902": "[]"}) == (False, True, False, False)
    assert does(generate={"kind": "ConfigMap"}) == (False, False, True, False)
    assert does(verifyImages=[{}]) == (False, False, False, True)
    assert does(mutate={}, generate={}, verifyImages=[]) == (False, False, False, False)


OVERRIDES = [
    {"namespaces": ["a"]},
    {"action": "enforce", "namespaces": ["prod-*"]},
    {"action": "Audit", "namespaces": ["x"], "namespaceSelector": {"matchLabels": {"env": "dev"}}},
    {"action": "Enforce", "namespaceSelector": {"matchLabels": {"env": "live"}}},
]


@pytest.mark.parametrize(
    ("spec", "validate", "namespace", "labels", "action"),
    [
        ({}, {}, "a", {}, "Audit"),
        ({"validationFailureAction": "enforce"}, {}, "a", {}, "Enforce"),
        ({"validationFailureAction": "Enforce"}, {"failureAction": "Audit"}, "a", {}, "Audit"),
        ({"validationFailureActionOverrides": OVERRIDES}, {}, "prod-1", {}, "Enforce"),
        ({"validationFailureActionOverrides": OVERRIDES}, {}, "a", {}, "Audit"),
        ({"validationFailureActionOverrides": OVERRIDES}, {}, "a", {"env": "live"}, "Enforce"),
        ({"validationFailureActionOverrides": OVERRIDES}, {"failureAction": "Audit"}, "prod-1", {}, "Audit"),
        ({}, {"failureAction": "Audit", "failureActionOverrides": OVERRIDES}, "prod-1", {}, "Enforce"),
        ({}, {"failureAction": "Audit", "failureActionOverrides": OVERRIDES}, None, {}, "Audit"),
        ({"validationFailureAction": "Enforce"}, {"failureActionOverrides": OVERRIDES}, "x", {"env": "dev"}, "Audit"),
        ({}, {"failureActionOverrides": [{"action": "Enforce"}]}, "any", {}, "Enforce"),
        ({}, {"failureActionOverrides": [{"action": "Enforce", "namespaces": []}]}, "any", {}, "Audit"),
    ],
)
def test_the_action(spec: Any, validate: Any, namespace: str | None, labels: dict[str, str], action: str) -> None:
    found = policy({**spec, "rules": [{"name": "r", "match": MATCH, "validate": {"deny": {}, **validate}}]})
    assert found.action(found.rules[0], namespace, labels) is Action(action)


def test_the_action_of_images_is_the_strictest() -> None:
    images = [{"failureAction": "Audit"}, {"failureAction": "Enforce"}, {}]
    found = policy({"rules": [{"name": "r", "match": MATCH, "verifyImages": images}]})
    assert found.action(found.rules[0], "a", {}) is Action.ENFORCE


KEYS = st.sampled_from(
    ["spec", "rules", "name", "match", "any", "all", "resources", "kinds", "validate", "foreach", "Any", "x"]
)
LEAVES = st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text("a1 {é", max_size=5)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=20
)


@given(JSON)
def test_no_value_breaks_the_reading(value: Any) -> None:
    head = {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p"}}
    document = load(json.dumps({**head, "spec": value}, ensure_ascii=False), "p.json").documents[0]
    found = policy_reading.read([document])
    assert len(found.policies) + (1 if found.problems else 0) == 1


def test_a_path_is_written_as_kubernetes_writes_it() -> None:
    assert schema.written(("spec", "rules", 0, "name")) == "spec.rules[0].name"
