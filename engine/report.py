"""Responses as PolicyReports (upstream: pkg/utils/report/results.go, one mapping for all of them)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from engine.cel_records import CelPolicy
from engine.model import Result, RuleResponse, Value
from engine.policies import AnyPolicy
from engine.resources import Resource

SOURCE = "kyverno"
_NAMESPACE = "5c9f2b66-2f0c-5d1e-9f3a-0a8b8b6d7c11"
_SEVERITIES = frozenset({"critical", "high", "medium", "low", "info"})
_SCORED = "policies.kyverno.io/scored"
_CATEGORY = "policies.kyverno.io/category"
_SEVERITY = "policies.kyverno.io/severity"
_OVERRIDES = {
    Result.PASS: "passMessage",
    Result.FAIL: "failMessage",
    Result.WARN: "warnMessage",
    Result.ERROR: "errorMessage",
    Result.SKIP: "skipMessage",
}


class Flavour(StrEnum):
    """Which API a report is written for."""

    WGPOLICY = "wgpolicyk8s.io/v1alpha2"
    OPENREPORTS = "openreports.io/v1alpha1"

    def kind(self, namespace: str) -> str:
        """The kind of a report; a resource without namespace has a cluster-wide one."""
        if self is Flavour.WGPOLICY:
            return "PolicyReport" if namespace else "ClusterPolicyReport"
        return "Report" if namespace else "ClusterReport"


def result(policy: AnyPolicy, response: RuleResponse) -> Result:
    """The result as reported: an unscored failure is a warning."""
    if response.result is Result.FAIL and not scored(policy):
        return Result.WARN
    return response.result


def scored(policy: AnyPolicy) -> bool:
    """Whether failures of the policy count as such."""
    return policy.annotations.get(_SCORED) != "false"


def severity(policy: AnyPolicy) -> str:
    """The severity that the policy claims, empty where it is none of the five."""
    claimed = policy.annotations.get(_SEVERITY, "")
    return claimed if claimed in _SEVERITIES else ""


def source(policy: AnyPolicy) -> str:
    """What kind of policy a row comes from."""
    return policy.source if isinstance(policy, CelPolicy) else SOURCE


def category(policy: AnyPolicy) -> str:
    """The category that the policy claims."""
    return policy.annotations.get(_CATEGORY, "")


def entry(policy: AnyPolicy, response: RuleResponse, timestamp: int) -> dict[str, Value]:
    """One row of ``results``; ``timestamp`` in seconds since 1970. Empty fields are left out, as in a cluster."""
    properties = _properties(policy, response)
    row: dict[str, Value] = {"source": source(policy), "policy": policy.key}
    if response.rule:
        row["rule"] = response.rule
    if category(policy):
        row["category"] = category(policy)
    if severity(policy):
        row["severity"] = severity(policy)
    row["timestamp"] = {"seconds": timestamp, "nanos": 0}
    row["result"] = str(result(policy, response))
    if scored(policy):
        row["scored"] = True
    message = _message(response, properties)
    if message:
        row["message"] = message
    row["properties"] = properties
    return row


def _message(response: RuleResponse, properties: Mapping[str, str]) -> str:
    return properties.get("message") or properties.get(_OVERRIDES[response.result]) or response.message


def _properties(policy: AnyPolicy, response: RuleResponse) -> dict[str, str]:
    properties = dict(response.properties)
    properties["process"] = _process(policy)
    if response.exceptions:
        properties["exceptions"] = ",".join(key.rpartition("/")[2] for key in response.exceptions)
    return properties


def _process(policy: AnyPolicy) -> str:
    if isinstance(policy, CelPolicy):
        return policy.process
    if policy.cleans_up:
        return ""
    if policy.background:
        return "background scan"
    return "admission review" if policy.spec.get("admission") is not False else ""


def summary(rows: Iterable[Mapping[str, Value]]) -> dict[str, int]:
    """How many rows have which result."""
    counts = {"pass": 0, "fail": 0, "warn": 0, "error": 0, "skip": 0}
    for row in rows:
        counts[row["result"]] += 1
    return counts


def reference(resource: Resource) -> dict[str, str]:
    """An ObjectReference to the resource."""
    place = {"namespace": resource.namespace} if resource.namespace else {}
    return {"kind": resource.kind, **place, "name": resource.name, "apiVersion": resource.api_version}


def name(repository: str, file: str, resource: Resource) -> str:
    """The stable name of a resource's report: a UUIDv5 of repository, file and identity."""
    from uuid import UUID, uuid5  # drop-in commands name no reports, and should not pay for it

    identity = (repository, file, resource.group, resource.kind, resource.namespace, resource.name)
    return str(uuid5(UUID(_NAMESPACE), "\x00".join(identity)))


def policy_report(
    resource: Resource,
    rows: Iterable[dict[str, Value]],
    report_name: str,
    flavour: Flavour = Flavour.WGPOLICY,
    annotations: Mapping[str, str] | None = None,
) -> dict[str, Value]:
    """The report of one resource: its rows sorted, with scope and summary."""
    ordered = sorted(rows, key=lambda row: (row["policy"], row.get("rule", ""), row["source"]))
    metadata: dict[str, Value] = {"name": report_name}
    if resource.namespace:
        metadata["namespace"] = resource.namespace
    metadata["labels"] = {"app.kubernetes.io/managed-by": "kyverno"}
    if annotations:
        metadata["annotations"] = dict(annotations)
    return {
        "apiVersion": str(flavour),
        "kind": flavour.kind(resource.namespace),
        "metadata": metadata,
        "scope": reference(resource),
        "results": ordered,
        "summary": summary(ordered),
    }
