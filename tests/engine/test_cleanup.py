"""Cleanup policies: what they would delete, and what a cluster refuses of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine import cleanup, cluster, documents, policy_reading, resources
from engine.policies import Policy
from engine.validation.cleanup import validate_cleanup
from engine.values import cron
from tests.engine.contexts import RUNTIME

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "cleanup" / "answers.yaml").read_text())
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "a", "namespace": "shop", "labels": {"app": "x"}},
    "spec": {"containers": [{"name": "c", "image": "nginx"}]},
}
MATCH = {"any": [{"resources": {"kinds": ["Pod"]}}]}


def policy(spec: dict[str, Any], namespace: str = "") -> Policy:
    """The cleanup policy of a spec, completed by a schedule and a match block."""
    kind, metadata = ("CleanupPolicy", {"name": "p", "namespace": namespace}) if namespace else (None, {"name": "p"})
    head = {"apiVersion": "kyverno.io/v2", "kind": kind or "ClusterCleanupPolicy", "metadata": metadata}
    text = json.dumps({**head, "spec": {"schedule": "* * * * *", "match": MATCH, **spec}})
    found = policy_reading.read(documents.load(text, "p.json").documents)
    assert not found.problems
    return found.cleanups[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_answers(case: dict[str, Any]) -> None:
    [pod] = resources.read(documents.load(json.dumps(POD), "r.json").documents)[0]
    compiled = cleanup.compile(policy(case["spec"], case.get("namespace", "")))
    answer = compiled.answer(pod, cluster.offline([pod], RUNTIME), case.get("labels", {}))
    assert (answer.rule, str(answer.result)) == ("p", case["result"])
    assert case.get("message", answer.message) == answer.message


@pytest.mark.parametrize(
    ("spec", "namespace", "message"),
    [
        ({}, "", ""),
        ({"schedule": "* * * *"}, "", 'spec.schedule: Invalid value: "* * * *": schedule spec in the cleanupPolicy is'),
        ({"context": [{"name": "a", "configMap": {"name": "b"}}]}, "", "spec.context: Invalid value: ConfigMap is not"),
        (
            {"match": {"any": [{"resources": {"kinds": ["Pod"]}, "roles": ["a:b"]}]}},
            "",
            "spec.match.any[0].roles: Forbidden: Usage of user info is forbidden",
        ),
        (
            {"match": {"any": [{"resources": {"kinds": ["Node"]}}]}},
            "shop",
            "spec.match.any[0].kinds[0]: Forbidden: Cluster wide resource 'Node' not allowed in namespaced policy",
        ),
        ({"exclude": MATCH}, "", "spec: Invalid value: CleanupPolicy is matching an empty set"),
    ],
)
def test_what_a_cluster_refuses(spec: dict[str, Any], namespace: str, message: str) -> None:
    problems = validate_cleanup(policy(spec, namespace))
    assert [problem.message.startswith(message) for problem in problems] == ([True] if message else [])


@pytest.mark.parametrize(
    "text",
    ["* * * * *", "*/5 0-23/2 1,15 JAN-mar sun", "? ? ? ? ?", "5/10 * * * 6", "@daily", "@every 1h30m", ", * * * *"],
)
def test_schedules(text: str) -> None:
    assert cron.is_schedule(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "* * * *", "* * * * * *", "60 * * * *", "* * 0 * *", "5-1 * * * *", "*/0 * * * *", "* * * * 7"),
        *("1-2-3 * * * *", "1/2/3 * * * *", "-1 * * * *", "* * * foo *", "@noon", "@every soon", "* * * * jan"),
    ],
)
def test_what_is_no_schedule(text: str) -> None:
    assert not cron.is_schedule(text)
