"""Generate rules, mutation of existing resources, and context answered from resources: the cases of tests/cases."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from engine import (
    admission,
    api,
    asked,
    cluster,
    documents,
    global_context,
    policy_reading,
    resources,
    selectors,
    validation,
)
from engine.cel_policies.judge import CelJudge
from engine.errors import EngineError
from engine.inventory import Inventory
from engine.judge import Judge
from engine.model import Operation, Result, RuleType
from engine.request import Request
from engine.resources import Resource
from tests.engine.contexts import RUNTIME, cases


def read(values):
    found, _ = resources.read([documents.load(json.dumps(value), "r.yaml").documents[0] for value in values])
    return found


def surroundings(case):
    known = read(case.get("known", ()))
    made = cluster.offline(known, RUNTIME) if case.get("offline") else cluster.from_resources(known, RUNTIME)
    if "calls" in case:
        made = replace(made, api_mocks=api.mocks(case["calls"]))
    if "entries" in case:
        made = replace(made, global_context=global_context.mocks(case["entries"]))
    if "values" in case:
        made = replace(made, rule_values=lambda _policy, _rule: case["values"])
    return replace(made, api=None) if case.get("no_client") else made


def answers(case):
    written = [json.dumps(value) for value in (case["policy"], *case.get("exceptions", ()))]
    chosen = policy_reading.read([documents.load(text, "p.yaml").documents[0] for text in written])
    assert not chosen.problems
    assert not validation.validate(chosen.policies[0])
    judge = Judge(chosen.policies, surroundings(case), chosen.exceptions)
    new = read([case["new"]])[0] if "new" in case else None
    old = read([case["old"]])[0] if "old" in case else None
    operation = Operation.DELETE if new is None else Operation.UPDATE if old else Operation.CREATE
    request = Request(operation, new=new, old=old, namespace=(new or old).namespace)
    return [response for found in judge.apply(request) for response in found.rules]


def rows(responses):
    return [[response.rule, str(response.result), response.message] for response in responses]


@pytest.mark.parametrize("case", cases("api/calls.yaml"))
def test_context_is_answered_from_resources(case):
    assert rows(answers(case)) == case["answers"]


@pytest.mark.parametrize("case", cases("mutate_existing/targets.yaml"))
def test_targets_are_mutated(case):
    found = answers(case)
    assert rows(found) == case["answers"]
    assert [response.target for response in found if response.target is not None] == case.get("targets", [])
    assert all(response.patched is None for response in found)


@pytest.mark.parametrize("case", cases("mutate_existing/in_cel.yaml"))
def test_targets_are_mutated_in_cel(case):
    written = [
        {"apiVersion": "policies.kyverno.io/v1", "kind": "MutatingPolicy", "metadata": {"name": name}, "spec": spec}
        for name, spec in case["policies"].items()
    ]
    chosen = policy_reading.read([documents.load(json.dumps(value), "p.yaml").documents[0] for value in written])
    assert not chosen.problems
    [new], known = read([case["new"]]), read(case["known"])
    around = cluster.from_resources(known, RUNTIME)
    judge = CelJudge(chosen.cel, replace(around, as_cluster="offline" not in case))
    assert not judge.problems
    request = Request(Operation.CREATE, new=new, namespace=new.namespace)
    found = judge.mutate_existing(request, new, known)
    answers = [[one.policy.name, str(rule.result), rule.message] for one in found for rule in one.rules]
    assert answers == case["answers"]
    patched = [rule.target for one in found for rule in one.rules if rule.target is not None]
    assert patched == case.get("targets", [])


@pytest.mark.parametrize("case", cases("generate/rules.yaml"))
def test_resources_are_generated(case):
    found = [response for response in answers(case) if response.type is not RuleType.VALIDATION]
    assert rows(found) == case["answers"]
    made = [plain(value) for response in found for value in response.generated]
    assert made == case.get("generated", [])


def plain(value):
    """A generated resource without the labels that every one has."""
    labels = {key: text for key, text in value["metadata"]["labels"].items() if "kyverno" not in key + text}
    metadata = {key: item for key, item in value["metadata"].items() if key != "labels"}
    return {**value, "metadata": {**metadata, **({"labels": labels} if labels else {})}}


def test_a_generated_resource_says_where_it_comes_from():
    case = next(item.values[0] for item in cases("generate/rules.yaml") if item.id == "a clone of what the tree holds")
    (response,) = answers(case)
    labels = response.generated[0]["metadata"]["labels"]
    assert labels["app.kubernetes.io/managed-by"] == "kyverno"
    assert labels["generate.kyverno.io/policy-name"] == "p"
    assert labels["generate.kyverno.io/rule-name"] == "r"
    assert labels["generate.kyverno.io/trigger-kind"] == "Namespace"
    assert labels["generate.kyverno.io/source-namespace"] == "default"
    assert labels["generate.kyverno.io/clone-source"] == ""


def test_without_resources_there_is_no_client_and_targets_are_an_error():
    case = next(item.values[0] for item in cases("mutate_existing/targets.yaml"))
    (response,) = answers({**case, "known": [], "offline": True})
    assert response.result is Result.ERROR
    assert response.message == ": no resources are known among which its targets could be"


@pytest.mark.parametrize("case", cases("api/paths.yaml"))
def test_paths(case):
    server = api.Api(Inventory(read(case["known"]), offline=bool(case.get("offline"))))
    if "error" in case:
        with pytest.raises(EngineError) as caught:
            server.call(case.get("method", "GET"), case["path"])
        assert str(caught.value) == case["error"]
        return
    found = server.call(case.get("method", "GET"), case["path"])
    if "names" in case:
        assert [item["metadata"]["name"] for item in found["items"]] == case["names"]
        assert found["kind"] == case["kind"]
        assert found["metadata"]["resourceVersion"] == case.get("version", found["metadata"]["resourceVersion"])
    else:
        assert found["metadata"]["name"] == case["object"]


@pytest.mark.parametrize("name", [True, 1.0, ["b"], {"b": "c"}])
def test_a_name_that_is_no_text_is_none(name):
    """The commands take such resources as the reference does."""
    document = documents.load("a: b", "a.yaml").documents[0]
    config_map = {"apiVersion": "v1", "kind": "ConfigMap"}
    known = [Resource({**config_map, "metadata": {"name": one, "namespace": "b"}}, document) for one in (name, "b")]
    found = api.Api(Inventory(known, offline=True)).call("GET", "/api/v1/configmaps")
    assert [item["metadata"]["name"] for item in found["items"]] == [name, "b"]


@pytest.mark.parametrize(
    ("text", "labels", "selected"),
    [
        ("a=b", {"a": "b"}, True),
        ("a==b,c", {"a": "b"}, False),
        ("a!=b", {}, True),
        ("a in (b, c),!d", {"a": "c"}, True),
        ("a notin (b,c)", {"a": "c"}, False),
        ("x.io/a", {"x.io/a": ""}, True),
        ("", {}, True),
    ],
)
def test_label_selectors_of_a_query(text, labels, selected):
    assert selectors.compile(selectors.parse(text))(labels) is selected


def test_a_label_selector_that_is_none():
    with pytest.raises(EngineError, match="unable to parse requirement: a b"):
        selectors.parse("a b")


@pytest.mark.parametrize("case", cases("api/asked.yaml"))
def test_which_kinds_are_looked_up(case):
    spec = {"rules": [{"name": "r", "match": {"any": [{"resources": {"kinds": ["Pod"]}}]}, **case["rule"]}]}
    value = {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p"}, "spec": spec}
    chosen = policy_reading.read(documents.load(json.dumps(value), "p.yaml").documents)
    assert not chosen.problems
    found = asked.kinds(chosen.policies)
    assert (None if found is None else sorted(found)) == case["kinds"]


def test_what_works_after_admission_is_reported_and_never_denies():
    case = next(item.values[0] for item in cases("generate/rules.yaml") if item.id == "data with variables")
    chosen = policy_reading.read(documents.load(json.dumps(case["policy"]), "p.yaml").documents)
    judge = Judge(chosen.policies, cluster.from_resources((), RUNTIME))
    (new,) = read([case["new"]])
    (answer,) = admission.admit(judge, None, new).answers
    assert (answer.response.result, answer.blocked, answer.is_background) == (Result.PASS, False, True)
    assert not admission.admit(judge, new, None).answers
