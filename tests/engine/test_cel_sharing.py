"""Policies in CEL share answers only where they cannot differ: one judge says what a judge for each request says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import documents, policy_reading, resources
from engine.cel_policies import environments, sharing
from engine.cel_policies.judge import CelJudge
from engine.cel_policies.world import World
from engine.cluster import Cluster
from engine.model import Operation
from engine.request import Request
from tests.engine.contexts import RUNTIME

CLUSTER = Cluster(runtime=RUNTIME)


@pytest.mark.parametrize(
    ("expressions", "part"),
    [
        (["object.spec.replicas > 1.0"], ("spec", "replicas")),
        (["has(object.spec.replicas)"], ("spec",)),
        (["object.spec.?hostNetwork.orValue(false)", "has(object.spec.a.b)"], ("spec",)),
        (["object.spec['replicas'] == 1.0"], ("spec",)),
        (["object.spec.template.spec.containers.all(c, c.image != '' && object.spec.template.spec.a)"],
         ("spec", "template", "spec")),
        (["[1, 2].exists(object, object == 1) && object.spec.a"], ("spec", "a")),
        (["cel.bind(x, object.data, size(x) > 0)"], ("data",)),
        (["object.spec.a && request.operation == 'CREATE'"], ("spec", "a")),
        (["object.spec.a.exists(n, n == string(math.least(1, 2)))"], ("spec", "a")),
        (["object.spec.a", "object.data == {}"], None),
        (["object == {}"], None),
        (["dyn(object).spec.a"], None),
        (["object.metadata.labels['a'] == 'b' && object.spec.a"], None),
        (["has(object.metadata.labels)"], None),
        (["object.spec.a && oldObject == null"], None),
        (["object.spec.a == request.namespace"], None),
        (["object.spec.a == request.object.spec.a"], None),
        (["object.spec.a == namespaceObject.metadata.name"], None),
        (["object.spec.a && resource.Get('v1', 'pods', 'd', 'n') == {}"], None),
        (["object.spec.a == random('[a-z]')"], None),
        (["object.spec.a || timestamp(object.spec.b) < time.now()"], None),
        (["object.spec.a in exceptions.allowedValues"], None),
        (["true"], None),
    ],
)  # fmt: skip
def test_where_programs_look(expressions: list[str], part: tuple[str, ...] | None) -> None:
    environment = environments.of("ValidatingPolicy", "", World(CLUSTER))
    assert sharing.looks_at(map(environment.compile, expressions)) == part


SPECS: list[dict[str, Any]] = [
    {"validations": [{"expression": "object.spec.?a.orValue('x') != 'y'", "message": "no y"}]},
    {"validations": [{"expression": "object.spec.a == 'x'", "messageExpression": "'not ' + object.metadata.name"}]},
    {
        "matchConditions": [{"name": "named", "expression": "object.metadata.name != 'm'"}],
        "validations": [{"expression": "!has(object.spec.a)"}],
    },
    {
        "variables": [{"name": "all", "expression": "object.spec.?containers.orValue([])"}],
        "validations": [{"expression": "variables.all.all(c, !has(c.securityContext))"}],
        "auditAnnotations": [{"key": "count", "valueExpression": "string(size(variables.all))"}],
    },
    {
        "variables": [{"name": "old", "expression": "oldObject.?spec.a.orValue('x')"}],
        "validations": [{"expression": "variables.old == 'x' && has(object.spec)"}],
    },
    {"validations": [{"expression": "request.operation != 'UPDATE' || object.spec.replicas == 1.0"}]},
    {
        "matchConstraints": {"resourceRules": [_rule := {
            "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods", "services"],
        }]},
        "validations": [{"expression": "has(object.spec.a)"}],
    },
    {
        "matchConstraints": {"resourceRules": [{**_rule, "scope": "Cluster"}]},
        "validations": [{"expression": "has(object.spec.a)"}],
    },
    {
        "matchConstraints": {"resourceRules": [_rule], "objectSelector": {"matchLabels": {"app": "x"}}},
        "validations": [{"expression": "has(object.spec.a)"}],
    },
]  # fmt: skip
_EVERYTHING = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]}


def _judge() -> CelJudge:
    texts = []
    for number, spec in enumerate(SPECS):
        whole = {"matchConstraints": {"resourceRules": [_EVERYTHING]}, **spec}
        policy = {"apiVersion": "policies.kyverno.io/v1", "kind": "ValidatingPolicy", "spec": whole}
        texts.append(json.dumps({**policy, "metadata": {"name": f"p{number}"}}))
    chosen = policy_reading.read(documents.load("\n---\n".join(texts), "p.yaml").documents)
    assert len(chosen.cel.policies) == len(SPECS), chosen.problems
    judge = CelJudge(chosen.cel, CLUSTER)
    assert not judge.problems
    return judge


_SPECS: list[dict[str, Any]] = [
    {"a": "x"},
    {"a": "y", "replicas": 1.0, "containers": [{"image": "a"}]},
    {"replicas": 2.0, "containers": [{"image": "b", "securityContext": {}}]},
]
"""Few, so that most requests have one that another had before."""
_METADATA = st.fixed_dictionaries(
    {"name": st.sampled_from("mn")},
    optional={"labels": st.sampled_from([{"app": "x"}, {}]), "namespace": st.sampled_from(["one", "two"])},
)
_RESOURCES = st.fixed_dictionaries(
    {"apiVersion": st.just("v1"), "kind": st.sampled_from(["Pod", "Node"]), "metadata": _METADATA},
    optional={"spec": st.sampled_from(_SPECS)},
)
_ASKED = st.tuples(_RESOURCES, st.none() | _RESOURCES, st.sampled_from(list(Operation)[:3]))


def _request(new: dict[str, Any], old: dict[str, Any] | None, operation: Operation) -> Request:
    read = [resources.read(documents.load(json.dumps(one), "r.yaml").documents)[0][0] for one in (new, old or new)]
    return Request(
        operation,
        new=None if operation is Operation.DELETE else read[0],
        old=None if operation is Operation.CREATE else read[1],
        namespace=read[0].namespace,
    )


@settings(deadline=None, max_examples=30)
@given(st.lists(_ASKED, min_size=3, max_size=6))
def test_one_judge_answers_as_one_for_each(
    asked: list[tuple[dict[str, Any], dict[str, Any] | None, Operation]],
) -> None:
    one = _judge()
    for request in [_request(*each) for each in [*asked, *asked]]:
        shared = [(found.policy.name, found.rules) for found in one.validate(request) if found.is_noted]
        alone = [(found.policy.name, found.rules) for found in _judge().validate(request) if found.is_noted]
        assert shared == alone
