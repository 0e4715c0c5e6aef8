"""``patchStrategicMerge`` (upstream: pkg/engine/mutate/patch/strategicMergePatch.go)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from engine import pattern
from engine.errors import LimitError
from engine.model import Value
from engine.patch import merge, preprocess
from engine.patch.preprocess import Check, Conditions, Met
from engine.patch.scalars import CrashError, PatchError, expect, require_kind, same
from engine.values.numbers import renumber

__all__ = ["compile", "renumber"]

_MOST_KNOWN: Final = 1024
"""What resources make of a patch is kept for so many that differ where the patch looks, and for bytes of that."""
_LONGEST_SEEN: Final = 4096


def compile(patch: Value) -> Callable[[Value], Value | None]:
    """The function that gives the patched resource, or None if a condition is not met or nothing changes.

    The patch has no variables left. The resource is never changed; the result shares with it what the patch does not
    touch, its numbers included: ``renumber`` makes them what they are after the reference's way through JSON. The
    function raises PatchError with the reference's text and LimitError where patch or resource nest too deeply.
    """
    try:
        apply = _compiled(preprocess.prepared(patch))
    except RecursionError:
        return _too_deep

    def guarded(resource: Value) -> Value | None:
        try:
            return apply(resource)
        except RecursionError:
            return _too_deep(resource)

    return guarded


def _compiled(patch: Value) -> Callable[[Value], Value | None]:
    resolve = _resolver(patch)
    if type(patch) is not dict or preprocess.has_anchors(patch):
        return lambda resource: _merged(resource, resolve(resource))
    static = preprocess.without_conditions(preprocess.prepared(patch))
    if not same(static, patch):
        return lambda resource: _merged(resource, resolve(resource))

    def apply(resource: Value) -> Value | None:
        try:
            return _merged(resource, static)
        except PatchError:
            # What the merge refuses the walk over the patch may have refused before it, in other words.
            resolve(resource)
            raise

    return apply


class _Untouched:
    """Remembers what merging nothing into the latest resource gave: rule after rule has a condition that is not met.

    Holds one resource alive. Its single slot is replaced whole, so threads may share it.
    """

    __slots__ = ("_slot",)

    def __init__(self) -> None:
        self._slot: tuple[Value, Value] | None = None

    def of(self, resource: Value) -> Value:
        """The resource with its keyed lists put in order, itself where they are."""
        slot = self._slot
        if slot is None or slot[0] is not resource:
            slot = self._slot = (resource, merge.merge(resource, {}))
        return slot[1]


_UNTOUCHED = _Untouched()


def _merged(resource: Value, patch: Value) -> Value | None:
    merged = merge.merge(resource, patch) if patch != {} else _UNTOUCHED.of(resource)
    if merged is resource:
        return None
    require_kind(merged)
    return merged


def _resolver(patch: Value) -> Callable[[Value], Value]:
    """The function from a resource to the patch without anchors, {} where a condition is not met.

    It walks once for all resources that are equal where the patch looks; none changes what it is given.
    """
    conditions = Conditions(patch, _check)
    known: dict[bytes, Value] = {}

    def resolve(resource: Value) -> Value:
        try:
            seen = msgspec.msgpack.encode(preprocess.looked_at(patch, resource))
        except (OverflowError, RecursionError, ValueError):  # such as integers beyond 64 bits
            return anew(resource)
        found = known.get(seen)
        if found is None:
            found = anew(resource)
            if len(known) >= _MOST_KNOWN:
                known.clear()
            if len(seen) <= _LONGEST_SEEN:
                known[seen] = found
        return found

    def anew(resource: Value) -> Value:
        own = preprocess.copied(patch)
        try:
            if preprocess.walk(own, resource, conditions) is not Met.YES:
                return {}
            expect("MappingNode", own)
            return preprocess.without_conditions(own)
        except CrashError:
            raise
        except PatchError as error:
            raise PatchError(f"failed to preProcess rule: {error}") from error

    return resolve


def _check(value: Value) -> Check:
    matches = pattern.compile(value)
    return lambda found: matches(found) is None


def _too_deep(_resource: Value) -> Value | None:
    raise LimitError("patch and resource are nested too deeply to be merged")
