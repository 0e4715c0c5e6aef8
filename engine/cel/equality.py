"""CEL's ``==``, and the keys of maps (upstream: the Equal and Find methods of cel-go common/types).

Python's own rules differ: for CEL ``True`` is no number, so that ``[1] != [true]`` and a map's key ``true`` is not its
key ``1``; ``1 == 1.0`` holds in both; nothing equals NaN, not even within lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.cel.types import Type
from engine.cel.values import ObjectValue, Optional, Uint, Value

NUMBERS: Final = frozenset({int, float, Uint})


def equal(left: Value, right: Value) -> bool:
    """CEL's ``==``, which never fails: values of different types are not equal."""
    kind = left.__class__
    if kind is str or kind is bool or left is None or kind is bytes:
        return bool(right.__class__ is kind and left == right)
    if kind in NUMBERS:
        return right.__class__ in NUMBERS and equal_numbers(left, right)
    if kind is list:
        return isinstance(right, list) and len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, Mapping):
        return isinstance(right, Mapping) and _equal_maps(left, right)
    return _equal_others(left, right)


def equal_numbers(left: Any, right: Any) -> bool:
    """Numbers of any two types; an integer meets a double as a double, as in Go."""
    if left.__class__ is float or right.__class__ is float:
        return float(left) == float(right)
    return bool(left == right)


def _equal_maps(left: Mapping[Any, Any], right: Mapping[Any, Any]) -> bool:
    if len(left) != len(right):
        return False
    for key, value in left.items():
        is_found, other = find_key(right, key)
        if not is_found or not equal(value, other):
            return False
    return True


def _equal_others(left: Value, right: Value) -> bool:
    if isinstance(left, Optional):
        if not isinstance(right, Optional) or left.present is not right.present:
            return False
        return not left.present or equal(left.value, right.value)
    if isinstance(left, Type):
        return isinstance(right, Type) and left.name == right.name
    if isinstance(left, ObjectValue):
        same = isinstance(right, ObjectValue) and left.type_name == right.type_name
        return same and _equal_maps(left.fields, right.fields)
    return left.__class__ is right.__class__ and bool(left == right)


def find_key(of: Mapping[Any, Any], key: Value) -> tuple[bool, Value]:
    """Whether the map has the key, and its value; keys of other types are merely absent."""
    kind = key.__class__
    try:
        found = of[key]
    except (KeyError, TypeError):  # no list or map can be a key
        return False, None
    if kind is not str and key in (0, 1):  # Python's True is its 1, CEL's is not
        for stored in of:
            if stored == key and (stored.__class__ is bool) is (kind is bool):
                return True, found
        return False, None
    return True, found
