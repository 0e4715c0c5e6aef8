"""Properties of policies in CEL: autogen, the merge of configurations, and the two ways to be asked."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine import documents, policy_reading, resources
from engine.cel_policies.judge import CelJudge
from engine.cluster import Cluster
from engine.model import Operation, Value
from engine.patch.structured import merge
from engine.patch.structured.types import built_in
from engine.request import Request
from engine.values.numbers import renumber
from tests.engine.contexts import RUNTIME

NAMES = st.sampled_from(["a", "b", "c"])
ENV = st.lists(
    st.builds(lambda name, value: {"name": name, "value": value}, NAMES, NAMES),
    max_size=3,
    unique_by=lambda entry: entry["name"],
)
CONTAINERS = st.lists(
    st.fixed_dictionaries(
        {"name": NAMES, "image": st.sampled_from(["nginx", "nginx:1", "reg.io/a@sha256:1"])},
        optional={"securityContext": st.fixed_dictionaries({}, optional={"privileged": st.booleans()}), "env": ENV},
    ),
    max_size=3,
    unique_by=lambda container: container["name"],
)
PODS = st.fixed_dictionaries(
    {}, optional={"containers": CONTAINERS, "hostNetwork": st.booleans(), "hostPID": st.none()}
)
LABELS = st.dictionaries(NAMES, NAMES, max_size=2)
BY_HAND = {
    "has(object.spec.hostNetwork)": "has(object.spec.template.spec.hostNetwork)",
    "object.spec.hostNetwork == true": "object.spec.template.spec.hostNetwork == true",
    "object.spec.containers.all(c, !c.securityContext.privileged)": (
        "object.spec.template.spec.containers.all(c, !c.securityContext.privileged)"
    ),
    "object.spec.?containers.orValue([]).exists(c, c.image.contains('@'))": (
        "object.spec.template.spec.?containers.orValue([]).exists(c, c.image.contains('@'))"
    ),
    "object.metadata.labels['a'] == 'b'": "object.spec.template.metadata.labels['a'] == 'b'",
    "object.metadata.namespace == 'n' && size(object.spec.containers) > 1": (
        "object.metadata.namespace == 'n' && size(object.spec.template.spec.containers) > 1"
    ),
    "object.?metadata.?labels.orValue({}).all(k, k != 'c')": "object.?metadata.?labels.orValue({}).all(k, k != 'c')",
}
"""What is written for a Pod, and what somebody would write for a Deployment, or autogen does."""
EXPRESSIONS = st.sampled_from(sorted(BY_HAND))
ANY_POD = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
DEPLOYMENTS = {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["deployments"]}


def _judge(kind: str, spec: dict[str, Any]) -> CelJudge:
    head = {"apiVersion": "policies.kyverno.io/v1", "kind": kind, "metadata": {"name": "p"}}
    read = policy_reading.read(documents.load(json.dumps({**head, "spec": spec}), "p.json").documents)
    judge = CelJudge(read.cel, Cluster(runtime=RUNTIME))
    assert not judge.problems
    return judge


def _validating(rule: dict[str, Any], text: str) -> dict[str, Any]:
    return {"matchConstraints": {"resourceRules": [rule]}, "validations": [{"expression": text, "message": "no"}]}


def _request(value: dict[str, Value]) -> Request:
    [document] = documents.load(json.dumps(value), "r.json").documents
    [resource], _ = resources.read([document])
    return Request(Operation.CREATE, new=resource, namespace=resource.namespace)


def _answers(judge: CelJudge, value: dict[str, Value]) -> list[tuple[str, str]]:
    return [(str(rule.result), rule.message) for found in judge.validate(_request(value)) for rule in found.rules]


def _pod(spec: Value, labels: dict[str, str]) -> dict[str, Value]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "n", "labels": labels},
        "spec": spec,
    }


@given(EXPRESSIONS, PODS, LABELS)
def test_autogen_says_what_a_policy_by_hand_says(text: str, spec: Value, labels: dict[str, str]) -> None:
    made = _judge("ValidatingPolicy", _validating(ANY_POD, text))
    by_hand = _judge("ValidatingPolicy", _validating(DEPLOYMENTS, BY_HAND[text]))
    template = {"metadata": {"labels": labels}, "spec": spec}
    deployment = {**_pod({"template": template}, labels), "apiVersion": "apps/v1", "kind": "Deployment"}
    assert _answers(made, deployment) == _answers(by_hand, deployment)
    assert _answers(by_hand, _pod(spec, labels)) == []


@given(EXPRESSIONS, PODS, LABELS)
def test_a_policy_for_any_json_says_the_same_of_a_resource(text: str, spec: Value, labels: dict[str, str]) -> None:
    asked = _judge("ValidatingPolicy", _validating(ANY_POD, text))
    rules = {"validations": [{"expression": text, "message": "no"}]}
    free = _judge("ValidatingPolicy", {**rules, "evaluation": {"mode": "JSON"}})
    pod = _pod(spec, labels)
    assert _answers(asked, pod) == _answers(free, pod)
    payload = _request(pod).resource.value
    assert _answers(free, pod) == [(str(rule.result), rule.message) for _, rule in free.validate_json(payload)]


@given(PODS, PODS, LABELS, LABELS)
def test_merging_a_configuration_again_changes_nothing(live: Any, wanted: Any, labels: Any, others: Any) -> None:
    """And what it says of a container is there, whatever else there was."""
    type_ = built_in("v1", "Pod")
    assert type_ is not None
    wanted = {key: value for key, value in wanted.items() if value is not None}
    configuration = _pod(wanted, others)
    once = merge.apply(type_, renumber(_pod(live, labels)), configuration)
    assert merge.apply(type_, once, configuration) == once
    merged = {container["name"]: container for container in once["spec"].get("containers") or ()}
    assert all(merged[container["name"]]["image"] == container["image"] for container in wanted.get("containers", ()))
    assert once["metadata"]["labels"] == {**labels, **others}
