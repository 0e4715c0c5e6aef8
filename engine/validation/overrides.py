"""Namespaces that are told both to enforce and to audit (upstream: validateNamespaces in validate.go)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.model import Path, Value
from engine.policies import Policy
from engine.schema import Fault, written
from engine.validation.faults import invalid
from engine.values import wildcard


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
    names: dict[str, set[str]] = {"enforce": set(), "audit": set()}
    globs: dict[str, set[str]] = {"enforce": set(), "audit": set()}
    for index, override in enumerate(overrides or ()):
        if "action" not in override:
            yield invalid("invalid action", *path, index)
            return
        action = override["action"].lower()
        other = "audit" if action == "enforce" else "enforce"
        listed = override.get("namespaces") or ()
        here = {name for name in listed if not wildcard.contains(name)}
        place = f"{written((*shown, index, 'namespaces'))}: "
        if names[other] & here:
            both = ", ".join(sorted(names[other] & here))
            yield invalid(f"conflicting namespaces found in path: {place}{both}", *path, index, "namespaces")
            return
        globs[action].update(name for name in listed if wildcard.contains(name))
        names[action] |= here
        text = _overlap(names, globs)
        if text:
            yield invalid(f"path: {place}{text}", *path, index, "namespaces")
            return


def _overlap(names: dict[str, set[str]], globs: dict[str, set[str]]) -> str:
    for one, other in (("audit", "enforce"), ("enforce", "audit")):
        for glob, name in _pairs(globs[one], names[other]):
            return f"wildcard pattern '{glob}' matches with namespace '{name}'"
    for one, other in (("audit", "enforce"), ("enforce", "audit")):
        for glob, name in _pairs(globs[one], globs[other]):
            return f"wildcard pattern '{glob}' conflicts with the pattern '{name}'"
    return ""


def _pairs(globs: Iterable[str], names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in sorted(names):
        for glob in sorted(globs):
            if wildcard.match(glob, name):
                yield glob, name
