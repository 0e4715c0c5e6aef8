"""Optional values (upstream: cel-go cel/library.go, OptionalTypes, version 2).

``or`` and ``orValue`` are the evaluator's own, as they do not compute what they do not need.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NoReturn

from engine.cel.errors import EvaluationError
from engine.cel.functions import Constant, Library, free, function, member
from engine.cel.macros import OPTIONAL_MACROS
from engine.cel.types import BOOL, DYN, INT, OPTIONAL, STRING, list_of, map_of, optional_of, parameter, type_of_type
from engine.cel.values import NONE, Duration, ObjectValue, Optional, Timestamp, Value

_K, _V = parameter("K"), parameter("V")
_MAYBE = optional_of(_V)
_LIST, _MAP = list_of(_V), map_of(_K, _V)


def _evaluated_elsewhere(*_: Value) -> NoReturn:
    raise EvaluationError("no such overload")


def _of(value: Value) -> Optional:
    return Optional(value)


def _of_non_zero(value: Value) -> Optional:
    return NONE if is_zero(value) else Optional(value)


def is_zero(value: Value) -> bool:
    """Whether a value is its type's zero: null, false, 0, what is empty."""
    if value is None or isinstance(value, (bool, int, float, str, bytes, list, Mapping)):
        return not value
    match value:
        case Duration():
            return value.nanoseconds == 0
        case Timestamp():
            return value.nanoseconds == -62135596800 * 10**9
        case ObjectValue():
            return not value.fields
    return False


def _value(of: Optional) -> Value:
    if of.present:
        return of.value
    raise EvaluationError("optional.none() dereference")


def _first(of: list[Value]) -> Optional:
    return Optional(of[0]) if of else NONE


def _last(of: list[Value]) -> Optional:
    return Optional(of[-1]) if of else NONE


def _unwrap(of: list[Value]) -> list[Value]:
    made = []
    for one in of:
        if not isinstance(one, Optional):
            raise EvaluationError(f"value {one} is not optional")
        if one.present:
            made.append(one.value)
    return made


LIBRARY: Final = Library(
    "optional",
    functions=(
        function("optional.of", free("optional_of", (_V,), _MAYBE, _of)),
        function("optional.ofNonZeroValue", free("optional_ofNonZeroValue", (_V,), _MAYBE, _of_non_zero)),
        function("optional.none", free("optional_none", (), _MAYBE, lambda: NONE)),
        function("optional.unwrap", free("optional_unwrap", (list_of(_MAYBE),), _LIST, _unwrap)),
        function("unwrapOpt", member("optional_unwrapOpt", (list_of(_MAYBE),), _LIST, _unwrap)),
        function("value", member("optional_value", (_MAYBE,), _V, _value)),
        function("hasValue", member("optional_hasValue", (_MAYBE,), BOOL, lambda of: of.present)),
        function("or", member("optional_or_optional", (_MAYBE, _MAYBE), _MAYBE, _evaluated_elsewhere)),
        function("orValue", member("optional_orValue_value", (_MAYBE, _V), _V, _evaluated_elsewhere)),
        function("first", member("list_first", (_LIST,), _MAYBE, _first)),
        function("last", member("list_last", (_LIST,), _MAYBE, _last)),
        function("_?._", free("select_optional_field", (DYN, STRING), _MAYBE, _evaluated_elsewhere)),
        function(
            "_[?_]",
            free("list_optindex_optional_int", (_LIST, INT), _MAYBE, _evaluated_elsewhere),
            free("optional_list_optindex_optional_int", (optional_of(_LIST), INT), _MAYBE, _evaluated_elsewhere),
            free("map_optindex_optional_value", (_MAP, _K), _MAYBE, _evaluated_elsewhere),
            free("optional_map_optindex_optional_value", (optional_of(_MAP), _K), _MAYBE, _evaluated_elsewhere),
        ),
        function(
            "_[_]",
            free("optional_list_index_int", (optional_of(_LIST), INT), _MAYBE, _evaluated_elsewhere),
            free("optional_map_index_value", (optional_of(_MAP), _K), _MAYBE, _evaluated_elsewhere),
        ),
    ),
    macros=OPTIONAL_MACROS,
    constants={"optional_type": Constant(type_of_type(OPTIONAL), OPTIONAL)},
)
"""``?.``, ``[?]``, ``{?k: v}`` and what one does with their answers."""
