"""The language-neutral cases of what MutatingPolicies make of objects, as the reference's command line asks them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from engine import documents, policy_reading, resources
from engine.cel_policies.judge import CelJudge
from engine.cluster import Cluster
from engine.model import Operation, Value
from engine.request import Request
from engine.values.numbers import floats, renumber
from tests.engine.contexts import RUNTIME, cases

HEAD = {"apiVersion": "policies.kyverno.io/v1", "kind": "MutatingPolicy", "metadata": {"name": "p"}}


@cache
def _judge(spec: str) -> CelJudge:
    policy = json.dumps({**HEAD, "spec": json.loads(spec)})
    judge = CelJudge(policy_reading.read(documents.load(policy, "p.json").documents).cel, Cluster(runtime=RUNTIME))
    assert not judge.problems
    return judge


def _loaded(case: dict[str, Any]) -> resources.Resource:
    """The object as the command line loads it."""
    [document] = documents.load(json.dumps(case["live"]), "r.json").documents
    [live], _ = resources.read([document])
    return resources.Resource(floats(live.value), document)


def _mutated(case: dict[str, Any], live: resources.Resource) -> tuple[list[list[str]], Value]:
    request = Request(Operation.CREATE, new=live, namespace=live.namespace)
    responses, after = _judge(json.dumps(case["spec"])).mutate(request)
    answers = [[str(rule.result), rule.message] for found in responses for rule in found.rules]
    return answers, renumber(after.resource.value)


@pytest.mark.parametrize(
    "case",
    [*cases("mutating/apply_configuration.yaml"), *cases("mutating/json_patch.yaml"), *cases("mutating/autogen.yaml")],
)
def test_mutation(case: dict[str, Any]) -> None:
    live = _loaded(case)
    answers, after = _mutated(case, live)
    if "patched" in case:
        assert answers == [["pass", "success"]]
        assert after == case["patched"]
    else:
        assert answers == [case["answer"]]
        assert after == renumber(live.value)
