"""Elements and fields: ``x[key]``, ``x.field``, ``key in x`` (upstream: cel-go interpreter/attributes.go)."""

from __future__ import annotations

from collections.abc import Mapping

from engine.cel.equality import NUMBERS, equal, find_key
from engine.cel.errors import EvaluationError
from engine.cel.refusals import go_name, no_overload, shown
from engine.cel.values import INT_MAX, ObjectValue, Opaque, Uint, Value, type_of


def contains(element: Value, within: Value) -> bool:
    """``element in within``."""
    if within.__class__ is list:
        if element.__class__ is str:
            return element in within
        return any(equal(element, one) for one in within)
    if isinstance(within, Mapping):
        return find_key(within, element)[0]
    no_overload()


def _check_index(key: Value) -> None:
    kind = key.__class__
    if kind is not str and kind not in NUMBERS and kind is not bool:
        raise EvaluationError(f"invalid qualifier type: {go_name(key)}")


def index(of: Value, key: Value) -> Value:
    """``of[key]``."""
    _check_index(key)
    if of.__class__ is list:
        position = _position(key)
        if 0 <= position < len(of):
            return of[position]
        raise EvaluationError(f"index out of bounds: {shown(key)}")
    is_found, found = find_index(of, key)
    if is_found:
        return found
    raise EvaluationError(f"no such key: {shown(key)}")


def find_index(of: Value, key: Value) -> tuple[bool, Value]:
    """Whether ``of[key]`` is there, and what; what cannot be indexed has nothing there."""
    _check_index(key)
    if of.__class__ is list:
        position = _position(key)
        return (True, of[position]) if 0 <= position < len(of) else (False, None)
    if isinstance(of, Mapping):
        return find_key(of, key)
    if key.__class__ is str:
        if isinstance(of, ObjectValue):
            return key in of.fields, of.fields.get(key)
        if isinstance(of, Opaque):
            return (True, of.get_field(key)) if of.has_field(key) else (False, None)
    return False, None


def _position(key: Value) -> int:
    kind = key.__class__
    if kind is int or kind is Uint:
        return int(key)
    if kind is float:
        if key == key and abs(key) < INT_MAX and key == int(key):
            return int(key)
        raise EvaluationError(f"unsupported index value {shown(key)} in list")
    raise EvaluationError(f"unsupported index type '{type_of(key).name}' in list")


def select(of: Value, field: str) -> Value:
    """``of.field``."""
    if isinstance(of, Opaque):
        return of.get_field(field)
    return index(of, field)
