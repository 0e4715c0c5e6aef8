"""MutatingPolicies of resources that exist (upstream: pkg/background/mpol, CLI/processor/policy_processor.go)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from engine.cel.values import Value
from engine.cel_policies.mutating import MutatingPolicy
from engine.cel_policies.request import CelRequest
from engine.cluster import Cluster
from engine.errors import EngineError
from engine.model import Operation, Result, RuleResponse
from engine.request import Request
from engine.resources import Resource

_Name = tuple[str, str, str]
"""Kind, namespace and name; the reference's command line takes no notice of the kind."""


class Meant(NamedTuple):
    """A policy and what its expression for targets gives: the names that it means, None where it has none."""

    policy: MutatingPolicy
    names: frozenset[_Name] | None


def meant(policy: MutatingPolicy, trigger: CelRequest) -> Meant:
    """What a policy means when a resource sets it off; raises EvaluationError."""
    return Meant(
        policy, None if policy.targets.expression is None else _names(policy.targeted(trigger.object), trigger)
    )


def _names(found: Value, trigger: CelRequest) -> frozenset[_Name]:
    """The names of an object, or of the items of a list; none where nothing was found."""
    items = [] if found is None else found.get("items")
    return frozenset(_name(item, trigger) for item in (items if isinstance(items, list | tuple) else [found]))


def _name(value: Value, asked: CelRequest) -> _Name:
    metadata = value.get("metadata") or {}
    kind = value.get("kind") or "" if asked.in_cluster else ""
    return kind, metadata.get("namespace") or "", metadata.get("name") or ""


def asked(
    policies: Sequence[Meant], target: Resource, trigger: CelRequest, cluster: Cluster
) -> Iterator[tuple[MutatingPolicy, RuleResponse]]:
    """The policies that mean a target with their responses; each sees what those before it made of it.

    Those that pass name what came out of all of them.
    """
    current = _request(target, cluster)
    answers = []
    for policy, names in policies:
        if not _means(policy, names, current):
            continue
        response = policy.ask_existing(current, trigger)
        answers.append((policy, response))
        if response.patched is not None:
            current = current.with_object(response.patched)
    for policy, response in answers:
        passed = response.result is Result.PASS
        yield policy, replace(response, patched=None, target=current.resource.value if passed else None)


def _request(target: Resource, cluster: Cluster) -> CelRequest:
    return CelRequest(Request(Operation.UPDATE, new=target, namespace=target.namespace), cluster)


def _means(policy: MutatingPolicy, names: frozenset[_Name] | None, target: CelRequest) -> bool:
    if target.in_cluster and policy.policy.is_namespaced and policy.policy.namespace != target.namespace:
        return False
    if names is not None:
        return (target.resource.kind if target.in_cluster else "", target.namespace, target.name) in names
    attributes = replace(target.attributes, operation="", old_labels=None)
    if not target.in_cluster:
        attributes = replace(attributes, namespace_labels=None)  # the command line asks nobody
    try:
        return policy.targets.matches(attributes)
    except EngineError:
        return False
