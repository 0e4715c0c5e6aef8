"""Equality and order of values inside of lists, as cel-go's Equal and Compare have them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Final

from engine.cel.values import Duration, Timestamp, Value

_ORDERED: Final = (bool, int, float, str, bytes, Timestamp, Duration)


def key(value: Value) -> Hashable:
    """What two values share if CEL calls them equal, and only then: ``1``, ``1u`` and ``1.0`` do, ``true`` does not.

    NaN equals nothing, itself included. A library's own values must be hashable.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return (bool, value)
    if isinstance(value, (int, float)):
        return value if value == value else object()
    if isinstance(value, list):
        return (list, *map(key, value))
    if isinstance(value, Mapping):
        return (dict, frozenset((key(name), key(item)) for name, item in value.items()))
    return (value.__class__, value)


def is_ordered(value: Value) -> bool:
    """Whether values of its type can be compared at all (upstream: traits.Comparer)."""
    return isinstance(value, _ORDERED)


def compare(one: Value, other: Value) -> int | None:
    """-1, 0 or 1; None for values of two families and for NaN, where upstream's Compare gives an error."""
    if one != one or other != other or _family(one) is not _family(other):
        return None
    if isinstance(one, (Timestamp, Duration)):
        one, other = one.nanoseconds, other.nanoseconds
    return int(one > other) - int(one < other)


def _family(value: Value) -> type:
    if isinstance(value, bool):
        return bool
    return float if isinstance(value, (int, float)) else type(value)
