"""The merge of an object and an apply configuration (upstream: structured-merge-diff typed/merge.go; apiserver's
policy/mutating/patch/smd.go).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from engine.model import Value
from engine.patch.scalars import PatchError
from engine.patch.structured import validate
from engine.patch.structured.types import ListType, MapType, Type
from engine.patch.structured.validate import Element, deduced


class _Missing:
    """The type of :data:`_MISSING`."""


_MISSING: Final = _Missing()


def apply(type_: Type, live: Value, patch: Value, *, replaces_whole: bool = False) -> Value:
    """The object with the patch merged into it; neither is changed, the result shares what stays.

    ``replaces_whole`` lets the patch set lists and maps that are one piece, which else is refused since all that it
    does not repeat would be lost. Raises PatchError with the reference's text.
    """
    _check("patch", type_, patch)
    if not replaces_whole:
        pieces = list(_pieces(type_, patch, ""))
        if pieces:
            text = f"may not mutate atomic arrays, maps or structs: {', '.join(pieces)}"
            raise PatchError(f"invalid ApplyConfiguration: {text}")
    _check("original", type_, live)
    return _merged(type_, live, patch)


def _check(what: str, type_: Type, value: Value) -> None:
    found = list(validate.faults(type_, value, repeats=what == "original"))
    if found:
        raise PatchError(f"failed to convert {what} object to typed object: {validate.text_of(found)}")


def _pieces(type_: Type, value: Value, path: str) -> Iterator[str]:
    """The paths of what is one piece, of fields that the schema names (upstream: findAtomics)."""
    if isinstance(value, dict) and type_.map is not None:
        if type_.map.is_atomic:
            yield path
        for key, inner in value.items():
            if key in type_.map.fields:
                yield from _pieces(type_.map.fields[key](), inner, f"{path}.{key}")
    elif isinstance(value, list) and type_.list is not None:
        if type_.list.keys is None:
            yield path
        for index, inner in enumerate(value):
            yield from _pieces(type_.list.element(), inner, f"{path}[{index}]")


def _merged(type_: Type, live: Value | _Missing, patch: Value | _Missing) -> Value:
    """What comes out; _MISSING where nothing does. A side that has nothing to say is _MISSING."""
    if isinstance(patch, _Missing):
        return live
    chosen = deduced(type_, patch)
    if chosen.map is not None:
        return _merged_map(chosen.map, live, patch)
    if chosen.scalar is None and chosen.list is not None:
        return _merged_list(chosen.list, live, patch)
    return patch


def _merged_map(type_: MapType, live: Value | _Missing, patch: Value) -> Value:
    """Both sides' keys; empty or absent maps are as good as scalars, so that {} and null stay what they are."""
    old = live if isinstance(live, dict) else {}
    new = patch if isinstance(patch, dict) else {}
    if type_.is_atomic or not (old or new):
        return patch
    merged = dict(old)
    for key, value in new.items():
        reference = type_.fields.get(key, type_.element)
        if reference is not None:
            merged[key] = _merged(reference(), old.get(key, _MISSING), value)
    return merged


def _merged_list(type_: ListType, live: Value | _Missing, patch: Value) -> Value:
    old = live if isinstance(live, list) else []
    new = patch if isinstance(patch, list) else []
    if type_.keys is None or not (old or new):
        return patch
    return _zipped(type_, old, new)


def _zipped(type_: ListType, old: Sequence[Value], new: Sequence[Value]) -> list[Value]:
    """The elements of both, those that both have merged, in an order that keeps as much of both orders as it can."""
    old_keys, new_keys = ([validate.key_of(type_, item) for item in items] for items in (old, new))
    old_by, new_by = _index(old_keys, old), dict(zip(new_keys, new, strict=True))
    shared = [key for key in new_keys if key in old_by]
    merged: set[Element] = set()
    result: list[Value] = []

    def take(key: Element) -> None:
        merged.add(key)
        result.append(_merged(type_.element(), old_by.get(key, _MISSING), new_by[key]))
        if shared and shared[0] == key:
            shared.pop(0)

    left = right = 0
    while left < len(old_keys) or right < len(new_keys):
        if left < len(old_keys) and right < len(new_keys):
            key = old_keys[left]
            if key == new_keys[right]:
                take(key)
                left, right = left + 1, right + 1
                continue
            if key in new_by and shared and shared[0] != key:
                left += 1
                continue
        if left < len(old_keys):
            key = old_keys[left]
            if key not in new_by:
                result.append(old[left])
                left += 1
                continue
            if key in merged:
                left += 1
        if right < len(new_keys):
            take(new_keys[right])
            right += 1
    return result


def _index(keys: Sequence[Element], items: Sequence[Value]) -> dict[Element, Value]:
    """The elements by their keys; one that stands there twice is not merged with, and so is null."""
    found: dict[Element, Value] = {}
    for key, item in zip(keys, items, strict=True):
        found[key] = None if key in found else item
    return found
