"""A map pattern (upstream: validateMap in pkg/engine/validate/validate.go): anchors first, then the other keys."""

from __future__ import annotations

from engine.model import Value
from engine.pattern.anchors import BEFORE_OTHERS, NESTED, Kind, parse
from engine.pattern.checks import Check, Element, Resource, Run, Step
from engine.pattern.failure import At, Mismatch, plain, skipped
from engine.pattern.failure import Kind as Failed
from engine.pattern.handlers import step, value_check
from engine.pattern.metadata import Expansion
from engine.values import golang


def compile(pattern: Resource, element: Element) -> Check:
    """The map pattern, its metadata expanded for each resource where it holds wildcards."""
    expansion = Expansion.of(pattern)
    if expansion is None:
        return _fixed(pattern, element)
    return _expanding(expansion, lambda expanded: _fixed(expanded, element))


def _expanding(expansion: Expansion, compiler: Element) -> Check:
    """Compiles once for each set of keys that the wildcards stand for; the number of sets kept is bounded."""
    compiled: dict[object, Check] = {}
    as_written = compiler(expansion.pattern)

    def check(value: Value, at: At, run: Run) -> Mismatch | None:
        found = expansion.expand(value, run)
        if found is None:
            return as_written(value, at, run)
        if found not in compiled:
            if len(compiled) >= 256:
                compiled.clear()
            compiled[found] = compiler(expansion.replaced(found))
        return compiled[found](value, at, run)

    return check


def _fixed(pattern: Resource, element: Element) -> Check:
    before = tuple(step(raw, pattern[raw], element) for raw in sorted(pattern) if parse(raw).kind in BEFORE_OTHERS)
    others = _ordered(pattern)
    if not before and all(parse(raw).kind in (Kind.PLAIN, Kind.ADD) for raw in others):
        return _plain_map(tuple((raw, value_check(pattern[raw], element)) for raw in others))
    after = tuple(step(raw, pattern[raw], element) for raw in others)
    tracked = tuple((raw, parse(raw).key) for raw in pattern if parse(raw).kind in (Kind.CONDITION, Kind.EXISTENCE))
    return _anchored_map(tracked, before, after)


def _ordered(pattern: Resource) -> list[str]:
    """Keys judged after the anchors: those with global or nested anchors first, last in the alphabet foremost."""
    foremost: list[str] = []
    rest: list[str] = []
    for raw in sorted(pattern):
        kind = parse(raw).kind
        if kind not in BEFORE_OTHERS:
            (foremost if kind is Kind.GLOBAL or _has_anchors(pattern[raw]) else rest).append(raw)
    return foremost[::-1] + rest


def _has_anchors(pattern: Value) -> bool:
    if isinstance(pattern, dict):
        return any(parse(key).kind in NESTED or _has_anchors(value) for key, value in pattern.items())
    return isinstance(pattern, list) and any(map(_has_anchors, pattern))


def _not_a_map(value: Value, at: At) -> Mismatch:
    found = golang.type_name(value)
    return plain(
        at,
        lambda where: (
            f"pattern and resource have different structures. Path: {where}. "
            f"Expected {golang.type_name({})}, found {found}"
        ),
    )


def _plain_map(entries: tuple[tuple[str, Check], ...]) -> Check:
    if len(entries) == 1:
        return _single_key(*entries[0])

    def check(value: Value, at: At, run: Run) -> Mismatch | None:
        if not isinstance(value, dict):
            return _not_a_map(value, at)
        for key, judge in entries:
            mismatch = judge(value.get(key), (at, key), run)
            if mismatch is not None:
                return mismatch
        return None

    return check


def _single_key(key: str, judge: Check) -> Check:
    def check(value: Value, at: At, run: Run) -> Mismatch | None:
        if not isinstance(value, dict):
            return _not_a_map(value, at)
        return judge(value.get(key), (at, key), run)

    return check


def _anchored_map(tracked: tuple[tuple[str, str], ...], before: tuple[Step, ...], after: tuple[Step, ...]) -> Check:
    def check(value: Value, at: At, run: Run) -> Mismatch | None:
        if not isinstance(value, dict):
            return _not_a_map(value, at)
        for raw, key in tracked:
            if not run.seen.get(raw):
                run.seen[raw] = key in value
        mismatch = _anchors(before, value, at, run) if before else None
        if mismatch is not None:
            return mismatch
        for judge in after:
            mismatch = judge(value, at, run)
            if mismatch is not None:
                return mismatch
        return None

    return check


def _anchors(steps: tuple[Step, ...], value: Resource, at: At, run: Run) -> Mismatch | None:
    """All anchors are looked at: once one of this map says that it does not apply, later failures count no more."""
    reasons: list[Mismatch] = []
    own_reason = applied = False
    for judge in steps:
        mismatch = judge(value, at, run)
        if mismatch is None:
            applied = True
        elif mismatch.skips:
            reasons.append(mismatch)
            own_reason = own_reason or mismatch.kind is not Failed.SKIPPED
        elif not own_reason:
            return mismatch
    if reasons and (own_reason or not applied):
        return skipped(reasons, at)
    return None
