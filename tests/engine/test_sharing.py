"""Answers are shared only where they cannot differ: one judge for all resources says what a judge for each says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import documents, policy_reading, resources
from engine.cluster import Cluster
from engine.judge import Judge
from engine.model import Operation
from engine.request import Request
from engine.resources import Resource
from engine.rules import sharing
from tests.engine.contexts import RUNTIME, cases


@pytest.mark.parametrize("case", cases("sharing/parts.yaml"))
def test_where_a_block_looks(case: dict[str, Any]) -> None:
    part = case["part"]
    assert sharing.looks_at(case["validate"]) == (None if part is None else tuple(part))


BLOCKS = [case.values[0]["validate"] for case in cases("sharing/parts.yaml")] + [
    {"podSecurity": {"level": "restricted", "version": "latest"}},
    {"podSecurity": {"level": "baseline", "exclude": [{"controlName": "Capabilities", "images": ["a*"]}]}},
    {"podSecurity": {"level": "restricted", "version": "latest"}, "message": "{{ request.object.spec.a }}"},
    {"message": "{{ request.object.spec.a }}", "deny": {}},
    {"message": "{{ request.object.kind }} {{ request.operation }}", "deny": {}},
]
IN_CEL: list[dict[str, Any]] = [
    {"cel": {"expressions": [{"expression": "object.metadata.name != 'm'"}]}, "message": "{{ request.object.spec.a }}"},
    {"cel": {"expressions": [{"expression": "object.spec.?a.orValue('x') != 'y'"}]}},
    {"cel": {"expressions": [{"expression": "request.operation == 'CREATE' || !has(object.spec.a)"}]}},
    {"cel": {"expressions": [{"expression": "oldObject == null || object.spec == oldObject.spec"}]}},
    {
        "cel": {
            "variables": [{"name": "v", "expression": "namespaceObject.metadata.name == 'two'"}],
            "expressions": [
                {
                    "expression": "variables.v || size(object.spec.containers) > 0",
                    "messageExpression": "string(object.spec.replicas)",
                },
                {"expression": "!object.spec.?containers.orValue([]).exists(c, has(c.securityContext))"},
            ],
        }
    },
]


def _judge(blocks: list[dict[str, Any]]) -> Judge:
    rules = [
        {"name": f"r{number}", "match": {"any": [{"resources": {"kinds": ["Pod", "Thing"]}}]}, "validate": block}
        for number, block in enumerate(json.loads(json.dumps(blocks)))
    ]
    value = {
        "apiVersion": "kyverno.io/v1",
        "kind": "ClusterPolicy",
        "metadata": {"name": "p"},
        "spec": {"rules": rules},
    }
    chosen = policy_reading.read(documents.load(json.dumps(value), "p.yaml").documents)
    assert len(chosen.policies) == 1, chosen.problems
    return Judge(chosen.policies, Cluster(runtime=RUNTIME))


_VALUES = st.sampled_from(
    ["x", "y", "{{ request.object.metadata.name }}", 1.0, None, [], ["x"], {"b": "x"}, {"c": 1.0}]
)
_CONTAINER = st.fixed_dictionaries(
    {"name": st.sampled_from("ab"), "image": st.sampled_from(["a:1", "b"])},
    optional={"securityContext": st.sampled_from([{}, {"privileged": True}, {"privileged": "no"}])},
)
_SPEC = st.fixed_dictionaries(
    {},
    optional={"a": _VALUES, "b": _VALUES, "replicas": st.sampled_from([1.0, 2.0]), "containers": st.lists(_CONTAINER)},
)
_METADATA = st.fixed_dictionaries(
    {"name": st.sampled_from("mn")},
    optional={
        "labels": st.dictionaries(st.sampled_from(["app", "team"]), st.sampled_from(["x", 1.0])),
        "annotations": st.sampled_from([{}, {"seccomp.security.alpha.kubernetes.io/pod": "unconfined"}]),
        "finalizers": st.lists(st.sampled_from("xy")),
        "namespace": st.sampled_from(["one", "two"]),
    },
)
_RESOURCES = st.fixed_dictionaries(
    {"apiVersion": st.just("v1"), "kind": st.sampled_from(["Pod", "Thing"]), "metadata": _METADATA},
    optional={"spec": _SPEC},
)


def _request(value: dict[str, Any], operation: Operation) -> Request:
    found = resources.read(documents.load(json.dumps(value), "r.yaml").documents)[0][0]
    new = None if operation is Operation.DELETE else found
    old = None if operation is Operation.CREATE else found
    return Request(operation, new=new, old=old, namespace=found.namespace)


_ASKED = st.lists(st.tuples(_RESOURCES, st.sampled_from(list(Operation)[:3])), min_size=2, max_size=6)


def _compare(blocks: list[dict[str, Any]], asked: list[tuple[dict[str, Any], Operation]]) -> None:
    one = _judge(blocks)
    for value, operation in [*asked, *asked]:
        shared = [response.rules for response in one.validate(_request(value, operation))]
        alone = [response.rules for response in _judge(blocks).validate(_request(value, operation))]
        assert shared == alone


@settings(deadline=None)
@given(_ASKED)
def test_one_judge_answers_as_one_for_each(asked: list[tuple[dict[str, Any], Operation]]) -> None:
    _compare(BLOCKS, asked)


@settings(deadline=None, max_examples=20)
@given(_ASKED)
def test_so_it_does_where_rules_are_in_cel(asked: list[tuple[dict[str, Any], Operation]]) -> None:
    _compare(IN_CEL, asked)


def test_content_tells_values_apart() -> None:
    def content(spec: Any, **metadata: Any) -> bytes | None:
        value = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
        return Resource(value, documents.load("{}", "r.yaml").documents[0]).content(("spec",))

    seen = [
        content(spec) for spec in ({"a": 1.0}, {"a": 1}, {"a": True}, {"a": "1"}, {"a": [1.0]}, {"a": None}, {}, None)
    ]
    assert len(set(seen)) == len(seen)
    assert content({"a": 1.0}, name="m") == content({"a": 1.0}, name="n")
    assert content({"a": "{{ request.object.metadata.name }}"}) is None
    assert content({"a": 1 << 70}) is None
    assert content({"a": "x" * 100_000}) is None
