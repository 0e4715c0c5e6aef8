"""cel-go's sets: lists as sets (ext/sets.go)."""

from __future__ import annotations

from typing import Final

from engine.cel.functions import Cost, Library, free, function
from engine.cel.libraries.comparing import key
from engine.cel.types import BOOL, list_of, parameter
from engine.cel.values import Value

_ITEMS: Final = list_of(parameter("T"))


def _contains(items: list[Value], wanted: list[Value]) -> bool:
    return set(map(key, items)).issuperset(map(key, wanted))


def _equivalent(items: list[Value], others: list[Value]) -> bool:
    return set(map(key, items)) == set(map(key, others))


def _intersects(items: list[Value], others: list[Value]) -> bool:
    return not set(map(key, items)).isdisjoint(map(key, others))


def _times(factor: int) -> Cost:
    def counted(items: list[Value], others: list[Value]) -> int:
        return 1 + len(items) * len(others) * factor

    return counted


SETS: Final = Library(
    "cel.lib.ext.sets",
    functions=(
        function("sets.contains", free("list_sets_contains_list", (_ITEMS, _ITEMS), BOOL, _contains, _times(1))),
        function("sets.equivalent", free("list_sets_equivalent_list", (_ITEMS, _ITEMS), BOOL, _equivalent, _times(2))),
        function("sets.intersects", free("list_sets_intersects_list", (_ITEMS, _ITEMS), BOOL, _intersects, _times(1))),
    ),
)
