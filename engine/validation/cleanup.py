"""Cleanup policies, as the reference's webhook validates them (upstream: api/kyverno/v2/cleanup_policy_types.go)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kinds import TABLE
from engine.model import Path, Problem, Value
from engine.policies import Policy
from engine.schema import Fault
from engine.validation.faults import bad_value, forbidden, invalid, problem
from engine.validation.structure import long_name, match_block, no_users
from engine.values import cron

_SPEC: Path = ("spec",)
_EMPTY = "CleanupPolicy is matching an empty set"


def validate_cleanup(policy: Policy) -> tuple[Problem, ...]:
    """What a cluster refuses of a cleanup policy; the reference's CLI does not look."""
    return tuple(problem(policy.document, policy.base, fault) for fault in _faults(policy))


def _faults(policy: Policy) -> Iterator[Fault]:
    spec = policy.spec
    yield from long_name(policy)
    for index, entry in enumerate(spec.get("context") or ()):
        for field, name in (("imageRegistry", "ImageRegistry"), ("configMap", "ConfigMap")):
            if entry.get(field) is not None:
                yield invalid(f"spec.context: Invalid value: {name} is not allowed in CleanUp Policy", *_entry(index))
                break
    if not cron.is_schedule(spec["schedule"]):
        text = "schedule spec in the cleanupPolicy is not in proper cron format"
        yield bad_value((*_SPEC, "schedule"), text, spec["schedule"])
    for name in ("match", "exclude"):
        yield from _block(spec.get(name) or {}, (*_SPEC, name), policy.is_namespaced)
    if _is_empty(spec["match"], spec.get("exclude") or {}):
        yield bad_value(_SPEC, _EMPTY)


def _entry(index: int) -> Path:
    return (*_SPEC, "context", index)


def _block(block: dict[str, Value], path: Path, namespaced: bool) -> Iterator[Fault]:
    users = list(no_users(block, path))
    yield from users or match_block(block, path, namespaced)
    if users or not namespaced:
        return
    for name in ("any", "all"):
        for index, item in enumerate(block.get(name) or ()):
            for number, kind in enumerate((item.get("resources") or {}).get("kinds") or ()):
                if _is_cluster_wide(kind):
                    text = f"Cluster wide resource '{kind}' not allowed in namespaced policy"
                    yield forbidden((*path, name, index, "kinds", number), text)._replace(path=(*path, name, index))


def _is_cluster_wide(kind: str) -> bool:
    return any(kind in (row.kind, f"{row.group}/{row.version}/{row.kind}".lstrip("/")) for row in _CLUSTER_WIDE)


_CLUSTER_WIDE = tuple(row for row in TABLE if not row.namespaced and "/" not in row.plural)


def _is_empty(match: dict[str, Value], exclude: dict[str, Value]) -> bool:
    """Whether a filter is both wanted and excluded, or what excludes has nothing to be held against."""
    if not exclude or exclude.get("all") or match.get("all"):
        return False
    if match.get("any") and exclude.get("any"):
        return any(item in exclude["any"] for item in match["any"])
    return True
