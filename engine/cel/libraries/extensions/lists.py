"""cel-go's lists as of version 3 (ext/lists.go)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import cmp_to_key
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from engine.cel.costs import LIST
from engine.cel.errors import EvaluationError
from engine.cel.functions import Library, Macro, Overload, free, function, member
from engine.cel.libraries.comparing import compare, is_ordered, key
from engine.cel.syntax import Bind, Call, Comprehension, Ident, ListLiteral, Loop, Select
from engine.cel.types import BOOL, BYTES, DOUBLE, DURATION, DYN, INT, STRING, TIMESTAMP, UINT, list_of, parameter
from engine.cel.values import Value

if TYPE_CHECKING:
    from engine.cel.expansion import Expander
    from engine.cel.syntax import Expr

_MOST: Final = 1_000_000
"""Elements that lists.range makes."""
_SORTED: Final = "@sortByAssociatedKeys"
_INPUT: Final = "@__sortBy_input__"
_COMPARABLE: Final = (INT, UINT, DOUBLE, BOOL, DURATION, TIMESTAMP, STRING, BYTES)
_ITEMS: Final = list_of(parameter("T"))
_SORTABLE: Final = (ListLiteral, Select, Ident, Comprehension, Bind, Call)


def _slice(items: list[Value], start: int, end: int) -> list[Value]:
    fault = None
    if start < 0 or end < 0:
        fault = "negative indexes not supported"
    elif start > end:
        fault = "start index must be less than or equal to end index"
    elif end > len(items):
        fault = f"list is length {len(items)}"
    if fault is not None:
        raise EvaluationError(f"cannot slice({start}, {end}), {fault}")
    return items[start:end]


def _flatten(items: list[Value], depth: int = 1) -> list[Value]:
    if depth < 0:
        raise EvaluationError("level must be non-negative")
    while depth and any(isinstance(item, list) for item in items):
        items = [inner for item in items for inner in (item if isinstance(item, list) else (item,))]
        depth -= 1
    return items


def _sort(items: list[Value]) -> list[Value]:
    return _sort_by(items, items)


def _sort_by(items: list[Value], keys: list[Value]) -> list[Value]:
    """The items in the order of their keys; equal ones stay as they stand (upstream: not if they are more than 12)."""
    if len(items) != len(keys):
        raise EvaluationError(
            f"{_SORTED}() expected a list of the same size as the associated keys list, "
            f"but got {len(items)} and {len(keys)} elements respectively"
        )
    if keys and not is_ordered(keys[0]):
        raise EvaluationError("list elements must be comparable")
    if len({one.__class__ for one in keys}) > 1:
        raise EvaluationError("list elements must have the same type")
    by_key = cmp_to_key(_order)
    return [pair[1] for pair in sorted(zip(keys, items, strict=True), key=lambda pair: by_key(pair[0]))]


def _order(one: Value, other: Value) -> int:
    """As ``compare``, with what has no order taken for equal."""
    return compare(one, other) or 0


def _range(count: int) -> list[Value]:
    if count < 0:
        raise EvaluationError(f"lists.range: size must be non-negative, got {count}")
    if count > _MOST:
        raise EvaluationError(f"lists.range: size {count} exceeds maximum allowed ({_MOST})")
    return list(range(count))


def _reverse(items: list[Value]) -> list[Value]:
    return items[::-1]


def _distinct(items: list[Value]) -> list[Value]:
    seen: dict[Hashable, Value] = {}
    for item in items:
        seen.setdefault(key(item), item)
    return list(seen.values())


def _made(items: list[Value]) -> int:
    return len(items) + 1 + LIST


def _sliced(items: list[Value], start: int, end: int) -> int:
    return max(min(end, len(items)) - max(start, 0), 0) + 1 + LIST


def _counted(count: int) -> int:
    return min(max(count, 0), _MOST) + 1 + LIST


def _flattened(items: list[Value], depth: int = 1) -> int:
    return len(items) * (depth if depth >= 0 else 1) + 1 + LIST


def _compared(items: list[Value]) -> int:
    factor = 2.1 if items and isinstance(items[0], (str, bytes)) else 2.0
    return int(len(items) ** 2 * factor) + 1 + LIST


def _expand_sort_by(expander: Expander, target: Expr | None, arguments: Sequence[Expr]) -> Expr | None:
    """``a.sortBy(e, f(e))``: the list, sorted by a list of ``f`` of each element."""
    variable, by = arguments
    if target is None or not isinstance(target, _SORTABLE):
        where = target or variable
        reason = "sortBy can only be applied to a list, identifier, comprehension, call or select expression"
        expander.fail(where, reason)
    if not isinstance(variable, Ident):
        expander.fail(variable, "argument is not an identifier")
    given = expander.make(Ident, _INPUT)
    keys = expander.make(Comprehension, Loop.MAP, "map", expander.make(Ident, _INPUT), variable.name, None, None, by)
    return expander.make(Bind, _INPUT, target, expander.member(given, _SORTED, keys))


def _unguarded(overload: Overload, name: str = "") -> Overload:
    """Taking any list; what is none is refused by the function's name alone, if it is given."""
    return replace(overload, guarded=False, refusal=f"no such overload: {name}" if name else "")


LISTS: Final = Library(
    "cel.lib.ext.lists",
    functions=(
        function("slice", member("list_slice", (_ITEMS, INT, INT), _ITEMS, _slice, _sliced)),
        function(
            "flatten",
            _unguarded(member("list_flatten", (list_of(_ITEMS),), _ITEMS, _flatten, _flattened)),
            member("list_flatten_int", (list_of(DYN), INT), list_of(DYN), _flatten, _flattened),
        ),
        function(
            "sort",
            *(
                _unguarded(member(f"list_{one.name}_sort", (list_of(one),), list_of(one), _sort), "sort")
                for one in _COMPARABLE
            ),
        ),
        function(
            _SORTED,
            *(
                _unguarded(
                    member(f"list_{one.name}_sortByAssociatedKeys", (_ITEMS, list_of(one)), _ITEMS, _sort_by), _SORTED
                )
                for one in _COMPARABLE
            ),
        ),
        function("lists.range", free("lists_range", (INT,), list_of(INT), _range, _counted)),
        function("reverse", member("list_reverse", (_ITEMS,), _ITEMS, _reverse, _made)),
        function("distinct", member("list_distinct", (_ITEMS,), _ITEMS, _distinct, _compared)),
    ),
    macros=(Macro("sortBy", 2, True, _expand_sort_by),),
)
"""Sorting has no cost of its own: upstream counts one only where the checker knows the elements' type."""
