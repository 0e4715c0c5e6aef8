"""Namespaces that are told both to enforce and to audit (upstream: validateNamespaces in validate.go)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.model import Path, Value
from engine.policies import Policy
from engine.schema import Fault, written
from engine.validation.faults import invalid
from engine.values import wildcard

_MOST = 1000


class _Namespaces(NamedTuple):
    """Namespaces that are told the same thing, those with wildcards apart."""

    names: set[str]
    globs: set[str]


def check(policy: Policy) -> Iterator[Fault]:
    """Conflicts among the overrides of each rule and of the spec."""
    if policy.is_namespaced:
        return
    for rule in policy.rules:
        if rule.has_validate:
            path = ("spec", "rules", rule.index, "validate", "failureActionOverrides")
            shown = ("spec", "rules", rule.index, "validate", "validationFailureActionOverrides")
            yield from _conflicts(rule.raw["validate"].get("failureActionOverrides"), path, shown)
    whole = ("spec", "validationFailureActionOverrides")
    yield from _conflicts(policy.spec.get("validationFailureActionOverrides"), whole, whole)


def _conflicts(overrides: Value, path: Path, shown: Path) -> Iterator[Fault]:
    seen = {"enforce": _Namespaces(set(), set()), "audit": _Namespaces(set(), set())}
    for index, override in enumerate(overrides or ()):
        if "action" not in override:
            yield invalid("invalid action", *path, index)
            return
        action = override["action"].lower()
        text = _conflict(seen, action, override.get("namespaces") or (), f"{written((*shown, index, 'namespaces'))}: ")
        if text:
            yield invalid(text, *path, index, "namespaces")
            return


def _conflict(seen: dict[str, _Namespaces], action: str, listed: Iterable[str], place: str) -> str:
    """Take the namespaces in, and say how they conflict with those that are told the opposite."""
    new = _Namespaces(set(), set())
    for name in listed:
        (new.globs if wildcard.contains(name) else new.names).add(name)
    old, other = seen[action], seen["audit" if action == "enforce" else "enforce"]
    old.names.update(new.names)
    old.globs.update(new.globs)
    if sum(len(group.names) + len(group.globs) for group in seen.values()) > _MOST:
        return f"path: {place}more than {_MOST} namespaces are told apart"
    if other.names & new.names:
        return f"conflicting namespaces found in path: {place}{', '.join(sorted(other.names & new.names))}"
    text = _overlap(new, other)
    return f"path: {place}{text}" if text else ""


def _overlap(new: _Namespaces, other: _Namespaces) -> str:
    for globs, names in ((new.globs, other.names), (other.globs, new.names)):
        for glob, name in _pairs(globs, names):
            return f"wildcard pattern '{glob}' matches with namespace '{name}'"
    for globs, names in ((new.globs, other.globs), (other.globs, new.globs)):
        for glob, name in _pairs(globs, names):
            return f"wildcard pattern '{glob}' conflicts with the pattern '{name}'"
    return ""


def _pairs(globs: set[str], names: set[str]) -> Iterator[tuple[str, str]]:
    for name in sorted(names):
        for glob in sorted(globs):
            if wildcard.match(glob, name):
                yield glob, name
