"""The walk of a pattern through a resource (upstream: pkg/engine/validate/validate.go), compiled to closures."""

from __future__ import annotations

from engine.model import Value
from engine.pattern import maps, scalar
from engine.pattern.checks import Check, Run
from engine.pattern.failure import At, Mismatch, Pattern, PatternFailure, keys, path, plain, skipped, unequal


def compile(pattern: Value) -> Pattern:
    """The pattern, in which no variable is left, as a predicate over resources."""
    check = _element(pattern)

    def matches(resource: Value) -> PatternFailure | None:
        run = Run()
        mismatch = check(resource, None, run)
        return None if mismatch is None else _failure(mismatch, run)

    return matches


def _failure(mismatch: Mismatch, run: Run) -> PatternFailure:
    """The verdict of MatchPattern: where an anchor's key was nowhere, an ordinary failure loses its path (trap 4)."""
    skip = mismatch.skips
    lost = skip or not mismatch.placed or (not mismatch.denies and False in run.seen.values())
    where = "" if lost else path(mismatch.at)
    return PatternFailure(skip, where, mismatch.text(), keys(mismatch.at))


def _element(pattern: Value) -> Check:
    if isinstance(pattern, dict):
        return maps.compile(pattern, _element)
    if isinstance(pattern, list):
        return _array(pattern)
    return _scalar(pattern)


def _scalar(pattern: Value) -> Check:
    """A scalar against a value, or against each item of a list."""
    accepts = scalar.compile(pattern)

    def check(value: Value, at: At, run: Run) -> Mismatch | None:
        if isinstance(value, list):
            for item in value:
                if not accepts(item):
                    return unequal(value, pattern, at)
            return None
        return None if accepts(value) else unequal(value, pattern, at)

    return check


def _array(pattern: list[Value]) -> Check:
    """Only the first item counts, for every item of the resource, unless it is itself a list."""
    if not pattern:
        return _of_list(lambda value, at, run: plain(at, lambda where: "pattern Array empty"))
    first = pattern[0]
    if isinstance(first, dict):
        return _of_list(_each(maps.compile(first, _element)))
    if isinstance(first, list):
        return _of_list(_by_index([_element(item) for item in pattern]))
    return _of_list(_scalar(first))


def _of_list(check: Check) -> Check:
    def judge(value: Value, at: At, run: Run) -> Mismatch | None:
        if isinstance(value, list):
            return check(value, at, run)
        return plain(
            at,
            lambda where: (
                f"validation rule failed at path {where}, resource does not satisfy the expected overlay pattern"
            ),
        )

    return judge


def _each(check: Check) -> Check:
    """Items to which the pattern does not apply are passed over, unless it applies to none."""

    def judge(value: Value, at: At, run: Run) -> Mismatch | None:
        applied, reasons = False, None
        for index, item in enumerate(value):
            mismatch = check(item, (at, index), run)
            if mismatch is None:
                applied = True
            elif not mismatch.skips:
                return mismatch
            elif reasons is None:
                reasons = [mismatch]
            else:
                reasons.append(mismatch)
        return skipped(reasons, at) if reasons is not None and not applied else None

    return judge


def _by_index(checks: list[Check]) -> Check:
    def judge(value: Value, at: At, run: Run) -> Mismatch | None:
        if len(value) < len(checks):
            text = (
                f"validate Array failed, array length mismatch, resource Array len is {len(value)} "
                f"and pattern Array len is {len(checks)}"
            )
            return plain(at, lambda where: text, placed=False)
        applied, reasons = False, []
        for index, check in enumerate(checks):
            mismatch = check(value[index], (at, index), run)
            if mismatch is None:
                applied = True
            elif not mismatch.skips:
                return mismatch
            else:
                reasons.append(mismatch)
        return skipped(reasons, at) if reasons and not applied else None

    return judge
