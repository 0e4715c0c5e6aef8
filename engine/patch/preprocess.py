"""Anchors in a strategic merge patch: from a patch and a resource, the patch without anchors.

upstream: pkg/engine/mutate/patch/strategicPreprocessing.go. Upstream changes the patch while it walks, and results
depend on it: an element of a list is tried on one resource element after the other with the changes of the earlier
ones still in it, and elements with anchors are cut out by positions that shift. So the walk here changes its own copy
of the patch in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import lru_cache

from engine.model import Value
from engine.patch.scalars import MISSING, CrashError, expect, text
from engine.pattern.anchors import Kind, parse
from engine.values.numbers import floats

Check = Callable[[Value], bool]

_CONDITIONS = frozenset({Kind.CONDITION, Kind.GLOBAL})
_GLOBAL = frozenset({Kind.GLOBAL})
_RESOLVED = _CONDITIONS | {Kind.ADD}
"""The anchors that mean something in a patch. Others are, anchor and all, names of fields."""


class Met(Enum):
    """What a walk came to: on, or a condition or global condition that is not met."""

    YES = 0
    CONDITION = 1
    GLOBAL = 2


def has_anchors(patch: Value, kinds: frozenset[Kind] = _RESOLVED) -> bool:
    """Whether a key below has one of the anchors, or a string looks like a condition."""
    if type(patch) is dict:
        return any((_is_resolved(key) and parse(key).kind in kinds) or has_anchors(patch[key], kinds) for key in patch)
    if type(patch) is list:
        return any(has_anchors(item, kinds) for item in patch)
    return type(patch) is str and _is_condition(patch)


def prepared(patch: Value) -> Value:
    """A copy of a patch as upstream reads it: keys in the order of JSON."""
    if type(patch) is dict:
        return {key: prepared(patch[key]) for key in sorted(patch)}
    if type(patch) is list:
        return [prepared(item) for item in patch]
    return patch


class Conditions:
    """The values below condition anchors of one patch, each compiled once."""

    __slots__ = ("_checks", "_match", "_texts")

    def __init__(self, patch: Value, match: Callable[[Value], Check]) -> None:
        self._match = match
        self._checks: dict[int, Check] = {}
        self._texts: dict[str, Check] = {}
        self._collect(patch)

    def _collect(self, patch: Value) -> None:
        # Keyed by identity: the copies of the patch share these values, and the patch outlives every run.
        if type(patch) is dict:
            for key, value in patch.items():
                if not _is_condition(key):
                    self._collect(value)
                elif type(value) in (dict, list):
                    self._checks[id(value)] = self._match(floats(value))
        elif type(patch) is list:
            for item in patch:
                self._collect(item)

    def met(self, pattern: Value, value: Value) -> bool:
        """Whether a value of the resource matches. Scalars are compared as text (convertRNodeToInterface)."""
        if type(pattern) in (dict, list):
            check = self._checks.get(id(pattern)) or self._match(floats(pattern))
        else:
            check = self._text(text(pattern))
        return check(floats(value) if type(value) in (dict, list) else text(value))

    def _text(self, wanted: str) -> Check:
        check = self._texts.get(wanted)
        if check is None:
            check = self._texts[wanted] = self._match(wanted)
        return check


def copied(patch: Value) -> Value:
    """A copy to change. What stands below a condition is shared, it is only changed by replacing it."""
    if type(patch) is dict:
        return {key: value if _is_condition(key) else copied(value) for key, value in patch.items()}
    if type(patch) is list:
        return [copied(item) for item in patch]
    return patch


@lru_cache(maxsize=4096)
def _is_condition(key: str) -> bool:
    return parse(key).kind in _CONDITIONS


@lru_cache(maxsize=4096)
def _is_resolved(key: str) -> bool:
    return parse(key).kind in _RESOLVED


def looked_at(patch: Value, resource: Value) -> Value:
    """What a walk over the patch reads of a resource: where it is equal, so is what the walk makes of the patch."""
    if type(patch) is dict:
        fields = resource if type(resource) is dict else {}
        found: dict[str, Value] = {}
        for key, value in patch.items():
            kind, bare = parse(key) if _is_resolved(key) else (None, key)
            if bare in fields and (kind or type(value) in (dict, list)):
                found[key] = True if kind is Kind.ADD else fields[bare] if kind else looked_at(value, fields[bare])
        return found
    return resource if type(patch) is list else None


def walk(patch: Value, resource: Value, conditions: Conditions) -> Met:
    """Check the conditions of a patch and resolve its ``+()`` anchors in place, for one resource value or MISSING."""
    if type(patch) is dict:
        return _walk_map(patch, resource, conditions)
    if type(patch) is list and patch and type(patch[0]) is dict:
        return _walk_list(patch, resource, conditions)
    return Met.YES


def _walk_map(patch: dict[str, Value], resource: Value, conditions: Conditions) -> Met:
    fields = resource if type(resource) is dict else {}
    if any(map(_is_resolved, patch)):
        add_if_absent(patch, fields)
        for kind, unmet in ((Kind.GLOBAL, Met.GLOBAL), (Kind.CONDITION, Met.CONDITION)):
            if not all(_condition(patch, key, kind, fields, conditions) for key in list(patch)):
                return unmet
    for key, value in patch.items():
        if type(value) in (dict, list) and not _is_resolved(key):
            met = walk(value, fields.get(key, MISSING), conditions)
            if met is not Met.YES:
                return met
    return Met.YES


def add_if_absent(patch: dict[str, Value], fields: dict[str, Value]) -> int:
    """Drop the ``+()`` keys that the resource has and bare the others; gives their number."""
    count = 0
    for key in list(patch):
        kind, bare = parse(key)
        if kind is Kind.ADD:
            count += 1
            if bare in fields:
                del patch[key]
            else:
                _rename(patch, key, bare)
    return count


def _rename(patch: dict[str, Value], old: str, new: str) -> None:
    items = list(patch.items())
    patch.clear()
    for key, value in items:
        # A key that is there already keeps its value: readers of a node with a key twice see the first.
        patch.setdefault(new if key == old else key, value)


def _condition(patch: dict[str, Value], key: str, kind: Kind, fields: dict[str, Value], conditions: Conditions) -> bool:
    found, bare = parse(key)
    if found is not kind:
        return True
    if bare not in fields:
        return False
    pattern, value = patch[key], fields[bare]
    if type(pattern) is dict:
        resolved = dict(pattern)
        if add_if_absent(resolved, value if type(value) is dict else {}):
            patch[key] = resolved
            return True
    return conditions.met(pattern, value)


def _walk_list(patch: list[Value], resource: Value, conditions: Conditions) -> Met:
    expect("SequenceNode", resource)
    elements = resource if type(resource) is list else []
    for item in list(patch):
        if has_anchors(item):
            met = _walk_element(patch, item, elements, conditions, missing=resource is MISSING)
            if met is not Met.YES:
                return met
    return Met.YES


def _walk_element(
    patch: list[Value], item: Value, elements: list[Value], conditions: Conditions, *, missing: bool
) -> Met:
    tried = copied(item)
    has_global = has_anchors(item, _GLOBAL)
    passed = failed = False
    for element in [MISSING] if missing else elements:
        met = walk(tried, element, conditions)
        if met is Met.CONDITION:
            continue
        if met is Met.GLOBAL:
            if missing:
                return met
            failed = True
        elif has_global:
            passed = True
        elif not missing:
            _append_named(patch, tried, element)
    return Met.GLOBAL if failed and not passed else Met.YES


def _append_named(patch: list[Value], item: Value, element: Value) -> None:
    """Emit the element once more for the resource's element of that name; one without a name cannot be merged."""
    name = element.get("name") if type(element) is dict else None
    if name is None or name == {} or name == []:
        return
    named = copied(item)
    if without_anchors(named, drop_scalar=True):
        return
    expect("MappingNode", named)
    named["name"] = name
    patch.append(named)


def without_conditions(patch: dict[str, Value]) -> dict[str, Value]:
    """The final patch: conditions and what is empty without them gone (deleteConditionElements). Changes its argument.

    A condition at the top with something to merge below it stays under its name with the anchor, as upstream has it.
    """
    for key in list(patch):
        patch[key] = value = _own(key, patch[key])
        if without_anchors(value, drop_scalar=_is_condition(key)):
            del patch[key]
    return patch


def _own(key: str, value: Value) -> Value:
    return copied(value) if _is_condition(key) else value


def without_anchors(patch: Value, *, drop_scalar: bool) -> bool:
    """Take the anchors out of a patch in place; True if nothing is left of it (deleteAnchors)."""
    if type(patch) is dict:
        return _map_without_anchors(patch)
    if type(patch) is list:
        return _list_without_anchors(patch)
    return drop_scalar


def _map_without_anchors(patch: dict[str, Value]) -> bool:
    left = []
    for key in list(patch):
        if _is_condition(key):
            patch[key] = value = _own(key, patch[key])
            if without_anchors(value, drop_scalar=True):
                del patch[key]
            else:
                left.append(key)
    for key in left:
        _rename(patch, key, parse(key).key)
    empty = True
    for key in list(patch):
        if without_anchors(patch[key], drop_scalar=False):
            del patch[key]
        else:
            empty = False
    return empty


def _list_without_anchors(patch: list[Value]) -> bool:
    elements = list(patch)
    for place, element in enumerate(elements):
        if has_anchors(element) or without_anchors(element, drop_scalar=False):
            if place >= len(patch):
                raise CrashError(f"runtime error: slice bounds out of range [{place + 1}:{len(patch)}]")
            # The place counts in the list as it was: behind a deletion it is the next element that goes.
            del patch[place]
    return bool(elements) and not patch
