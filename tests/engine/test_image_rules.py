"""verifyImages rules without a registry: the cases, and what an admission makes of what nobody could be asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine import admission, cluster, documents, policy_reading, resources, validation
from engine.judge import EngineResponse, Judge
from engine.model import Operation
from engine.policies import Policy
from engine.request import Request
from engine.resources import Resource
from tests.engine.contexts import RUNTIME

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "verify_images" / "rules.yaml").read_text())
OPEN = next(case for case in CASES if case["name"] == "a signature needs the registry")


def policy(case: dict[str, Any], action: str = "Audit") -> Policy:
    """The policy of a case; it is one that the reference accepts."""
    match = {"any": [{"resources": {"kinds": ["Pod"]}}]}
    rule = {"name": "r", "match": match, "verifyImages": case["entries"], **case.get("rule", {})}
    head = {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p"}}
    spec = {"validationFailureAction": case.get("action", action), "rules": [rule]}
    found = policy_reading.read(documents.load(json.dumps({**head, "spec": spec}), "p.json").documents)
    assert not found.problems
    assert not validation.validate(found.policies[0])
    return found.policies[0]


def pod(case: dict[str, Any]) -> Resource:
    """The Pod of a case."""
    containers = [{"name": f"c{number}", "image": image} for number, image in enumerate(case["images"])]
    metadata = {"name": "a", "namespace": "shop", "labels": case.get("labels", {})}
    value = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": containers}}
    return resources.read(documents.load(json.dumps(value), "r.json").documents)[0][0]


def judge(case: dict[str, Any], **options: str) -> Judge:
    """A judge of the case's policy, without a registry."""
    return Judge([policy(case, **options)], cluster.offline([pod(case)], RUNTIME))


def rows(responses: list[EngineResponse]) -> list[list[str]]:
    """Results and messages."""
    return [
        ["open" if rule.unjudged else str(rule.result), rule.message] for found in responses for rule in found.rules
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_answers(case: dict[str, Any]) -> None:
    asked = judge(case)
    verified, request = asked.verify(Request(Operation.CREATE, new=pod(case), namespace="shop"))
    validated = asked.validate(request)
    assert (rows(verified), rows(validated)) == (case.get("verify", []), case.get("validate", []))
    if "path" in case:
        assert validated[0].rules[0].path == tuple(case["path"])


def test_what_nobody_could_be_asked_is_no_answer() -> None:
    found = admission.admit(judge(OPEN), None, pod(OPEN))
    assert (found.answers, len(found.unjudged)) == ((), 1)
    problem = found.unjudged[0]
    assert problem.code == "not-evaluated"
    assert problem.message.startswith('not evaluated: rule "r" of ClusterPolicy "p": image docker.io/nginx:latest: its')


def test_an_annotation_of_the_manifest_proves_nothing() -> None:
    """Whoever writes the manifest could write the annotation: nobody has verified anything yet."""
    value = pod(OPEN).value
    kept = {"version": 1, "policies": {"/p": {"r": {"docker.io/nginx:latest": "pass"}}}}
    value["metadata"]["annotations"] = {"kyverno.io/verify-images-scoped": json.dumps(kept)}
    [forged], _ = resources.read(documents.load(json.dumps(value), "r.json").documents)
    found = admission.admit(judge(OPEN), None, forged)
    assert (found.answers, len(found.unjudged)) == ((), 1)


def test_a_missing_digest_denies() -> None:
    case = next(case for case in CASES if case["name"] == "a digest is missing, which needs no registry")
    found = admission.admit(judge(case, action="Enforce"), None, pod(case))
    assert [answer.response.message for answer in found.blocked] == ["missing digest for docker.io/nginx:latest"]
