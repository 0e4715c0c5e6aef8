"""The standard library (upstream: cel-go common/stdlib/standard.go).

Operators are declared here for the checker; the evaluator knows most of them itself. Costs are cel-go's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, NoReturn

from msgspec import structs

from engine.cel import operators
from engine.cel.costs import by_second, by_size, by_smaller, by_sum, of_list, of_match, of_substring
from engine.cel.errors import EvaluationError
from engine.cel.functions import Constant, Cost, Function, Implementation, Library, Overload, free, function, member
from engine.cel.macros import STANDARD
from engine.cel.moments import local, read_duration, read_timestamp, show_duration, show_timestamp
from engine.cel.numerals import read_double, read_integer, shortest
from engine.cel.patterns import matches
from engine.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    NULL,
    STRING,
    TIMESTAMP,
    TYPE,
    UINT,
    Kind,
    Type,
    list_of,
    map_of,
    parameter,
    type_of_type,
)
from engine.cel.values import (
    INT_MAX,
    INT_MIN,
    UINT_MAX,
    Duration,
    Timestamp,
    Uint,
    Value,
    checked_int,
    checked_uint,
    type_of,
)

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
    function("_==_", free("equals", (_A, _A), BOOL, operators.equal, by_smaller)),
    function("_!=_", free("not_equals", (_A, _A), BOOL, _evaluated_elsewhere, by_smaller)),
    function(
        "_+_",
        free("add_bytes", (BYTES, BYTES), BYTES, operators.add, by_sum),
        free("add_double", (DOUBLE, DOUBLE), DOUBLE, operators.add),
        free("add_duration_duration", (DURATION, DURATION), DURATION, operators.add),
        free("add_duration_timestamp", (DURATION, TIMESTAMP), TIMESTAMP, operators.add),
        free("add_timestamp_duration", (TIMESTAMP, DURATION), TIMESTAMP, operators.add),
        free("add_int64", (INT, INT), INT, operators.add),
        free("add_list", (_LIST, _LIST), _LIST, operators.add, of_list),
        free("add_string", (STRING, STRING), STRING, operators.add, by_sum),
        free("add_uint64", (UINT, UINT), UINT, operators.add),
    ),
    _arithmetic("_/_", "divide", operators.divide, _NUMERIC),
    _arithmetic("_%_", "modulo", operators.modulo, {"int64": INT, "uint64": UINT}),
    _arithmetic("_*_", "multiply", operators.multiply, _NUMERIC),
    function(
        "-_",
        free("negate_double", (DOUBLE,), DOUBLE, operators.negate),
        free("negate_int64", (INT,), INT, operators.negate),
    ),
    function(
        "_-_",
        free("subtract_double", (DOUBLE, DOUBLE), DOUBLE, operators.subtract),
        free("subtract_duration_duration", (DURATION, DURATION), DURATION, operators.subtract),
        free("subtract_int64", (INT, INT), INT, operators.subtract),
        free("subtract_timestamp_duration", (TIMESTAMP, DURATION), TIMESTAMP, operators.subtract),
        free("subtract_timestamp_timestamp", (TIMESTAMP, TIMESTAMP), DURATION, operators.subtract),
        free("subtract_uint64", (UINT, UINT), UINT, operators.subtract),
    ),
    _order("_<_", "less", operators.less),
    _order("_<=_", "less_equals", operators.less_equal),
    _order("_>_", "greater", operators.greater),
    _order("_>=_", "greater_equals", operators.greater_equal),
    function(
        "_[_]",
        free("index_list", (_LIST, INT), _A, operators.index),
        free("index_map", (_MAP, _A), _B, operators.index),
    ),
    function(
        "@in",
        free("in_list", (_A, _LIST), BOOL, operators.contains, by_second),
        free("in_map", (_A, _MAP), BOOL, operators.contains),
    ),
)


# -- conversions


def _cannot(value: Value, to: Type) -> NoReturn:
    raise EvaluationError(f"type conversion error from '{type_of(value).name}' to '{to.name}'")


def _same(value: Value) -> Value:
    return value


_BOOLS: Final = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}


def _to_bool(text: str) -> bool:
    found = _BOOLS.get(text)
    return _cannot(text, BOOL) if found is None else found


def _to_text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise EvaluationError("invalid UTF-8 in bytes, cannot convert to string") from None


def _to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text_to_double(text: str) -> float:
    found = read_double(text)
    return _cannot(text, DOUBLE) if found is None else found


def _text_to_int(text: str) -> int:
    found = read_integer(text)
    return _cannot(text, INT) if found is None or not INT_MIN <= found <= INT_MAX else found


def _text_to_uint(text: str) -> Uint:
    found = None if text[:1] in ("+", "-") else read_integer(text)
    return _cannot(text, UINT) if found is None or found > UINT_MAX else Uint(found)


def _double_to_int(number: float) -> int:
    if -(2.0**63) < number < 2.0**63:
        return int(number)
    raise EvaluationError("integer overflow")


def _double_to_uint(number: float) -> Uint:
    if 0 <= number < 2.0**64:
        return Uint(int(number))
    raise EvaluationError("unsigned integer overflow")


def _int_to_timestamp(seconds: int) -> Timestamp:
    return operators.timestamp(seconds * 1_000_000_000)


def _text_to_duration(text: str) -> Duration:
    found = read_duration(text)
    return _cannot(text, DURATION) if found is None else found


def _bool_to_text(value: bool) -> str:
    return "true" if value else "false"


def _int_to_text(value: int) -> str:
    return str(int(value))


CONVERSIONS: Final = (
    function("dyn", free("to_dyn", (_A,), DYN, _same)),
    function("type", free("type", (_A,), type_of_type(_A), type_of)),
    function("bool", free("bool_to_bool", (BOOL,), BOOL, _same), free("string_to_bool", (STRING,), BOOL, _to_bool)),
    function(
        "bytes",
        free("bytes_to_bytes", (BYTES,), BYTES, _same),
        free("string_to_bytes", (STRING,), BYTES, _to_bytes, by_size),
    ),
    function(
        "double",
        free("double_to_double", (DOUBLE,), DOUBLE, _same),
        free("int64_to_double", (INT,), DOUBLE, float),
        free("string_to_double", (STRING,), DOUBLE, _text_to_double),
        free("uint64_to_double", (UINT,), DOUBLE, float),
    ),
    function(
        "duration",
        free("duration_to_duration", (DURATION,), DURATION, _same),
        free("string_to_duration", (STRING,), DURATION, _text_to_duration),
    ),
    function(
        "int",
        free("int64_to_int64", (INT,), INT, _same),
        free("double_to_int64", (DOUBLE,), INT, _double_to_int),
        free("duration_to_int64", (DURATION,), INT, lambda of: of.nanoseconds),
        free("string_to_int64", (STRING,), INT, _text_to_int),
        free("timestamp_to_int64", (TIMESTAMP,), INT, lambda of: of.nanoseconds // 1_000_000_000),
        free("uint64_to_int64", (UINT,), INT, lambda number: checked_int(int(number))),
    ),
    function(
        "string",
        free("string_to_string", (STRING,), STRING, _same),
        free("bool_to_string", (BOOL,), STRING, _bool_to_text),
        free("bytes_to_string", (BYTES,), STRING, _to_text, by_size),
        free("double_to_string", (DOUBLE,), STRING, shortest),
        free("duration_to_string", (DURATION,), STRING, show_duration),
        free("int64_to_string", (INT,), STRING, _int_to_text),
        free("timestamp_to_string", (TIMESTAMP,), STRING, show_timestamp),
        free("uint64_to_string", (UINT,), STRING, _int_to_text),
    ),
    function(
        "timestamp",
        free("timestamp_to_timestamp", (TIMESTAMP,), TIMESTAMP, _same),
        free("int64_to_timestamp", (INT,), TIMESTAMP, _int_to_timestamp),
        free("string_to_timestamp", (STRING,), TIMESTAMP, read_timestamp),
    ),
    function(
        "uint",
        free("uint64_to_uint64", (UINT,), UINT, _same),
        free("double_to_uint64", (DOUBLE,), UINT, _double_to_uint),
        free("int64_to_uint64", (INT,), UINT, checked_uint),
        free("string_to_uint64", (STRING,), UINT, _text_to_uint),
    ),
)

_SIZED: Final = {"bytes": BYTES, "list": _LIST, "map": _MAP, "string": STRING}


def _refusing(refusal: str, *overloads: Overload) -> tuple[Overload, ...]:
    """Overloads that upstream implements at once, with other words for what they refuse."""
    return tuple([structs.replace(overload, refusal=refusal) for overload in overloads])


def _text_test(name: str, word: str, run: Implementation, cost: Cost) -> Function:
    test = member(f"{word}_string", (STRING, STRING), BOOL, run, cost)
    return function(name, *_refusing("no such overload", test))


STRINGS: Final = (
    function(
        "size",
        *_refusing("no such overload: size", *(free(f"size_{of}", (kind,), INT, len) for of, kind in _SIZED.items())),
        *_refusing("no such overload: size", *(member(f"{of}_size", (kind,), INT, len) for of, kind in _SIZED.items())),
    ),
    _text_test("contains", "contains", str.__contains__, of_substring),
    _text_test("endsWith", "ends_with", str.endswith, by_second),
    _text_test("startsWith", "starts_with", str.startswith, by_second),
    function(
        "matches",
        *_refusing(
            "no such overload: matches",
            free("matches", (STRING, STRING), BOOL, matches, of_match),
            member("matches_string", (STRING, STRING), BOOL, matches, of_match),
        ),
    ),
)


# -- times


def _field(read: Callable[[datetime], int]) -> Implementation:
    def run(of: Timestamp, zone: str | None = None) -> int:
        return read(local(of, zone))

    return run


def _milliseconds(of: Timestamp, zone: str | None = None) -> int:
    if zone is not None:
        local(of, zone)
    return of.nanoseconds % 1_000_000_000 // 1_000_000


def _getter(name: str, word: str, run: Implementation, unit: int | None = None) -> Function:
    """A calendar field of a timestamp, with or without a zone; with a unit, also a duration in it."""
    overloads = [
        member(f"timestamp_to_{word}", (TIMESTAMP,), INT, run),
        member(f"timestamp_to_{word}_with_tz", (TIMESTAMP, STRING), INT, run),
    ]
    if unit is not None:
        overloads.append(member(f"duration_to_{word}", (DURATION,), INT, _in_units(unit)))
    return function(name, *overloads)


def _in_units(unit: int) -> Implementation:
    def run(of: Duration) -> int:
        whole = abs(of.nanoseconds) // unit
        return -whole if of.nanoseconds < 0 else whole

    return run


TIMES: Final = (
    _getter("getFullYear", "year", _field(lambda at: at.year)),
    _getter("getMonth", "month", _field(lambda at: at.month - 1)),
    _getter("getDayOfYear", "day_of_year", _field(lambda at: at.timetuple().tm_yday - 1)),
    _getter("getDayOfMonth", "day_of_month", _field(lambda at: at.day - 1)),
    _getter("getDate", "day_of_month_1_based", _field(lambda at: at.day)),
    _getter("getDayOfWeek", "day_of_week", _field(lambda at: (at.weekday() + 1) % 7)),
    _getter("getHours", "hours", _field(lambda at: at.hour), 3600 * 10**9),
    _getter("getMinutes", "minutes", _field(lambda at: at.minute), 60 * 10**9),
    _getter("getSeconds", "seconds", _field(lambda at: at.second), 10**9),
    _getter("getMilliseconds", "milliseconds", _milliseconds, 10**6),
)

_NAMED_TYPES: Final = {
    "bool": BOOL,
    "bytes": BYTES,
    "double": DOUBLE,
    "dyn": DYN,
    "google.protobuf.Duration": DURATION,
    "google.protobuf.Timestamp": TIMESTAMP,
    "int": INT,
    "list": list_of(DYN),
    "map": map_of(DYN, DYN),
    "null_type": NULL,
    "string": STRING,
    "type": TYPE,
    "uint": UINT,
}


def _named(of: Type) -> Constant:
    return Constant(type_of_type(of) if of.kind is not Kind.TYPE else type_of_type(TYPE), of)


LIBRARY: Final = Library(
    "standard",
    functions=(*OPERATORS, *CONVERSIONS, *STRINGS, *TIMES),
    macros=STANDARD,
    constants={name: _named(of) for name, of in _NAMED_TYPES.items()},
)
"""What every environment has."""
