"""Match conditions of classic policies: the cases of tests/cases/match/conditions.yaml, and what surrounds them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from msgspec.structs import replace

from engine import admission, cluster, documents, policy_reading, resources, validation
from engine.cluster import Cluster
from engine.judge import Judge
from engine.match import UserInfo
from engine.model import Operation
from engine.policies import Policy
from engine.request import Request
from engine.resources import Resource
from tests.engine.contexts import RUNTIME, cases

MATCH = {"any": [{"resources": {"kinds": ["Pod"]}}]}
DENY = {"name": "r", "match": MATCH, "validate": {"message": "no", "deny": {}}}
NEVER = {"matchConditions": [{"name": "never", "expression": "false"}]}
ERRS = {"matchConditions": [{"name": "errs", "expression": "object.spec.nope == 1"}]}


def _policy(spec: dict[str, Any], *rules: dict[str, Any], kind: str = "ClusterPolicy") -> Policy:
    value = {"apiVersion": "kyverno.io/v1", "kind": kind, "metadata": {"name": "p"}, "spec": {**spec, "rules": rules}}
    [found] = policy_reading.read(documents.load(json.dumps(value), "p.yaml").documents).policies
    return found


def _pod(described: list[Any] | None) -> Resource | None:
    if described is None:
        return None
    name, spec = described
    value = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop"}, "spec": spec}
    return resources.read(documents.load(json.dumps(value), "r.yaml").documents)[0][0]


def _user(case: dict[str, Any]) -> UserInfo | None:
    if "user" not in case:
        return None
    return UserInfo(username=case["user"]["username"], groups=tuple(case["user"]["groups"]))


def _judge(policy: Policy) -> Judge:
    return Judge([policy], replace(cluster.from_resources([], RUNTIME), as_cluster=True))


@pytest.mark.parametrize("case", cases("match/conditions.yaml"))
def test_the_reference_s_commands(case: dict[str, Any]) -> None:
    policy = _policy(case["spec"], DENY)
    assert not validation.validate(policy)
    old, new = _pod(case.get("old")), _pod(case.get("new"))
    operation = Operation.DELETE if new is None else Operation.UPDATE if old else Operation.CREATE
    request = Request(operation, new=new, old=old, user=_user(case), namespace="shop")
    assert bool(Judge([policy], Cluster(runtime=RUNTIME)).validate(request)) is case["offline"]


@pytest.mark.parametrize("case", cases("match/conditions.yaml"))
def test_a_cluster(case: dict[str, Any]) -> None:
    found = admission.admit(
        _judge(_policy(case["spec"], DENY)), _pod(case.get("old")), _pod(case.get("new")), _user(case)
    )
    said = {
        "asked": [answer.response.message for answer in found.answers if answer.response.rule],
        "refused": [answer.response.message for answer in found.blocked if not answer.response.rule],
        "unknown": [problem.message for problem in found.unjudged],
    }
    told = [name for name, messages in said.items() if messages]
    assert told == ([] if case["admitted"] == "passed over" else [case["admitted"]])
    if "message" in case:
        prefix = 'not evaluated: ClusterPolicy "p": ' if case["admitted"] == "unknown" else ""
        assert said[case["admitted"]] == [prefix + case["message"]]


RULES = {
    "mutate": {"mutate": {"patchStrategicMerge": {"metadata": {"labels": {"a": "b"}}}}},
    "generate": {
        "generate": {"apiVersion": "v1", "kind": "ConfigMap", "name": "c", "namespace": "shop", "data": {"data": {}}}
    },
    "targets": {
        "mutate": {
            "targets": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "c", "namespace": "shop"}],
            "patchStrategicMerge": {"metadata": {"labels": {"a": "b"}}},
        }
    },
    "images": {"verifyImages": [{"imageReferences": ["*"], "required": True, "verifyDigest": True}]},
    "validate": {"validate": {"pattern": {"metadata": {"name": "?*"}}}},
}


@pytest.mark.parametrize("rule", RULES)
def test_every_kind_of_rule_stands_behind_them(rule: str) -> None:
    made = {"name": "r", "match": MATCH, **RULES[rule]}
    pod = _pod(["x", {"containers": [{"name": "c", "image": "i"}]}])
    open_ = admission.admit(_judge(_policy({}, made)), None, pod)
    assert open_.answers or open_.unjudged
    shut = admission.admit(_judge(_policy({"webhookConfiguration": NEVER}, made)), None, pod)
    assert (shut.answers, shut.unjudged) == ((), ())
    [answer] = admission.admit(_judge(_policy({"webhookConfiguration": ERRS}, made)), None, pod).blocked
    assert answer.response.message.startswith("match conditions could not be evaluated: ")


def test_a_webhook_is_called_for_its_operations_only() -> None:
    updates = {"any": [{"resources": {"kinds": ["Pod"], "operations": ["UPDATE"]}}]}
    policy = _policy({"webhookConfiguration": ERRS}, {**DENY, "match": updates})
    assert not admission.admit(_judge(policy), None, _pod(["x", {}])).blocked
    assert admission.admit(_judge(policy), _pod(["x", {}]), _pod(["x", {"a": "b"}])).blocked


def test_conditions_see_what_was_mutated_before() -> None:
    change = {"name": "m", "match": MATCH, "mutate": {"patchStrategicMerge": {"metadata": {"labels": {"a": "b"}}}}}
    labelled = {"matchConditions": [{"name": "a", "expression": "object.metadata.labels.a == 'b'"}]}
    judge = Judge(
        [_policy({}, change), _policy({"webhookConfiguration": labelled}, DENY)], _judge(_policy({}, DENY)).cluster
    )
    assert [answer.response.rule for answer in admission.admit(judge, None, _pod(["x", {}])).answers] == ["m", "r"]


def test_an_error_of_a_rule_denies_whatever_its_action() -> None:
    """A policy with conditions has a webhook of its own, which asks rules that audit as well."""
    key = "{{ request.object.spec.nope }}"
    deny = {"conditions": {"any": [{"key": key, "operator": "Equals", "value": "a"}]}}
    errs = {**DENY, "validate": {"message": "no", "deny": deny}}
    always = {"matchConditions": [{"name": "always", "expression": "true"}]}
    assert not admission.admit(_judge(_policy({}, errs)), None, _pod(["x", {}])).blocked
    assert admission.admit(_judge(_policy({"webhookConfiguration": always}, errs)), None, _pod(["x", {}])).blocked
    ignored = {"failurePolicy": "Ignore", **always}
    assert not admission.admit(_judge(_policy({"webhookConfiguration": ignored}, errs)), None, _pod(["x", {}])).blocked


def test_a_condition_that_does_not_compile_is_a_fault_at_its_place() -> None:
    conditions = [
        {"name": "a", "expression": "object.metadata.name"},
        {"name": "b", "expression": "true"},
        {"name": "c", "expression": "authorizer.group('').resource('pods').check('get').allowed()"},
    ]
    policy = _policy({"webhookConfiguration": {"matchConditions": conditions}}, DENY)
    first, second = validation.validate(policy)
    refused = (
        "match conditions compilation errors: [must evaluate to bool but got dyn compilation failed: "
        "ERROR: <input>:1:1: undeclared reference to 'authorizer' (in container '')\n"
        " | authorizer.group('').resource('pods').check('get').allowed()\n | ^]"
    )
    assert [first.message, second.message] == [refused, refused]
    path = ("spec", "webhookConfiguration", "matchConditions", 2, "expression")
    assert (second.line, second.column) == tuple(getattr(policy.document.position(path), n) for n in ("line", "column"))


def test_without_conditions_nothing_of_cel_is_imported() -> None:
    code = """
import json, sys
from tests.engine.test_match_conditions import DENY, _judge, _pod, _policy
from engine import admission, validation
policy = _policy({}, DENY)
assert not validation.validate(policy)
before = [name for name in sys.modules if name.startswith("engine.cel.") or name == "engine.match_conditions"]
assert admission.admit(_judge(policy), None, _pod(["x", {}])).answers
after = [name for name in sys.modules if name.startswith("engine.cel.") or name == "engine.match_conditions"]
sys.exit(str(after) if after else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
