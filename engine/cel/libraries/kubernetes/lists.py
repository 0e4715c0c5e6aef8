"""Kubernetes' functions on lists (upstream: library/lists.go)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final

from engine.cel.errors import EvaluationError
from engine.cel.functions import Function, Library, Overload, function, member
from engine.cel.libraries.comparing import compare, is_ordered, key
from engine.cel.libraries.costs import visiting
from engine.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    INT,
    STRING,
    TIMESTAMP,
    UINT,
    Type,
    list_of,
    parameter,
)
from engine.cel.values import Duration, Uint, Value, checked_int, checked_uint

_ITEM: Final = parameter("A")
_COMPARABLE: Final = {
    "int": INT,
    "uint": UINT,
    "double": DOUBLE,
    "bool": BOOL,
    "duration": DURATION,
    "timestamp": TIMESTAMP,
    "string": STRING,
    "bytes": BYTES,
}


def _check(item: Value) -> Value:
    if not is_ordered(item):
        raise EvaluationError("no such overload")
    return item


def _is_sorted(items: list[Value]) -> bool:
    for item in items[:1]:
        _check(item)
    return all(compare(one, _check(other)) != 1 for one, other in pairwise(items))


def _extreme(name: str, worse: int) -> Callable[[list[Value]], Value]:
    """The first element that no other one beats; what cannot be compared beats nothing."""

    def extreme(items: list[Value]) -> Value:
        if not items:
            raise EvaluationError(f"{name} called on empty list")
        best = _check(items[0])
        for item in items:
            if compare(best, _check(item)) == worse:
                best = item
        return best

    return extreme


def _index_of(items: list[Value], wanted: Value) -> int:
    sought = key(wanted)
    return next((place for place, item in enumerate(items) if key(item) == sought), -1)


def _last_index_of(items: list[Value], wanted: Value) -> int:
    place = _index_of(items[::-1], wanted)
    return len(items) - 1 - place if place >= 0 else -1


def _sum(kind: type, zero: Value, checked: Callable[[Value], Value]) -> Callable[[list[Value]], Value]:
    def summed(items: list[Value]) -> Value:
        total = zero
        for item in items:
            if item.__class__ is not kind:
                raise EvaluationError("no such overload")
            total = checked(total + item)
        return total

    return summed


def _sum_of_durations(items: list[Value]) -> Duration:
    total = 0
    for item in items:
        if not isinstance(item, Duration):
            raise EvaluationError("no such overload")
        total = checked_int(total + item.nanoseconds)
    return Duration(total)


def _float(number: float) -> float:
    return number


def _of_each(name: str, id: str, implementation: Callable[..., Value], result: Type | None = None) -> Function:
    def overload(word: str, type: Type) -> Overload:
        return member(id.format(word), (list_of(type),), result or type, implementation, visiting)

    return function(name, *(overload(word, type) for word, type in _COMPARABLE.items()))


def _summing(word: str, type: Type, implementation: Callable[..., Value]) -> Overload:
    return member(f"list_{word}_sum_{word}", (list_of(type),), type, implementation, visiting)


LISTS: Final = Library(
    "kubernetes.lists",
    functions=(
        _of_each("isSorted", "list_{0}_is_sorted_bool", _is_sorted, BOOL),
        _of_each("min", "list_{0}_min_{0}", _extreme("min", 1)),
        _of_each("max", "list_{0}_max_{0}", _extreme("max", -1)),
        function(
            "sum",
            _summing("int", INT, _sum(int, 0, checked_int)),
            _summing("uint", UINT, _sum(Uint, Uint(0), checked_uint)),
            _summing("double", DOUBLE, _sum(float, 0.0, _float)),
            _summing("duration", DURATION, _sum_of_durations),
        ),
        function("indexOf", member("list_a_index_of_int", (list_of(_ITEM), _ITEM), INT, _index_of, visiting)),
        function(
            "lastIndexOf", member("list_a_last_index_of_int", (list_of(_ITEM), _ITEM), INT, _last_index_of, visiting)
        ),
    ),
)
