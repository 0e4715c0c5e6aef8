"""One key of a map pattern, by its anchor (upstream: pkg/engine/anchor/handlers.go)."""

from __future__ import annotations

from engine.model import Value
from engine.pattern.anchors import Kind as Anchor
from engine.pattern.anchors import parse
from engine.pattern.checks import Check, Element, Resource, Run, Step
from engine.pattern.failure import (
    CONDITION_PHRASE,
    GLOBAL_PHRASE,
    NEGATION_PHRASE,
    At,
    Kind,
    Mismatch,
    path,
    plain,
)
from engine.values import golang


def step(raw: str, pattern: Value, element: Element) -> Step:
    """The compiled key; ``raw`` is the key as written."""
    kind, key = parse(raw)
    match kind:
        case Anchor.NEGATION:
            return _negation(key)
        case Anchor.EXISTENCE:
            return _existence(key, pattern, element)
        case Anchor.EQUALITY:
            return _equality(key, element(pattern))
        case Anchor.CONDITION:
            return _condition(key, element(pattern))
        case Anchor.GLOBAL:
            return _global(key, element(pattern))
    return _plain(raw, value_check(pattern, element))


def value_check(pattern: Value, element: Element) -> Check:
    """What a key without an anchor asks of its value, which is None where the key is absent."""
    if pattern == "*":
        return _present
    return element(pattern)


def _present(value: Value, at: At, run: Run) -> Mismatch | None:
    if value is not None or at is None:
        return None
    parent, key = at  # upstream reports the place of the map
    return plain(parent, lambda where: f"{where}/{key} not found")


def _plain(key: str, check: Check) -> Step:
    return lambda resource, at, run: check(resource.get(key), (at, key), run)


def _equality(key: str, check: Check) -> Step:
    def judge(resource: Resource, at: At, run: Run) -> Mismatch | None:
        return check(resource[key], (at, key), run) if key in resource else None

    return judge


def _condition(key: str, check: Check) -> Step:
    def judge(resource: Resource, at: At, run: Run) -> Mismatch | None:
        if key not in resource:
            return Mismatch(Kind.CONDITION, (at, key), _absent)
        return _wrapped(Kind.CONDITION, CONDITION_PHRASE, check(resource[key], (at, key), run))

    return judge


def _absent() -> str:
    return f"{CONDITION_PHRASE}: conditional anchor key doesn't exist in the resource"


def _global(key: str, check: Check) -> Step:
    def judge(resource: Resource, at: At, run: Run) -> Mismatch | None:
        if key not in resource:
            return None
        return _wrapped(Kind.GLOBAL, GLOBAL_PHRASE, check(resource[key], (at, key), run))

    return judge


def _wrapped(kind: Kind, phrase: str, cause: Mismatch | None) -> Mismatch | None:
    if cause is None:
        return None
    return Mismatch(kind, cause.at, lambda: f"{phrase}: {cause.text()}", cause.placed)


def _negation(key: str) -> Step:
    def judge(resource: Resource, at: At, run: Run) -> Mismatch | None:
        if key not in resource:
            return None
        here = (at, key)
        return Mismatch(Kind.NEGATION, here, lambda: f"{NEGATION_PHRASE}: {path(here)} is not allowed")

    return judge


def _existence(key: str, pattern: Value, element: Element) -> Step:
    """Each map of the pattern has to be satisfied by at least one item of the list."""
    checks = (
        [element(item) if isinstance(item, dict) else None for item in pattern] if isinstance(pattern, list) else []
    )

    def judge(resource: Resource, at: At, run: Run) -> Mismatch | None:
        if key not in resource:
            return None
        items, here = resource[key], (at, key)
        if not isinstance(items, list):
            return _invalid(
                here, "resource", items, "Existence ^ () anchor can be used only on list/array type resource"
            )
        if not isinstance(pattern, list):
            return _invalid(here, "pattern", pattern, "Pattern has to be of list to compare against resource")
        for check in checks:
            if check is None:
                explained = "Pattern has to be of type map to compare against items in resource"
                return _invalid(here, "pattern", pattern, explained)
            if not _any(check, items, here, run):
                return plain(here, lambda where: f"existence anchor validation failed at path {where}")
        return None

    return judge


def _any(check: Check, items: list[Value], at: At, run: Run) -> bool:
    return any(check(item, (at, index), run) is None for index, item in enumerate(items))


def _invalid(at: At, side: str, value: Value, explained: str) -> Mismatch:
    return plain(at, lambda where: f"invalid {side} type {golang.type_name(value)}: {explained}")
