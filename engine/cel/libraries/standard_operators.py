"""The operators, declared for the checker (upstream: cel-go common/stdlib/standard.go). Their costs are cel-go's.

The evaluator has its own way with most of them (``calls``, ``logic``).
"""

from __future__ import annotations

from typing import Final, NoReturn

from engine.cel import arithmetic, equality, keys, ordering
from engine.cel.costs import by_second, by_smaller, by_sum, of_list
from engine.cel.errors import EvaluationError
from engine.cel.functions import Cost, Function, Implementation, free, function
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
    map_of,
    parameter,
)
from engine.cel.values import Value

_A, _B = parameter("A"), parameter("B")
_LIST, _MAP = list_of(_A), map_of(_A, _B)


def _evaluated_elsewhere(*_: Value) -> NoReturn:
    """Operators that the evaluator builds in never come here."""
    raise EvaluationError("no such overload")


_ORDERED: Final = {
    "bool": BOOL,
    "int64": INT,
    "uint64": UINT,
    "double": DOUBLE,
    "string": STRING,
    "bytes": BYTES,
    "timestamp": TIMESTAMP,
    "duration": DURATION,
}


def _order(name: str, word: str, implementation: Implementation) -> Function:
    """A comparison; numbers of different types are declared last, for environments that allow them."""
    costs: dict[Type, Cost] = {STRING: by_smaller, BYTES: by_smaller}
    made = [free(f"{word}_{of}", (kind, kind), BOOL, implementation, costs.get(kind)) for of, kind in _ORDERED.items()]
    made += [free(f"{word}_{of}", pair, BOOL, implementation) for of, pair in CROSS_TYPES.items()]
    return function(name, *made)


CROSS_TYPES: Final = {
    "int64_double": (INT, DOUBLE),
    "int64_uint64": (INT, UINT),
    "uint64_double": (UINT, DOUBLE),
    "uint64_int64": (UINT, INT),
    "double_int64": (DOUBLE, INT),
    "double_uint64": (DOUBLE, UINT),
}
CROSS_TYPE_OVERLOADS: Final = frozenset(
    f"{word}_{of}" for word in ("less", "less_equals", "greater", "greater_equals") for of in CROSS_TYPES
)
"""What is off unless an environment compares numbers of different types."""


def _arithmetic(name: str, word: str, run: Implementation, kinds: dict[str, Type]) -> Function:
    return function(name, *(free(f"{word}_{of}", (kind, kind), kind, run) for of, kind in kinds.items()))


_NUMERIC: Final = {"double": DOUBLE, "int64": INT, "uint64": UINT}

OPERATORS: Final = (
    function("_?_:_", free("conditional", (BOOL, _A, _A), _A, _evaluated_elsewhere)),
    function("_&&_", free("logical_and", (BOOL, BOOL), BOOL, _evaluated_elsewhere)),
    function("_||_", free("logical_or", (BOOL, BOOL), BOOL, _evaluated_elsewhere)),
    function("!_", free("logical_not", (BOOL,), BOOL, _evaluated_elsewhere)),
    function("_==_", free("equals", (_A, _A), BOOL, equality.equal, by_smaller)),
    function("_!=_", free("not_equals", (_A, _A), BOOL, _evaluated_elsewhere, by_smaller)),
    function(
        "_+_",
        free("add_bytes", (BYTES, BYTES), BYTES, arithmetic.add, by_sum),
        free("add_double", (DOUBLE, DOUBLE), DOUBLE, arithmetic.add),
        free("add_duration_duration", (DURATION, DURATION), DURATION, arithmetic.add),
        free("add_duration_timestamp", (DURATION, TIMESTAMP), TIMESTAMP, arithmetic.add),
        free("add_timestamp_duration", (TIMESTAMP, DURATION), TIMESTAMP, arithmetic.add),
        free("add_int64", (INT, INT), INT, arithmetic.add),
        free("add_list", (_LIST, _LIST), _LIST, arithmetic.add, of_list),
        free("add_string", (STRING, STRING), STRING, arithmetic.add, by_sum),
        free("add_uint64", (UINT, UINT), UINT, arithmetic.add),
    ),
    _arithmetic("_/_", "divide", arithmetic.divide, _NUMERIC),
    _arithmetic("_%_", "modulo", arithmetic.modulo, {"int64": INT, "uint64": UINT}),
    _arithmetic("_*_", "multiply", arithmetic.multiply, _NUMERIC),
    function(
        "-_",
        free("negate_double", (DOUBLE,), DOUBLE, arithmetic.negate),
        free("negate_int64", (INT,), INT, arithmetic.negate),
    ),
    function(
        "_-_",
        free("subtract_double", (DOUBLE, DOUBLE), DOUBLE, arithmetic.subtract),
        free("subtract_duration_duration", (DURATION, DURATION), DURATION, arithmetic.subtract),
        free("subtract_int64", (INT, INT), INT, arithmetic.subtract),
        free("subtract_timestamp_duration", (TIMESTAMP, DURATION), TIMESTAMP, arithmetic.subtract),
        free("subtract_timestamp_timestamp", (TIMESTAMP, TIMESTAMP), DURATION, arithmetic.subtract),
        free("subtract_uint64", (UINT, UINT), UINT, arithmetic.subtract),
    ),
    _order("_<_", "less", ordering.less),
    _order("_<=_", "less_equals", ordering.less_equal),
    _order("_>_", "greater", ordering.greater),
    _order("_>=_", "greater_equals", ordering.greater_equal),
    function(
        "_[_]",
        free("index_list", (_LIST, INT), _A, keys.index),
        free("index_map", (_MAP, _A), _B, keys.index),
    ),
    function(
        "@in",
        free("in_list", (_A, _LIST), BOOL, keys.contains, by_second),
        free("in_map", (_A, _MAP), BOOL, keys.contains),
    ),
)
