"""Judgements for tests, made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.model import Finding, Ignored, Judgement, LineRange, Row, Suggestion, Verdict
from engine.model import Operation, Problem

MESSAGE = "validation error: Unknown Image registry. rule validate-registries failed at path /spec/containers/0/image/"
EVENT = f"Deployment default/nginx-public: [validate-registries] fail (blocked); {MESSAGE}"


def finding(**changes: Any) -> Finding:
    """A blocked Deployment at app/web.yaml:12."""
    found = Finding(
        key="0123456789abcdef0123",
        verdict=Verdict.BLOCKED,
        policy="restrict-image-registries",
        rule="validate-registries",
        kind="Deployment",
        namespace="default",
        name="nginx-public",
        file="app/web.yaml",
        line=12,
        column=9,
        message=MESSAGE,
        api_version="apps/v1",
        lines=LineRange(1, 20),
        path="spec.containers[0].image",
        severity="medium",
        category="Best Practices",
    )
    return replace(found, **changes)


def row(**changes: Any) -> Row:
    """The row of that Deployment."""
    made = Row(
        namespace="default",
        kind="Deployment",
        name="nginx-public",
        file="app/web.yaml",
        line=1,
        operation=Operation.CREATE,
        api_version="apps/v1",
        passed=2,
        report="ea02cd57-8684-43ad-8e8f-c0140beeec2b",
    )
    return replace(made, **changes)


def report(**scope: Any) -> dict[str, Any]:
    """A PolicyReport with one failing row."""
    return {
        "apiVersion": "wgpolicyk8s.io/v1alpha2",
        "kind": "PolicyReport",
        "metadata": {
            "name": "ea02cd57-8684-43ad-8e8f-c0140beeec2b",
            "namespace": "default",
            "labels": {"app.kubernetes.io/managed-by": "kyverno"},
        },
        "scope": {"apiVersion": "v1", "kind": "Pod", "name": "nginx", "namespace": "default", **scope},
        "results": [
            {
                "source": "kyverno",
                "policy": "restrict-image-registries",
                "rule": "validate-registries",
                "result": "fail",
                "scored": True,
                "message": MESSAGE,
                "properties": {"process": "background scan"},
            }
        ],
        "summary": {"pass": 3, "fail": 1, "warn": 0, "error": 0, "skip": 0},
    }


def judgement(**changes: Any) -> Judgement:
    """One resource blocked, one failing, one existing, fourteen passing, a note, an ignored file."""
    made = Judgement(
        repository="acme/shop",
        base_ref="main",
        base_sha="b" * 40,
        head_sha="a" * 40,
        policies=3,
        resources=17,
        findings=(
            finding(verdict=Verdict.EXISTING, key="e", name="old", file="app/old.yaml", line=3),
            finding(verdict=Verdict.FAILING, key="f", rule="label", name="web", line=4, suggestion=SUGGESTION),
            finding(),
        ),
        rows=(row(), row(name="web", failed=1, report="7c37b6cb-08e6-4ad3-adb3-df5f52bfb767")),
        reports=(report(),),
        problems=(Problem("note", "two of a kind", "app/x.yaml", 3, 1, "Remove one."),),
        events=(EVENT,),
        ignored=(Ignored("chart/values.yaml", "values of a Helm chart"),),
        commentable={"app/web.yaml": (LineRange(1, 20),)},
    )
    return replace(made, **changes)


SUGGESTION = Suggestion(4, 5, "  labels:\n    CostCenter: shop")
