"""Bounds on the work of a rule: whatever is too much ends that rule by an error that names the limit, and only it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine import admission, cluster, documents, policy_reading, resources, validation
from engine.jmespath import evaluation
from engine.judge import Judge
from engine.model import Result, RuleResponse
from engine.resources import Resource
from tests.engine.contexts import RUNTIME

LIMIT = "the expressions of a rule visit more than 1000 elements"
NUMBERS = "request.object.spec.numbers"
EQUAL = {"operator": "Equals", "value": "a"}
LABEL = {"patchStrategicMerge": {"metadata": {"labels": {"a": "b"}}}}
RULES: dict[str, dict[str, Any]] = {
    "pattern": {"validate": {"pattern": {"metadata": {"name": "?*"}}}},
    "deny": {"validate": {"deny": {"conditions": {"any": [{"key": "a", "operator": "Equals", "value": "b"}]}}}},
    "podSecurity": {"validate": {"podSecurity": {"level": "baseline"}}},
    "mutate": {"mutate": LABEL},
    "targets": {
        "mutate": {"targets": [{"apiVersion": "v1", "kind": "Secret", "name": "s", "namespace": "a"}], **LABEL}
    },
    "generate": {
        "generate": {"apiVersion": "v1", "kind": "ConfigMap", "name": "c", "namespace": "a", "data": {"data": {}}}
    },
    "images": {
        "verifyImages": [{"imageReferences": ["*"], "verifyDigest": True, "required": True, "mutateDigest": False}]
    },
}
WORK = f"length({NUMBERS})"
"""An expression that looks at each of the numbers."""


@pytest.fixture(autouse=True)
def _tight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "MAX_STEPS", 1000)
    return


def _resource(name: str, numbers: int, kind: str = "Pod") -> Resource:
    spec = {"containers": [{"name": "c", "image": "i"}], "numbers": list(range(numbers))}
    value = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "a"}, "spec": spec}
    return resources.read(documents.load(json.dumps(value), "r.yaml").documents)[0][0]


def _judge(*rules: dict[str, Any]) -> Judge:
    every = [
        {"name": f"r{n}", "match": {"any": [{"resources": {"kinds": ["Pod"]}}]}, **rule} for n, rule in enumerate(rules)
    ]
    head = {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy"}
    written = [
        {**head, "metadata": {"name": rule["name"]}, "spec": {"background": False, "rules": [rule]}} for rule in every
    ]
    read = policy_reading.read([documents.load(json.dumps(value), "p.yaml").documents[0] for value in written])
    assert not [problem for policy in read.policies for problem in validation.validate(policy)]
    return Judge(read.policies, cluster.from_resources([_resource("s", 0, "Secret")], RUNTIME))


def _answers(judge: Judge, resource: Resource) -> dict[str, list[RuleResponse]]:
    found: dict[str, list[RuleResponse]] = {}
    for answer in admission.admit(judge, None, resource).answers:
        found.setdefault(answer.response.rule, []).append(answer.response)
    return found


def _ends(judge: Judge, resource: Resource, limit: str, results: set[Result]) -> None:
    """The first rule errs by the limit, the second is answered."""
    answers = _answers(judge, resource)
    assert {response.result for response in answers["r1"]} <= results
    assert {response.result for response in answers["r0"]} == {Result.ERROR}
    assert all(limit in response.message for response in answers["r0"])


@pytest.mark.parametrize("kind", RULES)
def test_of_the_match_block(kind: str) -> None:
    names = {"any": [{"resources": {"kinds": ["Pod"], "names": ["*" + "a?*" * 100]}}]}
    judge = _judge({**RULES[kind], "match": names}, RULES["pattern"])
    _ends(judge, _resource("b" * 1_000_000, 0), "more than 200000000 steps", {Result.PASS})


@pytest.mark.parametrize("kind", RULES)
def test_of_preconditions(kind: str) -> None:
    work = {"all": [{"key": f"{{{{ {WORK} }}}}", "operator": "GreaterThan", "value": 1}]}
    judge = _judge({**RULES[kind], "preconditions": work}, RULES["pattern"])
    _ends(judge, _resource("x", 2000), LIMIT, {Result.PASS})


@pytest.mark.parametrize("kind", RULES)
def test_of_all_expressions_together(kind: str) -> None:
    """Eleven that visit a hundred elements each are too many; four are not, of which a mutation asks twice."""
    many = {"all": [{"key": f"{{{{ {WORK} }}}}", "operator": "NotEquals", "value": n} for n in range(1, 12)]}
    judge = _judge({**RULES[kind], "preconditions": many}, RULES["pattern"])
    _ends(judge, _resource("x", 100), LIMIT, {Result.PASS})
    few = {"all": many["all"][:4]}
    answers = _answers(
        _judge({**RULES[kind], "preconditions": few}, {**RULES["deny"], "preconditions": few}), _resource("x", 100)
    )
    assert not [one for found in answers.values() for one in found if LIMIT in one.message]


@pytest.mark.parametrize("kind", ["validate", "mutate", "generate"])
def test_of_the_loops_of_a_rule(kind: str) -> None:
    key = {"all": [{"key": f"{{{{ {WORK} }}}}", "operator": "GreaterThan", "value": 1}]}
    never = {"all": [{"key": f"{{{{ {WORK} }}}}", "operator": "LessThan", "value": 1}]}
    loop: dict[str, Any] = {"list": NUMBERS, "preconditions": key}
    bodies = {
        "validate": {"validate": {"foreach": [{**loop, "deny": {"conditions": never}}]}},
        "mutate": {"mutate": {"foreach": [{**loop, **LABEL}]}},
        "generate": {"generate": {"foreach": [{**loop, **RULES["generate"]["generate"]}]}},
    }
    judge = _judge(bodies[kind], RULES["pattern"])
    _ends(judge, _resource("x", 50), LIMIT, {Result.PASS})


def test_what_nobody_reads_is_an_error_too() -> None:
    """A message that cannot be made is left out, an exception whose condition errs does not hold; the limit counts."""
    body = {"validate": {"message": f"{{{{ {WORK} }}}}", "deny": {}}}
    _ends(_judge(body, RULES["pattern"]), _resource("x", 2000), LIMIT, {Result.PASS})


def test_each_rule_and_each_resource_has_a_budget_of_its_own() -> None:
    rule = {
        **RULES["pattern"],
        "preconditions": {"all": [{"key": f"{{{{ {WORK} }}}}", "operator": "GreaterThan", "value": 1}]},
    }
    judge = _judge(*[rule] * 5)
    for name in ("x", "y", "z"):
        answers = _answers(judge, _resource(name, 900))
        assert [response.result for found in answers.values() for response in found] == [Result.PASS] * 5


def test_an_update_is_held_against_one_budget() -> None:
    """The old object is asked as well where existing violations are allowed."""
    body = {
        "validate": {
            "failureAction": "Enforce",
            "message": "m",
            "deny": {"conditions": {"any": [{"key": f"{{{{ {WORK} }}}}", "operator": "GreaterThan", "value": 1}]}},
        }
    }
    found = admission.admit(_judge(body), _resource("x", 600), _resource("x", 601))
    [answer] = found.blocked
    assert answer.response.result is Result.ERROR
    assert LIMIT in answer.response.message
