"""Anchors in patterns (upstream: pkg/policy/common/validate_pattern.go)."""

from __future__ import annotations

from engine.model import Path, Value
from engine.pattern import anchors
from engine.pattern.anchors import Kind

OF_VALIDATE = frozenset({Kind.CONDITION, Kind.EXISTENCE, Kind.EQUALITY, Kind.NEGATION, Kind.GLOBAL})
"""The anchors that a validate pattern may hold."""


def first_refused(pattern: Value, path: Path, allowed: frozenset[Kind]) -> tuple[str, Path] | None:
    """What is wrong with the first anchor that may not stand where it does, and its place."""
    match pattern:
        case dict():
            for key, value in pattern.items():
                text = _refusal(key, value, allowed)
                if text:
                    return text, (*path, key)
                found = first_refused(value, (*path, key), allowed)
                if found is not None:
                    return found
        case list():
            for index, value in enumerate(pattern):
                found = first_refused(value, (*path, index), allowed)
                if found is not None:
                    return found
    return None


def _refusal(key: str, value: Value, allowed: frozenset[Kind]) -> str:
    kind = anchors.parse(key).kind
    if kind is Kind.PLAIN:
        return ""
    if kind not in allowed:
        return f"unsupported anchor {key}"
    if kind is Kind.EXISTENCE:
        if type(value) is not list:
            return "existence anchor should have value of type list"
        if not value:
            return "existence anchor: should have at least one value"
    return ""


def shown(path: Path, root: int) -> str:
    """The place as the reference writes it: ``//spec/containers/0//image`` below the first ``root`` parts."""
    text = "/"
    for part in path[root:]:
        text += f"{part}/" if isinstance(part, int) else f"/{part}"
    return text
